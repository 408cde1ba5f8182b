"""Worker processes for what is heavy or dangerous: a page may loop, eat memory or kill its process; only it is lost.

Every worker is a process of its own with a pipe of its own, looked after by one thread: a worker that
is killed in the middle of anything, idle ones included, can hurt no other one. (A pool with one
shared pipe cannot promise that.) Workers are started afresh, not forked: the parent runs threads. What a worker may
not do to the machine says `newscrawl.extract.confine`.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from newscrawl.errors import ArticleRejected, NewscrawlError, Outcome
from newscrawl.extract.worker import OUT_OF_MEMORY

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

T = TypeVar("T")

START_S = 60.0
"""A worker that has not said that it is ready after this long never will."""
LOOK_UP_S = 0.1
"""So often somebody who waits for a worker to start looks whether it is still wanted."""
STOP_S = 2.0
TRIES = 2


class HasUrl(Protocol):
    """What a worker is given: a page or an article."""

    @property
    def url(self) -> str:
        """Its address, for the reason of a rejection."""


class WorkerDiedError(NewscrawlError):
    """A worker process ended before it answered; ``how`` says how, in words."""

    def __init__(self, status: int) -> None:
        self.how = f"by signal {-status}" if status < 0 else f"with status {status}"
        if status == OUT_OF_MEMORY:
            self.how = "of its memory limit"
        super().__init__(f"A worker process died {self.how}.")


def usable_cpus() -> int:
    """The CPUs this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOptions:
    """Settings ``NEWSCRAWL_POOL_*``."""

    workers: int = field(default_factory=usable_cpus, metadata={"minimum": 1})
    """Worker processes; as many as there are CPUs."""
    deadline_s: float = field(default=5.0, metadata={"minimum": 0.01})
    """Seconds that one page may take; half of all take 15 milliseconds."""
    max_memory_mb: int = field(default=512, metadata={"minimum": 16})
    """Megabytes that a worker may take."""
    pages_per_worker: int = field(default=500, metadata={"minimum": 1})
    """A worker is replaced after this many pages, so that what leaks is given back."""


@dataclass(slots=True)
class _Job:
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    url: str
    future: Future[Any]


class PagePool:
    """Runs module-level functions on pages in worker processes. Start, submit, close; or a ``with`` block."""

    def __init__(self, options: PoolOptions | None = None) -> None:
        self._options = options or PoolOptions()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._is_open = True
        self._keepers: list[threading.Thread] = []
        self._waiting = 0
        self._cancelled = threading.Event()
        """Pages that no worker has begun with are not wanted any more, so no worker need start for them."""

    def __enter__(self) -> PagePool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def submit(self, function: Callable[..., T], page: HasUrl, *arguments: object) -> Future[T]:
        """Run ``function(page, *arguments)`` in a worker; the future has its result, its error or an ArticleRejected.

        A page that takes too long is rejected as `timeout`; one whose worker dies twice, as `error`.
        The first page starts the first worker.
        """
        future: Future[T] = Future()
        with self._lock:
            if not self._is_open:
                raise RuntimeError("The pool is closed.")
            self._jobs.put(_Job(function, (page, *arguments), page.url, future))
            self._waiting += 1
            if len(self._keepers) < min(self._options.workers, self._waiting):
                keeper = threading.Thread(target=self._keep, name=f"page-pool-{len(self._keepers)}", daemon=True)
                self._keepers.append(keeper)
                keeper.start()
        return future

    def cancel_waiting(self) -> None:
        """Cancel the pages that no worker has begun with, those whose worker is still starting among them."""
        self._cancelled.set()
        with contextlib.suppress(queue.Empty):
            while job := self._jobs.get_nowait():
                job.future.cancel()
                with self._lock:
                    self._waiting -= 1

    def close(self) -> None:
        """End the workers. Pages in work are finished or reach their deadline; waiting ones are cancelled."""
        with self._lock:
            if not self._is_open:
                return
            self._is_open = False
        self.cancel_waiting()
        for _ in self._keepers:
            self._jobs.put(None)
        for keeper in self._keepers:
            keeper.join()

    def _keep(self) -> None:
        """One thread, one worker at a time: hand it pages, replace it when it is spent, stuck or dead."""
        worker: _Worker | None = None
        try:
            while (job := self._jobs.get()) is not None:
                try:
                    worker = self._ready(worker, job)
                    if job.future.set_running_or_notify_cancel():
                        worker = self._run(job, worker)
                except CancelledError as error:
                    worker = None
                    if not job.future.cancel():  # it was begun with, and its worker died
                        job.future.set_exception(error)
                except Exception as error:
                    # As when no process can be started: the page must hear of it, and the next one gets its turn.
                    worker = None
                    if not job.future.done():
                        job.future.set_exception(error)
                with self._lock:
                    self._waiting -= 1
        finally:
            if worker is not None:
                worker.stop()

    def _ready(self, worker: _Worker | None, job: _Job) -> _Worker:
        """A worker that may take one more page.

        Raises:
            CancelledError: what waits was cancelled before a new one had started.
        """
        if worker is not None and worker.pages < self._options.pages_per_worker:
            return worker
        if worker is not None:
            worker.stop()
        return _Worker(self._options, job.function.__module__, self._cancelled)

    def _run(self, job: _Job, worker: _Worker | None) -> _Worker | None:
        """Answer one page's future; return the worker that may go on, if any.

        Raises:
            CancelledError: the worker died, and another is not wanted.
        """
        try:
            task = pickle.dumps((job.function, job.arguments), protocol=pickle.HIGHEST_PROTOCOL)
        except Exception as error:  # whatever a caller's object raises when pickled belongs to the caller
            job.future.set_exception(error)
            return worker
        how = ""
        for _ in range(TRIES):
            try:
                worker = self._ready(worker, job)
                is_result, answer = worker.ask(task, self._options.deadline_s)
            except TimeoutError:
                if worker is not None:  # always, but for the type
                    worker.kill()
                reason = f"it took longer than {self._options.deadline_s:g} s"
                job.future.set_exception(ArticleRejected(Outcome.TIMEOUT, job.url, reason))
                return None
            except WorkerDiedError as died:
                how, worker = died.how, None
                continue
            if is_result:
                job.future.set_result(answer)
            else:
                job.future.set_exception(answer)
            return worker
        reason = f"its worker died {how}, {TRIES} times"
        job.future.set_exception(ArticleRejected(Outcome.ERROR, job.url, reason))
        return None


class _Worker:
    """One worker process, started and ready."""

    def __init__(self, options: PoolOptions, module: str, given_up: threading.Event) -> None:
        """Start it, and wait until it has imported ``module`` and is ready.

        Raises:
            CancelledError: ``given_up`` was set before it was.
            WorkerDiedError: it ended, or was not ready in time.
        """
        self.pages = 0
        ours, theirs = socket.socketpair()
        with theirs, contextlib.ExitStack() as on_failure:
            on_failure.callback(ours.close)
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [
                    sys.executable,
                    "-c",
                    "import sys; sys.path[:] = sys.argv[5:]; from newscrawl.extract.worker import main; main()",
                    str(theirs.fileno()),
                    str(options.max_memory_mb),
                    str(os.getpid()),
                    module,
                    *(path or str(Path.cwd()) for path in sys.path),
                ],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
            on_failure.pop_all()
        self._pipe = Connection(ours.detach())
        latest = time.monotonic() + START_S
        while not self._pipe.poll(LOOK_UP_S):
            if given_up.is_set():
                self.kill()
                raise CancelledError
            if time.monotonic() > latest:
                raise WorkerDiedError(self.kill())
        self._receive(0)

    def ask(self, task: bytes, deadline_s: float) -> tuple[bool, Any]:
        """Send one task; return whether it gave a result, and the result or the exception."""
        self.pages += 1
        try:
            self._pipe.send_bytes(task)
        except OSError as error:
            raise WorkerDiedError(self.kill()) from error
        return cast("tuple[bool, Any]", pickle.loads(self._receive(deadline_s)))  # noqa: S301 - our own process

    def _receive(self, timeout_s: float) -> bytes:
        try:
            if not self._pipe.poll(timeout_s):
                raise TimeoutError
            return self._pipe.recv_bytes()
        except (EOFError, ConnectionError) as error:
            raise WorkerDiedError(self.kill()) from error

    def stop(self) -> None:
        """Let it end by itself; it has nothing to do."""
        self._pipe.close()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> int:
        """End it now; return its exit status."""
        self._pipe.close()
        # A worker that died by itself keeps the status of its own death.
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(0.05) if self._process.poll() is None else self._process.returncode
        self._process.kill()
        return self._process.wait()
