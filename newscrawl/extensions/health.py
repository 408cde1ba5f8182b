"""Keeps what each source gave, compares it with its past when a run ends, and writes the run's summary."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.utils.asyncio import create_looping_call

from newscrawl.dates import utc_now
from newscrawl.errors import StoreError
from newscrawl.extensions.run import run_of
from newscrawl.report.alarms import next_alarms, sentence, to_tell, when_told
from newscrawl.report.health import judge
from newscrawl.report.summary import run_summary, write_last_run
from newscrawl.text.events import log_event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from scrapy.crawler import Crawler
    from scrapy.utils.asyncio import AsyncioLoopingCall
    from twisted.internet.task import LoopingCall

    from newscrawl.extensions.run import CrawlRun, End
    from newscrawl.state.health import Alarm

logger = logging.getLogger(__name__)

KEEP_EVERY_S = 300.0
"""A run that is killed takes the figures of so long with it; the articles themselves are safe."""


class HealthWatch:
    """One of it in a crawl; `Metrics` and `Notify` ask it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._loop: AsyncioLoopingCall | LoopingCall | None = None
        self.summary: dict[str, Any] = {}
        self.alarms: tuple[Alarm, ...] = ()
        self.tellers: list[Callable[[Sequence[Alarm], Sequence[Alarm]], bool]] = []
        """Each is given the alarms that began and those that are over, and says whether somebody was told."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> HealthWatch:
        """Scrapy's constructor."""
        watch = cls(crawler)
        crawler.signals.connect(watch.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(watch.spider_closed, signal=signals.spider_closed)
        return watch

    @property
    def _run(self) -> CrawlRun:
        return run_of(self._crawler)

    def spider_opened(self) -> None:
        """Keep figures while the crawl goes on, and look at them at its end."""
        self._run.before_publishing.append(self.look)
        self._run.at_end.append(self.sum_up)
        self._loop = create_looping_call(self._keep_in_time)
        self._loop.start(KEEP_EVERY_S, now=False)

    def spider_closed(self) -> None:
        """The last figures are kept by `look`."""
        if self._loop is not None and self._loop.running:
            self._loop.stop()

    def look(self) -> None:
        """Keep what was seen, and compare it with the past."""
        store = self._run.store
        assert store is not None
        today = utc_now()[:10]
        store.health.add(today, self._run.figures.take())
        store.health.sum_up()
        store.sightings.forget_old()
        self.alarms = next_alarms(store.health.alarms(), judge(store.health.days(), today))
        store.health.put_alarms(self.alarms)

    def sum_up(self, end: End) -> None:
        """Write the summary; say what began and what is over, once."""
        run = self._run
        stats = self._crawler.stats
        assert run.store is not None
        assert stats is not None
        began, over = to_tell(self.alarms)
        self.summary = run_summary(
            run.tally,
            run_id=run.run_id,
            ended=utc_now(),
            reason=end.reason,
            exit_code=int(end.exit_code),
            seconds=end.seconds,
            pages=stats.get_value("newscrawl/pages", 0),
            requests=stats.get_value("downloader/request_count", 0),
            rows=end.rows,
            alarms=self.alarms,
            began=began,
            over=over,
        )
        run.store.health.put_summary(run.run_id, self.summary)
        write_last_run(run.data, self.summary)
        run.alarms = tuple(sentence(each) for each in self.alarms if not each.ended)
        for each in began:
            log_event(logger, logging.WARNING, "alarm_begin", run=run.run_id, **_fields(each))
        for each in over:
            log_event(logger, logging.WARNING, "alarm_end", run=run.run_id, **_fields(each))
        if end.is_hurried or not (began or over):
            return  # who ends a run does not wait until others are told: the next run tells them
        answers = [tell(began, over) for tell in self.tellers]
        if all(answers):
            run.store.health.put_alarms(when_told(self.alarms))

    def _keep_in_time(self) -> None:
        if self._run.store is not None:
            try:
                self._run.store.health.add(utc_now()[:10], self._run.figures.take())
            except StoreError as error:
                self._run.storage_failed(error)


def _fields(alarm: Alarm) -> dict[str, str]:
    return {"source": alarm.source, "what": alarm.what, "since": alarm.since, "words": str(alarm.finding["words"])}
