"""Rows in the order of a key, of any number, in bounded memory."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from newscrawl.dump.record import to_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newscrawl.export.table import Row


def by_day_and_source(rows: Iterable[tuple[Row, Row]]) -> Iterator[Row]:
    """The second of each pair, by publication, source and id of the first; what has no publication comes last.

    They are sorted on the disk, in the directory for temporary files (SQLITE_TMPDIR, TMPDIR), which needs about three
    times their room as JSON.

    Raises:
        sqlite3.Error: that disk is full.
    """
    with closing(sqlite3.connect("", isolation_level=None)) as database:  # a file of its own, gone when it is closed
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA cache_size = -16384")  # KiB
        database.execute("PRAGMA temp_store = FILE")
        database.execute("CREATE TABLE rows (published TEXT, source TEXT, id TEXT, revision INTEGER, row BLOB)")
        database.execute("BEGIN")
        database.executemany(
            "INSERT INTO rows VALUES (?, ?, ?, ?, ?)",
            (
                (each["date_published"], each["source"], each["id"], each["revision"], to_line(row))
                for each, row in rows
            ),
        )
        database.execute("COMMIT")
        query = "SELECT row FROM rows ORDER BY published NULLS LAST, source, id, revision"
        for (line,) in database.execute(query):
            yield json.loads(line)
