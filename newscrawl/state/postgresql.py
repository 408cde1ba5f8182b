"""A store in a PostgreSQL database, which many processes and machines can share.

What SQLite gives by having one writer at a time is kept: each transaction takes the store's advisory lock first, so the
order of `pending.sequence` is the order of the commits. A server that goes away is waited for where a statement or a
transaction begins; what was under way is begun again by `newscrawl.state.database.repeated`. Whether a commit that was
not confirmed took place is asked of the server, so nothing is done twice.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from newscrawl.errors import StoreAwayError, StoreError
from newscrawl.state.database import Database, encodable
from newscrawl.state.dialect import definition, numbered
from newscrawl.state.lock import signals_noted
from newscrawl.state.postgresql_session import DAMAGED, connect, name_of, sentence

try:
    import psycopg
except ImportError:  # an extra
    psycopg = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

logger = logging.getLogger(__name__)

AWAY_S = 600.0
"""So long a server that went away is waited for."""
_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0
_FETCHED = 200
"""Rows of a large query that are in memory at a time."""


class PostgresqlDatabase(Database):
    """A store in the schema that a connection finds first.

    Args:
        url: ``postgresql://user@host:port/database``; libpq's ``options=-csearch_path%3DNAME`` chooses a schema.
        away_s: so many seconds a server that went away is waited for.
        is_reader: it is only looked at.

    Raises:
        ConfigError: psycopg is not installed, or the address is none.
        StoreError: it cannot be connected to, or cannot hold a store.
    """

    is_shared = True

    def __init__(self, url: str, *, away_s: float = AWAY_S, is_reader: bool = False) -> None:
        self.url = url
        self.name = name_of(url)
        self.away_s = away_s
        self._is_reader = is_reader
        self._is_in_transaction = False
        self.after_coming_back: list[Callable[[], None]] = []
        """What a session held and a new one must take again; may raise StoreError."""
        self.session = 0
        """Counts the connections: what an earlier one held is lost."""
        self._connection, self._schema = connect(url, is_reader=is_reader)

    def close(self) -> None:
        """Close the connection; the server gives back what the session held."""
        self._connection.close()

    def execute(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run one statement; how many rows it changed."""
        return self._patiently(statement, values).rowcount

    def many(self, statement: str, values: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row of values, without waiting for each."""
        rows = [[_held(each) for each in row] for row in values]  # once something was sent it would be too late
        try:
            with self._connection.cursor() as cursor:
                cursor.executemany(numbered(statement), rows)
        except psycopg.Error as error:
            raise self._sentence(error) from error

    def rows(self, statement: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """The rows of a query, as tuples; all of them are in memory."""
        return iter(self._patiently(statement, values).fetchall())

    def stream(self, statement: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """The rows of a large query, as tuples, few in memory at a time."""
        name = f"newscrawl_{secrets.token_hex(8)}"
        try:
            with self._connection.cursor(name, withhold=not self._is_in_transaction) as cursor:
                cursor.itersize = _FETCHED
                cursor.execute(numbered(statement), [_held(each) for each in values])
                yield from cursor
        except psycopg.Error as error:
            raise self._sentence(error) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing; durable when the block is left. The store's lock is held until then.

        Within another one it is a part of that.
        """
        if self._is_in_transaction:
            yield
            return
        number = self._begin()
        try:
            yield
        except BaseException:
            self._roll_back()
            raise
        self._commit(number)

    def _begin(self) -> int:
        """Begin, and give the number of the transaction."""
        while True:
            try:
                self._run("BEGIN", ())
                self._is_in_transaction = True
                return int(self.row(_LOCK, (self.key("write"),))[1])
            except StoreAwayError:
                self._is_in_transaction = False
                self._come_back()
            except BaseException:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        self._is_in_transaction = False
        with suppress(psycopg.Error):  # the server does it when the connection is lost
            self._connection.execute("ROLLBACK")

    def _commit(self, number: int) -> None:
        self._is_in_transaction = False
        try:
            self._run("COMMIT", ())
        except StoreAwayError:
            self._come_back()
            if not self._took_place(number):
                raise

    def _took_place(self, number: int) -> bool:
        """Whether a transaction was committed whose confirmation was lost."""
        pause_s = _PAUSE_S
        try:
            while (status := self.row("SELECT pg_xact_status(CAST(? AS xid8))", (str(number),))[0]) == "in progress":
                time.sleep(pause_s)  # its process has not noticed yet that nobody listens
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        except psycopg.errors.InvalidParameterValue:  # of the future: another server took over, without it
            return False
        return bool(status == "committed")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Reads one state."""
        self._patiently("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", ())
        self._is_in_transaction = True
        try:
            self._run("SELECT 1", ())  # the state of now, not that of the first question
            yield
        finally:
            self._roll_back()

    @contextmanager
    def beside(self) -> Iterator[Database]:
        """A connection of its own that sees the state of now."""
        other = PostgresqlDatabase(self.url, away_s=self.away_s, is_reader=True)
        try:
            other.execute("SET idle_in_transaction_session_timeout = 0")  # it waits while files are written
            with other.snapshot():
                yield other
        finally:
            other.close()

    def define(self, statement: str, *, is_new: bool) -> None:
        """Run a statement of the schema, with PostgreSQL's types."""
        if not (is_new and statement.lstrip().startswith("INSERT")):
            self.execute(definition(statement))

    def version(self) -> int:
        """The version of the store; 0: there is none yet."""
        there = self.tables()
        if _MARK in there:
            return self.number(f"SELECT version FROM {_MARK}")  # noqa: S608 - our own name
        if there:
            raise StoreError(f"{self.name} is not a newscrawl store; it was left as it is")
        return 0

    def set_version(self, version: int) -> None:
        """Mark the schema."""
        if _MARK not in self.tables():
            self.execute(definition(f"CREATE TABLE {_MARK} (id TEXT NOT NULL, version INTEGER NOT NULL) STRICT"))
            self.execute(f"INSERT INTO {_MARK} (id, version) VALUES (?, 0)", (f"store_{secrets.token_hex(8)}",))  # noqa: S608 - likewise
        self.execute(f"UPDATE {_MARK} SET version = ?", (version,))  # noqa: S608 - likewise

    def identity(self) -> str:
        """The id of the store, which a copy of it has too."""
        return str(self.row(f"SELECT id FROM {_MARK}")[0])  # noqa: S608 - likewise

    def tables(self) -> frozenset[str]:
        """Names of all tables of the schema."""
        return frozenset(name for (name,) in self.rows(_TABLES, (self._schema,)))

    def shrink(self) -> None:
        """The server reuses the room of what was deleted by itself."""

    def forget(self) -> None:
        """Write every table anew; the server's own log and its backups go their own ways."""
        for name in sorted(self.tables()):
            self.execute(f'VACUUM (FULL) "{name}"')

    def bytes(self) -> int:
        """The room of its tables and their indexes."""
        return int(self.row(_BYTES, (self._schema,))[0])

    def faults(self) -> Iterator[str]:
        """What cannot be read, and settings of the server with which what is stored is not safe."""
        for name in sorted(self.tables()):
            try:
                for _ in self.stream(f'SELECT * FROM "{name}"'):  # noqa: S608 - its own tables
                    pass
            except (StoreError, psycopg.Error) as error:
                yield f"{name}: {error}"
        for setting in ("fsync", "full_page_writes"):
            if self.row("SELECT current_setting(?)", (setting,))[0] == "off":
                yield f"the server runs with {setting} = off: a power cut loses what is stored"

    def damaged(self, why: object) -> StoreError:
        """The error that says that the store cannot be trusted, and what to do."""
        return StoreError(DAMAGED.format(name=self.name, error=why))

    def up_s(self) -> float:
        """So many seconds the server has been up."""
        return float(self.row(_UP_S)[0])

    def key(self, purpose: str) -> int:
        """The number of an advisory lock of this store."""
        return int.from_bytes(
            hashlib.blake2b(f"{self._schema} {purpose}".encode(), digest_size=8).digest(), signed=True
        )

    def hold(self, purpose: str, *, wait: bool = True, shared: bool = False) -> bool:
        """Take an advisory lock until it is given back or the session ends; whether it is ours now.

        Args:
            shared: with others that take it so; a session that the server has not missed yet may be one of them.
        """
        name = f"pg_{'' if wait else 'try_'}advisory_lock{'_shared' if shared else ''}"
        (taken,) = self.row(f"SELECT {name}(?)", (self.key(purpose),))
        return wait or bool(taken)

    def give_back(self, purpose: str) -> None:
        """Give an advisory lock back."""
        self.execute("SELECT pg_advisory_unlock(?)", (self.key(purpose),))

    def _patiently(self, statement: str, values: Sequence[Any]) -> psycopg.Cursor[Any]:
        """Run a statement; outside a transaction, once more when the server comes back."""
        while True:
            try:
                return self._run(statement, values)
            except StoreAwayError:
                if self._is_in_transaction:
                    raise
                self._come_back()

    def _run(self, statement: str, values: Sequence[Any]) -> psycopg.Cursor[Any]:
        try:
            return self._connection.execute(numbered(statement), values)
        except (UnicodeEncodeError, psycopg.DataError) as error:
            if not _is_unheld(error):
                raise
            return self._run(statement, [_held(each) for each in values])
        except psycopg.Error as error:
            raise self._sentence(error) from error

    def _come_back(self) -> None:
        """Wait until there is a connection again, and take again what the last one held.

        Raises:
            StoreError: the server did not come back in time, or a signal came.
        """
        with suppress(psycopg.Error):
            self._connection.close()
        until, pause_s, is_told = time.monotonic() + self.away_s, _PAUSE_S, False
        with signals_noted() as noted:
            while True:
                try:
                    self._connection, self._schema = connect(self.url, is_reader=self._is_reader)
                except StoreAwayError as error:
                    if noted:
                        raise StoreError(f"a signal came while {self.name} was waited for") from error
                    if time.monotonic() >= until:
                        raise StoreError(f"{error}; it was waited for {self.away_s:,.0f} seconds") from error
                    if not is_told:
                        logger.warning("%s; waiting for it, at most %.0f seconds", error, self.away_s)
                        is_told = True
                    time.sleep(max(0.0, min(pause_s, until - time.monotonic())))
                    pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
                else:
                    break
        if is_told:
            logger.warning("%s is there again", self.name)
        self.session += 1
        for take in self.after_coming_back:
            take()

    def _sentence(self, error: psycopg.Error) -> psycopg.Error | StoreError:
        return sentence(error, self.name, self._connection)


_MARK = "newscrawl_store"
_LOCK = "SELECT pg_advisory_xact_lock(?), CAST(pg_current_xact_id() AS TEXT)"
_UP_S = "SELECT CAST(extract(epoch FROM clock_timestamp() - pg_postmaster_start_time()) AS DOUBLE PRECISION)"
_OURS = "WHERE relkind = 'r' AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = ?)"
_BYTES = f"SELECT CAST(coalesce(sum(pg_total_relation_size(oid)), 0) AS BIGINT) FROM pg_class {_OURS}"  # noqa: S608 - likewise
_TABLES = f"SELECT relname FROM pg_class {_OURS}"  # noqa: S608 - no value in it


def _is_unheld(error: Exception) -> bool:
    return isinstance(error, UnicodeEncodeError) or (isinstance(error, psycopg.DataError) and "NUL" in str(error))


def _held(value: Any) -> Any:
    """A value without what PostgreSQL cannot hold in a text: a NUL, or half a surrogate pair."""
    return encodable(value).replace("\0", "\ufffd") if isinstance(value, str) else value
