"""What the store asks of a database, written once for SQLite and PostgreSQL.

Statements keep to what both understand: `?` for a value, `ON CONFLICT`, `RETURNING`, integers for truth, JSON in text.
The few differences are methods here, and what differs in the definition of tables is in `newscrawl.state.dialect`.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

from newscrawl.errors import StoreAwayError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractContextManager
    from types import TracebackType

REPEATS = 5
"""So often something is begun again whose database went away in the middle of it."""
_SURROGATES = re.compile("[\ud800-\udfff]")
_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


class Database(ABC):
    """Plain SQL with parameters, and explicit transactions. It belongs to one thread.

    What the disk, the server or another program does to it comes as `StoreError`; what is a bug (a wrong statement,
    a broken constraint) stays an error of the driver and fails loudly.
    """

    name: str
    """For messages: a path, or a database and its host; never a password."""
    is_shared = False
    """Others may write at the same time."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Close the connection; a second time does nothing."""

    @abstractmethod
    def execute(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run one statement; how many rows it changed.

        What no database can hold in a value, a lone surrogate, becomes U+FFFD. Outside a transaction a statement may
        be done twice, when a server that is away comes back: it must be one that does no harm then.
        """

    @abstractmethod
    def many(self, statement: str, values: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row of values, within a transaction."""

    @abstractmethod
    def rows(self, statement: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """The rows of a query, as tuples."""

    @abstractmethod
    def stream(self, statement: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """The rows of a large query, as tuples, few in memory at a time."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """All of it or nothing; durable when the block is left. One at a time, over all who share the store.

        Within another one it is a part of that.
        """

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[None]:
        """Reads one state, whatever is written meanwhile. Nothing can be written in it."""

    @abstractmethod
    def beside(self) -> AbstractContextManager[Database]:
        """One state to read from while this connection goes on writing: that of now, while nobody else can write."""

    @abstractmethod
    def define(self, statement: str, *, is_new: bool) -> None:
        """Run a statement of `newscrawl.state.schema`, written as SQLite has it.

        Args:
            is_new: there was no store before; what moves rows has none to move.
        """

    @abstractmethod
    def version(self) -> int:
        """The version of the store; 0: there is none yet.

        Raises:
            StoreError: there is something else.
        """

    @abstractmethod
    def set_version(self, version: int) -> None:
        """Mark the database as a store of this version; within the caller's transaction."""

    @abstractmethod
    def tables(self) -> frozenset[str]:
        """Names of all tables."""

    @abstractmethod
    def shrink(self) -> None:
        """Give the room of what was deleted back to the disk."""

    @abstractmethod
    def forget(self) -> None:
        """Leave no byte of what was deleted: everything is written anew, which takes its size."""

    @abstractmethod
    def bytes(self) -> int:
        """The room it takes on the disk."""

    @abstractmethod
    def faults(self) -> Iterator[str]:
        """What the database finds wrong with itself, as sentences; all of it is read."""

    @abstractmethod
    def damaged(self, why: object) -> StoreError:
        """The error that says that the store cannot be trusted, and what to do."""

    def row(self, statement: str, values: Sequence[Any] = ()) -> Any:
        """The first row of a query, or None."""
        return next(iter(self.rows(statement, values)), None)

    def number(self, statement: str) -> int:
        """The one number a query gives."""
        return int(self.row(statement)[0])

    def parsed(self, value: Any, how: Callable[[Any], Any] = json.loads) -> Any:
        """What a value holds that was written as JSON, or as `how` reads it.

        The disk may have changed a letter that the database does not miss.
        """
        try:
            return how(value)
        except (ValueError, TypeError) as error:
            raise self.damaged(error) from error


def encodable(value: Any) -> Any:
    """A value without lone surrogates."""
    return _SURROGATES.sub("\ufffd", value) if isinstance(value, str) else value


def repeated(work: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
    """Begin again when the database goes away in the middle: nothing of what it did is there then.

    That it comes back is waited for where the next statement begins.
    """

    @wraps(work)
    def begun_again(*given: _Given.args, **named: _Given.kwargs) -> _Result:
        # What can be read only once must be there a second time.
        kept: Any = tuple(tuple(each) if isinstance(each, Iterator) else each for each in given)
        for _ in range(REPEATS):
            try:
                return work(*kept, **named)
            except StoreAwayError:
                continue
        return work(*kept, **named)

    return begun_again
