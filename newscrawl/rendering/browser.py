"""The browser of a run: started with the first page that needs it, replaced now and then, ended with the run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.errors import Outcome
from newscrawl.rendering.devtools import DevTools, DevToolsError
from newscrawl.rendering.options import find_browser
from newscrawl.rendering.proxy import RenderingProxy
from newscrawl.rendering.tab import Order, Rendered, RenderingError, Tab

if TYPE_CHECKING:
    from newscrawl.addresses import AllowedAddresses
    from newscrawl.rendering.options import RenderOptions

START_S = 30.0
STOP_S = 5.0
KEEPER = Path(__file__).with_name("keeper.py")
UNWANTED = (
    "AutofillServerCommunication",
    "CertificateTransparencyComponentUpdater",
    "DialMediaRouteProvider",
    "LensOverlay",
    "MediaRouter",
    "OptimizationHints",
    "Prerender2",
    "Translate",
    "WebRtcHideLocalIpsWithMdns",
    "WebTransport",
)
# Every way around the proxy is closed, and what a browser does without being asked is off. Flags:
# https://peter.sh/experiments/chromium-command-line-switches/
FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    # What is no page's own traffic goes to a port where nobody listens; each page has a proxy of its own.
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--dns-prefetch-disable",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    f"--disable-features={','.join(UNWANTED)}",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-client-side-phishing-detection",
    "--disable-extensions",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--no-service-autorun",
    "--password-store=basic",
    "--use-mock-keychain",
    "--block-new-web-contents",
    "--deny-permission-prompts",
    "--disable-notifications",
    "--disable-print-preview",
    "--mute-audio",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--blink-settings=imagesEnabled=false",
    "--renderer-process-limit=2",
    "--js-flags=--max-old-space-size=512",
)


@dataclass(slots=True)
class _Browser:
    """One process of Chromium, with its keeper."""

    devtools: DevTools
    keeper: asyncio.subprocess.Process
    pages: int = 0
    in_use: int = 0

    def is_alive(self) -> bool:
        return not self.devtools.ended.is_set()

    async def end(self) -> str:
        """End it; its keeper sees to it that nothing is left. Return why it had ended by itself, if it had."""
        self.devtools.close()
        assert self.keeper.stdin is not None
        assert self.keeper.stdout is not None
        self.keeper.stdin.close()
        try:
            said = await asyncio.wait_for(self.keeper.stdout.read(1000), STOP_S)
            await asyncio.wait_for(self.keeper.wait(), STOP_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self.keeper.kill()
            return ""
        return said.decode("utf-8", "replace")


class Renderer:
    """Renders pages, at most `RenderOptions.at_once` of them at a time. For one event loop."""

    def __init__(self, options: RenderOptions, *, user_agent: str, allowed: AllowedAddresses) -> None:
        self._options = options
        self._user_agent = user_agent
        self._allowed = allowed
        self._turn = asyncio.Semaphore(options.at_once)
        self._starting = asyncio.Lock()
        self._browser: _Browser | None = None
        self._cannot: str | None = None

    async def render(self, order: Order) -> Rendered:
        """Render one page, when it is its turn; then the deadline begins.

        Raises:
            RenderingError: says why there is no rendered page.
        """
        async with self._turn:
            browser = await self._ready()
            browser.pages += 1
            browser.in_use += 1
            proxy = RenderingProxy(
                allowed=self._allowed,
                max_bytes=int(self._options.max_mb * 1e6),
                max_connections=2 * self._options.max_requests,  # browsers open some that they do not use
            )
            try:
                async with proxy:
                    return await self._in_tab(browser, proxy, order)
            finally:
                browser.in_use -= 1
                if browser is not self._browser and not browser.in_use:
                    await browser.end()

    async def close(self) -> None:
        """End the browser."""
        browser, self._browser = self._browser, None
        if browser is not None:
            await browser.end()

    async def _in_tab(self, browser: _Browser, proxy: RenderingProxy, order: Order) -> Rendered:
        tab = Tab(browser.devtools, proxy, order, self._options)
        is_whole = False
        try:
            rendered = await asyncio.wait_for(tab.render(), self._options.deadline_s)
            is_whole = True
        except TimeoutError:
            reason = f"not rendered within {self._options.deadline_s:g} seconds"
            raise RenderingError(Outcome.TIMEOUT, reason) from None
        except DevToolsError as error:
            why = await self._lose(browser) or str(error)
            raise RenderingError(Outcome.ERROR, f"the browser failed: {why}") from None
        except RenderingError:
            is_whole = True
            raise
        finally:
            # A page that hangs may not let go of its tab; the browser goes then, and with it all that hangs.
            if browser.is_alive() and not (is_whole and await _closed(tab)):
                await self._lose(browser)
        return rendered

    async def _lose(self, browser: _Browser) -> str:
        """End a browser that cannot be trusted to go on."""
        if browser is self._browser:
            self._browser = None
        return await browser.end()

    async def _ready(self) -> _Browser:
        """A browser that may take one more page.

        Raises:
            RenderingError: it does not start; after the first time without another try.
        """
        async with self._starting:
            if self._cannot is not None:
                raise RenderingError(Outcome.NEEDS_JAVASCRIPT, self._cannot)
            browser = self._browser
            if browser is not None and browser.is_alive() and browser.pages < self._options.pages_per_browser:
                return browser
            self._browser = None
            if browser is not None and not browser.in_use:
                await browser.end()
            self._browser = await self._start()
            return self._browser

    async def _start(self) -> _Browser:
        flags = [*FLAGS, f"--user-agent={self._user_agent}"]
        if not self._options.sandbox:
            flags.append("--no-sandbox")
        their_read, our_write = os.pipe()
        our_read, their_write = os.pipe()
        try:
            keeper = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(KEEPER), str(their_read), str(their_write)),
                *(str(self._options.max_memory_mb), find_browser(self._options), *flags),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                pass_fds=(their_read, their_write),
            )
        finally:
            os.close(their_read)
            os.close(their_write)
        browser = _Browser(await DevTools.open(our_read, our_write), keeper)
        try:
            await asyncio.wait_for(browser.devtools.ask("Browser.getVersion"), START_S)
        except (DevToolsError, TimeoutError):
            why = await browser.end() or f"not ready within {START_S:g} seconds"
            self._cannot = f"the browser does not start: {why}"
            raise RenderingError(Outcome.NEEDS_JAVASCRIPT, self._cannot) from None
        except BaseException:
            await browser.end()
            raise
        return browser


async def _closed(tab: Tab) -> bool:
    """Whether a tab could be closed."""
    try:
        await asyncio.wait_for(tab.close(), STOP_S)
    except (TimeoutError, DevToolsError):
        return False
    return True
