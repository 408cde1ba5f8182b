"""What each of the newest runs sent to each host; `newscrawl.report.politeness` counts and reads it."""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import closing
from typing import TYPE_CHECKING, Any

from newscrawl.errors import ConfigError, StoreError
from newscrawl.state.backup import reader
from newscrawl.state.salvage import STORE_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from newscrawl.state.database import Database

TABLES = (
    """
    CREATE TABLE politeness (
        run_id TEXT PRIMARY KEY,
        hosts BLOB NOT NULL                        -- zlib of JSON: a list of hosts with their counts
    ) STRICT, WITHOUT ROWID
    """,
)
KEPT_RUNS = 200
"""Run ids sort by time; a run over a hundred hosts takes some 4 KB."""
MAX_BYTES = 64 * 1024 * 1024


def put_traffic(database: Database, run_id: str, hosts: list[dict[str, Any]]) -> None:
    """Keep what a run sent, and forget the oldest run; a run that sent nothing is not kept."""
    if not hosts:
        return
    packed = zlib.compress(json.dumps(hosts, separators=(",", ":")).encode(), 6)
    with database.transaction():
        database.execute(
            "INSERT INTO politeness (run_id, hosts) VALUES (?, ?) "
            "ON CONFLICT (run_id) DO UPDATE SET hosts = excluded.hosts",
            (run_id, packed),
        )
        database.execute(
            "DELETE FROM politeness WHERE run_id NOT IN (SELECT run_id FROM politeness ORDER BY run_id DESC LIMIT ?)",
            (KEPT_RUNS,),
        )


def read_traffic(data: Path, run_id: str | None = None) -> tuple[str, list[dict[str, Any]]]:
    """The id and the hosts of a run, or of the newest one; a run that goes on meanwhile is not held up.

    Raises:
        ConfigError: there is no store, or nothing of the run is kept.
        StoreError: the store cannot be read.
    """
    try:
        with closing(reader(data)) as connection:
            row = connection.execute(
                "SELECT run_id, hosts FROM politeness WHERE run_id = coalesce(?, run_id) ORDER BY run_id DESC LIMIT 1",
                (run_id,),
            ).fetchone()
        hosts = json.loads(zlib.decompressobj().decompress(row[1], MAX_BYTES)) if row else []
    except (sqlite3.Error, zlib.error, ValueError) as error:
        if "no such table" not in str(error):  # a store that an older newscrawl wrote last
            raise StoreError(f"{data / 'state' / STORE_FILE} cannot be read: {error}") from error
        row = None
    if row is None:
        kept = f"the newest {KEPT_RUNS} runs that sent something are kept"
        raise ConfigError(f"{data} holds nothing of {run_id or 'any run'}: {kept}")
    return row[0], hosts
