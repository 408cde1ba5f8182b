"""One SQLite connection whose failures are sentences."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from newscrawl.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

BUSY_TIMEOUT_S = 10.0
_SURROGATES = re.compile("[\ud800-\udfff]")

_DAMAGED = (
    "{path} is damaged ({error}); `newscrawl state rebuild --data {data}` sets it aside and makes it anew from the dump"
)
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


class Database:
    """Plain SQL with parameters, and explicit transactions.

    What the disk or another program does to the file comes as `StoreError`; what is a bug (a wrong statement,
    a broken constraint) stays a `sqlite3.Error` and fails loudly.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
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
        if not self.number("PRAGMA page_count"):
            # Only an empty file takes this: what is published leaves the file, and the file shrinks.
            self.execute("PRAGMA auto_vacuum = INCREMENTAL")
        self.execute("PRAGMA journal_mode = WAL")
        self.execute("PRAGMA synchronous = FULL")
        self.execute("PRAGMA foreign_keys = ON")

    def close(self) -> None:
        """Close the connection; SQLite writes its log back into the file."""
        self._connection.close()

    def execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement. A lone surrogate in a value, which no database can hold, becomes U+FFFD."""
        try:
            return self._connection.execute(statement, values)
        except UnicodeEncodeError:
            return self.execute(statement, [_encodable(value) for value in values])
        except UnicodeDecodeError as error:  # a message of SQLite that names what the disk garbled
            raise self.damaged(error) from error
        except sqlite3.Error as error:
            raise self._sentence(error) from error

    def rows(self, statement: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """The rows of a query, as tuples, one in memory at a time."""
        cursor = self.execute(statement, values)
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

    def row(self, statement: str, values: Sequence[Any] = ()) -> Any:
        """The first row of a query, or None."""
        return next(iter(self.rows(statement, values)), None)

    def number(self, statement: str) -> int:
        """The one number a query gives."""
        return int(self.row(statement)[0])

    def parsed(self, value: Any, how: Callable[[Any], Any] = json.loads) -> Any:
        """What a value holds that was written as JSON, or as `how` reads it.

        The disk may have changed a letter that SQLite does not miss.
        """
        try:
            return how(value)
        except (ValueError, TypeError) as error:
            raise self.damaged(error) from error

    def shrink(self) -> None:
        """Give free pages back to the disk, and empty the log."""
        try:
            # A script, because execute() stops after the first page that is given back.
            self._connection.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE);")
        except sqlite3.Error as error:
            raise self._sentence(error) from error

    def forget(self) -> None:
        """Leave no byte of what was deleted in the file or its log: the file is written anew, which takes its size."""
        try:
            self._connection.executescript("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")
        except sqlite3.Error as error:
            raise self._sentence(error) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing; durable when the block is left."""
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # SQLite rolls back by itself when the disk is full
                self.execute("ROLLBACK")
            raise

    def _sentence(self, error: sqlite3.Error) -> sqlite3.Error | StoreError:
        sentence = _SENTENCES.get((error.sqlite_errorcode or 0) & 0xFF) if hasattr(error, "sqlite_errorcode") else None
        if str(error).startswith(_NO_TEXT):  # SQLite itself does not look into what it keeps
            return self.damaged(str(error).partition(" with text")[0])
        return StoreError(sentence.format(path=self.path, data=self._data, error=error)) if sentence else error

    def damaged(self, why: object) -> StoreError:
        """The error that says that the file cannot be trusted, and what to do."""
        return StoreError(_DAMAGED.format(path=self.path, data=self._data, error=why))

    @property
    def _data(self) -> Path:
        return self.path.parent.parent


def _encodable(value: Any) -> Any:
    return _SURROGATES.sub("\ufffd", value) if isinstance(value, str) else value
