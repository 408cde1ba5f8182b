"""A crawl that is told to stop ends within ten seconds, whatever a site or a page does.

First signal (SIGTERM, SIGINT, SIGHUP): nothing new begins; requests that wait for their turn are let go at once,
transfers after `GRACE_S`, pages in work reach their deadline. What was let go stays with what the next run has to
do. When the time of ``-a max_time`` is up, or the disk is full, the run ends the same way. After `LIMIT_S`, and at
a second signal, the process ends at once: what is stored is safe, and the next run publishes it.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from typing import TYPE_CHECKING, Any

from scrapy import signals

from newscrawl.errors import ExitCode
from newscrawl.extensions.ending import end_at_once, end_in_time, let_go
from newscrawl.extensions.progress import Progress
from newscrawl.extensions.run import MAX_TIME, CrawlRun

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class StopInTime:
    """Stands before Scrapy's own signal handlers, which it calls."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._scrapys: dict[int, Callable[[int, Any], Any]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StopInTime:
        """Scrapy's constructor."""
        stop = cls(crawler)
        crawler.signals.connect(stop.engine_started, signal=signals.engine_started)
        return stop

    def engine_started(self) -> None:
        """Scrapy has installed its handlers; where it has none (`scrapy shell`), nothing is done here either."""
        from twisted.internet import reactor

        if max_time_s := self.crawler.settings.getfloat("NEWSCRAWL_MAX_TIME_S"):
            reactor.callLater(max_time_s, self._time_is_up)  # type: ignore[arg-type]  # zope knows no varargs
        if threading.current_thread() is not threading.main_thread():
            return
        scrapys = signal.getsignal(signal.SIGTERM)
        if not callable(scrapys):
            return
        for number in SIGNALS:
            # A crawl under nohup ignores SIGHUP, and goes on doing so.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._scrapys[number] = scrapys
                signal.signal(number, self._first)

    def _first(self, number: int, frame: Any) -> None:
        from twisted.internet import reactor

        end_in_time(ExitCode.INTERRUPTED, "the signal")
        reactor.callFromThread(self._let_go)
        self._scrapys[number](number, frame)
        for each in self._scrapys:
            signal.signal(each, _second)

    def _time_is_up(self) -> None:
        assert self.crawler.engine is not None
        if (run := self.crawler.get_extension(CrawlRun)) is not None:
            run.watch_the_end("its time was up")
        self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=MAX_TIME))
        self._let_go()

    def _let_go(self) -> None:
        """In the reactor."""
        if (progress := self.crawler.get_extension(Progress)) is not None:
            progress.leave()  # should the process end at once, nobody would tidy the terminal up
        if (run := self.crawler.get_extension(CrawlRun)) is not None:
            run.let_go()
        else:
            let_go(self.crawler)


def _second(number: int, frame: Any) -> None:  # noqa: ARG001 - the form of a signal handler
    end_at_once(ExitCode.INTERRUPTED, "a second signal came")
