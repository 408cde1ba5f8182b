"""Old runs, summed up by day: one every ten minutes makes fifty thousand a year, which nobody reads one by one."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from newscrawl.state.database import Database

TABLES = (
    """
    CREATE TABLE run_days (
        day TEXT PRIMARY KEY,
        runs INTEGER NOT NULL,
        failed INTEGER NOT NULL,                   -- ended with another exit code than 0, or were killed
        counts TEXT NOT NULL                       -- JSON
    ) STRICT, WITHOUT ROWID
    """,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDay:
    """The runs of a day that are no longer told of one by one."""

    day: str
    """The day they began, in UTC."""
    runs: int
    failed: int
    """How many of them ended with another exit code than 0, or were killed."""
    counts: Mapping[str, int]
    """What they counted, added up."""


def sum_up_runs(database: Database, *, keep_days: int) -> int:
    """Sum up the runs of all but the newest days on which there were runs; how many.

    Days are counted, not measured by the clock, which jumps. A run stays while a file or a waiting line names it.
    Within the caller's transaction.
    """
    query = """
        SELECT sequence, id, substr(started, 1, 10), coalesce(exit_code, 1) <> 0, counts FROM runs
        WHERE sequence < (SELECT max(sequence) FROM runs)
            AND substr(started, 1, 10) NOT IN
                (SELECT DISTINCT substr(started, 1, 10) FROM runs ORDER BY 1 DESC LIMIT ?)
            AND id NOT IN (SELECT run_id FROM files WHERE run_id IS NOT NULL)
            AND id NOT IN (SELECT run_id FROM pending)
            AND id NOT IN (SELECT run_id FROM decisions)
        ORDER BY sequence
    """
    old = list(database.rows(query, (keep_days,)))
    days = {each.day: each for each in all_run_days(database)}
    for sequence, _, day, failed, counts in old:
        before = days.get(day, RunDay(day=day, runs=0, failed=0, counts={}))
        added = Counter(before.counts)
        added.update(json.loads(counts))
        days[day] = RunDay(day=day, runs=before.runs + 1, failed=before.failed + failed, counts=dict(added))
        database.execute("DELETE FROM runs WHERE sequence = ?", (sequence,))
    for day in sorted({row[2] for row in old}):
        put_run_day(database, days[day])
    return len(old)


def all_run_days(database: Database) -> Iterator[RunDay]:
    """Every day with runs that were summed up, the oldest first."""
    for day, runs, failed, counts in database.rows("SELECT day, runs, failed, counts FROM run_days ORDER BY day"):
        yield RunDay(day=day, runs=runs, failed=failed, counts=json.loads(counts))


def put_run_day(database: Database, each: RunDay) -> None:
    """Write down what a day comes to."""
    database.execute(
        "INSERT INTO run_days (day, runs, failed, counts) VALUES (?, ?, ?, ?) ON CONFLICT (day) DO UPDATE SET "
        "runs = excluded.runs, failed = excluded.failed, counts = excluded.counts",
        (each.day, each.runs, each.failed, json.dumps(dict(each.counts))),
    )


def run_day_from(values: Mapping[str, Any]) -> RunDay:
    """A day as the manifest tells of it."""
    return RunDay(day=values["day"], runs=values["runs"], failed=values["failed"], counts=values["counts"])
