"""What each of the newest runs sent to each host; `newscrawl.report.politeness` counts and reads it."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from newscrawl.errors import ConfigError
from newscrawl.state.database import repeated
from newscrawl.state.where import reader

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


@repeated
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
    query = "SELECT run_id, hosts FROM politeness WHERE run_id = coalesce(?, run_id) ORDER BY run_id DESC LIMIT 1"
    with reader(data) as database:
        is_there = "politeness" in database.tables()  # not in a store that an older newscrawl wrote last
        if not is_there or (row := database.row(query, (run_id,))) is None:
            kept = f"the newest {KEPT_RUNS} runs that sent something are kept"
            raise ConfigError(f"{data} holds nothing of {run_id or 'any run'}: {kept}")
        try:
            return row[0], json.loads(zlib.decompressobj().decompress(row[1], MAX_BYTES))
        except (zlib.error, ValueError) as error:
            raise database.damaged(error) from error
