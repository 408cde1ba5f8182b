"""One log line when a run begins, one for each source that it decided something of, and one when it ends."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from scrapy import signals

from newscrawl.errors import Outcome
from newscrawl.extensions.run import EXIT_STAT, run_of
from newscrawl.text.events import log_event

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class Events:
    """Says what `newscrawl.extensions.run.CrawlRun` counts."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._began_s = time.monotonic()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Events:
        """Scrapy's constructor."""
        events = cls(crawler)
        crawler.signals.connect(events.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(events.spider_closed, signal=signals.spider_closed)
        return events

    def spider_opened(self, spider: Spider) -> None:
        """The run began."""
        run = run_of(self.crawler)
        if run.run_id:
            plan = getattr(spider, "plan", None)
            log_event(
                logger,
                logging.INFO,
                "run_begin",
                run=run.run_id,
                sources=len(plan.sources) if plan else None,
                data=str(run.data),
            )

    def spider_closed(self, spider: Spider, reason: str) -> None:  # noqa: ARG002 - Scrapy passes it
        """What became of each source, and of the run: it is published by now."""
        run = run_of(self.crawler)
        if not run.run_id:
            return
        for source, outcomes in sorted(run.tally.sources.items()):
            articles = outcomes[str(Outcome.ARTICLE)]
            fields = {"articles": articles, "others": outcomes.total() - articles}
            log_event(logger, logging.INFO, "source_end", run=run.run_id, source=source, **fields)
        for source, why in sorted(run.tally.sources_failed.items()):
            log_event(logger, logging.WARNING, "source_failed", run=run.run_id, source=source, why=why)
        assert self.crawler.stats is not None
        exit_code = self.crawler.stats.get_value(EXIT_STAT)
        log_event(
            logger,
            logging.WARNING if exit_code else logging.INFO,
            "run_end",
            run=run.run_id,
            exit=exit_code,
            reason=reason,
            articles=run.tally.outcomes[str(Outcome.ARTICLE)],
            revisions=run.tally.revisions,
            pages=self.crawler.stats.get_value("newscrawl/pages", 0),
            requests=self.crawler.stats.get_value("downloader/request_count", 0),
            sources_failed=len(run.tally.sources_failed),
            alarms=len(run.alarms),
            bugs=run.tally.bugs,
            seconds=round(time.monotonic() - self._began_s, 1),
        )
