"""When what is looked at: feeds, sitemaps, sections and home pages by their pace, young articles by their age.

The policy is `newscrawl.frontier.schedule` and `newscrawl.frontier.revisit`; here is what it must remember. A time that
lies further ahead than the policy ever waits was written by a clock that was ahead, and counts as come.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from newscrawl.errors import Outcome
from newscrawl.frontier.revisit import STUBS, born_s, next_revisit_s
from newscrawl.frontier.schedule import CLOCK_SLACK_S, Look, Pace, is_come
from newscrawl.state.database import repeated
from newscrawl.state.frontier import read_hint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from newscrawl.article import Hint
    from newscrawl.state.database import Database

TABLES = (
    """
    CREATE TABLE schedule (
        source TEXT NOT NULL,
        url TEXT NOT NULL,                         -- as asked
        kind TEXT NOT NULL,                        -- feed, sitemap, section, home
        looked INTEGER NOT NULL,                   -- seconds since 1970, as `due`
        due INTEGER NOT NULL,
        failures INTEGER NOT NULL,                 -- in a row
        entries INTEGER NOT NULL,                  -- articles that the last answer held
        leads INTEGER NOT NULL,                    -- it named feeds, sitemaps or sections
        pace TEXT NOT NULL,                        -- JSON: articles, seconds, articles by hour
        PRIMARY KEY (source, url)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE revisits (
        key TEXT PRIMARY KEY,                      -- url_key of a young article's address
        source TEXT NOT NULL,
        hint TEXT NOT NULL,                        -- JSON: what was said of it where it was found
        born INTEGER NOT NULL,                     -- seconds since 1970, as `due`
        due INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX revisits_by_due ON revisits (source, due)",
)
FORGET_AFTER_S = 30 * 86_400
_COLUMNS = "source, url, kind, looked, due, failures, entries, leads, pace"
_PUT = (
    f"INSERT INTO schedule ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, url) DO UPDATE SET "  # noqa: S608 - no value in it
    + ", ".join(f"{each} = excluded.{each}" for each in _COLUMNS.split(", ")[2:])
)


class Schedule:
    """The tables of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.ages_s: tuple[float, ...] = ()
        """Ages at which articles that are stored from now on are looked at again."""

    def look(self, source: str, url: str) -> Look | None:
        """What is known of one address."""
        row = self._database.row(f"SELECT {_COLUMNS} FROM schedule WHERE source = ? AND url = ?", (source, url))  # noqa: S608 - no value in it
        return _look(self._database, row) if row else None

    def next_look(self, source: str, named: Iterable[str], *, now: float, longest_s: float) -> int:
        """When anything of a source is due, in seconds since 1970; 0: now.

        Args:
            named: addresses that the operator names for it; one that was never looked at is due.
        """
        known = dict(self._database.rows("SELECT url, due FROM schedule WHERE source = ?", (source,)))
        return next_look(known, named, now=now, longest_s=longest_s)

    @repeated
    def looked(self, source: str, looks: Iterable[Look], *, kept: Collection[str]) -> None:
        """Commit what a round of looks told, and forget addresses that the source does not lead to any more."""
        with self._database.transaction():
            for look in looks:
                self._put(look)
            for (url,) in list(self._database.rows("SELECT url FROM schedule WHERE source = ?", (source,))):
                if url not in kept:
                    self._database.execute("DELETE FROM schedule WHERE source = ? AND url = ?", (source, url))

    def _put(self, look: Look) -> None:
        pace = [round(look.pace.brought, 4), round(look.pace.watched_s), [round(each, 3) for each in look.pace.hours]]
        self._database.execute(
            _PUT,
            (
                look.source,
                look.url,
                look.kind,
                look.looked,
                look.due,
                look.failures,
                look.entries,
                int(look.leads),
                json.dumps(pace, separators=(",", ":")),
            ),
        )

    def due_revisits(self, source: str, *, now: float) -> Iterator[tuple[Hint, bool]]:
        """Young articles of a source that are due, the newest first, and whether it is the last look at each."""
        last = self.ages_s[-1] if self.ages_s else 0.0
        query = "SELECT hint, born FROM revisits WHERE source = ? AND (due <= ? OR due > ?) ORDER BY born DESC, key"
        times = (int(now) + CLOCK_SLACK_S, int(now + last) + CLOCK_SLACK_S)
        for hint, born in list(self._database.rows(query, (source, *times))):
            yield read_hint(hint), born + last <= now + CLOCK_SLACK_S

    def forget_old(self, *, now: float) -> None:
        """Forget articles of sources that no run has crawled for long: they are young no more."""
        last = self.ages_s[-1] if self.ages_s else 0.0
        self._database.execute("DELETE FROM revisits WHERE born < ?", (int(now - 2 * last - FORGET_AFTER_S),))

    def settle(self, key: str, outcome: str, *, at: str, is_new: bool, published: str | None = None) -> None:
        """An address was decided on: put its next look down, or forget it; within the caller's transaction.

        Before `newscrawl.state.frontier.settle`, which lets go of what was said of it.

        Args:
            is_new: nothing was decided on it before, but for what was not the page's own word.
            published: as page or feed says.
        """
        now = datetime.fromisoformat(at).timestamp()
        if row := self._database.row("SELECT born FROM revisits WHERE key = ?", (key,)):
            due = next_revisit_s(row[0], now=now, ages_s=self.ages_s)
            if due is None:
                self._database.execute("DELETE FROM revisits WHERE key = ?", (key,))
            else:
                self._database.execute("UPDATE revisits SET due = ? WHERE key = ?", (int(due), key))
            return
        if not is_new or (outcome != Outcome.ARTICLE and outcome not in STUBS):
            return
        row = self._database.row("SELECT source, hint FROM frontier WHERE key = ?", (key,))
        if row is None:
            return
        source, text = row
        hint = read_hint(text)
        published = published or hint.date_published or hint.date_modified
        if published is None and hint.via not in {"feed", "news_sitemap"}:
            return  # a sitemap or section names old articles too
        born = born_s(published, fetched_s=now)
        if (due := next_revisit_s(born, now=now, ages_s=self.ages_s)) is not None:
            self._database.execute(
                "INSERT INTO revisits (key, source, hint, born, due) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (key) DO UPDATE SET "
                "source = excluded.source, hint = excluded.hint, born = excluded.born, due = excluded.due",
                (key, source, text, int(born), int(due)),
            )


def next_look(known: Mapping[str, int], named: Iterable[str], *, now: float, longest_s: float) -> int:
    """When the first of some addresses (url → due) is due; 0: now, or one that is named is not among them."""
    if not known or not known.keys() >= set(named):
        return 0
    return min(0 if is_come(due, now=now, longest_s=longest_s) else due for due in known.values())


def _look(database: Database, row: tuple[str, str, str, int, int, int, int, int, str]) -> Look:
    source, url, kind, looked, due, failures, entries, leads, text = row
    brought, watched_s, hours = database.parsed(text)
    return Look(
        source=source,
        url=url,
        kind=kind,
        looked=looked,
        due=due,
        failures=failures,
        entries=entries,
        leads=bool(leads),
        pace=Pace(brought=brought, watched_s=watched_s, hours=tuple(hours)),
    )
