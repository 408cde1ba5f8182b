"""How far a crawl is: a table that moves on a terminal, one log line a minute elsewhere."""

from __future__ import annotations

import atexit
import logging
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import AsyncioLoopingCall, create_looping_call

from newscrawl.errors import Outcome
from newscrawl.extensions.logs import log_handler
from newscrawl.extensions.run import run_of
from newscrawl.report.progress import CrawlProgress, Pace, SourceProgress, progress_line, progress_lines

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

TERMINAL_INTERVAL_S = 0.2
SHARE_OF_SCREEN = 2
"""The table takes at most one of so many parts of the terminal: the rest is for the log."""


class Progress:
    """Shows what the run has counted, and how many pages it still wants."""

    def __init__(self, crawler: Crawler, interval_s: float) -> None:
        self.crawler = crawler
        self.interval_s = interval_s
        self._loop: AsyncioLoopingCall | None = None
        self._screen: Screen | None = None
        self._started_s = time.monotonic()
        self._pace = Pace()
        self._wanted: Counter[str] = Counter()
        self._said = ""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Progress:
        """Scrapy's constructor. Only for spiders that say what they look for; not where only trouble is to be said."""
        interval_s = crawler.settings.getfloat("LOGSTATS_INTERVAL")
        handler = log_handler()
        if not crawler.settings.getbool("LOG_ENABLED") or not interval_s or (handler and handler.level > logging.INFO):
            raise NotConfigured
        progress = cls(crawler, interval_s)
        crawler.signals.connect(progress.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(progress.request_scheduled, signal=signals.request_scheduled)
        crawler.signals.connect(progress.spider_closed, signal=signals.spider_closed)
        return progress

    def spider_opened(self, spider: Spider) -> None:
        """Begin to show."""
        if not hasattr(spider, "is_looking"):
            return
        self._screen = open_screen()
        self._loop = create_looping_call(self._show)  # type: ignore[assignment]
        assert self._loop is not None
        self._loop.start(TERMINAL_INTERVAL_S if self._screen else self.interval_s, now=False)

    def request_scheduled(self, request: Request) -> None:
        """A page is wanted; of a second try or a redirect the first request is counted."""
        is_first = not {"retry_times", "redirect_times"} & request.meta.keys()
        if is_first and "hint" in request.cb_kwargs:
            self._wanted[request.cb_kwargs["source"]] += 1

    def spider_closed(self, spider: Spider, reason: str) -> None:  # noqa: ARG002 - Scrapy passes both
        """The summary says the rest."""
        self.leave()

    def leave(self) -> None:
        """Stop, and leave the terminal as it was; a second time does nothing."""
        if self._loop is not None and self._loop.running:
            self._loop.stop()
        if self._screen is not None:
            self._show()
            self._screen.close()
            self._screen = None

    def _show(self) -> None:
        progress = self._progress()
        if self._screen is not None:
            self._screen.show(progress)
        elif (line := progress_line(progress)) != self._said:
            logger.info("%s", line)
            self._said = line

    def _progress(self) -> CrawlProgress:
        counted = run_of(self.crawler).tally.sources
        now_s = time.monotonic()
        self._pace.note(now_s, {source: outcomes.total() for source, outcomes in counted.items()})
        spider = self.crawler.spider
        plan = getattr(spider, "plan", None)
        named = (source.id for source in (plan.sources if plan else ()))
        sources = dict.fromkeys((*named, *self._wanted, *counted))
        return CrawlProgress(
            sources=tuple(
                SourceProgress(
                    name=source,
                    found=self._wanted[source],
                    articles=(outcomes := counted.get(source, Counter()))[str(Outcome.ARTICLE)],
                    others=outcomes.total() - outcomes[str(Outcome.ARTICLE)],
                    per_minute=self._pace.per_minute(source),
                    is_looking=bool(spider and spider.is_looking(source)),  # type: ignore[attr-defined]
                )
                for source in sources
            ),
            elapsed_s=now_s - self._started_s,
            limit=plan.limit if plan else None,
        )


class Screen:
    """The foot of a terminal. While it is open, log lines are written above it."""

    def __init__(self, console: Console) -> None:
        from rich.live import Live

        self._console = console
        # Scrapy's own clock draws: a thread would draw half of a change. Standard output belongs to ``-O -``.
        self._live: Live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False)
        self._live.start()
        _log_to(sys.stderr)  # rich has put a writer there that keeps the table below the log lines
        atexit.register(self.close)  # a second Ctrl-C ends a crawl without closing its spider

    def show(self, progress: CrawlProgress) -> None:
        """Draw it in place of what was there."""
        from rich.console import Group
        from rich.text import Text

        columns, rows = self._console.size
        lines = progress_lines(progress, columns=columns - 1, rows=max(1, rows // SHARE_OF_SCREEN))
        texts = (Text(line.text, style=line.style, no_wrap=True, overflow="crop") for line in lines)
        self._live.update(Group(*texts), refresh=True)

    def close(self) -> None:
        """Take it away; a second time does nothing."""
        self._live.stop()
        _log_to(sys.stderr)
        atexit.unregister(self.close)


def open_screen() -> Screen | None:
    """The terminal's foot; None where standard error is no terminal, or one that cannot move its cursor."""
    from rich.console import Console

    console = Console(stderr=True)
    return Screen(console) if sys.stderr.isatty() and not console.is_dumb_terminal else None


def _log_to(stream: object) -> None:
    """Point the log handlers that write to a terminal at another writer."""
    for handler in logging.root.handlers:
        if type(handler) is logging.StreamHandler:
            handler.setStream(stream)
