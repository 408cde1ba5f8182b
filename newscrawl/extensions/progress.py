"""A progress line while a crawl runs: a bar on a terminal, one log line a minute elsewhere."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import AsyncioLoopingCall, create_looping_call

from newscrawl.errors import Outcome
from newscrawl.extensions.run import run_of

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID
    from scrapy import Spider
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

TERMINAL_INTERVAL_S = 0.2


class Progress:
    """Shows addresses decided of addresses found, and how many gave an article."""

    def __init__(self, crawler: Crawler, interval_s: float) -> None:
        self.crawler = crawler
        self.interval_s = interval_s
        self._loop: AsyncioLoopingCall | None = None
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._said = ""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Progress:
        """Scrapy's constructor. Only for spiders that say what they found, and not with ``--nolog``."""
        interval_s = crawler.settings.getfloat("LOGSTATS_INTERVAL")
        if not crawler.settings.getbool("LOG_ENABLED") or not interval_s:
            raise NotConfigured
        progress = cls(crawler, interval_s)
        crawler.signals.connect(progress.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(progress.spider_closed, signal=signals.spider_closed)
        return progress

    def spider_opened(self, spider: Spider) -> None:
        """Begin to show."""
        if not hasattr(spider, "found"):
            return
        on_terminal = sys.stderr.isatty()
        if on_terminal:
            self._start_bar()
        self._loop = create_looping_call(self._show)  # type: ignore[assignment]
        assert self._loop is not None
        self._loop.start(TERMINAL_INTERVAL_S if on_terminal else self.interval_s, now=False)

    def spider_closed(self, spider: Spider, reason: str) -> None:  # noqa: ARG002 - Scrapy passes both
        """Stop, and leave the terminal as it was."""
        if self._loop is not None and self._loop.running:
            self._loop.stop()
        if self._bar is not None:
            self._show()
            self._bar.stop()
            _log_to(sys.stderr)

    def _start_bar(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("pages"),
            TextColumn("{task.fields[articles]} articles"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task = self._bar.add_task("crawling", total=None, articles=0)
        self._bar.start()
        _log_to(sys.stderr)  # rich has put a writer there that keeps the bar below the log lines

    def _show(self) -> None:
        tally = run_of(self.crawler).tally
        decided, articles = tally.outcomes.total(), tally.outcomes[str(Outcome.ARTICLE)]
        wanted = getattr(self.crawler.spider, "found", 0) - tally.skipped.total()
        total = max(decided, wanted)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=decided, total=total or None, articles=articles)
            return
        line = f"{decided} of {total} pages decided, {articles} articles"
        if line != self._said:
            logger.info("%s", line)
            self._said = line


def _log_to(stream: object) -> None:
    """Point the log handlers that write to a terminal at another writer."""
    for handler in logging.root.handlers:
        if type(handler) is logging.StreamHandler:
            handler.setStream(stream)
