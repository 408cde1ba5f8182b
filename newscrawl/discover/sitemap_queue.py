"""Which sitemap of a site to read next: news first, then by date, lists of tags and authors last."""

from __future__ import annotations

import heapq
import re
from urllib.parse import unquote, urlsplit

from newscrawl.dates import parse_moment
from newscrawl.discover.sieve import is_older

MAX_WAITING = 10_000
"""Sitemaps waiting; an index may name 50,000."""

# A year and perhaps a month in the name of a sitemap: sitemap-2026-03.xml, ?yyyy=2026&mm=03, /2026/3/.
_PERIOD = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[-_/.]?(0[1-9]|1[0-2])(?!\d{3})|(?:&|&amp;)\w{1,10}=(\d{1,2})(?!\d))?")
_NO_ARTICLES = re.compile(
    r"(?:^|[^a-z])(?:tags?|authors?|categor(?:y|ies)|taxonomy|images?|videos?|pages?|products?|topics?|users?)(?:[^a-z]|$)"
)


class SitemapQueue:
    """Sitemaps waiting to be read. Those that say they hold nothing since `since` are not taken in."""

    def __init__(self, since: str | None) -> None:
        self._since = since
        self._heap: list[tuple[int, int, int, str, int]] = []
        self._pushed = 0

    def __len__(self) -> int:
        return len(self._heap)

    def push(self, url: str, *, depth: int, lastmod: str | None = None) -> None:
        """Queue a sitemap that `depth` indexes are above, with its date as the index prints it."""
        if len(self._heap) >= MAX_WAITING or (self._since and self._is_older(url, lastmod)):
            return
        self._pushed += 1
        heapq.heappush(self._heap, (_rank(url), -_month(url, lastmod), self._pushed, url, depth))

    def clear(self) -> None:
        """Forget what waits."""
        self._heap.clear()

    def pop(self) -> tuple[str, int] | None:
        """The next sitemap and its depth."""
        if not self._heap:
            return None
        *_, url, depth = heapq.heappop(self._heap)
        return url, depth

    def _is_older(self, url: str, lastmod: str | None) -> bool:
        assert self._since is not None
        if is_older(lastmod, self._since):
            return True
        period = period_of(url)
        return period is not None and period < self._since[: len(period)]


def names_news(url: str) -> bool:
    """Does the address, behind its host, speak of news?"""
    parts = urlsplit(url)
    return "news" in f"{parts.path}?{parts.query}".lower()


def period_of(url: str) -> str | None:
    """The year, or year and month (``2026-03``), that a sitemap's name speaks of; None without one."""
    parts = urlsplit(url)
    match = _PERIOD.search(unquote(f"{parts.path}?{parts.query}"))
    if match is None:
        return None
    month = match[2] or (match[3] and match[3].zfill(2))
    return f"{match[1]}-{month}" if month else match[1]


def _rank(url: str) -> int:
    parts = urlsplit(url)
    if _NO_ARTICLES.search(f"{parts.path}?{parts.query}".lower()):
        return 2
    return 0 if names_news(url) else 1


def _month(url: str, lastmod: str | None) -> int:
    """Seconds would not say more than days do: the date of the sitemap as YYYYMMDD; 0 when unknown.

    The name counts before `lastmod`: many indexes print the time of the request for every child.
    """
    period = period_of(url)
    if period is not None:
        return int((period.replace("-", "") + "9999")[:8])
    moment = parse_moment(lastmod) if lastmod else None
    return int(moment.value[:10].replace("-", "")) if moment else 0
