"""The download handler that has a page rendered where its request asks for it.

Such a request has come the way of all others: robots.txt, budgets, traps, the delay of its host. In the place of a
fetch there is a rendering, and the answer is the page as its scripts have made it, with the headers of the document.
"""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from scrapy.http import Headers, HtmlResponse

from newscrawl.addresses import AllowedAddresses
from newscrawl.errors import Outcome
from newscrawl.middlewares.guard import GuardedHandler
from newscrawl.middlewares.not_fetched import NotFetched
from newscrawl.middlewares.robots import RobotsMiddleware
from newscrawl.middlewares.wire import host_of, note_sent, traffic_of
from newscrawl.options import read_options
from newscrawl.rendering.browser import Renderer
from newscrawl.rendering.options import RenderOptions
from newscrawl.rendering.tab import Order, RenderingError

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from newscrawl.rendering.tab import Rendered
    from newscrawl.sources import Source

logger = logging.getLogger(__name__)

RENDER = "newscrawl_render"
"""Key in a request's meta: it is for the browser."""
# They speak of the bytes that the site sent, and these are others. Validators of a page say nothing of what its scripts
# bring, so it is never asked about with them.
_OF_THE_BYTES = frozenset(
    {"content-encoding", "content-length", "content-type", "transfer-encoding", "connection", "etag", "last-modified"}
)
_renderers: WeakKeyDictionary[Crawler, Renderer] = WeakKeyDictionary()


class NotRendered(NotFetched):
    """There is no rendered page."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome


class RenderingHandler(GuardedHandler):
    """A guarded handler whose requests with `RENDER` in their meta go to the browser; it starts with the first."""

    async def close(self) -> None:
        """Scrapy's hook."""
        if (renderer := _renderers.pop(self._crawler, None)) is not None:
            await renderer.close()
        await super().close()

    async def _download(self, request: Request) -> Response:
        if RENDER not in request.meta:
            return await super()._download(request)
        try:
            rendered = await renderer_of(self._crawler).render(self._order(request))
        except RenderingError as error:
            if error.outcome is Outcome.NEEDS_JAVASCRIPT:
                logger.warning("%s cannot be rendered: %s", request.url, error.reason)
            raise NotRendered(error.outcome, error.reason) from None
        finally:
            self._begin_delay(request)
        self._count(request, rendered)
        return _response(rendered)

    def _order(self, request: Request) -> Order:
        source: Source | None = request.cb_kwargs.get("of")
        parts = urlsplit(request.url)
        path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        return Order(
            url=request.url,
            max_bytes=self._default_maxsize or self._crawler.settings.getint("DOWNLOAD_MAXSIZE"),
            robots=self._forbidding_rule,
            began=partial(note_sent, self._crawler, host_of(request.url), path),
            languages=source.languages if source is not None else (),
            time_zone=source.time_zone if source is not None else None,
        )

    def _forbidding_rule(self, url: str) -> str | None:
        robots = self._crawler.get_downloader_middleware(RobotsMiddleware)
        said = robots.said(url) if robots is not None else None
        rule = said.deciding_rule(url) if said is not None else None
        return str(rule) if rule is not None and not rule.allow else None

    def _begin_delay(self, request: Request) -> None:
        """A page asks its host for things until it is read: the delay before the next request begins then."""
        assert self._crawler.engine is not None
        downloader = self._crawler.engine.downloader
        if (slot := downloader.slots.get(downloader.get_slot_key(request))) is not None:
            slot.lastseen = max(slot.lastseen, time.monotonic())

    def _count(self, request: Request, rendered: Rendered) -> None:
        stats = self._crawler.stats
        assert stats is not None
        stats.inc_value("newscrawl/rendering/pages")
        stats.inc_value("newscrawl/rendering/requests", rendered.requests)
        stats.inc_value("newscrawl/rendering/bytes", rendered.bytes)
        stats.inc_value("newscrawl/rendering/cut", int(rendered.is_cut))
        traffic_of(self._crawler).of(host_of(request.url)).by_scripts += rendered.requests - 1
        if rendered.document.first_byte_ms is not None:
            request.meta["download_latency"] = rendered.document.first_byte_ms / 1000
        if rendered.is_cut or rendered.refused:
            logger.debug("%s: %s", request.url, "; ".join(rendered.refused) or "cut at a bound")


def renderer_of(crawler: Crawler) -> Renderer:
    """The browser of a crawl."""
    if (renderer := _renderers.get(crawler)) is None:
        renderer = _renderers[crawler] = Renderer(
            read_options(RenderOptions, crawler.settings, "RENDER_"),
            user_agent=str(crawler.settings["USER_AGENT"]),
            allowed=AllowedAddresses.parse(crawler.settings.get("NEWSCRAWL_ALLOW_ADDRESSES") or ""),
        )
    return renderer


def _response(rendered: Rendered) -> Response:
    """Without a protocol: what came over the wire were other bytes, so it is none of the raw pages."""
    document, headers = rendered.document, Headers()
    for name, value in document.headers:
        if name.lower() not in _OF_THE_BYTES:
            headers.appendlist(name, value)
    headers["Content-Type"] = "text/html; charset=utf-8"
    return HtmlResponse(document.url, document.status, headers=headers, body=rendered.html, encoding="utf-8")
