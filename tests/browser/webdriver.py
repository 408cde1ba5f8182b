"""Headless Chromium over the WebDriver protocol (W3C), as chromedriver speaks it: plain JSON over HTTP on loopback."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.request
from base64 import b64decode
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
AXE_PACKAGES = ("axe_playwright_python", "axe_core_python")
"""Python packages that carry a copy of axe-core."""
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update",
    "--disable-background-networking", "--disable-sync", "--hide-scrollbars", "--disable-dev-shm-usage",
)  # fmt: skip
PATIENCE_S = 60
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Browser:
    """One window. Values of scripts are JSON."""

    def __init__(self, url: str, profile: Path) -> None:
        options = {"binary": CHROMIUM, "args": [*FLAGS, f"--user-data-dir={profile}"]}
        capabilities = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        self._url = f"{url}/session"
        session = self._post("", {"capabilities": {"alwaysMatch": capabilities}})
        self._url += f"/{session['sessionId']}"
        self._post("/url", {"url": "about:blank"})  # Chromium's own first page asks for many things

    def open(self, page: Path, *, width: int = 1200, dark: bool = False) -> None:
        """Load a file in a screen of this width, in the light or the dark; what was logged before is forgotten."""
        self.logged("browser")
        self.requested()
        self.command(
            "Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0
        )
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", media="screen", features=[scheme])
        self._post("/url", {"url": page.as_uri()})

    def ask(self, script: str) -> Any:
        """The value of a JavaScript expression; the page's own policy does not hold for it."""
        return self._post("/execute/sync", {"script": f"return {script}", "args": []})

    def command(self, name: str, **params: Any) -> Any:
        """A command of the DevTools protocol."""
        return self._post("/goog/cdp/execute", {"cmd": name, "params": params})

    def logged(self, kind: str) -> list[dict[str, Any]]:
        """What was logged since the last time."""
        found: list[dict[str, Any]] = self._post("/se/log", {"type": kind})
        return found

    def requested(self) -> list[str]:
        """Addresses asked for since the last time."""
        events = [json.loads(each["message"])["message"] for each in self.logged("performance")]
        return [each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"]

    def accessibility(self) -> list[dict[str, Any]] | None:
        """What axe-core finds wrong; None where no package has it."""
        found = next((spec for name in AXE_PACKAGES if (spec := find_spec(name))), None)
        if found is None or found.origin is None:
            return None
        source = (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")
        self.command("Runtime.evaluate", expression=source)
        answer = self.command(
            "Runtime.evaluate", expression="axe.run().then(found => found.violations.map(each => ({id: each.id, "
            "impact: each.impact, nodes: each.nodes.slice(0, 3).map(node => node.html.slice(0, 200))})))",
            awaitPromise=True, returnByValue=True,
        )  # fmt: skip
        violations: list[dict[str, Any]] = answer["result"]["value"]
        return violations

    def picture(self, *, top: int, height: int) -> bytes:
        """A part of the page as PNG, as wide as the page."""
        width = self.command("Page.getLayoutMetrics")["cssContentSize"]["width"]
        clip = {"x": 0, "y": top, "width": width, "height": height, "scale": 1}
        shot = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        return b64decode(shot["data"])

    def close(self) -> None:
        """End Chromium."""
        self._send("DELETE", "", None)

    def _post(self, path: str, values: dict[str, Any]) -> Any:
        return self._send("POST", path, values)

    def _send(self, method: str, path: str, values: dict[str, Any] | None) -> Any:
        body = None if values is None else json.dumps(values).encode()
        request = urllib.request.Request(self._url + path, body, {"Content-Type": "application/json"}, method=method)
        try:
            with _DIRECT.open(request, timeout=PATIENCE_S) as answer:
                return json.load(answer)["value"]
        except HTTPError as error:
            with error:
                raise AssertionError(f"{method} {path}: {error.read()[:500]!r}") from None


@contextmanager
def chromium(folder: Path) -> Iterator[Browser]:
    """A browser with an empty profile in a folder; it ends with the block."""
    assert DRIVER is not None
    driver = subprocess.Popen([DRIVER, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    with driver:
        try:
            assert driver.stdout is not None
            port = next(line.split()[-1].rstrip(".") for line in driver.stdout if "successfully on port " in line)
            browser = Browser(f"http://127.0.0.1:{port}", folder / "profile")
            try:
                yield browser
            finally:
                browser.close()
        finally:
            driver.terminate()
