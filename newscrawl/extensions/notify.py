"""Tells the operator's command or webhook which alarms began and which are over, once each.

What could not be told is told by the next run; of two ways that are set the one that worked is told again, too.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.exceptions import NotConfigured

from newscrawl.dates import utc_now
from newscrawl.extensions.health import HealthWatch
from newscrawl.extensions.run import run_of
from newscrawl.report.alarms import message
from newscrawl.report.notify import NotToldError, read_ways, tell_command, tell_webhook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler

    from newscrawl.state.health import Alarm

logger = logging.getLogger(__name__)


class Notify:
    """One of `HealthWatch`'s tellers."""

    def __init__(self, crawler: Crawler, command: tuple[str, ...], webhook: str) -> None:
        self._crawler = crawler
        self._command = command
        self._webhook = webhook

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Notify:
        """Scrapy's constructor.

        Raises:
            ConfigError: a setting cannot be read.
        """
        command, webhook = read_ways(crawler.settings)
        if not command and not webhook:
            raise NotConfigured
        notify = cls(crawler, command, webhook)
        crawler.signals.connect(notify.spider_opened, signal=signals.spider_opened)
        return notify

    def spider_opened(self) -> None:
        """Tell when the run ends."""
        if (watch := self._crawler.get_extension(HealthWatch)) is not None:
            watch.tellers.append(self.tell)

    def tell(self, began: Sequence[Alarm], over: Sequence[Alarm]) -> bool:
        """Tell both ways; whether it worked. That it did not is said, and fails no run."""
        run = run_of(self._crawler)
        told = message(run.run_id, str(run.data), began=began, ended=over, standing=len(run.alarms), at=utc_now())
        is_told = True
        for way in (self._tell_command, self._tell_webhook):
            try:
                way(told)
            except NotToldError as error:
                logger.warning("an alarm could not be told, the next run tries again: %s", error)
                is_told = False
        return is_told

    def _tell_command(self, told: dict[str, Any]) -> None:
        if self._command:
            tell_command(self._command, told)

    def _tell_webhook(self, told: dict[str, Any]) -> None:
        if self._webhook:
            tell_webhook(self._webhook, told)
