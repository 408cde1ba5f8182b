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

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
    outcomes: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[int, int] = field(default_factory=dict)
    """Class of length (`words_class`) → articles."""

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            **{name: getattr(self, name) + getattr(other, name) for name in _COUNTS},
            last_look=max(self.last_look, other.last_look),
            last_article=max(self.last_article, other.last_article),
            outcomes=Counter(self.outcomes) + Counter(other.outcomes),
            words=Counter(self.words) + Counter(other.words),
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


def add_figures(database: Database, day: str, added: Mapping[str, Figures]) -> None:
    """Add to a day's figures of each source; within the caller's transaction."""
    for source, more in added.items():
        row = database.row("SELECT figures FROM source_days WHERE source = ? AND day = ?", (source, day))
        _put(database, source, day, _read(database.parsed(row[0])) + more if row else more)


def source_days(database: Database) -> dict[str, dict[str, Figures]]:
    """Source → day → figures, days in their order."""
    days: dict[str, dict[str, Figures]] = {}
    query = "SELECT source, day, figures FROM source_days WHERE day <> '' ORDER BY source, day"
    for source, day, figures in database.rows(query):
        days.setdefault(source, {})[day] = _read(database.parsed(figures))
    return days


def totals(database: Database) -> dict[str, Figures]:
    """Source → all that was ever counted."""
    sums: dict[str, Figures] = {}
    for source, figures in database.rows("SELECT source, figures FROM source_days ORDER BY source, day"):
        sums[source] = sums.get(source, Figures()) + _read(database.parsed(figures))
    return sums


def sum_up_days(database: Database, *, keep_days: int = KEEP_DAYS) -> None:
    """Add up all but the newest days on which there were figures; within the caller's transaction.

    Days are counted, not measured by the clock, which jumps.
    """
    newest = list(database.rows("SELECT DISTINCT day FROM source_days ORDER BY day DESC LIMIT ?", (keep_days,)))
    if len(newest) < keep_days or not (first := newest[-1][0]):
        return
    query = "SELECT source, day, figures FROM source_days WHERE day < ? AND day <> ''"
    for source, day, figures in list(database.rows(query, (first,))):
        add_figures(database, OLDER, {source: _read(database.parsed(figures))})
        database.execute("DELETE FROM source_days WHERE source = ? AND day = ?", (source, day))


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


def all_alarms(database: Database) -> tuple[Alarm, ...]:
    """Those that stand, and those whose end is still to be told."""
    query = "SELECT source, what, since, finding, ended, told FROM alarms ORDER BY source, what"
    return tuple(
        Alarm(
            source=source,
            what=what,
            since=since,
            finding=database.parsed(finding),
            ended=bool(ended),
            told=bool(told),
        )
        for source, what, since, finding, ended, told in database.rows(query)
    )


def put_alarms(database: Database, alarms: Sequence[Alarm]) -> None:
    """Write all alarms in the place of the ones before; within the caller's transaction."""
    database.execute("DELETE FROM alarms")
    for each in alarms:
        database.execute(
            "INSERT INTO alarms (source, what, since, finding, ended, told) VALUES (?, ?, ?, ?, ?, ?)",
            (each.source, each.what, each.since, json.dumps(dict(each.finding)), int(each.ended), int(each.told)),
        )


def put_summary(database: Database, run_id: str, summary: Mapping[str, Any]) -> None:
    """Keep the summary of a run; the newest `KEEP_SUMMARIES` stay. Within the caller's transaction."""
    database.execute(
        "INSERT OR REPLACE INTO summaries (run_id, summary) VALUES (?, ?)", (run_id, json.dumps(dict(summary)))
    )
    database.execute(
        "DELETE FROM summaries WHERE sequence NOT IN (SELECT sequence FROM summaries ORDER BY sequence DESC LIMIT ?)",
        (KEEP_SUMMARIES,),
    )


def summaries(database: Database) -> Iterator[dict[str, Any]]:
    """What is kept of the last runs, the oldest first."""
    for (summary,) in database.rows("SELECT summary FROM summaries ORDER BY sequence"):
        yield database.parsed(summary)


def _put(database: Database, source: str, day: str, figures: Figures) -> None:
    values = {name: value for name, value in asdict(figures).items() if value}
    database.execute(
        "INSERT OR REPLACE INTO source_days (source, day, figures) VALUES (?, ?, ?)", (source, day, json.dumps(values))
    )


def _read(values: Mapping[str, Any]) -> Figures:
    """What a newer version counts too is left out."""
    known = {name: value for name, value in values.items() if name in Figures.__dataclass_fields__}
    words = {int(number): articles for number, articles in values.get("words", {}).items()}
    return Figures(**{**known, "words": words})
