"""One page in the browser: opened, watched until it has settled, read, forgotten."""

from __future__ import annotations

import asyncio
import contextlib
from base64 import b64encode
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from newscrawl.errors import NewscrawlError, Outcome
from newscrawl.rendering.allow import Asked, why_not
from newscrawl.rendering.devtools import DevToolsError
from newscrawl.urls import same_site

if TYPE_CHECKING:
    from collections.abc import Callable

    from newscrawl.rendering.devtools import DevTools
    from newscrawl.rendering.options import RenderOptions
    from newscrawl.rendering.proxy import RenderingProxy

QUIET_S = 0.5
"""A page that has asked for nothing for so long, and waits for nothing, is read."""
SETTLE_SHARE = 0.75
"""Of the deadline: a page that never falls silent is read then."""
# Run in a world of its own, where nothing that the page has changed counts.
READ_PAGE = """(() => {
  const html = (document.doctype ? "<!DOCTYPE html>" : "") + (document.documentElement?.outerHTML ?? "");
  return html.length > MAX ? html.length : html;
})()"""
# A worker of its own would answer for the site, in pages that are not even open.
BEFORE_ALL_SCRIPTS = "delete Navigator.prototype.serviceWorker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A page to be rendered."""

    url: str
    max_bytes: int
    """Of the rendered page, in UTF-8."""
    robots: Callable[[str], str | None]
    """The rule that forbids an address, in words, as far as the rules of its host are known."""
    began: Callable[[], None] = lambda: None
    """Called when the page itself is asked for."""
    languages: tuple[str, ...] = ()
    time_zone: str | None = None
    """The page's scripts print times in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A page as its scripts have made it."""

    url: str
    """Of the document that was read."""
    status: int
    headers: tuple[tuple[str, str], ...]
    """Of the document's answer."""
    html: bytes
    """UTF-8."""
    first_byte_ms: int | None
    requests: int
    bytes: int
    is_cut: bool
    """A bound was reached: what the page asked for after that did not come."""
    refused: tuple[str, ...]
    """Why requests were refused, the most frequent first."""


class RenderingError(NewscrawlError):
    """A page could not be rendered; ``outcome`` is what that means for its address."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


@dataclass(slots=True)
class _Document:
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    first_byte_ms: int | None


@dataclass(slots=True)
class Tab:
    """One rendering. Its listener is called for every event of its page."""

    browser: DevTools
    proxy: RenderingProxy
    order: Order
    options: RenderOptions
    _session: str = ""
    _frame: str = ""
    _context: str = ""
    requests: int = 0
    _refused: Counter[str] = field(default_factory=Counter)
    _document: _Document | None = None
    _waiting: set[str] = field(default_factory=set)
    _parsed: bool = False
    _is_cut: bool = False
    _error: RenderingError | None = None
    _changed_at: float = 0.0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def render(self) -> Rendered:
        """Open the page, wait until it has settled, read it.

        Raises:
            RenderingError: it does not come, or is too large.
            DevToolsError: the browser ended.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + SETTLE_SHARE * self.options.deadline_s
        await self._open()
        self._changed_at = loop.time()
        self.order.began()
        answer = await self.browser.ask("Page.navigate", self._session, url=self.order.url)
        if error := answer.get("errorText"):
            raise self._not_come(error)
        await self._settle(until)
        if self._document is None:
            raise RenderingError(Outcome.TIMEOUT, "the browser got no answer in time")
        return Rendered(
            url=self._document.url,
            status=self._document.status,
            headers=self._document.headers,
            html=await self._read(),
            first_byte_ms=self._document.first_byte_ms,
            requests=self.requests,
            bytes=self.proxy.bytes,
            is_cut=self._is_cut or self.proxy.is_cut,
            refused=tuple(f"{why} ({count})" for why, count in self._refused.most_common()),
        )

    async def close(self) -> None:
        """Forget the page and all that it has stored."""
        self.browser.listeners.pop(self._session, None)
        if self._context:
            await self.browser.ask("Target.disposeBrowserContext", browserContextId=self._context)

    async def _open(self) -> None:
        ask = self.browser.ask
        made = await ask(
            "Target.createBrowserContext",
            proxyServer=self.proxy.url,
            proxyBypassList="<-loopback>",
            disposeOnDetach=True,
        )
        self._context = made["browserContextId"]
        await ask("Browser.setDownloadBehavior", behavior="deny", browserContextId=self._context)
        target = await ask("Target.createTarget", url="about:blank", browserContextId=self._context)
        self._frame = target["targetId"]
        attached = await ask("Target.attachToTarget", targetId=self._frame, flatten=True)
        self._session = attached["sessionId"]
        self.browser.listeners[self._session] = self._hear
        commands: list[tuple[str, dict[str, Any]]] = [
            ("Page.enable", {}),
            ("Network.enable", {"maxTotalBufferSize": 0, "maxResourceBufferSize": 0, "maxPostDataSize": 0}),
            ("Network.setBypassServiceWorker", {"bypass": True}),
            ("Fetch.enable", {"patterns": [{"urlPattern": "*"}]}),
            ("Target.setAutoAttach", {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}),
            ("Page.addScriptToEvaluateOnNewDocument", {"source": BEFORE_ALL_SCRIPTS}),
            ("Emulation.setTimezoneOverride", {"timezoneId": self.order.time_zone or "UTC"}),
        ]
        if self.order.languages:
            commands.append(("Emulation.setLocaleOverride", {"locale": self.order.languages[0]}))
            headers = {"Accept-Language": ",".join(self.order.languages)}
            commands.append(("Network.setExtraHTTPHeaders", {"headers": headers}))
        for answer in [self.browser.tell(method, self._session, **params) for method, params in commands]:
            await answer

    async def _settle(self, until: float) -> None:
        """Wait until the page is silent, or until then.

        Raises:
            RenderingError: the page is lost.
        """
        loop = asyncio.get_running_loop()
        while (now := loop.time()) < until and self._error is None:
            is_busy = self._waiting or not self._parsed
            wait_s = until - now if is_busy else min(until - now, self._changed_at + QUIET_S - now)
            if wait_s <= 0:
                return
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), wait_s)
        if self._error is not None:
            raise self._error

    async def _read(self) -> bytes:
        world = await self.browser.ask("Page.createIsolatedWorld", self._session, frameId=self._frame)
        read = await self.browser.ask(
            "Runtime.evaluate",
            self._session,
            expression=READ_PAGE.replace("MAX", str(self.order.max_bytes)),
            contextId=world["executionContextId"],
            returnByValue=True,
        )
        value = read["result"].get("value")
        html = value.encode("utf-8", "replace") if isinstance(value, str) else None
        if html is None or len(html) > self.order.max_bytes:
            raise RenderingError(Outcome.TOO_LARGE, f"rendered, it is larger than {self.order.max_bytes:,} bytes")
        return html

    def _not_come(self, error: str) -> RenderingError:
        if self._refused or self.proxy.refused:
            words = [*self.proxy.refused.values(), *self._refused]
            outcome = Outcome.REFUSED_ADDRESS if self.proxy.refused else Outcome.ERROR
            return RenderingError(outcome, f"the browser could not open it: {words[0]}")
        return RenderingError(Outcome.ERROR, f"the browser could not open it: {error}")

    def _hear(self, method: str, params: dict[str, Any]) -> None:
        """One event of the page."""
        match method:
            case "Fetch.requestPaused":
                self._decide(params)
            case "Network.requestWillBeSent":
                self._waiting.add(params["requestId"])
                self._note()
            case "Network.loadingFinished" | "Network.loadingFailed":
                self._waiting.discard(params["requestId"])
                self._note()
            case "Network.responseReceived":
                self._answered(params)
            case "Page.domContentEventFired":
                self._parsed = True
                self._note()
            case "Page.javascriptDialogOpening":
                self.browser.tell("Page.handleJavaScriptDialog", self._session, accept=False)
            case "Target.attachedToTarget":
                # Frames of other sites, service and shared workers wait for ever; a page's own workers may run.
                if params["targetInfo"]["type"] == "worker":
                    self.browser.tell("Runtime.runIfWaitingForDebugger", params["sessionId"])
            case "Inspector.targetCrashed":
                self._error = RenderingError(Outcome.ERROR, "the page crashed in the browser")
                self._note()

    def _note(self) -> None:
        self._changed_at = asyncio.get_running_loop().time()
        self._changed.set()

    def _decide(self, params: dict[str, Any]) -> None:
        """Let a request go on, or refuse it."""
        number, kind, url = params["requestId"], params["resourceType"], params["request"]["url"]
        if kind == "Stylesheet":
            # Nobody looks at the page, but scripts wait for style sheets: an empty one is as good.
            self.browser.tell(
                "Fetch.fulfillRequest",
                self._session,
                requestId=number,
                responseCode=200,
                responseHeaders=[{"name": "Content-Type", "value": "text/css"}],
                body=b64encode(b"").decode(),
            )
            return
        asked = Asked(url=url, kind=kind, method=params["request"]["method"])
        why = why_not(asked, self.order.url, self.order.robots)
        if why is None and self.requests >= self.options.max_requests:
            self._is_cut, why = True, f"more than {self.options.max_requests} requests"
        if why is not None:
            self._refused[why] += 1
            reason = "BlockedByClient"
            self.browser.tell("Fetch.failRequest", self._session, requestId=number, errorReason=reason)
            return
        self.requests += 1
        self.browser.tell("Fetch.continueRequest", self._session, requestId=number)

    def _answered(self, params: dict[str, Any]) -> None:
        """The document, or another one that took its place."""
        if params["type"] != "Document" or params.get("frameId") != self._frame:
            return
        answer = params["response"]
        if not same_site(answer["url"], self.order.url):
            return
        began = (answer.get("timing") or {}).get("receiveHeadersStart")
        self._document = _Document(
            url=answer["url"].partition("#")[0],
            status=int(answer["status"]),
            headers=tuple((name, value) for name, text in answer["headers"].items() for value in text.split("\n")),
            first_byte_ms=None if not began or began < 0 else round(began),
        )
        self._parsed = False


__all__ = ["DevToolsError", "Order", "Rendered", "RenderingError", "Tab"]
