"""How far the files of `newscrawl clean` were read: committed with what was decided, so that a killed run goes on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newscrawl.state.database import Database

TABLES = (
    """
    CREATE TABLE inputs (
        name TEXT PRIMARY KEY,                     -- absolute path
        version TEXT NOT NULL,                     -- what the file was and how it was read: another one begins anew
        first_run TEXT NOT NULL,                   -- the run that began with it
        records INTEGER NOT NULL,                  -- read so far
        undecided TEXT NOT NULL,                   -- JSON: numbers of those among them that wait for others
        start_offset INTEGER NOT NULL,             -- where in the file reading goes on, and
        start_record INTEGER NOT NULL,             -- the number of the record there
        faults INTEGER NOT NULL,                   -- records that could not be read, and bugs
        is_done INTEGER NOT NULL,
        is_settled INTEGER NOT NULL DEFAULT 0      -- a run has learned from all of what was read
    ) STRICT, WITHOUT ROWID
    """,
)
_COLUMNS = ("version", "first_run", "records", "start_offset", "start_record", "faults", "is_done", "undecided")
_PUT = (
    f"INSERT INTO inputs (name, {', '.join(_COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608 - our names
    f"ON CONFLICT (name) DO UPDATE SET {', '.join(f'{each} = excluded.{each}' for each in _COLUMNS)}, is_settled = 0"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InputState:
    """How far one file was read. A record is what a reader yields: a page, a text, or what is none."""

    name: str
    """Absolute path."""
    version: str
    """Size, time of the last change, and how it was read."""
    first_run: str
    """Id of the run that began with it."""
    records: int = 0
    """Read so far."""
    undecided: frozenset[int] = frozenset()
    """Numbers, from 0, of records that were read and wait for others: the pages of one article."""
    start_offset: int = 0
    """Byte from which the first undecided record can be read."""
    start_record: int = 0
    """Number of the record there."""
    faults: int = 0
    """Records that could not be read, and those that newscrawl failed on."""
    is_done: bool = False
    """Everything in it is decided."""

    def is_decided(self, number: int) -> bool:
        """Whether an earlier run has decided on a record."""
        return number < self.records and number not in self.undecided


class Inputs:
    """The files of every data directory's `newscrawl clean`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, name: str) -> InputState | None:
        """How far a file was read; None: it never was."""
        row = self._database.row(f"SELECT {', '.join(_COLUMNS)} FROM inputs WHERE name = ?", (name,))  # noqa: S608
        if row is None:
            return None
        *numbers, is_done, undecided = row
        values = dict(zip(_COLUMNS[:-2], numbers, strict=True))
        waiting = frozenset(map(int, self._database.parsed(undecided)))
        return InputState(name=name, **values, is_done=bool(is_done), undecided=waiting)

    def put(self, state: InputState) -> None:
        """Write down how far a file was read. Within the transaction that commits what was decided of it."""
        values = [getattr(state, each) for each in _COLUMNS[:-2]]
        undecided = json.dumps(sorted(state.undecided))
        self._database.execute(_PUT, (state.name, *values, int(state.is_done), undecided))

    def unsettled_since(self) -> str | None:
        """The first of the runs from whose input nothing was learned yet: killed ones, and those told to stop."""
        (run_id,) = self._database.row("SELECT min(first_run) FROM inputs WHERE is_settled = 0")
        return str(run_id) if run_id is not None else None

    def settled(self) -> None:
        """What is stored of all input has been learned from."""
        self._database.execute("UPDATE inputs SET is_settled = 1 WHERE is_settled = 0")
