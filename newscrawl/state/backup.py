"""A copy of the store while a run is going on, and what state it is in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newscrawl.dump.files import storage_error, sync_directory
from newscrawl.errors import ConfigError, StoreError
from newscrawl.state.pending import is_whole
from newscrawl.state.sqlite import SqliteDatabase
from newscrawl.state.where import reader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newscrawl.state.database import Database

MAX_PROBLEMS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFacts:
    """What `newscrawl state show` says of a store."""

    version: int
    bytes: int
    """Of the file and its log, or of the tables."""
    rows: dict[str, int]
    last_run: str | None


def backup(data: Path, target: Path, *, force: bool = False) -> int:
    """Write a whole and compact copy of the store to a file that appears when it is complete; its bytes.

    It reads one state of the store, in a connection of its own: a run that goes on is not held up.

    Raises:
        ConfigError: there is no store, or it is no file, or the target is there already.
        StoreError: the store is damaged, or the disk refuses.
    """
    if target.exists() and not force:
        raise ConfigError(f"{target} is there already; --force replaces it")
    if not target.parent.is_dir():
        raise ConfigError(f"there is no directory {target.parent}")
    temporary = target.with_name(f".{target.name}.tmp")
    try:
        temporary.unlink(missing_ok=True)
        with reader(data) as store:
            if not isinstance(store, SqliteDatabase):
                raise ConfigError(f"the store is {store.name}, which pg_dump copies while runs go on")
            store.copy_to(temporary)
        with SqliteDatabase(temporary, is_reader=True) as copy:
            problems = _problems(copy)
        if problems:
            raise StoreError(f"the copy of {store.name} is damaged: {problems[0]}")
        descriptor = os.open(temporary, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, target)  # noqa: PTH105 - the crash tests count this call
        sync_directory(target.parent)
        return target.stat().st_size
    except OSError as error:
        raise storage_error(target, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def check(data: Path) -> tuple[str, ...]:
    """Every fault that is found in the store, as sentences; none when it is whole.

    SQLite's own check is part of it. A PostgreSQL server has tools for that; here each row is read once.

    Raises:
        ConfigError: there is no store.
    """
    try:
        with reader(data) as store:
            return _problems(store)
    except StoreError as error:
        return (str(error),)


def facts(data: Path) -> StoreFacts:
    """Size and contents of the store.

    Raises:
        ConfigError: there is no store.
        StoreError: it cannot be read.
    """
    with reader(data) as store, store.snapshot():
        rows = {name: store.number(f'SELECT count(*) FROM "{name}"') for name in sorted(store.tables())}  # noqa: S608 - its own tables
        last = store.row("SELECT id FROM runs ORDER BY sequence DESC LIMIT 1")
        return StoreFacts(version=store.version(), bytes=store.bytes(), rows=rows, last_run=last[0] if last else None)


def _problems(store: Database) -> tuple[str, ...]:
    found = list(store.faults())
    found += _changed_lines(store)
    return tuple(found[:MAX_PROBLEMS])


def _changed_lines(store: Database) -> Iterator[str]:
    if store.version() < 3:  # before there were sums
        return
    for run_id, stream, line, sum_of_it in store.stream("SELECT run_id, stream, line, crc32 FROM pending"):
        if not is_whole(line, sum_of_it):
            yield f"a line of {stream} that waits to be published, of {run_id}, is not what was stored"
