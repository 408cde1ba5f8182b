"""What a site declares for its pages outside of them, put beside what each page says itself.

`/.well-known/tdmrep.json` (fetched once an origin and run, when its first article candidate is), the ``Content-Usage``
and ``License`` lines of robots.txt, and a ``Link`` header with ``rel=license``. They become headers of the response,
where it has none of its own, so that whoever reads a page sees one kind of signal.
"""

from __future__ import annotations

import logging
import re
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred

from newscrawl.middlewares.not_fetched import LeftForLater
from newscrawl.middlewares.robots import RobotsMiddleware
from newscrawl.tdmrep import MAX_BYTES, TdmRule, read_tdmrep, tdm_rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

WELL_KNOWN = "/.well-known/tdmrep.json"
LICENSE = "License"
"""Name of the header that stands for a licence stated outside the page; there is no such header in HTTP."""
DAY_S = 24 * 3600.0
MAX_ORIGINS = 10_000
MAX_LINK_CHARS = 16_384
_LINK = re.compile(r"<([^<>]{1,2000})>([^<]*)")


class DeclarationsMiddleware:
    """Downloader middleware behind robots.txt; it reads only what comes for an article candidate (a ``hint``)."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._rules: dict[str, tuple[TdmRule, ...]] = {}
        self._since = monotonic()
        self._waiting: dict[str, list[Deferred[None]]] = {}
        self.is_missing: Callable[[str], bool] = lambda url: False  # noqa: ARG005 - the run's memory, where there is one
        self.keep_missing: Callable[[str], None] = lambda url: None  # noqa: ARG005

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DeclarationsMiddleware:
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_request(self, request: Request, spider: Spider | None = None) -> None:  # noqa: ARG002 - Scrapy's
        """Scrapy's hook.

        Raises:
            LeftForLater: the file cannot be asked for in this run, nor can the page.
        """
        if "hint" not in request.cb_kwargs:
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        while (waiting := self._waiting.get(origin)) is not None:
            turn: Deferred[None] = Deferred()
            waiting.append(turn)
            await maybe_deferred_to_future(turn)
        if monotonic() - self._since > DAY_S:  # a run without an end asks again each day
            self._since = monotonic()
            self._rules.clear()
        if origin in self._rules or len(self._rules) >= MAX_ORIGINS:
            return
        self._waiting[origin] = []
        try:
            self._rules[origin] = await self._fetch(origin + WELL_KNOWN)
        finally:
            for turn in self._waiting.pop(origin):
                turn.callback(None)

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 - Scrapy's
    ) -> Response:
        """Scrapy's hook."""
        if "hint" not in request.cb_kwargs:
            return response
        parts = urlsplit(response.url)
        rule = tdm_rule(self._rules.get(f"{parts.scheme}://{parts.netloc}", ()), response.url)
        if rule is not None and "tdm-reservation" not in response.headers:
            response.headers["tdm-reservation"] = rule.reservation
            if rule.policy is not None and "tdm-policy" not in response.headers:
                response.headers["tdm-policy"] = rule.policy
        robots = self._crawler.get_downloader_middleware(RobotsMiddleware)
        said = robots.said(response.url) if robots else None
        usage = said.content_usage(response.url) if said else None
        if usage is not None and "Content-Usage" not in response.headers:
            response.headers["Content-Usage"] = usage
        licence = _linked_licence(response) or (said.licenses[0] if said and said.licenses else None)
        response.headers.pop(LICENSE, None)
        if licence is not None:
            response.headers[LICENSE] = licence
        return response

    async def _fetch(self, url: str) -> tuple[TdmRule, ...]:
        """The rules of one origin; none where the file is not there, is forbidden, or cannot be had."""
        if self.is_missing(url):
            return ()
        request = Request(url, callback=NO_CALLBACK, meta={"download_maxsize": MAX_BYTES, "max_retry_times": 0})
        assert self._crawler.engine is not None
        try:
            response = await self._crawler.engine.download_async(request)
        except LeftForLater:
            raise
        except IgnoreRequest:
            return ()
        except Exception as failure:  # whatever a download can raise: the file could not be had
            logger.debug("%s could not be had: %s", url, failure)
            return ()
        if response.status in {404, 410}:
            self.keep_missing(url)
        return read_tdmrep(response.body) if response.status == 200 else ()


def _linked_licence(response: Response) -> str | None:
    """The target of a ``Link`` header with ``rel=license`` (RFC 8288), absolute."""
    for value in response.headers.getlist("Link"):
        for match in _LINK.finditer(value[:MAX_LINK_CHARS].decode("latin-1")):
            if re.search(r';\s*rel\s*=\s*"?[^";]*\blicense\b', match[2], re.IGNORECASE):
                try:
                    return str(urljoin(response.url, match[1]))
                except ValueError:
                    continue
    return None
