"""SQLite: one table that is ready to be searched, in one file."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from newscrawl.dump.columns import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from newscrawl.export.table import Row, Table

SEARCHED = ("title", "description", "text")
INDEXED = ("source", "language", "date_published", "cluster_id", "outcome", "rule")
_TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}


def write_sqlite(rows: Iterator[Row], table: Table, path: Path, facts: Mapping[str, str]) -> None:
    """A table of the rows, lists and objects as JSON; `<table>_fts` to search titles, descriptions and texts in::

        SELECT articles.* FROM articles JOIN articles_fts ON articles_fts.rowid = articles.row
        WHERE articles_fts MATCH 'harbour'

    Words are found whatever their case and accents; scripts without spaces are not cut into words.

    Args:
        facts: what the table ``export`` says of it.

    Raises:
        sqlite3.Error: the disk is full or failed.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        # The file has its name only when it is whole: nothing to roll back to, nothing to sync before the end.
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN")
        columns = ", ".join(f'"{name}" {_type(each)}' for name, each in table.fields.items())
        database.execute(f"CREATE TABLE {table.name} (row INTEGER PRIMARY KEY, {columns})")
        places = ", ".join("?" * len(table.fields))
        database.executemany(
            f"INSERT INTO {table.name} VALUES (NULL, {places})",  # noqa: S608 - no value in it
            ([_value(row[name]) for name in table.fields] for row in rows),
        )
        if table.key:
            database.execute(f"CREATE UNIQUE INDEX {table.name}_key ON {table.name} ({', '.join(table.key)})")
        for name in (each for each in INDEXED if each in table.fields):
            database.execute(f"CREATE INDEX {table.name}_{name} ON {table.name} ({name})")
        _make_searchable(database, table)
        database.execute("CREATE TABLE export (name TEXT PRIMARY KEY, value TEXT)")
        database.executemany("INSERT INTO export VALUES (?, ?)", facts.items())
        database.execute("COMMIT")


def _make_searchable(database: sqlite3.Connection, table: Table) -> None:
    searched = ", ".join(each for each in SEARCHED if each in table.fields)
    if searched:
        database.execute(
            f"CREATE VIRTUAL TABLE {table.name}_fts USING fts5({searched}, content = '{table.name}', "
            "content_rowid = 'row', tokenize = 'unicode61 remove_diacritics 2')"
        )
        database.execute(f"INSERT INTO {table.name}_fts ({table.name}_fts) VALUES ('rebuild')")  # noqa: S608 - likewise


def _type(field: dict[str, Any]) -> str:
    kind, nullable = kind_of(field)
    return _TYPES.get(kind, "TEXT") + ("" if nullable else " NOT NULL")


def _value(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
