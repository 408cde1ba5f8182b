"""Writes the figures for Prometheus when a run ends (``NEWSCRAWL_METRICS_FILE``)."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import NotConfigured

from newscrawl.errors import StoreError
from newscrawl.extensions.health import HealthWatch
from newscrawl.extensions.run import run_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from newscrawl.extensions.run import End

logger = logging.getLogger(__name__)

METRICS_FILE = "NEWSCRAWL_METRICS_FILE"


class Metrics:
    """Stands behind `HealthWatch`, whose summary it writes."""

    def __init__(self, crawler: Crawler, path: Path) -> None:
        self._crawler = crawler
        self._path = path

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Metrics:
        """Scrapy's constructor."""
        if not (path := crawler.settings.get(METRICS_FILE)):
            raise NotConfigured
        metrics = cls(crawler, Path(path))
        crawler.signals.connect(metrics.spider_opened, signal=signals.spider_opened)
        return metrics

    def spider_opened(self) -> None:
        """Write when the run ends."""
        run_of(self._crawler).at_end.append(self.write)

    def write(self, end: End) -> None:  # noqa: ARG002 - the summary has it
        """Replace the file. That it cannot be written is said, and fails no run: the articles are safe."""
        from newscrawl.report.metrics import RunMetrics, write_metrics  # prometheus_client, only where it is asked for

        watch = self._crawler.get_extension(HealthWatch)
        store = run_of(self._crawler).store
        if watch is None or not watch.summary or store is None:
            return
        health = store.health
        today = watch.summary["ended"][:10]
        metrics = RunMetrics(
            watch.summary,
            totals=health.totals(),
            today={source: days[today] for source, days in health.days().items() if today in days},
            alarms=watch.alarms,
            last_success=health.last_success(),
        )
        try:
            write_metrics(self._path, metrics)
        except StoreError as error:
            logger.warning("%s: %s", METRICS_FILE, error)
