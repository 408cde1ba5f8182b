"""Figures for Prometheus, as its node exporter's textfile collector reads them.

https://prometheus.io/docs/practices/naming/ : base units in the names, counters end in ``_total``.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, write_to_textfile
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from newscrawl.errors import StoreError
from newscrawl.state.health import median_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from prometheus_client.core import Metric

    from newscrawl.state.health import Alarm, Figures

COUNTERS = (
    ("articles", "New articles that were stored.", "articles"),
    ("revisions", "Revisions of known articles that were stored.", "revisions"),
    ("pages", "Answers for article addresses.", "pages"),
    ("looks", "Runs in which the source answered when asked what is new.", "looks"),
    ("failed_looks", "Runs in which nothing of the source could be crawled.", "failures"),
    ("articles_with_date", "New articles with a date of publication.", "dated"),
    ("articles_with_author", "New articles with an author.", "authored"),
    ("kept_characters", "Characters of the new articles' texts.", "kept_chars"),
    ("removed_characters", "Characters that cleaning took out of them.", "removed_chars"),
)
"""Name without prefix and ending, what it counts, field of `Figures`."""
PREFIX = "newscrawl_"


class RunMetrics(Collector):
    """What is known when a run ends."""

    def __init__(
        self,
        summary: Mapping[str, Any],
        *,
        totals: Mapping[str, Figures],
        today: Mapping[str, Figures],
        alarms: Sequence[Alarm],
        last_success: str | None,
    ) -> None:
        """Args: `totals` and `today` by source; `last_success`: when a run last ended with exit status 0, in UTC."""
        self._summary = summary
        self._totals = totals
        self._today = today
        self._alarms = alarms
        self._last_success = last_success

    def collect(self) -> Iterable[Metric]:
        """prometheus_client's hook."""
        yield from self._of_run()
        yield from self._of_sources()

    def _of_run(self) -> Iterator[Metric]:
        summary = self._summary
        ended = _seconds(summary["ended"])
        yield _gauge("last_run_end_timestamp_seconds", "When the last run ended.", ended)
        yield _gauge("last_run_duration_seconds", "How long it took.", summary["seconds"])
        yield _gauge("last_run_exit_code", "Its exit status; 0 when all is well.", summary["exit_code"])
        yield _gauge(
            "last_run_failed_sources", "Sources of which nothing could be crawled.", len(summary["sources_failed"])
        )
        yield _gauge("current_articles", "Articles in the current view.", summary["current_rows"])
        if self._last_success:
            moment = _seconds(self._last_success)
            yield _gauge("last_success_timestamp_seconds", "When a run last ended with exit status 0.", moment)

    def _of_sources(self) -> Iterator[Metric]:
        totals = dict(sorted(self._totals.items()))
        for name, what, field in COUNTERS:
            counter = CounterMetricFamily(f"{PREFIX}{name}", what, labels=["source"])
            for source, figures in totals.items():
                counter.add_metric([source], getattr(figures, field))
            yield counter
        outcomes = CounterMetricFamily(
            f"{PREFIX}outcomes", "Addresses by what became of them.", labels=["source", "outcome"]
        )
        for source, figures in totals.items():
            for outcome, count in sorted(figures.outcomes.items()):
                outcomes.add_metric([source, outcome], count)
        yield outcomes
        for name, what, field in (
            ("last_look_timestamp_seconds", "When the source last answered.", "last_look"),
            ("last_article_timestamp_seconds", "When its last new article was fetched.", "last_article"),
        ):
            gauge = GaugeMetricFamily(f"{PREFIX}{name}", what, labels=["source"])
            for source, figures in totals.items():
                if moment := getattr(figures, field):
                    gauge.add_metric([source], _seconds(moment))
            yield gauge
        words = GaugeMetricFamily(
            f"{PREFIX}median_words", "Median length of the day's new articles.", labels=["source"]
        )
        for source, figures in sorted(self._today.items()):
            if (median := median_words(figures)) is not None:
                words.add_metric([source], round(median))
        yield words
        alarm = GaugeMetricFamily(f"{PREFIX}alarm", "1: the source is not as usual.", labels=["source", "what"])
        for each in self._alarms:
            if not each.ended:
                alarm.add_metric([each.source, each.what], 1)
        yield alarm


def write_metrics(path: Path, metrics: RunMetrics) -> None:
    """Write the text format; a reader sees the old file or the new one, never half of it.

    Raises:
        StoreError: it cannot be written.
    """
    registry = CollectorRegistry()
    registry.register(metrics)
    try:
        write_to_textfile(str(path), registry)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}") from error


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}{name}", what, value=value)


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
