"""The requests that one page makes: which go on, how many there were, which have not been answered."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from newscrawl.rendering.allow import Asked, why_not

if TYPE_CHECKING:
    from collections.abc import Callable

    from newscrawl.rendering.devtools import DevTools

AWAITED = frozenset({"Document", "Script", "XHR", "Fetch"})
EMPTY_STYLE = {"responseCode": 200, "responseHeaders": [{"name": "Content-Type", "value": "text/css"}], "body": ""}
"""Nobody looks at the page, but scripts wait for style sheets: an empty one is as good."""


@dataclass(slots=True, kw_only=True)
class PageRequests:
    """Mutable: the memory of one rendering. Its methods take the parameters of DevTools' events."""

    browser: DevTools
    session: str
    page_url: str
    robots: Callable[[str], str | None]
    most: int
    count: int = 0
    """Those that went on."""
    is_cut: bool = False
    """There were more than `most`."""
    refused: Counter[str] = field(default_factory=Counter)
    """Why not → how many."""
    waiting: set[str] = field(default_factory=set)
    changed_at: float = 0.0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self) -> None:
        """Something happened: the page is not silent."""
        self.changed_at = asyncio.get_running_loop().time()
        self.changed.set()

    def decide(self, params: dict[str, Any]) -> None:
        """Let a request go on, or refuse it (``Fetch.requestPaused``)."""
        number, kind, request = params["requestId"], params["resourceType"], params["request"]
        if kind == "Stylesheet":
            self.browser.tell("Fetch.fulfillRequest", self.session, requestId=number, **EMPTY_STYLE)
            return
        accept = request["headers"].get("Accept", "")
        asked = Asked(url=request["url"], kind=kind, method=request["method"], accept=accept)
        why = why_not(asked, self.page_url, self.robots)
        if why is None and self.count >= self.most:
            why = f"more than {self.most} requests"
            self._cut()
        if why is not None:
            self.refused[why] += 1
            # An aborted document leaves the one before in its place; any other failure puts an error page there.
            reason = "Aborted" if kind == "Document" else "BlockedByClient"
            self.browser.tell("Fetch.failRequest", self.session, requestId=number, errorReason=reason)
            return
        self.count += 1
        self.browser.tell("Fetch.continueRequest", self.session, requestId=number)

    def _cut(self) -> None:
        """Nothing more goes on; the browser refuses it by itself, since a flood of questions would stop everything."""
        if not self.is_cut:
            self.is_cut = True
            self.browser.tell("Network.setBlockedURLs", self.session, urls=["*"])
            self.changed.set()

    def began(self, params: dict[str, Any]) -> None:
        """``Network.requestWillBeSent``."""
        # What is no traffic (blob:, data:) may never be said to have ended.
        if params["request"]["url"].startswith("http") and params.get("type") in AWAITED:
            self.waiting.add(params["requestId"])
        self.note()

    def ended(self, params: dict[str, Any]) -> None:
        """``Network.loadingFinished`` and ``Network.loadingFailed``."""
        self.waiting.discard(params["requestId"])
        self.note()
