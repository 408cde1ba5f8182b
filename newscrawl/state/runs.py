"""Runs: when they began, why, and how they ended."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newscrawl.article import RUN_ID
from newscrawl.dates import utc_now
from newscrawl.state.database import repeated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from newscrawl.state.database import Database

_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run, as the manifest tells of it."""

    id: str
    why: str
    arguments: Mapping[str, str]
    versions: Mapping[str, str]
    started: str
    ended: str | None
    """None: it was killed, or it is still going on."""
    exit_code: int | None
    killed: bool
    counts: Mapping[str, int]


def checked(run_id: str) -> str:
    """A run id.

    Raises:
        ValueError: it is none; it becomes the name of files.
    """
    if not re.fullmatch(RUN_ID["pattern"], run_id):
        raise ValueError(f"not a run id: {run_id!r}")
    return run_id


def new_run_id(started: str) -> str:
    """``run_20261124t061500z_k3f7qa``: sorts by time, and two of one second differ."""
    stamp = started.replace("-", "").replace(":", "").lower()
    return f"run_{stamp}_{''.join(secrets.choice(_BASE32) for _ in range(6))}"


def open_runs(database: Database) -> tuple[str, ...]:
    """Runs that have not ended, and were not found to be killed."""
    return tuple(each for (each,) in database.rows("SELECT id FROM runs WHERE ended IS NULL AND killed = 0"))


def mark_killed(database: Database, run_id: str | None = None) -> None:
    """A run that has not ended will not end any more; with no id, none will: who owns the directory knows."""
    query = "UPDATE runs SET killed = 1 WHERE ended IS NULL AND killed = 0 AND id = coalesce(?, id)"
    database.execute(query, (run_id,))


def is_killed(database: Database, run_id: str) -> bool:
    """Whether somebody found that a run was killed."""
    return bool(database.row("SELECT 1 FROM runs WHERE id = ? AND killed = 1", (run_id,)))


@repeated
def begin_run(  # noqa: PLR0913 - the columns of a run
    database: Database,
    *,
    why: str,
    arguments: Mapping[str, str],
    versions: Mapping[str, str],
    run_id: str,
    started: str,
) -> None:
    """Write down that a run begins; with the id of an earlier run, that one goes on."""
    with database.transaction():
        # What other runs decided is published or waits in `pending`; only one that goes on must not repeat itself.
        database.execute(
            "DELETE FROM decisions WHERE run_id <> ? "
            "AND run_id NOT IN (SELECT id FROM runs WHERE ended IS NULL AND killed = 0)",
            (run_id,),
        )
        database.execute(
            "INSERT INTO runs (id, why, arguments, versions, started) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET ended = NULL, exit_code = NULL, killed = 0",
            (run_id, why, _to_json(arguments), _to_json(versions), started),
        )


def end_run(database: Database, run_id: str, *, exit_code: int, counts: Mapping[str, int], ended: str | None) -> None:
    """Write down how a run ended."""
    database.execute(
        "UPDATE runs SET ended = ?, exit_code = ?, counts = ?, killed = 0 WHERE id = ?",
        (ended or utc_now(), int(exit_code), _to_json(counts), run_id),
    )


def put_run(database: Database, run: Mapping[str, Any]) -> None:
    """Write down a run as the manifest tells of it."""
    database.execute(
        "INSERT INTO runs (id, why, arguments, versions, started, ended, exit_code, killed, counts) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run["id"],
            run["why"],
            _to_json(run["arguments"]),
            _to_json(run["versions"]),
            run["started"],
            run["ended"],
            run["exit_code"],
            int(run["killed"]),
            _to_json(run["counts"]),
        ),
    )


def is_known(database: Database, run_id: str) -> bool:
    """Whether this store has seen a run."""
    return database.row("SELECT 1 FROM runs WHERE id = ?", (run_id,)) is not None


def all_runs(database: Database) -> Iterator[Run]:
    """Every run, in the order they began."""
    columns = "id, why, arguments, versions, started, ended, exit_code, killed, counts"
    for row in database.rows(f"SELECT {columns} FROM runs ORDER BY sequence"):  # noqa: S608 - no value in it
        run_id, why, arguments, versions, started, ended, exit_code, killed, counts = row
        yield Run(
            id=run_id,
            why=why,
            arguments=database.parsed(arguments),
            versions=database.parsed(versions),
            started=started,
            ended=ended,
            exit_code=exit_code,
            killed=bool(killed),
            counts=database.parsed(counts),
        )


def _to_json(values: Mapping[str, object]) -> str:
    return json.dumps({str(key): value for key, value in values.items()})
