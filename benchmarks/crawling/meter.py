"""How long an event loop keeps others waiting: a clock of ten milliseconds says how late its ticks were."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy import signals

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

EVERY_S = 0.01
OUT = "BENCHMARK_LAG_FILE"
"""Environment: where the figures are written, as JSON."""


class Meter:
    """Ticks from its start to its end in the running loop."""

    def __init__(self) -> None:
        self._late: list[float] = []
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time() + EVERY_S
        self._handle = self._loop.call_at(self._due, self._tick)

    def _tick(self) -> None:
        now = self._loop.time()
        self._late.append(now - self._due)
        self._due = now + EVERY_S
        self._handle = self._loop.call_at(self._due, self._tick)

    def stop(self) -> None:
        """Write the milliseconds by which ticks were late: the worst, and that which 99 of 100 do not pass."""
        self._handle.cancel()
        late = sorted(self._late) or [0.0]
        figures = {"max": 1000 * late[-1], "p99": 1000 * late[int(0.99 * (len(late) - 1))]}
        if OUT in os.environ:
            Path(os.environ[OUT]).write_text(json.dumps(figures), encoding="utf-8")


class MeterExtension:
    """The same for a crawl of Scrapy: from the engine's start until all is fetched; what comes then may block."""

    def __init__(self) -> None:
        self._meter: Meter | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> MeterExtension:
        """Scrapy's constructor."""
        extension = cls()
        crawler.signals.connect(extension.start, signal=signals.engine_started)
        crawler.signals.connect(extension.stop, signal=signals.spider_closed)
        return extension

    def start(self) -> None:
        self._meter = Meter()

    def stop(self) -> None:
        if self._meter is not None:
            self._meter.stop()
