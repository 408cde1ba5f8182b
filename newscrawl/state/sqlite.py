"""One SQLite connection whose failures are sentences."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from newscrawl.errors import StoreError
from newscrawl.state.database import Database, encodable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

APPLICATION_ID = 0x6E637261
"""Marks the file as ours in its header ("ncra")."""
BUSY_TIMEOUT_S = 10.0
MAX_FAULTS = 20

_DAMAGED = (
    "{path} is damaged ({error}); `newscrawl state rebuild --data {data}` sets it aside and makes it anew from the dump"
)
_UNREADABLE = "{path} cannot be read: {error}; see `newscrawl state check --data {data}`"
_NO_TEXT = "Could not decode to UTF-8"
_SENTENCES = {
    sqlite3.SQLITE_FULL: "disk full: cannot write {path}",
    sqlite3.SQLITE_IOERR: "the disk failed under {path}: {error}",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_READONLY: "cannot write {path}: it is read-only",
    sqlite3.SQLITE_PERM: "cannot write {path}: permission denied",
    sqlite3.SQLITE_CANTOPEN: "cannot open {path}: {error}",
    sqlite3.SQLITE_BUSY: "{path} is in use by another program",
    sqlite3.SQLITE_LOCKED: "{path} is in use by another program",
}


class SqliteDatabase(Database):
    """A store in a file.

    Args:
        is_reader: it is only looked at, beside a run. Whatever cannot be read then is a `StoreError`: an older
            newscrawl may have written it.
    """

    def __init__(self, path: Path, *, is_reader: bool = False) -> None:
        self.path = path
        self.name = str(path)
        self._is_reader = is_reader
        try:
            self._connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        except sqlite3.Error as error:
            raise self._sentence(error) from error
        try:
            self._configure()
        except BaseException:
            self._connection.close()
            raise

    def _configure(self) -> None:
        if self._is_reader:
            self.execute("PRAGMA query_only = ON")
            return
        if not self.number("PRAGMA page_count"):
            # Only an empty file takes this: what is published leaves the file, and the file shrinks.
            self.execute("PRAGMA auto_vacuum = INCREMENTAL")
        self.execute("PRAGMA journal_mode = WAL")
        self.execute("PRAGMA synchronous = FULL")
        self.execute("PRAGMA foreign_keys = ON")

    def close(self) -> None:
        """Close the connection; SQLite writes its log back into the file."""
        self._connection.close()

    def execute(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run one statement; how many rows it changed."""
        return self._run(statement, values).rowcount

    def many(self, statement: str, values: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row of values."""
        for row in values:
            self.execute(statement, row)

    def rows(self, statement: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """The rows of a query, as tuples, one in memory at a time."""
        cursor = self._run(statement, values)
        try:
            # Not `yield from`, which would close a cursor whose connection an error has closed.
            for row in cursor:  # noqa: UP028
                yield row
        except UnicodeDecodeError as error:
            raise self.damaged(error) from error
        except sqlite3.Error as error:
            raise self._sentence(error) from error
        finally:
            with suppress(sqlite3.ProgrammingError):  # likewise
                cursor.close()

    def stream(self, statement: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """As `rows`."""
        return self.rows(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing; durable when the block is left. Within another one, a part of that."""
        if self._is_in_transaction():
            yield
            return
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if self._is_in_transaction():  # SQLite rolls back by itself when the disk is full
                self.execute("ROLLBACK")
            raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Reads one state."""
        self.execute("BEGIN")
        try:
            yield
        finally:
            if self._is_in_transaction():
                self.execute("ROLLBACK")

    def _is_in_transaction(self) -> bool:
        return self._connection.in_transaction

    @contextmanager
    def beside(self) -> Iterator[Database]:
        """This connection itself: nobody else writes."""
        yield self

    def define(self, statement: str, *, is_new: bool) -> None:  # noqa: ARG002 - rows that move are none in a new store
        """Run a statement of the schema."""
        self.execute(statement)

    def version(self) -> int:
        """The version of the store; 0: there is none yet."""
        version = self.number("PRAGMA user_version")
        application = self.number("PRAGMA application_id")
        if application not in {0, APPLICATION_ID} or (version and application != APPLICATION_ID):
            raise StoreError(f"{self.path} is not a newscrawl store; it was left as it is")
        return version

    def set_version(self, version: int) -> None:
        """Mark the file."""
        self.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        self.execute(f"PRAGMA user_version = {version}")

    def tables(self) -> frozenset[str]:
        """Names of all tables."""
        names = self.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
        return frozenset(name for (name,) in names if not name.startswith("sqlite_"))

    def shrink(self) -> None:
        """Give free pages back to the disk, and empty the log."""
        # A script, because execute() stops after the first page that is given back.
        self._script("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE);")

    def forget(self) -> None:
        """Leave no byte of what was deleted in the file or its log: the file is written anew, which takes its size."""
        self._script("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")

    def copy_to(self, path: Path) -> None:
        """Write one state of it to a new file, whole and compact."""
        self.execute("PRAGMA query_only = OFF")  # of which SQLite takes the new file for a part
        self.execute("VACUUM INTO ?", (str(path),))

    def bytes(self) -> int:
        """The size of the file and its log."""
        parts = (self.path.with_name(f"{self.path.name}{suffix}") for suffix in ("", "-wal"))
        return sum(each.stat().st_size for each in parts if each.exists())

    def faults(self) -> Iterator[str]:
        """What SQLite's own checks say."""
        for (line,) in self.rows(f"PRAGMA integrity_check({MAX_FAULTS})"):
            if line != "ok":
                yield line
        for row in self.rows("PRAGMA foreign_key_check"):
            yield f"a row of {row[0]} points at nothing in {row[2]}"

    def damaged(self, why: object) -> StoreError:
        """The error that says that the file cannot be trusted, and what to do."""
        return StoreError(_DAMAGED.format(path=self.path, data=self._data, error=why))

    def _run(self, statement: str, values: Sequence[Any]) -> sqlite3.Cursor:
        try:
            return self._connection.execute(statement, values)
        except UnicodeEncodeError:
            return self._run(statement, [encodable(value) for value in values])
        except UnicodeDecodeError as error:  # a message of SQLite that names what the disk garbled
            raise self.damaged(error) from error
        except sqlite3.Error as error:
            raise self._sentence(error) from error

    def _script(self, script: str) -> None:
        try:
            self._connection.executescript(script)
        except sqlite3.Error as error:
            raise self._sentence(error) from error

    def _sentence(self, error: sqlite3.Error) -> sqlite3.Error | StoreError:
        if str(error).startswith(_NO_TEXT):  # SQLite itself does not look into what it keeps
            return self.damaged(str(error).partition(" with text")[0])
        sentence = _SENTENCES.get((error.sqlite_errorcode or 0) & 0xFF) if hasattr(error, "sqlite_errorcode") else None
        if self._is_reader:
            sentence = _UNREADABLE
        return StoreError(sentence.format(path=self.path, data=self._data, error=error)) if sentence else error

    @property
    def _data(self) -> Path:
        return self.path.parent.parent
