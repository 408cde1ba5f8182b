"""A dump and its index, open for reading; the index follows when the dump changes."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from newscrawl.browse.index import dump_files, open_index, refresh
from newscrawl.dump.caches import SEARCH_INDEX
from newscrawl.dump.manifest import MANIFEST
from newscrawl.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType


class Library:
    """Open, use, close.

    The index stands in the state folder of the data directory, or in a temporary one where that cannot be written to;
    that one goes when the library is closed.

    Raises:
        ConfigError: there is no dump.
        StoreError: the dump is damaged, or the index cannot be written anywhere.
    """

    def __init__(self, data: Path, tell: Callable[[int, int], None] = lambda _done, _all: None) -> None:
        self.data = data
        self._lock = Lock()
        self._stack = ExitStack()
        self._seen: tuple[int, ...] | None = None
        dump_files(data)  # whether there is a dump; nothing is written beside one that is none
        try:
            self.path, self._database = self._open()
            try:
                self._follow(tell)
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._database = self._anew()
                self._follow(tell)
        except sqlite3.Error as error:
            self.close()
            raise StoreError(f"cannot make the index of {data}: {error}") from error
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The index as the dump is now; one reader at a time. A damaged one is made anew for the next."""
        with self._lock:
            if not self.path.exists():  # somebody deleted it: a purge does
                self._database = self._anew()
            try:
                self._follow()
                yield self._database
            except sqlite3.DatabaseError as error:
                if _is_damage(error):
                    self.path.unlink(missing_ok=True)
                raise

    def close(self) -> None:
        """Close the index."""
        with suppress(AttributeError):
            self._database.close()
        self._stack.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _follow(self, tell: Callable[[int, int], None] = lambda _done, _all: None) -> None:
        stat = (self.data / MANIFEST).stat()
        now = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        if now != self._seen:
            refresh(self._database, self.data, tell)
            self._seen = now

    def _anew(self) -> sqlite3.Connection:
        """An empty index in the place of the one that there was."""
        self._database.close()
        self.path.unlink(missing_ok=True)
        self._seen = None
        return open_index(self.path)

    def _open(self) -> tuple[Path, sqlite3.Connection]:
        beside = self.data / SEARCH_INDEX
        with suppress(OSError, sqlite3.OperationalError):
            beside.parent.mkdir(mode=0o700, exist_ok=True)
            if not beside.exists() or os.access(beside, os.W_OK):
                return beside, open_index(beside)
        elsewhere = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="newscrawl-"))) / beside.name
        return elsewhere, open_index(elsewhere)


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file is wrong. The subclasses say that something else is: it is locked, or a statement is bad."""
    return type(error) is sqlite3.DatabaseError
