"""By which ways each address was seen: what the lists of a site have in common says what none of them has.

One small row an address, for `KEEP_DAYS` days on which something was seen for the first time.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from newscrawl.state.addresses import key_of
from newscrawl.state.database import repeated
from newscrawl.state.where import reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from newscrawl.article import Hint
    from newscrawl.state.database import Database

TABLES = (
    """
    CREATE TABLE sightings (
        key TEXT PRIMARY KEY,                      -- url_key of the address
        day TEXT NOT NULL,                         -- when it was first seen, in UTC
        ways INTEGER NOT NULL                      -- bits of WAYS
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX sightings_by_day ON sightings (day)",
)
WAYS = {"feed": 1, "news_sitemap": 2, "sitemap": 4, "page": 8}
KEEP_DAYS = 60
RECENT_DAYS = 7
"""A sitemap names everything a site has: only what it dates within so many days is noted."""

_SEE = """
    INSERT INTO sightings (key, day, ways) VALUES (?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET ways = sightings.ways | excluded.ways
    WHERE sightings.ways | excluded.ways <> sightings.ways
"""
_CATCHES = """
    SELECT articles.id, articles.source, min(sightings.day) AS seen,
        substr(coalesce(articles.date_published, min(sightings.day)), 1, 10) AS day,
        max(ways & 1) | max(ways & 2) | max(ways & 4) | max(ways & 8)
    FROM sightings JOIN addresses USING (key) JOIN articles ON articles.id = addresses.article_id
    WHERE articles.status <> 'purged'
    GROUP BY articles.id ORDER BY articles.source, day, articles.id
"""


class Catch(NamedTuple):
    """One article, and all the ways it was seen."""

    id: str
    source: str
    seen: str
    """The day it was first seen."""
    day: str
    """The day it was published; if that is not known, it was first seen."""
    ways: int


class Sightings:
    """What a store keeps of who named what. It belongs to the store's thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @repeated
    def see(self, named: Iterable[Hint], *, at: str) -> None:
        """Commit what an answer names, where it was not known; `at` is now, in UTC.

        Raises:
            StoreError: it could not be stored.
        """
        day = at[:10]
        first = (date.fromisoformat(day) - timedelta(days=RECENT_DAYS)).isoformat()
        with self._database.transaction():
            for hint in named:
                way = WAYS.get(hint.via)
                if way is not None and (hint.via != "sitemap" or _dated_since(hint, first)):
                    self._database.execute(_SEE, (key_of(hint.url), day, way))

    def catches(self) -> Iterator[Catch]:
        """The stored articles that were seen lately, by source and day."""
        return map(Catch._make, self._database.rows(_CATCHES))

    def forget_old(self, *, keep_days: int = KEEP_DAYS) -> None:
        """Forget all but the newest days. They are counted, not measured by the clock, which jumps."""
        query = "SELECT DISTINCT day FROM sightings ORDER BY day DESC LIMIT ?"
        newest = list(self._database.rows(query, (keep_days,)))
        if len(newest) == keep_days:
            self._database.execute("DELETE FROM sightings WHERE day < ?", newest[-1])


def read_catches(data: Path) -> tuple[Catch, ...]:
    """The catches of a data directory; a run that goes on meanwhile is not held up.

    Raises:
        ConfigError: there is no store.
        StoreError: it cannot be read.
    """
    with reader(data) as database:
        if "sightings" not in database.tables():  # a store that an older newscrawl wrote last
            return ()
        return tuple(map(Catch._make, database.rows(_CATCHES)))


def _dated_since(hint: Hint, first: str) -> bool:
    """By the letters: sitemaps print days as we do, and there may be fifty thousand."""
    printed = hint.date_published or hint.date_modified or ""
    return printed[:4].isdecimal() and printed[:10] >= first
