"""What a damaged store still says, and how it is set aside: never deleted, never taken for whole."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newscrawl.dates import utc_now
from newscrawl.dump.files import sync_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

STORE_FILE = "newscrawl.sqlite"
SIDE_FILES = ("-wal", "-shm")
_LOG = "-wal"


class Damaged:
    """The newest store of a data directory, or the one that an earlier rebuild set aside, read from a copy.

    Reading would change it: SQLite writes the log back.
    """

    def __init__(self, state: Path, folder: Path) -> None:
        self._copy: Path | None = None
        if (damaged := _newest(state)) is None:
            return
        self._copy = folder / "damaged.sqlite"
        for suffix in ("", *SIDE_FILES):
            with suppress(OSError):
                shutil.copyfile(f"{damaged}{suffix}", f"{self._copy}{suffix}")

    def rows(self, table: str, columns: str, *, order: str) -> list[tuple[Any, ...]]:
        """The rows of a table that can be read, from its beginning and from its end, in the order of a column."""
        rows: dict[Any, tuple[Any, ...]] = {}
        if self._copy is None:
            return []
        with suppress(sqlite3.Error), closing(sqlite3.connect(self._copy)) as connection:
            for direction in ("ASC", "DESC"):
                with suppress(sqlite3.Error, UnicodeDecodeError):
                    query = f"SELECT {order}, {columns} FROM {table} ORDER BY {order} {direction}"  # noqa: S608 - our own names
                    for place, *row in connection.execute(query):
                        rows[place] = tuple(row)
        return [rows[place] for place in sorted(rows)]


def set_aside(state: Path) -> Path | None:
    """Give the store a name of its own, with its log; None when there is none.

    The file first: a log without a file is no store, but a file without its log would be an older one.
    """
    stamp = utc_now().replace("-", "").replace(":", "").lower()
    old, aside = state / STORE_FILE, state / f"{STORE_FILE}.damaged-{stamp}"
    number = 1
    while aside.exists():
        number += 1
        aside = state / f"{STORE_FILE}.damaged-{stamp}-{number}"
    if not old.is_file():
        return None
    os.replace(old, aside)  # noqa: PTH105 - the crash tests count this call
    sync_directory(state)
    _move_side_files(state, aside)
    return aside


def finish_setting_aside(state: Path) -> None:
    """Do what an interrupted `set_aside` left to do."""
    aside = None if (state / STORE_FILE).exists() else _newest(state)
    if aside is not None and not Path(f"{aside}{_LOG}").exists():
        _move_side_files(state, aside)


def asides(state: Path) -> list[Path]:
    """Stores that were set aside, the oldest first."""
    return [each for each in _in_order(state.glob(f"{STORE_FILE}.damaged-*")) if not each.name.endswith(SIDE_FILES)]


def _in_order(paths: Iterator[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: (path.stat().st_ctime_ns, path.name))


def _newest(state: Path) -> Path | None:
    if (state / STORE_FILE).is_file():
        return state / STORE_FILE
    found = asides(state)
    return found[-1] if found else None


def _move_side_files(state: Path, aside: Path) -> None:
    for suffix in SIDE_FILES:
        with suppress(FileNotFoundError):
            os.replace(f"{state / STORE_FILE}{suffix}", f"{aside}{suffix}")  # noqa: PTH105 - likewise
    sync_directory(state)
