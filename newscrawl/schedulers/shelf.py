"""Where requests wait that are too many for memory: a temporary file of SQLite's, which goes when the process does.

It makes no promise. What waits is in the store's frontier before it is queued, and a killed run's successor has it from
there; the file only spares the memory of a million requests.
"""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from scrapy import Request

logger = logging.getLogger(__name__)

MOST_IN_MEMORY = 20_000
"""So many requests wait in memory, over all hosts, before the file is used; each takes 2 KB."""
LEAST_OF_A_HOST = 8
"""So many of each host wait in memory in any case."""

Key = tuple[int, bool, int]
"""The order within a host: the negated priority, whether it is one of the spider's first, a running number."""

_TABLE = """
    CREATE TABLE waiting (
        host TEXT, priority INTEGER, is_start INTEGER, number INTEGER, packed TEXT,
        PRIMARY KEY (host, priority, is_start, number)
    ) STRICT, WITHOUT ROWID
"""
_FIRST = "SELECT priority, is_start, number, packed FROM waiting WHERE host = ? ORDER BY 1, 2, 3 LIMIT ?"
_UP_TO = "DELETE FROM waiting WHERE host = ? AND (priority, is_start, number) <= (?, ?, ?)"


class Packing(Protocol):
    """How a spider's requests become text and requests again."""

    def pack(self, request: Request) -> str | None:
        """The request as text; None: it must stay in memory."""

    def unpack(self, text: str) -> Request:
        """The same request."""


class Shelf:
    """The requests that wait on disk, each host's best first."""

    def __init__(self, packing: Packing | None, *, most_in_memory: int = MOST_IN_MEMORY) -> None:
        self.in_memory = 0
        """Requests that wait in memory, over all hosts; who queues them keeps count."""
        self._packing = packing
        self._most_in_memory = most_in_memory
        self._best: dict[str, Key] = {}
        self._database: sqlite3.Connection | None = None

    def is_wanted(self, waiting: int) -> bool:
        """Whether a further request of a host, of which so many wait in memory, should wait on disk."""
        return self.in_memory >= self._most_in_memory and waiting >= LEAST_OF_A_HOST and self._packing is not None

    def put(self, host: str, key: Key, request: Request) -> bool:
        """Put a request on disk; False: it must stay in memory."""
        assert self._packing is not None
        if (packed := self._packing.pack(request)) is None:
            return False
        try:
            self._open().execute("INSERT INTO waiting VALUES (?, ?, ?, ?, ?)", (host, *key, packed))
        except sqlite3.Error as error:
            logger.warning("what waits stays in memory, for the temporary file cannot be written: %s", error)
            self._packing = None if not self._best else self._packing
            return False
        self._best[host] = min(key, self._best.get(host, key))
        return True

    def best(self, host: str) -> Key | None:
        """The key of the first request of a host; None when none is here."""
        return self._best.get(host)

    def take(self, host: str) -> list[tuple[Key, Request]]:
        """The first requests of a host, which are not here any more."""
        assert self._packing is not None
        database = self._open()
        *taken, following = [*database.execute(_FIRST, (host, LEAST_OF_A_HOST + 1)), None]
        if len(taken) > LEAST_OF_A_HOST:
            following = taken.pop()
        database.execute(_UP_TO, (host, *taken[-1][:3]))
        if following is None:
            del self._best[host]
        else:
            self._best[host] = (following[0], bool(following[1]), following[2])
        return [((row[0], bool(row[1]), row[2]), self._packing.unpack(row[3])) for row in taken]

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            self._database = sqlite3.connect("", isolation_level=None)  # no name: it is nobody else's, and goes with us
            self._database.execute("PRAGMA journal_mode = OFF")
            self._database.execute("PRAGMA synchronous = OFF")
            self._database.execute(_TABLE)
        return self._database

    def close(self) -> None:
        """Give the file back."""
        if self._database is not None:
            self._database.close()
            self._database = None
