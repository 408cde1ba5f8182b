"""Addresses that were found and not decided on: a run that is stopped or killed leaves them to the next.

One that ends without the page's own word (a time-out, a busy server) stays too, is tried again later and later,
and is given up after `MAX_TRIES`: a feed that names it again brings it back.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from newscrawl.article import Hint
from newscrawl.dates import format_utc
from newscrawl.frontier.revisit import RETRIED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newscrawl.state.database import Database

TABLES = (
    """
    CREATE TABLE frontier (
        key TEXT PRIMARY KEY,                      -- url_key of the address
        source TEXT NOT NULL,                      -- id of the source that led to it; empty: an operator named it
        hint TEXT NOT NULL,                        -- JSON: what was said of it where it was found
        tries INTEGER NOT NULL DEFAULT 0,
        due TEXT NOT NULL                          -- not before
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX frontier_by_source ON frontier (source)",
)
MAX_TRIES = 4
FIRST_PAUSE = timedelta(minutes=15)
"""Before the second try; four times as long before each further one."""
LONGEST_PAUSE = FIRST_PAUSE * 4 ** (MAX_TRIES - 2)
"""A pause that would end later than this was written by a clock that was ahead, and does not count."""
MAX_OF_A_SOURCE = 200_000
_DEFAULTS = asdict(Hint(url="", via=""))


def want(database: Database, found: Iterable[tuple[str, Hint]], *, source: str) -> None:
    """Remember addresses (key, hint) that are going to be fetched; within the caller's transaction."""
    room = MAX_OF_A_SOURCE - database.row("SELECT count(*) FROM frontier WHERE source = ?", (source,))[0]
    for key, hint in found:
        if room <= 0:
            return  # its feeds and sitemaps name them again
        room -= 1
        database.execute(
            "INSERT INTO frontier (key, source, hint, due) VALUES (?, ?, ?, '') "  # due whatever the clock says
            "ON CONFLICT (key) DO UPDATE SET source = excluded.source, hint = excluded.hint",
            (key, source, write_hint(hint)),
        )


def wanted(database: Database, source: str, *, at: str) -> Iterator[Hint]:
    """The addresses of a source that wait and are due, in the order of their keys."""
    query = "SELECT hint FROM frontier WHERE source = ? AND (due <= ? OR due > ?) ORDER BY key"
    for (hint,) in list(database.rows(query, (source, at, _latest(at)))):
        yield read_hint(hint)


def told(database: Database, key: str) -> Hint | None:
    """What is known of an address that waits."""
    row = database.row("SELECT hint FROM frontier WHERE key = ?", (key,))
    return read_hint(row[0]) if row else None


def is_paused(database: Database, key: str, *, at: str) -> bool:
    """Whether an address failed lately, and is not to be tried yet."""
    query = "SELECT 1 FROM frontier WHERE key = ? AND tries > 0 AND due > ? AND due <= ?"
    return database.row(query, (key, at, _latest(at))) is not None


def settle(database: Database, keys: Iterable[str], outcome: str, *, at: str) -> None:
    """Let go of addresses that were decided on, or put the next try off; within the caller's transaction."""
    for key in keys:
        if outcome in RETRIED and (row := database.row("SELECT tries FROM frontier WHERE key = ?", (key,))):
            tries = row[0] + 1
            if tries < MAX_TRIES:
                due = format_utc(datetime.fromisoformat(at) + FIRST_PAUSE * 4 ** (tries - 1))
                database.execute("UPDATE frontier SET tries = ?, due = ? WHERE key = ?", (tries, due, key))
                continue
        database.execute("DELETE FROM frontier WHERE key = ?", (key,))


def _latest(at: str) -> str:
    """The last moment a pause that is believed can end."""
    return format_utc(datetime.fromisoformat(at) + LONGEST_PAUSE)


def write_hint(hint: Hint) -> str:
    """A hint as the table keeps it: JSON."""
    return json.dumps({name: value for name, value in asdict(hint).items() if value != _DEFAULTS[name]})


def read_hint(text: str) -> Hint:
    """A hint that the table keeps."""
    values = json.loads(text)
    for name in ("authors", "tags"):
        values[name] = tuple(values.get(name, ()))
    return Hint(**values)
