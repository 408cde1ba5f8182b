"""The spider: from a site's address, a list of addresses, or the sources file to articles."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import Request, signals

from newscrawl import settings as defaults
from newscrawl.addresses import AllowedAddresses
from newscrawl.article import Hint
from newscrawl.dedup.near_duplicates import NearDuplicateOptions
from newscrawl.discover.answers import AT_A_TIME
from newscrawl.discover.site import DiscoverOptions, SiteFinder
from newscrawl.dump.raw_archive import RawOptions
from newscrawl.extensions.run import MAX_TIME, OPEN_STORE
from newscrawl.extract.options import ExtractOptions
from newscrawl.extract.pool import PagePool, PoolOptions
from newscrawl.frontier.hosts import HostOptions
from newscrawl.frontier.plan import Plan, read_plan
from newscrawl.frontier.revisit import ArticleOptions
from newscrawl.frontier.schedule import RevisitOptions
from newscrawl.options import SETTING_PREFIX, check_known, read_options, setting_names
from newscrawl.optout import read_honour
from newscrawl.refine import RefineOptions
from newscrawl.rendering.options import RenderOptions, check_rendering
from newscrawl.report.notify import read_ways
from newscrawl.sources import wants
from newscrawl.spiders.looks import Looks
from newscrawl.spiders.shared import SharedSpider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from newscrawl.sources import Source

logger = logging.getLogger(__name__)

# The options whose fields are settings, and the prefix of their names.
OPTIONS = (
    (DiscoverOptions, "DISCOVER_"),
    (ExtractOptions, "EXTRACT_"),
    (RefineOptions, "REFINE_"),
    (PoolOptions, "POOL_"),
    (RenderOptions, "RENDER_"),
    (NearDuplicateOptions, "DEDUP_"),
    (RawOptions, ""),
    (HostOptions, "HOST_"),
    (RevisitOptions, "REVISIT_"),
    (ArticleOptions, "ARTICLE_"),
)


class NewsSpider(SharedSpider):
    """`scrapy crawl news`: see `newscrawl.frontier.plan` for its arguments."""

    name = "news"
    revisit_options: RevisitOptions
    article_options: ArticleOptions

    def __init__(self, *args: Any, **arguments: str) -> None:
        super().__init__(*args)
        self.arguments = arguments

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Name the project and its operator to the sites."""
        super().update_settings(settings)
        from newscrawl import __version__

        contact = settings.get("NEWSCRAWL_CONTACT")
        agent = f"newscrawl/{__version__}" + (f" (+{contact})" if contact else " (news archiving crawler)")
        settings.set("USER_AGENT", agent, priority="spider")

    @classmethod
    def check_arguments(cls, settings: BaseSettings, arguments: dict[str, str]) -> Plan:
        """Read everything that can be wrong before anything is fetched.

        Raises:
            ConfigError: names the argument, setting or file at fault.
        """
        known = {name for name in dir(defaults) if name.startswith(SETTING_PREFIX)} | {OPEN_STORE}
        for options, prefix in OPTIONS:
            read_options(options, settings, prefix)
            known.update(setting_names(options, prefix))
        check_known(settings, known)
        _ = read_options(ArticleOptions, settings, "ARTICLE_").ages_s
        AllowedAddresses.parse(settings.get("NEWSCRAWL_ALLOW_ADDRESSES") or "")
        read_ways(settings)
        read_honour(settings.get("NEWSCRAWL_HONOUR") or "")
        plan = read_plan(arguments, Path(settings["NEWSCRAWL_SOURCES"]))
        check_rendering(plan.sources, read_options(RenderOptions, settings, "RENDER_"))
        return plan

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> NewsSpider:
        """Scrapy's constructor."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.full_fetch_every = max(1, crawler.settings.getint("NEWSCRAWL_FULL_FETCH_EVERY"))
        spider.pool = PagePool(read_options(PoolOptions, crawler.settings, "POOL_"))
        spider.extract_options = read_options(ExtractOptions, crawler.settings, "EXTRACT_")
        spider.refine_options = read_options(RefineOptions, crawler.settings, "REFINE_")
        spider.revisit_options = read_options(RevisitOptions, crawler.settings, "REVISIT_")
        spider.article_options = read_options(ArticleOptions, crawler.settings, "ARTICLE_")
        spider.discover_options = read_options(DiscoverOptions, crawler.settings, "DISCOVER_")
        crawler.signals.connect(spider.closed_down, signal=signals.spider_closed)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """The first requests: each source's first addresses, or the addresses given."""
        self.plan = self.check_arguments(self.settings, self.arguments)
        store = self.run.begin()
        store.schedule.ages_s = self.article_options.ages_s
        self.run.keep(lambda store: store.schedule.forget_old(now=time.time()))
        self._looks = Looks(self.run, self.revisit_options, is_always=self.plan.is_named or self.plan.refresh)
        if not self.settings.get("NEWSCRAWL_CONTACT"):
            logger.warning(
                "no contact address in the user agent: set NEWSCRAWL_CONTACT to a mail address or page "
                "that publishers can turn to"
            )
        named = [Hint(url=address, via="url") for address in self.plan.addresses]
        for start in range(0, len(named), AT_A_TIME):
            for request in self._wanted(named[start : start + AT_A_TIME], None, look_again=True):
                yield request
            await asyncio.sleep(0)
        addresses: tuple[None, ...] = (None,) if not self.plan.is_named or self.plan.addresses else ()
        async for request in self.begin_sources((*self.plan.sources, *addresses)):
            yield request

    async def begin_source(self, source: Source | None) -> AsyncIterator[Request]:
        """What an earlier run left of a source, and the first addresses that its finder asks for."""
        async for request in self._left_over(source.id if source else "", source):
            yield request
        if source is None:
            return
        if not self._looks.is_source_due(source):
            self.run.skip("source_not_due")
            return
        finder = SiteFinder(
            url=source.url,
            feeds=source.feeds,
            news_sitemaps=source.news_sitemaps,
            sitemaps=source.sitemaps,
            sections=source.sections,
            options=self.discover_options,
            since=self.plan.since,
        )
        self._finders[source.id] = finder
        async for request in self.follow(finder.start(), source):
            yield request

    async def _left_over(self, source_id: str, source: Source | None) -> AsyncIterator[Request]:
        """Requests for what an earlier run found and did not decide on, and for young articles that are due."""
        for number, hint in enumerate(self.run.wanted(source_id), start=1):
            if number % AT_A_TIME == 0:
                await asyncio.sleep(0)
            if self._is_wanted_still(hint, source) and (request := self.article_request(hint, source, look_again=True)):
                yield request
        for hint, is_last in self.run.due_revisits(source_id):
            if (known := self.run.address(hint.url)) is not None and known.lastmod is not None:
                hint = replace(hint, date_modified=known.lastmod)  # noqa: PLW2901 - lists have said more since
            if self._is_wanted_still(hint, source) and (
                request := self.article_request(hint, source, look_again=True, is_whole=is_last)
            ):
                yield request

    def _is_wanted_still(self, hint: Hint, source: Source | None) -> bool:
        """Whether the source takes an address that waits; one that it does not take any more would wait for ever."""
        if source is None or wants(source, hint.url):
            return True
        self.run.keep(lambda store: store.let_go(hint.url))
        return False

    def closed_down(self, spider: Spider, reason: str) -> None:  # noqa: ARG002 - Scrapy passes both
        """Stop the workers; say which sources gave nothing at all."""
        self.pool.close()
        if reason in {"shutdown", "storage", "limit"}:
            return
        for source_id, finder in self._finders.items():
            if reason == MAX_TIME and not finder.done:
                continue  # the next run comes to it
            if not finder.answered:
                why = "; ".join(f"{url}: {words}" for url, words in finder.failures[:3]) or "no answer"
                self.run.source_failed(source_id, why)
