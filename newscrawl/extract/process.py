"""A worker process as its parent sees it: started without waiting, spoken to without ever being stuck in a pipe.

More than one task may be sent: they wait in the pipe, so that a worker never waits for its parent. Both ways are
served at once, for a parent that only writes and a worker that only writes would wait for one another for ever.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import subprocess
import sys
import time
from collections import deque
from concurrent.futures import CancelledError
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.errors import NewscrawlError
from newscrawl.extract.worker import OUT_OF_MEMORY

if TYPE_CHECKING:
    import threading

START_S = 60.0
"""A worker that has not said that it is ready after this long never will."""
LOOK_UP_S = 0.1
"""So often somebody who waits for a worker to start looks whether it is still wanted."""
STOP_S = 2.0
_CHUNK_BYTES = 1 << 16
_LENGTH = struct.Struct("!i")
"""Before each message, as `multiprocessing.connection` has it below 2 GiB."""


class WorkerDiedError(NewscrawlError):
    """A worker process ended before it answered; ``how`` says how, in words."""

    def __init__(self, status: int) -> None:
        self.how = f"by signal {-status}" if status < 0 else f"with status {status}"
        if status == OUT_OF_MEMORY:
            self.how = "of its memory limit"
        super().__init__(f"A worker process died {self.how}.")


class WorkerProcess:
    """One worker process; it belongs to one thread."""

    def __init__(self, module: str, max_memory_mb: int) -> None:
        """Start it; it imports ``module`` before it says that it is ready.

        Raises:
            OSError: no process can be started.
        """
        self.tasks = 0
        """Sent so far."""
        self._latest_start = time.monotonic() + START_S
        self._is_ready = False
        self._read = bytearray()
        self._unsent: deque[memoryview] = deque()
        ours, theirs = socket.socketpair()
        with theirs, contextlib.ExitStack() as on_failure:
            on_failure.callback(ours.close)
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [
                    sys.executable,
                    "-c",
                    "import sys; sys.path[:] = sys.argv[5:]; from newscrawl.extract.worker import main; main()",
                    str(theirs.fileno()),
                    str(max_memory_mb),
                    str(os.getpid()),
                    module,
                    *(path or str(Path.cwd()) for path in sys.path),
                ],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
            on_failure.pop_all()
        ours.setblocking(False)
        self._socket = ours

    def wait_until_ready(self, given_up: threading.Event) -> None:
        """Wait until it has imported what it needs.

        Raises:
            CancelledError: ``given_up`` was set before it had.
            WorkerDiedError: it ended, or was not ready in time.
        """
        while not self._is_ready:
            with contextlib.suppress(TimeoutError):
                self._receive(LOOK_UP_S)
                self._is_ready = True
                return
            if given_up.is_set():
                self.kill()
                raise CancelledError
            if time.monotonic() > self._latest_start:
                raise WorkerDiedError(self.kill())

    def send(self, task: bytes) -> None:
        """Give it one more task, behind those that it has; what does not go into the pipe now goes with `answer`."""
        self.tasks += 1
        self._unsent.extend((memoryview(_LENGTH.pack(len(task))), memoryview(task)))
        self._write()

    def answer(self, timeout_s: float) -> bytes:
        """The answer to the oldest task that has none.

        Raises:
            TimeoutError: there is none after so long.
            WorkerDiedError: it ended.
        """
        return self._receive(timeout_s)

    def stop(self) -> None:
        """Let it end by itself; it has nothing to do."""
        self._socket.close()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> int:
        """End it now; return its exit status."""
        self._socket.close()
        # A worker that died by itself keeps the status of its own death.
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(0.05) if self._process.poll() is None else self._process.returncode
        self._process.kill()
        return self._process.wait()

    def _receive(self, timeout_s: float) -> bytes:
        latest = time.monotonic() + timeout_s
        poll = select.poll()
        while (message := self._whole_message()) is None:
            poll.register(self._socket, select.POLLIN | (select.POLLOUT if self._unsent else 0))
            ready = poll.poll(max(0.0, latest - time.monotonic()) * 1000)
            if not ready:
                raise TimeoutError
            events = ready[0][1]
            if events & select.POLLOUT:
                self._write()
            if events & ~select.POLLOUT:
                self._read_some()
        return message

    def _whole_message(self) -> bytes | None:
        if len(self._read) < _LENGTH.size:
            return None
        end = _LENGTH.size + _LENGTH.unpack_from(self._read)[0]
        if len(self._read) < end:
            return None
        message = bytes(self._read[_LENGTH.size : end])
        del self._read[:end]
        return message

    def _read_some(self) -> None:
        try:
            data = self._socket.recv(_CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            raise WorkerDiedError(self.kill()) from error
        if not data:
            raise WorkerDiedError(self.kill())
        self._read += data

    def _write(self) -> None:
        # A pipe that is closed is found when its answer is waited for.
        with contextlib.suppress(OSError):
            while self._unsent:
                sent = self._socket.sendmsg(self._unsent)
                while self._unsent and sent >= len(self._unsent[0]):
                    sent -= len(self._unsent.popleft())
                if sent:
                    self._unsent[0] = self._unsent[0][sent:]
