"""One page in the browser: opened, watched until it has settled, read, forgotten."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from newscrawl.errors import NewscrawlError, Outcome
from newscrawl.rendering.devtools import ENDED, DevToolsError
from newscrawl.rendering.requests import PageRequests
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
CUT_S = 2.0
"""A page that may ask for nothing more has so long for what is on its way."""
# Run in a world of its own, where nothing that the page has changed counts.
READ_PAGE = """(() => {
  const html = (document.doctype ? "<!DOCTYPE html>" : "") + (document.documentElement?.outerHTML ?? "");
  return html.length > MAX ? html.length : html;
})()"""
# A service worker would answer for the site; a page that is opened once needs none.
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
class Document:
    """What a site answered to the page itself."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    first_byte_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A page as its scripts have made it."""

    document: Document
    """The one that was read."""
    html: bytes
    """UTF-8."""
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
class Tab:
    """One rendering."""

    browser: DevTools
    proxy: RenderingProxy
    order: Order
    options: RenderOptions
    requests: PageRequests = field(init=False)
    _session: str = ""
    _frame: str = ""
    _context: str = ""
    _document: Document | None = None
    _is_parsed: bool = False
    _error: RenderingError | None = None

    async def render(self) -> Rendered:
        """Open the page, wait until it has settled, read it.

        Raises:
            RenderingError: it does not come, or is too large.
            DevToolsError: the browser ended.
        """
        until = asyncio.get_running_loop().time() + SETTLE_SHARE * self.options.deadline_s
        await self._open()
        self.requests.note()
        self.order.began()
        answer = await self.browser.ask("Page.navigate", self._session, url=self.order.url)
        if error := answer.get("errorText"):
            raise self._not_come(error)
        await self._settle(until)
        if self._document is None:
            raise RenderingError(Outcome.TIMEOUT, "the browser got no answer in time")
        return Rendered(
            document=self._document,
            html=await self._read(),
            requests=self.requests.count,
            bytes=self.proxy.bytes,
            is_cut=self.requests.is_cut or self.proxy.is_cut,
            refused=tuple(f"{why} ({count})" for why, count in self.requests.refused.most_common()),
        )

    async def close(self) -> None:
        """Forget the page and all that it has stored."""
        self.browser.listeners.pop(self._session, None)
        if self._context:
            await self.browser.ask("Target.disposeBrowserContext", browserContextId=self._context)

    async def _open(self) -> None:
        """An empty page in a context of its own: no cookie, no cache, nothing of the pages before."""
        ask = self.browser.ask
        own: dict[str, Any] = {"proxyServer": self.proxy.url, "proxyBypassList": "<-loopback>", "disposeOnDetach": True}
        self._context = (await ask("Target.createBrowserContext", **own))["browserContextId"]
        await ask("Browser.setDownloadBehavior", behavior="deny", browserContextId=self._context)
        target = await ask("Target.createTarget", url="about:blank", browserContextId=self._context)
        self._frame = target["targetId"]
        attached = await ask("Target.attachToTarget", targetId=self._frame, flatten=True)
        self._session = attached["sessionId"]
        self.requests = PageRequests(
            browser=self.browser,
            session=self._session,
            page_url=self.order.url,
            robots=self.order.robots,
            most=self.options.max_requests,
        )
        self.browser.listeners[self._session] = self._listener()
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
            DevToolsError: so is the browser.
        """
        loop, requests, was_cut = asyncio.get_running_loop(), self.requests, False
        while (now := loop.time()) < until and self._error is None and not self.browser.ended.is_set():
            if requests.is_cut and not was_cut:
                was_cut, until = True, min(until, now + CUT_S)
            is_busy = requests.waiting or not self._is_parsed
            wait_s = until - now if is_busy else min(until - now, requests.changed_at + QUIET_S - now)
            if wait_s <= 0:
                return
            requests.changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(requests.changed.wait(), wait_s)
        if self._error is not None:
            raise self._error
        if self.browser.ended.is_set():
            raise DevToolsError("it has ended")

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
        outcome = Outcome.REFUSED_ADDRESS if self.proxy.refused else Outcome.ERROR
        words = next(iter([*self.proxy.refused.values(), *self.requests.refused]), error)
        return RenderingError(outcome, f"the browser could not open it: {words}")

    def _listener(self) -> Callable[[str, dict[str, Any]], None]:
        """What hears the events of the page."""
        heard: dict[str, Callable[[dict[str, Any]], None]] = {
            "Fetch.requestPaused": self.requests.decide,
            "Network.requestWillBeSent": self.requests.began,
            "Network.loadingFinished": self.requests.ended,
            "Network.loadingFailed": self.requests.ended,
            "Network.responseReceived": self._answered,
            "Page.domContentEventFired": self._parsed,
            "Page.frameStoppedLoading": self._parsed,  # a page that is led away while it is read says no more
            "Page.frameNavigated": self._navigated,
            "Page.javascriptDialogOpening": self._dialog,
            "Target.attachedToTarget": self._attached,
            "Inspector.targetCrashed": self._crashed,
            ENDED: lambda _: self.requests.note(),
        }

        def hear(method: str, params: dict[str, Any]) -> None:
            if (one := heard.get(method)) is not None:
                one(params)

        return hear

    def _answered(self, params: dict[str, Any]) -> None:
        """The document, or another one of the site that takes its place."""
        answer = params["response"]
        if params["type"] != "Document" or params.get("frameId") != self._frame:
            return
        if not same_site(answer["url"], self.order.url):
            return
        began = (answer.get("timing") or {}).get("receiveHeadersStart", -1)
        self._document = Document(
            url=answer["url"].partition("#")[0],
            status=int(answer["status"]),
            headers=tuple((name, value) for name, text in answer["headers"].items() for value in text.split("\n")),
            first_byte_ms=round(began) if began >= 0 else None,
        )
        self._is_parsed = False

    def _parsed(self, params: dict[str, Any]) -> None:
        if params.get("frameId", self._frame) == self._frame:
            self._is_parsed = True
            self.requests.note()

    def _navigated(self, params: dict[str, Any]) -> None:
        frame = params["frame"]
        if frame["id"] == self._frame and (url := frame.get("unreachableUrl")):
            self._fail(f"its scripts led to {url}, which does not answer")

    def _dialog(self, params: dict[str, Any]) -> None:  # noqa: ARG002 - an event's
        self.browser.tell("Page.handleJavaScriptDialog", self._session, accept=False)

    def _attached(self, params: dict[str, Any]) -> None:
        """Frames of other sites, service and shared workers wait for ever; a page's own workers may run."""
        if params["targetInfo"]["type"] == "worker":
            self.browser.tell("Runtime.runIfWaitingForDebugger", params["sessionId"])

    def _crashed(self, params: dict[str, Any]) -> None:  # noqa: ARG002 - an event's
        self._fail("the page crashed in the browser")

    def _fail(self, reason: str) -> None:
        self._error = RenderingError(Outcome.ERROR, reason)
        self.requests.note()
