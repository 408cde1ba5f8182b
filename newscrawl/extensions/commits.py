"""Articles and outcomes that come close after one another share a commit: most of a commit is waiting for the disk.

The order stays, and nothing is reported before it is on the disk. What a crash takes is what nobody was told of yet:
its addresses stand in the frontier, as those of pages that were on their way.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from newscrawl.errors import StoreError
from newscrawl.state.database import repeated

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

T = TypeVar("T")

WAIT_S = 0.05
"""No commit waits longer for others to share it."""
MOST = 64
"""So many are committed at once, and the network has its turn."""


class Commits:
    """Work on one store, done together; it belongs to the thread of the event loop."""

    def __init__(
        self, together: Callable[[], AbstractContextManager[None]], failed: Callable[[StoreError], None]
    ) -> None:
        """`together`: a block whose work is committed as one; `failed`: told when that cannot be stored."""
        self._together = together
        self._failed = failed
        self._waiting: list[tuple[Callable[[], Any], asyncio.Future[Any] | None]] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, work: Callable[[], object]) -> None:
        """Do it with the next commit; who failed is told to `failed` alone."""
        self._add(work, None)

    async def put(self, work: Callable[[], T]) -> T:
        """Do it with the next commit, and wait for that.

        Raises:
            StoreError: it could not be stored; nothing of it was.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._add(work, done)
        return await done

    def flush(self) -> None:
        """Commit what waits, now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            answers = self._all([work for work, _ in waiting])
        except StoreError as error:
            self._failed(error)
            answers = [error] * len(waiting)
        except Exception:
            # A bug over one of them, which fails loudly, must not take the others along.
            answers = [self._alone(work) for work, _ in waiting]
        bugs = []
        for (_, done), answer in zip(waiting, answers, strict=True):
            is_error = isinstance(answer, Exception)
            if done is None:
                bugs += [answer] if is_error and not isinstance(answer, StoreError) else []
            elif not done.cancelled():
                done.set_exception(answer) if is_error else done.set_result(answer)
        if bugs:
            raise bugs[0]

    def _add(self, work: Callable[[], Any], done: asyncio.Future[Any] | None) -> None:
        self._waiting.append((work, done))
        if len(self._waiting) >= MOST:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(WAIT_S, self.flush)

    @repeated
    def _all(self, works: list[Callable[[], Any]]) -> list[Any]:
        with self._together():
            return [work() for work in works]

    def _alone(self, work: Callable[[], Any]) -> Any:
        try:
            return self._all([work])
        except StoreError as error:
            self._failed(error)
            return error
        except Exception as error:
            return error
