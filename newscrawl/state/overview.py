"""A data directory at a glance, read beside a run that may be going on; nothing is written."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newscrawl.state.where import reader

if TYPE_CHECKING:
    from pathlib import Path

    from newscrawl.state.database import Database

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
    with reader(data) as database, database.snapshot():
        newest = list(
            database.rows(
                "SELECT id, started, ended, exit_code, killed, counts FROM runs ORDER BY sequence DESC LIMIT ?", (runs,)
            )
        )
        statuses = dict(database.rows("SELECT status, count(*) FROM articles GROUP BY status"))
        files = database.row(
            "SELECT count(*), CAST(coalesce(sum(bytes), 0) AS BIGINT), min(first_crawled), max(last_crawled) FROM files"
        )
        there = database.tables()
        counts = {
            table: database.number(f"SELECT count(*) FROM {table}")  # noqa: S608 - our own names
            for table in ("addresses", "frontier", "pending")
            if table in there  # a store that an older newscrawl made has not all of them before the next run
        }
        query = "SELECT source, what, since FROM alarms WHERE ended = 0 ORDER BY source, what"
        alarms = database.rows(query) if "alarms" in there else ()
        standing = tuple(StandingAlarm(source=source, what=what, since=since) for source, what, since in alarms)
        waiting = database.row("SELECT min(crawled), max(crawled) FROM pending")
        last_runs = tuple(_run(database, *row) for row in newest)
        store_bytes = database.bytes()
        owner = _owner_of_shared(database) if database.is_shared else owner_of(data)
    days = [moment[:10] for moment in (*files[2:], *waiting) if moment]
    disk = shutil.disk_usage(data)
    return Overview(
        owner=owner,
        runs=last_runs,
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
        store_bytes=store_bytes,
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


def _owner_of_shared(database: Database) -> Owner | None:
    """The newest run that goes on; where many share a store, nobody owns the directory."""
    query = "SELECT id, started FROM runs WHERE ended IS NULL AND killed = 0 ORDER BY sequence DESC LIMIT 1"
    row = database.row(query)
    return Owner(pid=None, host=None, since=row[1], run_id=row[0]) if row else None


def _signature(signed: bytes) -> Owner:
    try:
        owner: Any = json.loads(signed)
    except ValueError:
        owner = {}
    said = owner if isinstance(owner, dict) else {}
    return Owner(pid=said.get("pid"), host=said.get("host"), since=said.get("started"), run_id=said.get("run_id"))


def _run(  # noqa: PLR0913, PLR0917 - a row of the table
    database: Database, run_id: str, started: str, ended: str | None, exit_code: int | None, killed: int, counts: str
) -> LastRun:
    counted = database.parsed(counts)
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
