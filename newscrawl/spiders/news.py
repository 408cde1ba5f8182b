"""The spider: from a site's address, a list of addresses, or the sources file to articles."""

from __future__ import annotations

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
from newscrawl.discover.site import Ask, DiscoverOptions, Found, SiteFinder
from newscrawl.dump.raw_archive import RawOptions
from newscrawl.extensions.run import MAX_TIME, OPEN_STORE
from newscrawl.extract.options import ExtractOptions
from newscrawl.extract.pool import PagePool, PoolOptions
from newscrawl.frontier.hosts import HostOptions
from newscrawl.frontier.plan import Plan, read_plan
from newscrawl.frontier.revisit import ArticleOptions, is_stale
from newscrawl.frontier.schedule import RevisitOptions
from newscrawl.middlewares.guard import StoppedError
from newscrawl.middlewares.robots import ASKS_FOR_RULES
from newscrawl.middlewares.validators import NOT_MODIFIED, VALIDATORS, Validators
from newscrawl.options import SETTING_PREFIX, check_known, read_options, setting_names
from newscrawl.optout import read_honour
from newscrawl.refine import RefineOptions
from newscrawl.rendering.options import RenderOptions, check_rendering
from newscrawl.report.notify import read_ways
from newscrawl.sources import wants
from newscrawl.spiders.articles import ArticleSpider
from newscrawl.spiders.looks import Looks
from newscrawl.spiders.page import ANSWERED, answer_of, failed_request, rejection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from newscrawl.sources import Source

logger = logging.getLogger(__name__)

# Feeds and sitemaps before articles: what is newest is known only when they are read.
ASK_PRIORITY = 10_000_000
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


class NewsSpider(ArticleSpider):
    """`scrapy crawl news`: see `newscrawl.frontier.plan` for its arguments."""

    name = "news"
    discover_options: DiscoverOptions
    revisit_options: RevisitOptions
    article_options: ArticleOptions

    def __init__(self, *args: Any, **arguments: str) -> None:
        super().__init__(*args)
        self.arguments = arguments
        self._finders: dict[str, SiteFinder] = {}
        self._looks: Looks

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

    def is_looking(self, source_id: str) -> bool:
        """Whether more pages of a source may yet be found."""
        finder = self._finders.get(source_id)
        return finder is not None and not finder.done

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
        for request in self._wanted(named, None, look_again=True):
            yield request
        for source in self.plan.sources:
            for request in self._left_over(source.id, source):
                yield request
            if not self._looks.is_source_due(source):
                self.run.skip("source_not_due")
                continue
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
            for request in self.follow(finder.start(), source):
                yield request
        if not self.plan.is_named or self.plan.addresses:
            for request in self._left_over("", None):
                yield request

    def follow(self, found: Found, source: Source) -> Iterator[Request]:
        """Requests for what the finder wants to see and for the articles it found."""
        waiting = [found]
        while waiting:
            found = waiting.pop()
            for ask in found.asks:
                if (known := self._without_asking(ask, source)) is not None:
                    waiting.append(known)
                else:
                    yield self._asking(ask, source)
            self._looks.brought(source, self._new(found))
            yield from self._wanted(found.hints, source)
        if self._finders[source.id].done:
            self._looks.finished(source)

    def _asking(self, ask: Ask, source: Source) -> Request:
        request = Request(
            ask.url,
            self.parse_ask,
            errback=self.ask_failed,
            cb_kwargs={"ask": ask, "of": source},
            priority=ASK_PRIORITY,
            dont_filter=True,  # the finder asks once, and its answers may redirect
            meta={
                "handle_httpstatus_list": ANSWERED,
                ASKS_FOR_RULES: ask.kind == "robots",
                VALIDATORS: self._validators_of(ask),
            },
        )
        return self._paced(request, source)

    def _without_asking(self, ask: Ask, source: Source) -> Found | None:
        """What the finder makes of an address that is not to be asked for now; None: it is."""
        finder = self._finders[source.id]
        if ask.probe and not self.plan.refresh and self.run.is_missing(ask.url):
            return finder.fail(ask, "HTTP 404 lately")
        if self._looks.is_due(ask, source):
            return None
        last = self._looks.last(ask, source)
        assert last is not None
        if last.looked and not last.leads:
            return finder.pass_over(ask, gave_articles=last.entries > 0)
        if (asked := self.run.asked(ask.url)) is not None:
            found = finder.answer(ask, asked.body, asked.answered_by)
            # Its articles are known, or wait with what is left over: they are not to be judged a second time.
            others = [(hint, origin) for hint, origin in zip(found.hints, found.origins, strict=True) if origin != ask]
            return replace(
                found, hints=tuple(hint for hint, _ in others), origins=tuple(origin for _, origin in others)
            )
        # What a home page or an index that is not kept leads to cannot be guessed.
        return None if last.looked else finder.fail(ask, "it did not answer lately")

    def _new(self, found: Found) -> list[tuple[Hint, Ask]]:
        """The articles that nobody knew, each with the ask whose answer held it."""
        return [
            (hint, ask)
            for hint, ask in zip(found.hints, found.origins, strict=True)
            if self.run.address(hint.url) is None and self.run.told(hint.url) is None
        ]

    def _left_over(self, source_id: str, source: Source | None) -> Iterator[Request]:
        """Requests for what an earlier run found and did not decide on, and for young articles that are due."""
        for hint in self.run.wanted(source_id):
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

    def _validators_of(self, ask: Ask) -> Validators | None:
        """What the last answer came with; None now and then, for a site may say "not modified" when it is not so."""
        if self.plan.refresh or ask.kind == "robots" or (ask.kind == "home" and _names_a_page(ask.url)):
            return None
        if (asked := self.run.asked(ask.url)) is None or not (asked.etag or asked.last_modified):
            return None
        if asked.checks >= self.full_fetch_every - 1 or is_stale(asked.at):
            return None
        return Validators(asked.etag, asked.last_modified, asked.answered_by)

    async def parse_ask(self, response: Response, ask: Ask, of: Source) -> AsyncIterator[Any]:
        """A feed, sitemap, section or robots.txt came."""
        finder = self._finders[of.id]
        asked = self.run.asked(ask.url) if response.status == NOT_MODIFIED else None
        if asked is not None:
            self.run.keep_asked(ask.url, None)
            self._looks.answered(ask, of, response, None)
            found = finder.answer(ask, asked.body, asked.answered_by)
            self.run.looked(of, found.named)
        elif response.status >= 400 or response.status == NOT_MODIFIED:
            if ask.probe and response.status in {404, 410}:
                self.run.keep_missing(ask.url)
            self._looks.failed(ask, of, response)
            found = finder.fail(ask, f"HTTP {response.status}")
        else:
            if ask.kind != "robots":
                self.run.keep_asked(ask.url, answer_of(response))
            found = finder.answer(ask, response.body, response.url)
            if ask.kind != "robots":
                self.run.looked(of, found.named)
            self._looks.answered(ask, of, response, found)
            if ask.kind == "home" and _names_a_page(ask.url):
                # The operator named a page, not a site: it may be an article itself.
                async for item in self.parse_article(response, Hint(url=response.url, via="url"), of.id, of):
                    yield item
        for request in self.follow(found, of):
            yield request

    def ask_failed(self, failure: Failure) -> Iterator[Request]:
        """A feed, sitemap, section or robots.txt did not come."""
        request, error = failed_request(failure)
        if isinstance(error, StoppedError):
            return
        ask, source = request.cb_kwargs["ask"], request.cb_kwargs["of"]
        self._looks.failed(ask, source)
        reason = rejection(error, ask.url)
        yield from self.follow(self._finders[source.id].fail(ask, f"{reason.outcome}: {reason.reason}"), source)

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


def _names_a_page(url: str) -> bool:
    """Whether an address has more than a host."""
    return url.split("/", 3)[3:] not in ([], [""])
