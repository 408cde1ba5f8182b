"""The spider: from a site's address, a list of addresses, or the sources file to articles."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from scrapy import Request, Spider, signals
from scrapy.exceptions import CloseSpider

from newscrawl import settings as defaults
from newscrawl.addresses import AllowedAddresses
from newscrawl.article import Hint
from newscrawl.dates import parse_moment
from newscrawl.discover.site import Ask, DiscoverOptions, Found, SiteFinder
from newscrawl.dump.raw import RawOptions
from newscrawl.errors import ArticleRejected, Outcome
from newscrawl.extensions.run import OPEN_STORE, run_of
from newscrawl.extract.article import extract_article
from newscrawl.extract.further_pages import MAX_PAGES, adds, first_page, joined, next_page, read_further
from newscrawl.extract.options import ExtractOptions
from newscrawl.extract.pool import PagePool, PoolOptions
from newscrawl.frontier.plan import Plan, read_plan
from newscrawl.frontier.revisit import is_due, is_stale
from newscrawl.middlewares.guard import StoppedError
from newscrawl.middlewares.robots import ASKS_FOR_RULES, RobotsMiddleware
from newscrawl.middlewares.validators import NOT_MODIFIED, VALIDATORS, Validators
from newscrawl.options import SETTING_PREFIX, check_known, read_options, setting_names
from newscrawl.refine import RefineOptions, article_from_page, refine
from newscrawl.sources import wants
from newscrawl.spiders.page import answer_of, fetch_of, page_of, rejection
from newscrawl.text.language import same_language
from newscrawl.urls import normalise_url, site_of, url_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from newscrawl.article import Article, Fetch, Page
    from newscrawl.extensions.run import CrawlRun
    from newscrawl.sources import Source
    from newscrawl.state.store import Address

logger = logging.getLogger(__name__)

# Feeds and sitemaps before articles: what is newest is known only when they are read.
ASK_PRIORITY = 10_000_000
# The options whose fields are settings, and the prefix of their names.
OPTIONS = (
    (DiscoverOptions, "DISCOVER_"),
    (ExtractOptions, "EXTRACT_"),
    (RefineOptions, "REFINE_"),
    (PoolOptions, "POOL_"),
    (RawOptions, ""),
)
# These responses come to the callback, which knows what they mean for the address.
STORED = frozenset({Outcome.ARTICLE, Outcome.UNCHANGED, Outcome.SAME_KEY})
ANSWERED = [NOT_MODIFIED, *range(400, 600)]


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


class NewsSpider(Spider):
    """`scrapy crawl news`: see `newscrawl.frontier.plan` for its arguments."""

    name = "news"

    def __init__(self, *args: Any, **arguments: str) -> None:
        super().__init__(*args)
        self.arguments = arguments
        self.plan = Plan()
        self.found = 0
        self._finders: dict[str, SiteFinder] = {}
        self._requested: set[str] = set()
        self._accepted = 0

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
        AllowedAddresses.parse(settings.get("NEWSCRAWL_ALLOW_ADDRESSES") or "")
        return read_plan(arguments, Path(settings["NEWSCRAWL_SOURCES"]))

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> NewsSpider:
        """Scrapy's constructor."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.full_fetch_every = max(1, crawler.settings.getint("NEWSCRAWL_FULL_FETCH_EVERY"))
        spider.pool = PagePool(read_options(PoolOptions, crawler.settings, "POOL_"))
        spider.extract_options = read_options(ExtractOptions, crawler.settings, "EXTRACT_")
        spider.refine_options = read_options(RefineOptions, crawler.settings, "REFINE_")
        spider.discover_options = read_options(DiscoverOptions, crawler.settings, "DISCOVER_")
        crawler.signals.connect(spider.closed_down, signal=signals.spider_closed)
        return spider

    @property
    def run(self) -> CrawlRun:
        """Where decisions go."""
        return run_of(self.crawler)

    def is_looking(self, source_id: str) -> bool:
        """Whether more pages of a source may yet be found."""
        finder = self._finders.get(source_id)
        return finder is not None and not finder.done

    full_fetch_every: int
    pool: PagePool
    extract_options: ExtractOptions
    refine_options: RefineOptions
    discover_options: DiscoverOptions

    async def start(self) -> AsyncIterator[Any]:
        """The first requests: each source's first addresses, or the addresses given."""
        self.plan = self.check_arguments(self.settings, self.arguments)
        self.run.begin()
        if not self.settings.get("NEWSCRAWL_CONTACT"):
            logger.warning(
                "no contact address in the user agent: set NEWSCRAWL_CONTACT to a mail address or page "
                "that publishers can turn to"
            )
        named = [Hint(url=address, via="url") for address in self.plan.addresses]
        for request in self._wanted(named, None, look_again=True):
            yield request
        for source in self.plan.sources:
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
            for request in self._left_over(source.id, source):
                yield request
        if not self.plan.is_named or self.plan.addresses:
            for request in self._left_over("", None):
                yield request

    def follow(self, found: Found, source: Source) -> Iterator[Request]:
        """Requests for what the finder wants to see and for the articles it found."""
        for ask in found.asks:
            if ask.probe and not self.plan.refresh and self.run.is_missing(ask.url):
                yield from self.follow(self._finders[source.id].fail(ask, "HTTP 404 lately"), source)
                continue
            asking = Request(
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
            yield self._paced(asking, source)
        yield from self._wanted(found.hints, source)

    def _wanted(self, hints: Iterable[Hint], source: Source | None, *, look_again: bool = False) -> Iterator[Request]:
        """Requests for what of these the run wants, once the store knows that it is going to fetch them."""
        requests = [
            (hint, request)
            for hint in hints
            if (request := self.article_request(hint, source, look_again=look_again)) is not None
        ]
        if requests:
            self.run.want((hint for hint, _ in requests), source.id if source else "")
        yield from (request for _, request in requests)

    def _left_over(self, source_id: str, source: Source | None) -> Iterator[Request]:
        """Requests for what an earlier run found and did not decide on."""
        for hint in self.run.wanted(source_id):
            if request := self.article_request(hint, source, look_again=True):
                yield request

    def _validators_of(self, ask: Ask) -> Validators | None:
        """What the last answer came with; None now and then, for a site may say "not modified" when it is not so."""
        if self.plan.refresh or ask.kind == "robots" or (ask.kind == "home" and _names_a_page(ask.url)):
            return None
        if (asked := self.run.asked(ask.url)) is None:
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
            found = finder.answer(ask, asked.body, asked.answered_by)
        elif response.status >= 400 or response.status == NOT_MODIFIED:
            if ask.probe and response.status in {404, 410}:
                self.run.keep_missing(ask.url)
            found = finder.fail(ask, f"HTTP {response.status}")
        else:
            if ask.kind != "robots":
                self.run.keep_asked(ask.url, answer_of(response))
            found = finder.answer(ask, response.body, response.url)
            if ask.kind == "home" and _names_a_page(ask.url):
                # The operator named a page, not a site: it may be an article itself.
                async for item in self.parse_article(response, Hint(url=response.url, via="url"), of.id, of):
                    yield item
        for request in self.follow(found, of):
            yield request

    def ask_failed(self, failure: Failure) -> Iterator[Request]:
        """A feed, sitemap, section or robots.txt did not come."""
        request, error = _failed(failure)
        if isinstance(error, StoppedError):
            return
        ask, source = request.cb_kwargs["ask"], request.cb_kwargs["of"]
        reason = rejection(error, ask.url)
        yield from self.follow(self._finders[source.id].fail(ask, f"{reason.outcome}: {reason.reason}"), source)

    def article_request(self, hint: Hint, source: Source | None, *, look_again: bool = False) -> Request | None:
        """A request for a likely article; None when the run does not want it or knows it already."""
        key = url_key(hint.url)
        if key in self._requested:
            return None
        self._requested.add(key)
        self.found += 1
        if (unwanted := self._unwanted(self._told_before(hint))) is not None:
            self.run.skip("other_language" if unwanted.startswith("language") else "too_old")
            return None
        if source is not None and not wants(source, hint.url):
            self.run.skip("left_by_its_path")
            return None
        if self.run.is_blocked(hint.url):  # whoever asks for it
            self.run.skip("purged")
            return None
        known = None if self.plan.refresh else self.run.address(hint.url)
        if not self.plan.is_named and not look_again and self.run.is_paused(hint.url):
            self.run.skip("failed_lately")
            return None
        if (
            known
            and not look_again
            and not is_due(outcome=known.outcome, seen_lastmod=known.lastmod, lastmod=hint.date_modified)
        ):
            self.run.skip("known_already")
            return None
        request = Request(
            hint.url,
            self.parse_article,
            errback=self.article_failed,
            cb_kwargs={"hint": hint, "source": source.id if source else site_of(hint.url), "of": source},
            priority=_priority(hint),
            # `_requested` keeps count; Scrapy's filter would drop, without a word, a redirect to a page already seen.
            dont_filter=True,
            meta={"handle_httpstatus_list": ANSWERED, VALIDATORS: self._validators_of_known(known)},
        )
        return self._paced(request, source)

    def _validators_of_known(self, known: Address | None) -> Validators | None:
        """Validators of an article that is stored, but for each `full_fetch_every`-th time."""
        if known is None or known.id is None or known.fetches % self.full_fetch_every == 0:
            return None
        # Of an article that is gone, or whose server was busy, they say nothing.
        return Validators(known.etag, known.last_modified, known.url) if known.outcome in STORED else None

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

    async def parse(self, response: Response, **_: Any) -> AsyncIterator[Any]:
        """`scrapy parse URL`: read one page as if somebody had named it."""
        async for article in self.parse_article(response, Hint(url=response.url, via="url"), site_of(response.url)):
            yield article

    async def parse_article(
        self, response: Response, hint: Hint, source: str, of: Source | None = None
    ) -> AsyncIterator[Any]:
        """A page came: an article, the request for its next page, or the reason why not."""
        assert response.request is not None
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value("newscrawl/pages")
        fetch = fetch_of(response.request, response, lastmod=hint.date_modified)
        if response.status == NOT_MODIFIED:
            was_asked = response.request.meta.get(VALIDATORS) is not None
            outcome = Outcome.UNCHANGED if was_asked else Outcome.ERROR
            why = "the site says that it has not changed" if was_asked else "HTTP 304, which nobody asked for"
            self.run.decide(outcome, why, url=response.url, source=source, via=hint.via, fetch=fetch)
            return
        try:
            page = page_of(response, hint=hint, source=of, robots_rule=self._robots_rule(response.url))
            if (begin := first_page(page)) is not None:
                for request in self._begin_of(begin, hint, source, of, fetch):
                    yield request
                return
            work = self.pool.submit(article_from_page, page, self.extract_options, self.refine_options)
            article = await asyncio.wrap_future(work)
            if (unwanted := self._unwanted(article)) is not None:
                self.run.decide(
                    Outcome.OVER_BUDGET, unwanted, url=response.url, source=source, via=hint.via, fetch=fetch
                )
                # Another run may want it; this one's like now know without a request.
                told = replace(
                    hint, date_published=article.date_published or hint.date_published, language=article.language
                )
                self.run.want([told], of.id if of else "")
                return
            if (further := self._further(page, article)) is not None:
                work = self.pool.submit(extract_article, page, self.extract_options)
                first = await asyncio.wrap_future(work)
                parts = Parts(begin=normalise_url(page.url), articles=(first,), fetch=fetch, source=source, of=of)
                yield self._part_request(further, parts, hint)
                return
        except asyncio.CancelledError:
            return  # the run is stopped: the next one fetches the page again
        except ArticleRejected as rejected:
            self.run.decide(
                rejected.outcome, rejected.reason, url=response.url, source=source, via=hint.via, fetch=fetch
            )
            return
        for item in self._accept(article, fetch):
            yield item

    def _begin_of(
        self, begin: tuple[str, int], hint: Hint, source: str, of: Source | None, fetch: Fetch
    ) -> Iterator[Request]:
        """A further page of an article was found alone: the article is fetched from its first page on."""
        first, number = begin
        yield from self._wanted([Hint(url=first, via="page")], of)
        self.run.decide(
            Outcome.SAME_KEY,
            f"page {number} of the article at {first}",
            url=fetch.requested_url,
            source=source,
            via=hint.via,
            fetch=fetch,
        )

    def _further(self, page: Page, article: Article) -> str | None:
        """The address of an article's second page; None for nearly every article."""
        return None if "list_like" in article.flags else next_page(page, normalise_url(page.url), 1)

    def _part_request(self, url: str, parts: Parts, hint: Hint) -> Request:
        """A request for the next page of an article; until the last one came, nothing of it is decided on."""
        is_first_ask = (key := url_key(url)) not in self._requested
        self._requested.add(key)
        request = Request(
            url,
            self.parse_part,
            errback=self.part_failed,
            cb_kwargs={"hint": hint, "source": parts.source, "parts": parts, "is_first_ask": is_first_ask},
            priority=_priority(hint) + 1,
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
        request, error = _failed(failure)
        if isinstance(error, StoppedError) or self.run.is_cut_off:
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

    def article_failed(self, failure: Failure) -> None:
        """The page did not come."""
        request, error = _failed(failure)
        if isinstance(error, StoppedError):
            return  # not decided: the next run fetches it
        hint, source = request.cb_kwargs["hint"], request.cb_kwargs["source"]
        rejected = rejection(error, request.url)
        self.run.decide(
            rejected.outcome,
            rejected.reason,
            url=request.url,
            source=source,
            via=hint.via,
            fetch=fetch_of(request, lastmod=hint.date_modified),
        )

    def closed_down(self, spider: Spider, reason: str) -> None:  # noqa: ARG002 - Scrapy passes both
        """Stop the workers; say which sources gave nothing at all."""
        self.pool.close()
        if reason in {"shutdown", "storage", "limit"}:
            return
        for source_id, finder in self._finders.items():
            if not finder.answered:
                why = "; ".join(f"{url}: {words}" for url, words in finder.failures[:3]) or "no answer"
                self.run.source_failed(source_id, why)

    def _unwanted(self, of: Article | Hint) -> str | None:
        """Why the run does not want an article; None when it does, or when nothing is known that speaks against it."""
        published = parse_moment(of.date_published or "", "UTC")
        if self.plan.since and published is not None and published.value < self.plan.since:
            return f"published {published.value}, before -a since"
        if self.plan.languages and of.language and not self._wants(of.language):
            return f"language {of.language} is not among -a lang"
        return None

    def _told_before(self, hint: Hint) -> Hint:
        """The hint, or what an earlier run read on the page itself."""
        if not self.plan.since and not self.plan.languages:
            return hint
        return self.run.told(hint.url) or hint

    def _wants(self, language: str) -> bool:
        return any(same_language(language, wanted) for wanted in self.plan.languages)

    def _robots_rule(self, url: str) -> str | None:
        robots = self.crawler.get_downloader_middleware(RobotsMiddleware)
        return robots.rule(url) if robots else None


def _failed(failure: Failure) -> tuple[Request, BaseException]:
    """What Scrapy's errback is told: the request that failed, and why."""
    assert failure.value is not None
    return cast(Request, failure.request), failure.value  # type: ignore[attr-defined]  # Scrapy adds it


def _names_a_page(url: str) -> bool:
    """Whether an address has more than a host."""
    return url.split("/", 3)[3:] not in ([], [""])


def _priority(hint: Hint) -> int:
    """Newest first: hours since 1970; the news sitemap's and feeds' word before the sitemap's."""
    moment = parse_moment(hint.date_published or hint.date_modified or "", "UTC")
    if moment is None:
        return 0
    return int(datetime.fromisoformat(moment.value).timestamp() // 3600)
