"""What each source gave, day by day, the alarms that stand, and the summaries of the last runs.

A source and a day are one row of a few hundred bytes, whatever the number of runs. Rows older than the newest
`KEEP_DAYS` days of the store are added up in one row a source, whose day is empty: totals never fall.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from math import log2
from typing import TYPE_CHECKING, Any

from newscrawl.state.database import repeated
from newscrawl.state.where import reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from newscrawl.state.database import Database

TABLES = (
    """
    CREATE TABLE source_days (
        source TEXT NOT NULL,
        day TEXT NOT NULL,                         -- crawl day; empty: all older ones together
        figures TEXT NOT NULL,                     -- JSON
        PRIMARY KEY (source, day)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX source_days_by_day ON source_days (day)",
    """
    CREATE TABLE alarms (
        source TEXT NOT NULL,
        what TEXT NOT NULL,
        since TEXT NOT NULL,                       -- the day it began
        finding TEXT NOT NULL,                     -- JSON
        ended INTEGER NOT NULL DEFAULT 0,          -- it is over, and nobody has been told of that
        told INTEGER NOT NULL DEFAULT 0,           -- somebody has been told that it began
        PRIMARY KEY (source, what)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE summaries (
        sequence INTEGER PRIMARY KEY,
        run_id TEXT NOT NULL UNIQUE,
        summary TEXT NOT NULL                      -- JSON
    ) STRICT
    """,
)
KEEP_DAYS = 120
KEEP_SUMMARIES = 300
OLDER = ""
"""The day of what is older than `KEEP_DAYS`."""
_ALARMS = "SELECT source, what, since, finding, ended, told FROM alarms ORDER BY source, what"
_DAYS = "SELECT source, day, figures FROM source_days WHERE day <> '' ORDER BY source, day"
BUCKETS_A_DOUBLING = 4
"""Word counts are kept in classes a fifth wide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What runs saw of one source; two of them can be added."""

    looks: int = 0
    """How often the source answered when it was asked what is new."""
    failures: int = 0
    """Runs in which nothing of it could be crawled."""
    found: int = 0
    """Addresses that its feeds, sitemaps and sections named, known ones and repeats included."""
    pages: int = 0
    """Answers for article addresses."""
    articles: int = 0
    """Stored for the first time. All below is of these, but for `revisions` and `outcomes`."""
    fresh: int = 0
    """Without a date, or published in the last days before they were fetched."""
    dated: int = 0
    authored: int = 0
    rendered: int = 0
    """Made of what a browser had drawn."""
    kept_chars: int = 0
    removed_chars: int = 0
    removed_lines: int = 0
    revisions: int = 0
    last_look: str = ""
    last_article: str = ""
    country: str = ""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[int, int] = field(default_factory=dict)
    """Class of length (`words_class`) → articles."""

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            **{name: getattr(self, name) + getattr(other, name) for name in _COUNTS},
            last_look=max(self.last_look, other.last_look),
            last_article=max(self.last_article, other.last_article),
            country=other.country or self.country,
            outcomes=dict(Counter(self.outcomes) + Counter(other.outcomes)),
            words=dict(Counter(self.words) + Counter(other.words)),
        )


_COUNTS = tuple(each.name for each in fields(Figures) if each.type == "int")


def words_class(words: int) -> int:
    """The class of a text's length; `words_of` leads back."""
    return round(BUCKETS_A_DOUBLING * log2(max(words, 1)))


def words_of(number: float) -> float:
    """The length in the middle of a class."""
    return float(2 ** (number / BUCKETS_A_DOUBLING))


def median_class(words: Mapping[int, int]) -> float:
    """The middle of class → articles, of one article or more; half a class where it falls between two."""
    half, reached, below = sum(words.values()) / 2, 0, None
    for number, articles in sorted(words.items()):
        if below is not None:
            return (below + number) / 2
        reached += articles
        if reached > half:
            return number
        if reached == half:
            below = number
    raise ValueError("no articles")


def median_words(figures: Figures) -> float | None:
    """The median length of the articles, to a tenth; None when there are none."""
    return words_of(median_class(figures.words)) if figures.words else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that is wrong with a source, and who knows of it."""

    source: str
    what: str
    since: str
    """The day it began."""
    finding: Mapping[str, Any]
    """Now and usually, in words and figures."""
    ended: bool = False
    """It is over, and that is still to be told."""
    told: bool = False
    """It was told that it began."""


class HealthBook:
    """What a store keeps of its sources. It belongs to the store's thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @repeated
    def add(self, day: str, figures: Mapping[str, Figures]) -> None:
        """Commit what was seen of each source on a day, beside what was seen before.

        Raises:
            StoreError: it could not be stored; nothing of it was.
        """
        if figures:
            with self._database.transaction():
                for source, more in figures.items():
                    self._add(source, day, more)

    def days(self) -> dict[str, dict[str, Figures]]:
        """Source → day → figures, both in their order."""
        return _by_source(self._database.rows(_DAYS))

    def totals(self) -> dict[str, Figures]:
        """Source → all that was ever counted."""
        sums: dict[str, Figures] = {}
        for source, figures in self._database.rows("SELECT source, figures FROM source_days ORDER BY source, day"):
            sums[source] = sums.get(source, Figures()) + _read(figures)
        return sums

    @repeated
    def sum_up(self, *, keep_days: int = KEEP_DAYS) -> None:
        """Commit that all but the newest days on which there were figures are one row a source.

        Days are counted, not measured by the clock, which jumps.
        """
        query = "SELECT DISTINCT day FROM source_days WHERE day <> '' ORDER BY day DESC LIMIT ?"
        newest = list(self._database.rows(query, (keep_days,)))
        if len(newest) < keep_days:
            return
        query = "SELECT source, day, figures FROM source_days WHERE day < ? AND day <> ''"
        with self._database.transaction():
            for source, day, figures in list(self._database.rows(query, newest[-1])):
                self._add(source, OLDER, _read(figures))
                self._database.execute("DELETE FROM source_days WHERE source = ? AND day = ?", (source, day))

    def alarms(self) -> tuple[Alarm, ...]:
        """Those that stand, and those whose end is still to be told."""
        return tuple(_alarm(*row) for row in self._database.rows(_ALARMS))

    @repeated
    def put_alarms(self, alarms: Iterable[Alarm]) -> None:
        """Commit these alarms in the place of all before."""
        with self._database.transaction():
            self._database.execute("DELETE FROM alarms")
            for each in alarms:
                self._database.execute(
                    "INSERT INTO alarms (source, what, since, finding, ended, told) VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        each.source,
                        each.what,
                        each.since,
                        json.dumps(dict(each.finding)),
                        int(each.ended),
                        int(each.told),
                    ),
                )

    @repeated
    def begin_anew(self, source: str) -> bool:
        """Commit that a source is as it should be from now on; whether anything was known of it. Its totals stay."""
        known = self.days().get(source, {})
        with self._database.transaction():
            for day, figures in known.items():
                self._add(source, OLDER, figures)
                self._database.execute("DELETE FROM source_days WHERE source = ? AND day = ?", (source, day))
            self._database.execute("UPDATE alarms SET ended = told WHERE source = ?", (source,))
            self._database.execute("DELETE FROM alarms WHERE source = ? AND told = 0", (source,))
        return bool(known)

    @repeated
    def put_summary(self, run_id: str, summary: Mapping[str, Any]) -> None:
        """Commit the summary of a run; the newest `KEEP_SUMMARIES` stay."""
        with self._database.transaction():
            self._database.execute("DELETE FROM summaries WHERE run_id = ?", (run_id,))
            self._database.execute(
                "INSERT INTO summaries (run_id, summary) VALUES (?, ?)", (run_id, json.dumps(dict(summary)))
            )
            self._database.execute(
                "DELETE FROM summaries WHERE sequence NOT IN "
                "(SELECT sequence FROM summaries ORDER BY sequence DESC LIMIT ?)",
                (KEEP_SUMMARIES,),
            )

    def summaries(self) -> tuple[dict[str, Any], ...]:
        """What is kept of the last runs, the oldest first."""
        rows = self._database.rows("SELECT summary FROM summaries ORDER BY sequence")
        return tuple(json.loads(summary) for (summary,) in rows)

    def last_success(self) -> str | None:
        """When the last run ended that had nothing to complain of."""
        found = self._database.row("SELECT max(ended) FROM runs WHERE exit_code = 0")[0]
        return str(found) if found else None

    def _add(self, source: str, day: str, more: Figures) -> None:
        query = "SELECT figures FROM source_days WHERE source = ? AND day = ?"
        row = self._database.row(query, (source, day))
        self._database.execute(
            "INSERT INTO source_days (source, day, figures) VALUES (?, ?, ?) "
            "ON CONFLICT (source, day) DO UPDATE SET figures = excluded.figures",
            (source, day, _written(_read(row[0]) + more if row else more)),
        )


def read_book(data: Path) -> tuple[dict[str, dict[str, Figures]], tuple[Alarm, ...]]:
    """Source → day → figures of a data directory, and its alarms; a run that goes on meanwhile is not held up.

    Raises:
        ConfigError: there is no store.
        StoreError: it cannot be read.
    """
    with reader(data) as database:
        if not {"source_days", "alarms"} <= database.tables():  # a store that an older newscrawl wrote last
            return {}, ()
        try:
            return _by_source(database.rows(_DAYS)), tuple(_alarm(*row) for row in database.rows(_ALARMS))
        except ValueError as error:
            raise database.damaged(error) from error


def _by_source(rows: Iterable[tuple[str, str, str]]) -> dict[str, dict[str, Figures]]:
    days: dict[str, dict[str, Figures]] = {}
    for source, day, figures in rows:
        days.setdefault(source, {})[day] = _read(figures)
    return days


def _alarm(source: str, what: str, since: str, finding: str, ended: int, told: int) -> Alarm:  # noqa: PLR0913, PLR0917
    known = json.loads(finding)
    return Alarm(source=source, what=what, since=since, finding=known, ended=bool(ended), told=bool(told))


def _written(figures: Figures) -> str:
    return json.dumps({name: value for name, value in asdict(figures).items() if value})


def _read(figures: str) -> Figures:
    """What a newer version counts too is left out."""
    values = json.loads(figures)
    known = {name: value for name, value in values.items() if name in Figures.__dataclass_fields__}
    words = {int(number): articles for number, articles in values.get("words", {}).items()}
    return Figures(**{**known, "words": words})
