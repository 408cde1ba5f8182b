"""One run at a time owns a data directory."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import socket
import threading
import time
import weakref
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from newscrawl.dates import utc_now
from newscrawl.dump.files import storage_error
from newscrawl.errors import InterruptedWaitError, LockedError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

_POLL_S = 0.1
_GLANCE_S = 0.2
"""Nobody is refused sooner: `newscrawl status` has the lock for an instant when it looks whether a run goes on."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL})

# A forked worker inherits the descriptor, and would keep the lock alive after its parent was killed.
_held: weakref.WeakSet[DirectoryLock] = weakref.WeakSet()


class DirectoryLock:
    """An advisory lock on a file, which the system gives back when its owner dies in whatever way.

    The file says who owns it and is never deleted: a name that comes and goes would let two processes lock
    two different files.

    Raises:
        LockedError: another process has it, and still has it after `wait_s` seconds.
        InterruptedWaitError: SIGINT, SIGTERM or SIGHUP came while it was waited for.
        StoreError: the file cannot be made, or its file system has no locks.
    """

    def __init__(self, path: Path, *, wait_s: float = 0) -> None:
        self.path = path
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise storage_error(path, error) from error
        try:
            with signals_noted() as noted:
                self._wait(wait_s, noted)
            self.sign()
        except BaseException:
            os.close(self._descriptor)
            raise
        _held.add(self)

    def release(self) -> None:
        """Give it back; a second time does nothing."""
        if self in _held:
            _held.discard(self)
            os.close(self._descriptor)

    def dump_alone(self) -> AbstractContextManager[None]:
        """Who owns the directory owns the dump in it."""
        return nullcontext()

    def _wait(self, wait_s: float, noted: list[int]) -> None:
        until = time.monotonic() + max(wait_s, _GLANCE_S)
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if noted:
                    name = signal.Signals(noted[0]).name
                    raise InterruptedWaitError(
                        f"{name} came while {self.path.parent.parent} was in use by {self._owner()}; nothing was begun"
                    ) from error
                if time.monotonic() >= until:
                    raise LockedError(f"{self.path.parent.parent} is in use by {self._owner()}") from error
                time.sleep(min(_POLL_S, max(0.0, until - time.monotonic())))
            except OSError as error:
                if error.errno in _NO_LOCKS:
                    raise StoreError(
                        f"the file system of {self.path} has no file locks, which keep two runs apart "
                        f"({error.strerror}); choose another data directory"
                    ) from error
                raise storage_error(self.path, error) from error
            else:
                return

    def sign(self, run_id: str | None = None) -> None:
        """Say in the file who owns it, and for which run."""
        owner = {"pid": os.getpid(), "host": socket.gethostname(), "started": utc_now(), "run_id": run_id}
        try:
            os.pwrite(self._descriptor, written := json.dumps(owner).encode() + b"\n", 0)
            os.ftruncate(self._descriptor, len(written))
        except OSError as error:
            raise storage_error(self.path, error) from error

    def _owner(self) -> str:
        try:
            owner = json.loads(os.pread(self._descriptor, 4096, 0))
            run = f", run {owner['run_id']!s}" if owner.get("run_id") else ""
            return f"process {int(owner['pid'])} on {owner['host']!s}, since {owner['started']!s}{run}"
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
        ):  # between its lock and its signature, or not ours
            return "another process"


@contextmanager
def signals_noted() -> Iterator[list[int]]:
    """Collect the signals that ask a process to end, for a wait that looks at them between two tries.

    A handler that only tells an event loop, as Scrapy's does, would not be heard before the wait is over.
    A signal that came too late to end the wait is handed on. Outside the main thread nothing is done.
    """
    noted: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield noted
        return
    before = {each: signal.getsignal(each) for each in _SIGNALS}
    mine = [each for each in _SIGNALS if before[each] not in {signal.SIG_IGN, None}]
    try:
        for each in mine:
            signal.signal(each, lambda number, _: noted.append(number))
        yield noted
    finally:
        for each in mine:
            signal.signal(each, before[each])
    for number in noted:
        signal.raise_signal(number)


def _forget_in_child() -> None:
    for lock in list(_held):
        lock.release()


os.register_at_fork(after_in_child=_forget_in_child)
