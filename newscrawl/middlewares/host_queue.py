"""The order of requests over hosts: none takes more of the crawl than its share, and none that pauses holds others up.

Scrapy's queue counts what a host has in its download slot. A request that still waits for its site's robots.txt is in
no slot, so a site whose robots.txt is slow would fill the whole downloader; a host that pauses would fill it too.
"""

from __future__ import annotations

from collections import Counter
from time import monotonic
from typing import TYPE_CHECKING, Any

from scrapy.pqueues import DownloaderAwarePriorityQueue, DownloaderInterface

from newscrawl.middlewares.backoff import hosts_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler


class _Inside(DownloaderInterface):
    """Counts all requests that the downloader has, those that wait in a middleware too."""

    counts: Counter[str]

    def count(self) -> Counter[str]:
        self.counts = Counter(map(self.downloader.get_slot_key, self.downloader.active))
        return self.counts

    def _active_downloads(self, slot: str) -> int:
        return self.counts[slot]


class HostQueue(DownloaderAwarePriorityQueue):
    """SCHEDULER_PRIORITY_QUEUE. `pop` gives None when nothing may be sent now: the engine asks again by itself."""

    def __init__(self, crawler: Crawler, *arguments: Any, **named: Any) -> None:
        super().__init__(crawler, *arguments, **named)
        self._inside = self._downloader_interface = _Inside(crawler)
        self._hosts = hosts_of(crawler)
        # As many wait as are transferred: the next one is ready when one ends.
        self._most = max(2 * crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"), 2)

    def pop(self) -> Request | None:
        """The next request of the host that has the fewest with the downloader."""
        counts, now = self._inside.count(), monotonic()
        closed = {
            slot: self.pqueues.pop(slot)
            for slot in tuple(self.pqueues)
            if counts[slot] >= self._most or self._hosts.is_paused(slot, at_s=now)
        }
        try:
            return super().pop()
        finally:
            self.pqueues.update(closed)
