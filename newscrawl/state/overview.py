"""A data directory at a glance, read beside a run that may be going on; nothing is written."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newscrawl.errors import StoreError
from newscrawl.state.backup import reader
from newscrawl.state.salvage import STORE_FILE

if TYPE_CHECKING:
    from pathlib import Path

LOCK_FILE = "lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """How one run went."""

    id: str
    started: str
    ended: str | None
    """None: it goes on, or was killed."""
    exit_code: int | None
    is_killed: bool
    articles: int
    revisions: int
    sources_failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingAlarm:
    """What is wrong with a source."""

    source: str
    what: str
    since: str
    """The day it began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The process that owns a data directory, as it signed."""

    pid: int | None
    host: str | None
    since: str | None
    run_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What there is, and what goes on."""

    owner: Owner | None
    """None: no run is going on."""
    runs: tuple[LastRun, ...]
    """The newest first."""
    alarms: tuple[StandingAlarm, ...]
    """By source."""
    articles: int
    """In the current view."""
    gone: int
    purged: int
    addresses: int
    """Known, whatever came of them."""
    open_addresses: int
    """Found and not decided on: the next run fetches them."""
    waiting_lines: int
    """Of articles, outcomes and the like, in the store and not in the dump yet."""
    files: int
    file_bytes: int
    first_crawl_day: str | None
    last_crawl_day: str | None
    store_bytes: int
    free_bytes: int
    disk_bytes: int


def overview(data: Path, *, runs: int) -> Overview:
    """Look at a data directory; at most so many of its last runs.

    Raises:
        ConfigError: it is none.
        StoreError: its store cannot be read.
    """
    store = data / "state" / STORE_FILE
    try:
        with closing(reader(data)) as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")  # one state of the store, whatever a run does meanwhile
            newest = connection.execute(
                "SELECT id, started, ended, exit_code, killed, counts FROM runs ORDER BY sequence DESC LIMIT ?", (runs,)
            ).fetchall()
            statuses = dict(connection.execute("SELECT status, count(*) FROM articles GROUP BY status").fetchall())
            files = connection.execute(
                "SELECT count(*), coalesce(sum(bytes), 0), min(first_crawled), max(last_crawled) FROM files"
            ).fetchone()
            there = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            counts = {
                table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own names
                for table in ("addresses", "frontier", "pending")
                if table in there  # a store that an older newscrawl made has not all of them before the next run
            }
            alarms = (
                connection.execute("SELECT source, what, since FROM alarms WHERE NOT ended ORDER BY source, what")
                if "alarms" in there
                else ()
            )
            standing = tuple(StandingAlarm(source=source, what=what, since=since) for source, what, since in alarms)
            waiting = connection.execute("SELECT min(crawled), max(crawled) FROM pending").fetchone()
    except (sqlite3.Error, UnicodeDecodeError, ValueError) as error:
        raise StoreError(f"{store} cannot be read: {error}; see `newscrawl state check --data {data}`") from error
    days = [moment[:10] for moment in (*files[2:], *waiting) if moment]
    disk = shutil.disk_usage(data)
    return Overview(
        owner=owner_of(data),
        runs=tuple(_run(*row) for row in newest),
        alarms=standing,
        articles=statuses.get("ok", 0),
        gone=statuses.get("gone", 0),
        purged=statuses.get("purged", 0),
        addresses=counts["addresses"],
        open_addresses=counts.get("frontier", 0),
        waiting_lines=counts["pending"],
        files=files[0],
        file_bytes=files[1],
        first_crawl_day=min(days, default=None),
        last_crawl_day=max(days, default=None),
        store_bytes=sum(file.stat().st_size for file in _parts(store)),
        free_bytes=disk.free,
        disk_bytes=disk.total,
    )


def owner_of(data: Path) -> Owner | None:
    """Who owns a data directory now; None when nobody does, or where that cannot be told."""
    try:
        descriptor = os.open(data / "state" / LOCK_FILE, os.O_RDONLY)
    except OSError:
        return None
    try:
        # Shared and for a moment: two who look do not see each other, and a run that begins just now tries twice.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _signature(os.pread(descriptor, 4096, 0))
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return None


def _signature(signed: bytes) -> Owner:
    try:
        owner: Any = json.loads(signed)
    except ValueError:
        owner = {}
    said = owner if isinstance(owner, dict) else {}
    return Owner(pid=said.get("pid"), host=said.get("host"), since=said.get("started"), run_id=said.get("run_id"))


def _run(  # noqa: PLR0913, PLR0917 - a row of the table
    run_id: str, started: str, ended: str | None, exit_code: int | None, killed: int, counts: str
) -> LastRun:
    counted = json.loads(counts)
    return LastRun(
        id=run_id,
        started=started,
        ended=ended,
        exit_code=exit_code,
        is_killed=bool(killed),
        articles=counted.get("outcome_article", 0),
        revisions=counted.get("revisions", 0),
        sources_failed=counted.get("sources_failed", 0),
    )


def _parts(store: Path) -> list[Path]:
    return [file for suffix in ("", "-wal") if (file := store.with_name(store.name + suffix)).exists()]
