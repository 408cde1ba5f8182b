"""Articles that are printed on several pages: fetched to their end and stored as one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider
from scrapy.exceptions import CloseSpider

from newscrawl.errors import ArticleRejected, Outcome
from newscrawl.extensions.claims import Claims
from newscrawl.extensions.run import run_of
from newscrawl.extract.further_pages import MAX_PAGES, adds, joined, next_page, read_further
from newscrawl.frontier.plan import Plan
from newscrawl.middlewares.guard import StoppedError
from newscrawl.middlewares.not_fetched import LeftForLater
from newscrawl.middlewares.robots import RobotsMiddleware
from newscrawl.refine import refine
from newscrawl.spiders.page import ANSWERED, failed_request, fetch_of, page_of, priority_of, rejection
from newscrawl.text.seen import Seen
from newscrawl.urls import url_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from newscrawl.article import Article, Fetch, Hint
    from newscrawl.extensions.run import CrawlRun
    from newscrawl.extract.options import ExtractOptions
    from newscrawl.extract.pool import PagePool
    from newscrawl.refine import RefineOptions
    from newscrawl.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """An article over several pages, as far as they have come."""

    begin: str
    """The address of its first page."""
    articles: tuple[Article, ...]
    """What each page holds, not cleaned, in order."""
    fetch: Fetch
    """How the first page came."""
    source: str
    of: Source | None
    is_cut: bool = False
    """A page is missing."""


class SeveralPagesSpider(Spider):
    """What a spider needs to follow an article from page to page."""

    pool: PagePool
    extract_options: ExtractOptions
    refine_options: RefineOptions

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.plan = Plan()
        self._requested = Seen()
        self._accepted = 0

    @property
    def run(self) -> CrawlRun:
        """Where decisions go."""
        return run_of(self.crawler)

    @cached_property
    def claims(self) -> Claims:
        """What this worker has, of all that share a store."""
        # A project of somebody's own may name other extensions: what the spider needs it has all the same.
        return self.crawler.get_extension(Claims) or Claims(self.crawler)

    def _part_request(self, url: str, parts: Parts, hint: Hint) -> Request:
        """A request for the next page of an article; until the last one came, nothing of it is decided on."""
        is_first_ask = self._requested.add(url_key(url))
        request = Request(
            url,
            self.parse_part,
            errback=self.part_failed,
            cb_kwargs={"hint": hint, "source": parts.source, "parts": parts, "is_first_ask": is_first_ask},
            priority=priority_of(hint) + 1,
            dont_filter=True,
            meta={"handle_httpstatus_list": ANSWERED},
        )
        return self._paced(request, parts.of)

    async def parse_part(
        self, response: Response, hint: Hint, source: str, parts: Parts, *, is_first_ask: bool
    ) -> AsyncIterator[Any]:
        """A further page of an article came."""
        assert response.request is not None
        fetch = fetch_of(response.request, response)
        further: str | None = None
        try:
            page = page_of(response, hint=hint, source=parts.of, robots_rule=self._robots_rule(response.url))
            work = self.pool.submit(read_further, page, self.extract_options)
            part = await asyncio.wrap_future(work)
        except asyncio.CancelledError:
            return
        except ArticleRejected as rejected:
            parts = replace(parts, is_cut=True)
            outcome, reason = rejected.outcome, rejected.reason
        else:
            outcome, reason = Outcome.SAME_KEY, f"page {len(parts.articles) + 1} of the article at {parts.begin}"
            if adds(part, parts.articles):
                parts = replace(parts, articles=(*parts.articles, part))
                further = next_page(page, parts.begin, len(parts.articles))
        if is_first_ask:
            self.run.decide(outcome, reason, url=fetch.requested_url, source=source, via="page", fetch=fetch)
        if further is not None and len(parts.articles) < MAX_PAGES:
            yield self._part_request(further, parts, hint)
            return
        parts = replace(parts, is_cut=parts.is_cut or further is not None)
        async for item in self._whole(parts, hint):
            yield item

    async def part_failed(self, failure: Failure) -> AsyncIterator[Any]:
        """A further page did not come: the article ends before it."""
        request, error = failed_request(failure)
        if isinstance(error, (StoppedError, LeftForLater)) or self.run.is_cut_off:
            return  # not decided: the next run begins with the first page again
        if request.cb_kwargs["is_first_ask"]:
            rejected = rejection(error, request.url)
            source, fetch = request.cb_kwargs["source"], fetch_of(request)
            self.run.decide(rejected.outcome, rejected.reason, url=request.url, source=source, via="page", fetch=fetch)
        async for item in self._whole(replace(request.cb_kwargs["parts"], is_cut=True), request.cb_kwargs["hint"]):
            yield item

    async def _whole(self, parts: Parts, hint: Hint) -> AsyncIterator[Any]:
        """The article of all pages that came."""
        article = joined(parts.articles)
        if parts.is_cut:
            article = article.with_flags("truncated_page")
        try:
            article = await asyncio.wrap_future(self.pool.submit(refine, article, self.refine_options))
        except asyncio.CancelledError:
            return
        except ArticleRejected as rejected:
            self.run.decide(
                rejected.outcome,
                rejected.reason,
                url=parts.begin,
                source=parts.source,
                via=hint.via,
                fetch=parts.fetch,
            )
            return
        for item in self._accept(article, parts.fetch):
            yield item

    def _accept(self, article: Article, fetch: Fetch) -> Iterator[Article]:
        """Hand an article on, unless the run has enough; end the run with the last one that it wants."""
        if self.plan.limit is not None and self._accepted >= self.plan.limit:
            raise CloseSpider("limit")
        self._accepted += 1
        yield replace(article, fetch=fetch)
        if self._accepted == self.plan.limit:
            raise CloseSpider("limit")

    def _paced(self, request: Request, source: Source | None) -> Request:
        """The request, at the pace that its source asks for; a longer Crawl-delay of its robots.txt wins."""
        if source is not None and source.delay_s is not None:
            assert self.crawler.engine is not None
            downloader = self.crawler.engine.downloader
            slot = downloader.per_slot_settings.setdefault(downloader.get_slot_key(request), {})
            slot["delay"] = max(float(slot.get("delay", 0.0)), source.delay_s)
            slot["jitter"] = 0.0  # half of the delay asked for would be too short
            request.meta["autothrottle_dont_adjust_delay"] = True
        return request

    def _robots_rule(self, url: str) -> str | None:
        robots = self.crawler.get_downloader_middleware(RobotsMiddleware)
        return robots.rule(url) if robots else None
