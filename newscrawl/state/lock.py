"""One run at a time owns a data directory."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
import weakref
from typing import TYPE_CHECKING

from newscrawl.dates import utc_now
from newscrawl.dump.files import storage_error
from newscrawl.errors import LockedError

if TYPE_CHECKING:
    from pathlib import Path

_POLL_S = 0.1

# A forked worker inherits the descriptor, and would keep the lock alive after its parent was killed.
_held: weakref.WeakSet[DirectoryLock] = weakref.WeakSet()


class DirectoryLock:
    """An advisory lock on a file, which the system gives back when its owner dies in whatever way.

    The file says who owns it and is never deleted: a name that comes and goes would let two processes lock
    two different files.

    Raises:
        LockedError: another process has it, and still has it after `wait_s` seconds.
        StoreError: the file cannot be made.
    """

    def __init__(self, path: Path, *, wait_s: float = 0) -> None:
        self.path = path
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise storage_error(path, error) from error
        try:
            self._wait(wait_s)
            self._sign()
        except BaseException:
            os.close(self._descriptor)
            raise
        _held.add(self)

    def release(self) -> None:
        """Give it back; a second time does nothing."""
        if self in _held:
            _held.discard(self)
            os.close(self._descriptor)

    def _wait(self, wait_s: float) -> None:
        until = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() >= until:
                    raise LockedError(f"{self.path.parent.parent} is in use by {self._owner()}") from error
                time.sleep(min(_POLL_S, max(0.0, until - time.monotonic())))
            except OSError as error:
                raise storage_error(self.path, error) from error
            else:
                return

    def _sign(self) -> None:
        owner = {"pid": os.getpid(), "host": socket.gethostname(), "started": utc_now()}
        try:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, json.dumps(owner).encode() + b"\n", 0)
        except OSError as error:
            raise storage_error(self.path, error) from error

    def _owner(self) -> str:
        try:
            owner = json.loads(os.pread(self._descriptor, 4096, 0))
            return f"process {int(owner['pid'])} on {owner['host']!s}, since {owner['started']!s}"
        except (OSError, ValueError, KeyError, TypeError):  # between its lock and its signature, or not ours
            return "another process"


def _forget_in_child() -> None:
    for lock in list(_held):
        lock.release()


os.register_at_fork(after_in_child=_forget_in_child)
