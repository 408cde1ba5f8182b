"""A copy of the store while a run is going on, and what state it is in."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newscrawl.dump.files import storage_error, sync_directory
from newscrawl.errors import ConfigError, StoreError
from newscrawl.state.pending import is_whole
from newscrawl.state.salvage import STORE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_PROBLEMS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFacts:
    """What `newscrawl state show` says of a store."""

    version: int
    bytes: int
    """Of the file and its log."""
    rows: dict[str, int]
    last_run: str | None


def backup(data: Path, target: Path, *, force: bool = False) -> int:
    """Write a whole and compact copy of the store to a file that appears when it is complete; its bytes.

    It reads one state of the store, in a connection of its own: a run that goes on is not held up.

    Raises:
        ConfigError: there is no store, or the file is there already.
        StoreError: the store is damaged, or the disk refuses.
    """
    if target.exists() and not force:
        raise ConfigError(f"{target} is there already; --force replaces it")
    if not target.parent.is_dir():
        raise ConfigError(f"there is no directory {target.parent}")
    temporary = target.with_name(f".{target.name}.tmp")
    try:
        temporary.unlink(missing_ok=True)
        with closing(reader(data)) as connection:
            connection.execute("VACUUM INTO ?", (str(temporary),))
        with closing(sqlite3.connect(temporary)) as copy:
            problems = _problems(copy)
        if problems:
            raise StoreError(f"the copy of {data / 'state' / STORE_FILE} is damaged: {problems[0]}")
        descriptor = os.open(temporary, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, target)  # noqa: PTH105 - the crash tests count this call
        sync_directory(target.parent)
        return target.stat().st_size
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise StoreError(f"{data / 'state' / STORE_FILE} cannot be copied: {error}") from error
    except OSError as error:
        raise storage_error(target, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def check(data: Path) -> tuple[str, ...]:
    """Every fault that SQLite finds in the store, as sentences; none when it is whole.

    Raises:
        ConfigError: there is no store.
    """
    try:
        with closing(reader(data)) as connection:
            return _problems(connection)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return (f"{data / 'state' / STORE_FILE}: {error}",)


def facts(data: Path) -> StoreFacts:
    """Size and contents of the store.

    Raises:
        ConfigError: there is no store.
        StoreError: it cannot be read.
    """
    store = data / "state" / STORE_FILE
    try:
        with closing(reader(data)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            rows = {
                name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - its own tables
                for name in sorted(tables)
                if not name.startswith("sqlite_")
            }
            last = connection.execute("SELECT id FROM runs ORDER BY sequence DESC LIMIT 1").fetchone()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise StoreError(f"{store} cannot be read: {error}; see `newscrawl state check`") from error
    log = store.with_name(f"{STORE_FILE}-wal")
    size = store.stat().st_size + (log.stat().st_size if log.exists() else 0)
    return StoreFacts(version=version, bytes=size, rows=rows, last_run=last[0] if last else None)


def reader(data: Path) -> sqlite3.Connection:
    """A connection of its own to the store of a data directory, for reading beside a run.

    Raises:
        ConfigError: there is no store.
    """
    store = data / "state" / STORE_FILE
    if not store.is_file():
        raise ConfigError(f"{data} is no data directory of newscrawl: it has no state/{STORE_FILE}")
    return sqlite3.connect(store, timeout=10.0, isolation_level=None)


def _problems(connection: sqlite3.Connection) -> tuple[str, ...]:
    found = [line for (line,) in connection.execute(f"PRAGMA integrity_check({MAX_PROBLEMS})") if line != "ok"]
    found += [
        f"a row of {row[0]} points at nothing in {row[2]}" for row in connection.execute("PRAGMA foreign_key_check")
    ]
    found += _changed_lines(connection)
    return tuple(found[:MAX_PROBLEMS])


def _changed_lines(connection: sqlite3.Connection) -> Iterator[str]:
    columns = {name for (_, name, *_) in connection.execute("PRAGMA table_info(pending)")}
    if "crc32" in columns:  # a store of version 3
        query = "SELECT run_id, stream, line, crc32 FROM pending"
        for run_id, stream, line, sum_of_it in connection.execute(query):
            if not is_whole(line, sum_of_it):
                yield f"a line of {stream} that waits to be published, of {run_id}, is not what was stored"
