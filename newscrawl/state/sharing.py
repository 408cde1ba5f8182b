"""What keeps apart the processes that share a store in PostgreSQL.

Storing needs no lock but the one that each transaction takes. A run holds a lock while its process lives, so that
others can tell a run that goes on from one that was killed. The dump has one publisher at a time: a lock of the
database, for all machines, and a lock of a file beside the dump, which no lost connection gives back while its holder
still writes.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from newscrawl.errors import InterruptedWaitError, StoreAwayError, StoreError
from newscrawl.state import runs
from newscrawl.state.lock import DirectoryLock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newscrawl.state.postgresql import PostgresqlDatabase

PUBLISHING_LOCK = "publishing"
"""The lock of the dump in a data directory, a file beside the directory's own lock."""
PUBLISHING_S = 3600.0
"""So long somebody else's publication is waited for."""


class Sharing:
    """One process among those that share a store."""

    def __init__(self, database: PostgresqlDatabase, data: Path) -> None:
        self._database = database
        self._lock = data / "state" / PUBLISHING_LOCK
        self._run_id: str | None = None
        self._owns_dump = False
        database.after_coming_back.append(self._take_again)

    def sign(self, run_id: str) -> None:
        """Hold the lock of a run, before others can see the run."""
        self._database.hold(_of(run_id), shared=True)
        self._run_id = run_id

    def release(self) -> None:
        """The end of the session gives everything back."""

    @contextmanager
    def dump_alone(self) -> Iterator[None]:
        """Nobody else publishes, compacts or purges within the block; within another such block it is a part of that.

        Raises:
            StoreError: a signal came while another process published, or it took more than an hour.
        """
        if self._owns_dump:
            yield
            return
        try:
            lock = DirectoryLock(self._lock, wait_s=PUBLISHING_S)
        except InterruptedWaitError as error:
            raise StoreError(
                "a signal came while another process published; the next run publishes the rest"
            ) from error
        try:
            self._database.hold(PUBLISHING_LOCK)
            self._owns_dump = True
            try:
                yield
            finally:
                self._owns_dump = False
                with suppress(StoreAwayError):
                    self._database.give_back(PUBLISHING_LOCK)
        finally:
            lock.release()

    def mark_killed(self) -> None:
        """Runs that have not ended and whose processes hold no lock any more will not end.

        For a while after the server was started nobody is taken for dead: who lost a connection is about to come back.
        """
        if self._database.up_s() < self._database.away_s:
            return
        for run_id in runs.open_runs(self._database):
            if self._database.hold(_of(run_id), wait=False):
                try:
                    runs.mark_killed(self._database, run_id)
                finally:
                    self._database.give_back(_of(run_id))

    def is_going_on(self, run_id: str) -> bool:
        """Whether the process of a run lives, and is connected."""
        if not self._database.hold(_of(run_id), wait=False):
            return True
        self._database.give_back(_of(run_id))
        return False

    def _take_again(self) -> None:
        if self._run_id is not None:
            self._database.hold(_of(self._run_id), shared=True)
            if runs.is_killed(self._database, self._run_id):
                raise StoreError(
                    f"{self._run_id} was taken for killed while its connection to {self._database.name} was lost; "
                    "the next run goes on with what it left"
                )
        if self._owns_dump:
            self._database.hold(PUBLISHING_LOCK)
            raise StoreAwayError("the publication was interrupted, for another process may publish by now")


def _of(run_id: str) -> str:
    return f"run {run_id}"
