"""Which of the hints that feeds, sitemaps and pages give are worth a request, and each address once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newscrawl.dates import parse_moment
from newscrawl.discover.shapes import is_trap, looks_like_list_url
from newscrawl.text.seen import Seen
from newscrawl.urls import site_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newscrawl.article import Hint


class OwnSites:
    """The sites of one source: the registrable domains, and ports, of the addresses an operator named for it."""

    def __init__(self, urls: Iterable[str] = ()) -> None:
        self._places: set[tuple[str, int | None]] = set()
        for url in urls:
            self.add(url)

    def add(self, url: str) -> None:
        """Count the site of this address as the source's own."""
        self._places.add(_place(url))

    def holds(self, url: str) -> bool:
        """Is the address on a site of the source? Another port is another site."""
        return _place(url) in self._places


class HintSieve:
    """Lets each address through once, when it is the source's own, new enough and no list."""

    def __init__(self, own: OwnSites, since: str | None, max_hints: int) -> None:
        """`since`: UTC ``YYYY-MM-DDTHH:MM:SSZ``; older hints are dropped. Hints beyond `max_hints` are dropped."""
        self._own = own
        self._since = since
        self._max_hints = max_hints
        self._seen = Seen()
        self.passed = 0
        self.own = 0
        """Hints of the source's own site, the older ones included: the source is alive when there are any."""
        self.offsite = 0
        self.older = 0
        self.lists = 0

    @property
    def full(self) -> bool:
        return self.passed >= self._max_hints

    def take(self, hints: Iterable[Hint]) -> tuple[Hint, ...]:
        """Those of the hints that pass, in their order."""
        return tuple(hint for hint in hints if self._passes(hint))

    def _passes(self, hint: Hint) -> bool:
        url = hint.url  # normalised, as all that make hints promise
        if url in self._seen:
            return False
        if not self._own.holds(url):
            self.offsite += 1
            return False
        # Sitemaps name everything a site has; what feeds and news sitemaps name are articles.
        if hint.via == "sitemap" and (looks_like_list_url(url) or is_trap(url)):
            self.lists += 1
            return False
        if self.full:
            return False
        self._seen.add(url)
        self.own += 1
        if self._since and is_older(hint.date_published or hint.date_modified, self._since):
            self.older += 1
            return False
        self.passed += 1
        return True


def is_older(printed: str | None, since: str) -> bool:
    """Is the printed time surely before `since`? Unknown times are not, nor is a day that `since` lies in."""
    moment = parse_moment(printed) if printed else None
    if moment is None:
        return False
    return moment.value[:10] < since[:10] if moment.precision == "day" else moment.value < since


def _place(url: str) -> tuple[str, int | None]:
    try:
        port = urlsplit(url).port
    except ValueError:
        port = None
    return site_of(url), None if port in {80, 443} else port
