"""One crawl as one run of the store: what is decided goes in as it happens, the dump comes out at the end."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.utils.asyncio import create_looping_call

from newscrawl.article import Fetch, OutcomeLine
from newscrawl.batch.settle import RECLEAN_DAYS, settle
from newscrawl.dates import utc_now
from newscrawl.dedup.near_duplicates import NearDuplicateOptions
from newscrawl.dump.elsewhere import publish_to
from newscrawl.dump.packing import packing
from newscrawl.dump.place import elsewhere
from newscrawl.dump.publish import publish
from newscrawl.dump.retain import Retention, retain
from newscrawl.errors import ArticleRejected, ConfigError, ExitCode, Outcome, StoreError
from newscrawl.extensions.commits import Commits
from newscrawl.extensions.ending import end_in_time, let_go
from newscrawl.extensions.logs import tell
from newscrawl.middlewares.declarations import DeclarationsMiddleware
from newscrawl.middlewares.site_limits import SiteLimitsMiddleware
from newscrawl.middlewares.wire import traffic_of
from newscrawl.options import read_options
from newscrawl.refine import without_site_furniture
from newscrawl.report.figures import RunFigures
from newscrawl.report.tally import Tally, summary_lines
from newscrawl.state.postgresql import AWAY_S
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Iterator

    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.utils.asyncio import AsyncioLoopingCall
    from twisted.internet.task import LoopingCall
    from twisted.python.failure import Failure

    from newscrawl.article import Article, Hint, Removed
    from newscrawl.middlewares.not_fetched import LeftForLater
    from newscrawl.sources import Source
    from newscrawl.state.asked import Asked
    from newscrawl.state.store import Address, Store, Stored

logger = logging.getLogger(__name__)

EXIT_STAT = "newscrawl/exit_code"
OPEN_STORE = "NEWSCRAWL_OPEN_STORE"
"""Setting of the ``crawl`` command: own the data directory before the first request."""
ENDINGS = {
    "finished": "done",
    "shutdown": "interrupted",
    "limit": "limit reached",
    "storage": "stopped",
    "max_time": "time is up",
}
MAX_TIME = "max_time"
WATCH_EVERY_S = 5.0
KEEP_TRAFFIC_EVERY_S = 60.0
HURRIED = frozenset({"shutdown", "storage"})
"""Endings after which the next run learns from this one's articles."""
NOT_ITS_OWN_WORD = frozenset({Outcome.ERROR, Outcome.TIMEOUT, Outcome.ROBOTS})
VERSIONED = ("newscrawl", "scrapy", "trafilatura", "lxml")


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a run ended."""

    reason: str
    """Scrapy's word."""
    exit_code: ExitCode
    seconds: float
    """Wall time."""
    rows: int
    """Articles in the current view."""

    @property
    def is_hurried(self) -> bool:
        """Somebody waits for the process to end."""
        return self.reason in HURRIED


class CrawlRun:
    """Opens the store, records every decision, publishes and sums up when the spider closes.

    The ``crawl`` command opens the store before the first request, so that a locked or unwritable data
    directory costs nothing. Elsewhere (``scrapy shell``, ``parse``, a project of your own) it is opened
    with the first thing to store.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.data = Path(crawler.settings["NEWSCRAWL_DATA"] or "data")
        self.reclean_days = crawler.settings.getint("NEWSCRAWL_RECLEAN_DAYS", RECLEAN_DAYS)
        self.dump = str(crawler.settings.get("NEWSCRAWL_DUMP") or "")
        self.state = str(crawler.settings.get("NEWSCRAWL_STATE") or "")
        self.away_s = crawler.settings.getfloat("NEWSCRAWL_STATE_WAIT_S", AWAY_S)
        self.compression = str(crawler.settings.get("NEWSCRAWL_DUMP_COMPRESSION") or "none")
        packing(self.compression)
        self.near_duplicates = read_options(NearDuplicateOptions, crawler.settings, "DEDUP_")
        self.min_free_mb = crawler.settings.getfloat("NEWSCRAWL_MIN_FREE_MB")
        self.retention = Retention(
            outcomes_days=crawler.settings.getint("NEWSCRAWL_KEEP_OUTCOMES_DAYS"),
            raw_days=crawler.settings.getint("NEWSCRAWL_KEEP_RAW_DAYS"),
            runs_days=crawler.settings.getint("NEWSCRAWL_KEEP_RUNS_DAYS"),
            over_files=crawler.settings.getint("NEWSCRAWL_COMPACT_OVER_FILES"),
        )
        self.wait_s = crawler.settings.getfloat("NEWSCRAWL_WAIT_S")
        self.tally = Tally()
        self.figures = RunFigures()
        self._left: set[tuple[str, str]] = set()
        self._limits: SiteLimitsMiddleware | None = None
        self.store: Store | None = None
        self._commits: Commits | None = None
        self.run_id = ""
        self.before_publishing: list[Callable[[], None]] = []
        """What is to be finished when the crawl is over; may raise StoreError."""
        self.alarms: tuple[str, ...] = ()
        """What is wrong with the sources, in sentences; known when the run ends."""
        self.at_end: list[Callable[[End], None]] = []
        """What is to be told when all is published and the store still open; may raise StoreError."""
        self.is_cut_off = False
        """The run was told to stop: what fails from now on is not the address's own fault, and is not decided on."""
        self._started = time.monotonic()
        self._storage_error: StoreError | None = None
        self._summary: list[str] = []
        self._watch: AsyncioLoopingCall | LoopingCall | None = None
        self._keep_traffic: AsyncioLoopingCall | LoopingCall | None = None
        self._closing: asyncio.Future[None] | None = None
        self._watchdog: threading.Timer | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CrawlRun:
        """Scrapy's constructor."""
        run = cls(crawler)
        if crawler.settings.getbool(OPEN_STORE):
            run.begin()
        crawler.signals.connect(run.engine_started, signal=signals.engine_started)
        crawler.signals.connect(run.spider_error, signal=signals.spider_error)
        crawler.signals.connect(run.spider_closed, signal=signals.spider_closed)
        crawler.signals.connect(run.engine_stopped, signal=signals.engine_stopped)
        return run

    def begin(self) -> Store:
        """Open the store and begin the run, once.

        Raises:
            LockedError: another run owns the data directory.
            StoreError: it cannot be written or read.
        """
        if self.store is None:
            self._check_room()
            store = open_store(self.data, state=self.state, wait_s=self.wait_s, away_s=self.away_s)
            try:
                publish_to(store.outbox, self.data, self.dump)
            except BaseException:
                store.close()
                raise
            self.store = store
            self._commits = Commits(store.together, self._stop)
            spider = self.crawler.spider
            self.run_id = self.store.begin_run(
                why=f"scrapy crawl {spider.name}" if spider else "scrapy crawl",
                arguments={str(key): str(value) for key, value in getattr(spider, "arguments", {}).items()},
                versions={name: version(name) for name in VERSIONED},
            )
        return self.store

    def _check_room(self) -> None:
        """Raise StoreError when the disk is nearly full: it is better to end in order than at its end."""
        place = next((each for each in (self.data, *self.data.absolute().parents) if each.exists()), self.data)
        free_mb = shutil.disk_usage(place).free / 1e6
        if free_mb < self.min_free_mb:
            raise StoreError(
                f"only {free_mb:,.0f} MB are free on the disk of {self.data}; "
                f"NEWSCRAWL_MIN_FREE_MB wants {self.min_free_mb:,.0f}"
            )

    def engine_started(self) -> None:
        """Look after the disk while the crawl goes on."""
        declarations = self.crawler.get_downloader_middleware(DeclarationsMiddleware)
        if declarations is not None:
            declarations.is_missing, declarations.keep_missing = self.is_missing, self.keep_missing
        self._limits = self.crawler.get_downloader_middleware(SiteLimitsMiddleware)
        self._watch = create_looping_call(self.watch_room)
        self._watch.start(WATCH_EVERY_S, now=False)
        self._keep_traffic = create_looping_call(self.keep_traffic)
        self._keep_traffic.start(KEEP_TRAFFIC_EVERY_S, now=False)

    def watch_room(self) -> None:
        """End the crawl in order when the disk is nearly full; asked again and again while it goes on."""
        with self._stopping_on_failure():
            self._check_room()

    def keep_traffic(self) -> None:
        """What was sent so far, for the proof of politeness: a run without an end has one too, and a killed one."""
        if self.store is not None:
            with self._stopping_on_failure():
                self.store.put_traffic(self.run_id, traffic_of(self.crawler).as_rows())

    def let_go(self) -> None:
        """In the reactor: end what waits, and in a moment what is on its way; the next run does it."""
        self.is_cut_off = True
        let_go(self.crawler)

    def watch_the_end(self, since: str) -> None:
        """See to it that crawling is over soon; `since` says after what. The end of a run is not hurried by it."""
        if self._watchdog is None:
            code = ExitCode.INTERRUPTED if self._storage_error is None else self._storage_error.exit_code
            self._watchdog = end_in_time(code, since)

    def address(self, url: str) -> Address | None:
        """What is known of an address from earlier runs."""
        return self.store.address(url) if self.store else None

    def want(self, found: Iterable[Hint], source: str) -> None:
        """These addresses are going to be fetched: should the run die, the next one fetches them."""
        self.keep(lambda store: store.want(found, source=source))

    def wanted(self, source: str) -> Iterator[Hint]:
        """What an earlier run left undecided."""
        return self.store.wanted(source) if self.store else iter(())

    def due_revisits(self, source: str) -> Iterator[tuple[Hint, bool]]:
        """Young articles that are due, and whether it is the last look at each."""
        return self.store.schedule.due_revisits(source, now=time.time()) if self.store else iter(())

    def keep(self, write: Callable[[Store], None]) -> None:
        """Write something down; what cannot be written ends the crawl.

        After that nothing is: that a source was looked at must not be known without what it led to.
        """
        if self.store is not None and self._commits is not None:
            self._commits.flush()  # what was decided before is stored before
            if self._storage_error is None:
                with self._stopping_on_failure():
                    write(self.store)

    def is_paused(self, url: str) -> bool:
        """Whether an address failed lately, and is not to be tried yet."""
        return self.store is not None and self.store.is_paused(url)

    def is_blocked(self, url: str) -> bool:
        """Whether the article at an address was purged."""
        return self.store is not None and self.store.is_blocked(url)

    def told(self, url: str) -> Hint | None:
        """What an earlier run knows of an address that waits to be fetched."""
        return self.store.told(url) if self.store else None

    def is_missing(self, url: str) -> bool:
        """Whether a guessed address was not there lately."""
        return self.store is not None and self.store.is_missing(url)

    def keep_missing(self, url: str) -> None:
        """Remember that a guessed address is not there."""
        if self.store is not None and self._commits is not None and self._storage_error is None:
            self._commits.add(partial(self.store.keep_missing, url))

    def asked(self, url: str) -> Asked | None:
        """The last answer of a feed, sitemap, section or home page."""
        return self.store.asked(url) if self.store else None

    def keep_asked(self, url: str, answer: Asked | None) -> None:
        """Keep an answer for the next run; None: it has not changed."""
        self.keep(lambda store: store.keep_asked(url, answer))

    async def put_article(self, article: Article) -> Stored:
        """Store an article with its outcome and the new state of its address; it is committed when this returns.

        Raises:
            StoreError: it could not be stored; nothing of it was, and the crawl ends.
        """
        store = self.begin()
        fetch = article.fetch or Fetch(requested_url=article.url)
        line = self._line(
            Outcome.ARTICLE, None, url=article.url, source=article.source, via=article.discovered_via, fetch=fetch
        )
        article = without_site_furniture(article, store.memory.patterns(article.site))
        assert self._commits is not None
        stored = await self._commits.put(
            partial(store.put_article, article, run_id=self.run_id, outcome=line, fetch=fetch)
        )
        reason = None if stored.outcome is Outcome.ARTICLE else stored.reason
        self.tally.count(stored.outcome, reason, url=article.url, source=article.source)
        self._tell(article.url, stored.outcome)
        self.figures.decided(article.source, stored.outcome, is_answered=True)
        if stored.outcome is Outcome.ARTICLE:
            self.figures.stored(stored.article)
            self.tally.rendered += "rendered" in stored.article.flags
        self.tally.revisions += stored.outcome is Outcome.ARTICLE and stored.article.revision > 1
        self._stat(f"newscrawl/outcome/{stored.outcome}")
        return stored

    def reject(self, rejected: ArticleRejected, article: Article) -> None:
        """An article did not pass a pipeline."""
        fetch = article.fetch or Fetch(requested_url=article.url)
        self.decide(
            rejected.outcome,
            rejected.reason,
            url=article.url,
            source=article.source,
            via=article.discovered_via,
            fetch=fetch,
        )

    def decide(  # noqa: PLR0913 - the columns of an outcome line
        self, outcome: Outcome, reason: str, *, url: str, source: str, via: str, fetch: Fetch
    ) -> None:
        """An address gave no article."""
        if self.is_cut_off and outcome in NOT_ITS_OWN_WORD:
            return
        self.tally.count(outcome, reason, url=url, source=source)
        self.figures.decided(source, outcome, is_answered=fetch.status is not None)
        self._tell(url, outcome)
        self._stat(f"newscrawl/outcome/{outcome}")
        if self.store is None:
            logger.info("%s: %s: %s", outcome, reason, url)
            return
        line = self._line(outcome, reason, url=url, source=source, via=via, fetch=fetch)
        assert self._commits is not None
        if outcome is Outcome.GONE:
            self._commits.add(partial(self.store.put_gone, line, fetch=fetch, at=utc_now()))
        else:
            self._commits.add(partial(self.store.put_outcome, line, fetch=fetch))

    def count_removed(self, removed: Iterable[Removed]) -> None:
        """Cleaning took these lines out."""
        self.tally.count_removed(removed)
        for line in removed:
            self._stat(f"newscrawl/rule/{line.rule}")

    def leave(self, left: LeftForLater, hint: Hint, *, source: str, of: str, fetch: Fetch) -> None:
        """Nothing is decided on an address, for its host or site is left for a later run, which fetches it.

        The first of each place has an outcome line, which says why; the others are counted.
        """
        if (place := (left.skipped_as, left.place)) in self._left:
            self.skip(left.skipped_as)
            return
        self._left.add(place)
        self.decide(left.outcome, left.reason, url=hint.url, source=source, via=hint.via, fetch=fetch)
        self.want([hint], of)

    def skip(self, why: str) -> None:
        """An address was found and left alone."""
        self.tally.skipped[why] += 1

    def looked(self, source: Source, named: tuple[Hint, ...]) -> None:
        """A feed, sitemap, section or home page of a source answered, and named these."""
        at = utc_now()
        self.figures.looked(source, len(named), at)
        if named:
            self.keep(lambda store: store.sightings.see(named, at=at))

    def source_failed(self, source_id: str, why: str) -> None:
        """Nothing of a source could be crawled."""
        self.figures.failed(source_id)
        self.tally.sources_failed[source_id] = why
        logger.info("source %s could not be crawled: %s", source_id, why)

    def spider_error(self, failure: Failure, response: Response) -> None:
        """A bug: Scrapy has logged it with its traceback; the address still gets its outcome."""
        self.tally.bugs += 1
        request = response.request
        if request is None or "hint" not in request.cb_kwargs:
            return
        hint, source = request.cb_kwargs["hint"], request.cb_kwargs["source"]
        asked_for = request.meta.get("redirect_urls", [request.url])[0]
        fetch = Fetch(requested_url=asked_for, status=response.status, bytes=len(response.body))
        reason = f"bug in newscrawl: {failure.getErrorMessage()[:200]}"
        self.decide(Outcome.ERROR, reason, url=response.url, source=source, via=hint.via, fetch=fetch)

    def spider_closed(self, spider: Spider, reason: str) -> None:  # noqa: ARG002 - Scrapy passes both
        """Publish, sum up, and leave the exit code where the command finds it."""
        for each in (self._watch, self._keep_traffic):
            if each is not None and each.running:
                each.stop()
        if self._watchdog is not None:
            self._watchdog.cancel()  # publishing takes the time it takes
        exit_code = self._exit_code(reason)
        rows = 0
        if self.store is not None:
            try:
                assert self._commits is not None
                self._commits.flush()
                for finish in self.before_publishing:
                    finish()
                if reason not in HURRIED:
                    settle(
                        self.store,
                        self.data,
                        run_id=self.run_id,
                        reclean_days=self.reclean_days,
                        near_duplicates=self.near_duplicates,
                    )
                self.store.put_traffic(self.run_id, traffic_of(self.crawler).as_rows())
                self.store.end_run(self.run_id, exit_code=exit_code, counts=self.tally.as_counts())
                rows = publish(self.store, self.data, compression=self.compression).current_rows
                if reason not in HURRIED:
                    retain(self.store, self.data, self.retention)
                end = End(reason=reason, exit_code=exit_code, seconds=time.monotonic() - self._started, rows=rows)
                for say in self.at_end:
                    say(end)
            except StoreError as error:
                self._storage_error = self._storage_error or error
            finally:
                self.store.close()
        if self._storage_error is not None:
            exit_code = self._storage_error.exit_code
            logger.critical("%s", self._storage_error)
        assert self.crawler.stats is not None
        self.crawler.stats.set_value(EXIT_STAT, int(exit_code))
        if self.run_id and (exit_code or not self._is_quiet()):
            self._summary = self._lines(reason, rows)

    def engine_stopped(self) -> None:
        """Sum up, after Scrapy's last line; on stderr, since stdout belongs to ``-O -``."""
        if self._summary:
            tell("\n".join(self._summary), logging.INFO)

    def _exit_code(self, reason: str) -> ExitCode:
        if self._storage_error is not None:
            return self._storage_error.exit_code
        if reason == "shutdown":
            return ExitCode.INTERRUPTED
        if self.tally.bugs:
            return ExitCode.ERROR
        if self.tally.sources_failed:
            return ExitCode.SOURCES_FAILED
        return ExitCode.DONE

    def _is_quiet(self) -> bool:
        """Whether only trouble is to be said: ``-L WARNING`` or ``--nolog``, as in cron."""
        level = self.crawler.settings["LOG_LEVEL"]
        number = level if isinstance(level, int) else logging.getLevelNamesMapping().get(str(level).upper(), 0)
        return number > logging.INFO or not self.crawler.settings.getbool("LOG_ENABLED")

    def _lines(self, reason: str, rows: int) -> list[str]:
        stats = self.crawler.stats
        assert stats is not None
        return summary_lines(
            self.tally,
            pages=stats.get_value("newscrawl/pages", 0),
            requests=stats.get_value("downloader/request_count", 0),
            seconds=time.monotonic() - self._started,
            data=elsewhere(self.data) or str(self.data),
            rows=rows,
            ending=ENDINGS.get(reason, f"ended ({reason})"),
            alarms=self.alarms,
        )

    def _line(  # noqa: PLR0913 - the columns of an outcome line
        self, outcome: Outcome, reason: str | None, *, url: str, source: str, via: str, fetch: Fetch
    ) -> OutcomeLine:
        return OutcomeLine(
            url=url,
            source=source,
            outcome=str(outcome),
            reason=reason,
            status=fetch.status,
            bytes=fetch.bytes,
            ms=fetch.ms,
            via=via,
            run_id=self.run_id,
        )

    def storage_failed(self, error: StoreError) -> None:
        """What is kept beside the store could not be written: end the crawl."""
        self._stop(error)

    def _stop(self, error: StoreError) -> None:
        """End the crawl at the first failed write: nothing more is marked done."""
        if self._storage_error is None:
            self._storage_error = error
            logger.critical("%s; the crawl stops, what is stored is safe", error)
            assert self.crawler.engine is not None
            self.watch_the_end("the disk was full or failed")
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="storage"))
            # Not at once: a failed write may come while a transfer ends.
            asyncio.get_running_loop().call_soon(self.let_go)

    @contextmanager
    def _stopping_on_failure(self) -> Iterator[None]:
        """What cannot be stored ends the crawl; nobody else need hear of it."""
        try:
            yield
        except StoreError as error:
            self._stop(error)

    def _tell(self, url: str, outcome: Outcome) -> None:
        if self._limits is not None:
            self._limits.decided(url, outcome)

    def _stat(self, name: str) -> None:
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(name)


def run_of(crawler: Crawler) -> CrawlRun:
    """The run of a crawl.

    Raises:
        ConfigError: the extension is not in the settings.
    """
    run = crawler.get_extension(CrawlRun)
    if run is None:
        raise ConfigError(
            f'EXTENSIONS has no "{CrawlRun.__module__}.{CrawlRun.__qualname__}"; newscrawl needs it to store'
        )
    return run
