"""Where the store of a data directory is: a file in it, or a PostgreSQL database that it was told."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.dump.files import NewFile
from newscrawl.errors import ConfigError, StoreError
from newscrawl.state.postgresql import AWAY_S, PostgresqlDatabase
from newscrawl.state.postgresql_session import without_password
from newscrawl.state.salvage import STORE_FILE
from newscrawl.state.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from newscrawl.state.database import Database

STORE_URL = Path("state", "store-url")
"""In a data directory: the address of its store without a password, and the id of that store, a line each."""
SETTING = "NEWSCRAWL_STATE"
_SCHEMES = ("postgresql://", "postgres://")


def store_url(data: Path, named: str | None = None) -> str | None:
    """The address of the PostgreSQL database that keeps the store of a data directory; None: a file in it does.

    What a setting names counts first, then the environment's NEWSCRAWL_STATE, then what the directory was told when
    its store was made.

    Raises:
        ConfigError: it is no address of a PostgreSQL database.
    """
    url = named or os.environ.get(SETTING)
    if not url:
        noted = _noted(data)
        return noted[0] if noted else None
    if not url.startswith(_SCHEMES):
        raise ConfigError(f"{SETTING} is no address like {_SCHEMES[0]}user@host:5432/database")
    return url


def connect(data: Path, url: str, *, away_s: float = AWAY_S, is_reader: bool = False) -> PostgresqlDatabase:
    """A connection to the store of a data directory.

    Raises:
        ConfigError: the address is none, or psycopg is not installed.
        StoreError: it cannot be connected to, or is the store of another data directory.
    """
    if (file := data / "state" / STORE_FILE).is_file():
        # Another store would fetch and publish everything a second time.
        raise ConfigError(f"the store of {data} is the file {file}, but {SETTING} names a database")
    database = PostgresqlDatabase(url, away_s=away_s, is_reader=is_reader)
    try:
        _refuse_another(database, data)
    except BaseException:
        database.close()
        raise
    return database


def note(database: PostgresqlDatabase, data: Path) -> None:
    """Let the data directory know where its store is."""
    text = f"{without_password(database.url)}\n{database.identity()}\n"
    with suppress(OSError):
        if (data / STORE_URL).read_bytes() == text.encode():
            return
    with NewFile(data / STORE_URL, is_shared=True) as file:
        file.write(text.encode())
        file.finish()


def is_noted(database: PostgresqlDatabase, data: Path) -> bool:
    """Whether the data directory notes that this is its store."""
    noted = _noted(data)
    return noted is not None and bool(database.version()) and database.identity() == noted[1]


def reader(data: Path) -> Database:
    """A connection of its own to the store of a data directory, for reading beside a run.

    Raises:
        ConfigError: there is no store.
        StoreError: it cannot be read.
    """
    if (url := store_url(data)) is not None:
        database = connect(data, url, is_reader=True)
        if not database.version():
            database.close()
            raise ConfigError(f"{database.name} holds no newscrawl store yet")
        return database
    store = data / "state" / STORE_FILE
    if not store.is_file():
        raise ConfigError(f"{data} is no data directory of newscrawl: it has no state/{STORE_FILE}")
    return SqliteDatabase(store, is_reader=True)


def _noted(data: Path) -> tuple[str, str] | None:
    with suppress(FileNotFoundError, NotADirectoryError):
        lines = (data / STORE_URL).read_text(encoding="utf-8").splitlines()
        if len(lines) == 2:
            return lines[0], lines[1]
    return None


def _refuse_another(database: PostgresqlDatabase, data: Path) -> None:
    noted = _noted(data)
    if noted is None:
        return
    there = database.identity() if database.version() else None
    if there != noted[1]:
        raise StoreError(
            f"{database.name} holds {f'the store {there}' if there else 'no store'}, but {data / STORE_URL} "
            f"says that {noted[1]} is the one of {data}"
        )
