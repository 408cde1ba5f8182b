"""Worker processes for what is heavy or dangerous: a page may loop, eat memory or kill its process; only it is lost.

Every worker is a process of its own with a pipe of its own, looked after by one thread: a worker that
is killed in the middle of anything, idle ones included, can hurt no other one. (A pool with one
shared pipe cannot promise that.) Workers are started afresh, not forked: the parent runs threads. What a worker may
not do to the machine says `newscrawl.extract.confine`.

While many pages wait each worker has its next page in its pipe already, and a worker's successor is started some pages
before it is due: none ever waits for the parent, which has a network to answer.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import threading
from collections import deque
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from newscrawl.errors import ArticleRejected, Outcome
from newscrawl.extract.process import WorkerDiedError, WorkerProcess

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

T = TypeVar("T")

TRIES = 2
AT_A_WORKER = 2
"""Pages that a worker has at most: one in work, one in its pipe."""
HEAD_START = 0.1
"""A successor is started when this share of a worker's pages is left."""


class HasUrl(Protocol):
    """What a worker is given: a page or an article."""

    @property
    def url(self) -> str:
        """Its address, for the reason of a rejection."""


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
    pages_per_worker: int = field(default=2_000, metadata={"minimum": 1})
    """A worker is replaced after this many pages, so that what leaks is given back."""


@dataclass(slots=True)
class _Job:
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    url: str
    future: Future[Any]
    deadline_s: float
    task: bytes = b""
    """Pickled."""
    is_begun: bool = False
    deaths: int = 0
    """Workers that died over it."""


class PagePool:
    """Runs module-level functions on pages in worker processes. Start, submit, close; or a ``with`` block."""

    def __init__(self, options: PoolOptions | None = None) -> None:
        self.options = options or PoolOptions()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._is_open = True
        self._keepers: list[_Keeper] = []
        self._waiting = 0
        self._cancelled = threading.Event()
        """Pages that no worker has begun with are not wanted any more, so no worker need start for them."""

    def __enter__(self) -> PagePool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def submit(
        self, function: Callable[..., T], page: HasUrl, *arguments: object, deadline_s: float | None = None
    ) -> Future[T]:
        """Run ``function(page, *arguments)`` in a worker; the future has its result, its error or an ArticleRejected.

        A page that takes too long is rejected as `timeout`; one whose worker dies twice, as `error`.
        The first page starts the first worker.

        Args:
            deadline_s: another one than that of the options.
        """
        future: Future[T] = Future()
        with self._lock:
            if not self._is_open:
                raise RuntimeError("The pool is closed.")
            self._jobs.put(_Job(function, (page, *arguments), page.url, future, deadline_s or self.options.deadline_s))
            self._waiting += 1
            if len(self._keepers) < min(self.options.workers, self._waiting):
                keeper = _Keeper(self.options, self._jobs, self._cancelled, self._done)
                self._keepers.append(keeper)
                keeper.start()
        return future

    def cancel_waiting(self) -> None:
        """Cancel the pages that no worker has begun with, those whose worker is still starting among them."""
        self._cancelled.set()
        with contextlib.suppress(queue.Empty):
            while job := self._jobs.get_nowait():
                job.future.cancel()
                self._done()
        for keeper in self._keepers:
            keeper.cancel_waiting()

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

    def _done(self) -> None:
        with self._lock:
            self._waiting -= 1


class _Keeper(threading.Thread):
    """One thread, one worker at a time: hand it pages, replace it when it is spent, stuck or dead."""

    def __init__(
        self,
        options: PoolOptions,
        jobs: queue.SimpleQueue[_Job | None],
        cancelled: threading.Event,
        done: Callable[[], None],
    ) -> None:
        super().__init__(name="page-pool", daemon=True)
        self._options = options
        self._jobs = jobs
        self._cancelled = cancelled
        self._done = done
        self._is_closing = False
        self._worker: WorkerProcess | None = None
        self._successor: WorkerProcess | None = None
        self._leaving: WorkerProcess | None = None
        self._inside: deque[_Job] = deque()
        """What the worker has, in its order; the first is in work."""

    def cancel_waiting(self) -> None:
        """For another thread: cancel what waits behind the page in work."""
        for job in list(self._inside):
            job.future.cancel()  # does nothing to one that was begun with

    def run(self) -> None:
        """Until the pool is closed."""
        try:
            while self._take():
                self._finish(self._inside[0])
        finally:
            for worker in (self._worker, self._successor, self._leaving):
                if worker is not None:
                    worker.stop()

    def _take(self) -> bool:
        """Give the worker as many pages as it may have; False when it has none, and none will come."""
        with contextlib.suppress(queue.Empty):
            while self._has_room():
                job = self._jobs.get(block=not self._inside)
                if job is None:
                    self._is_closing = True
                elif self._is_packed(job):
                    self._inside.append(job)
                    if self._worker is not None:
                        self._worker.send(job.task)
        return bool(self._inside)

    def _has_room(self) -> bool:
        if self._is_closing:
            return False
        if not self._inside:
            if self._is_spent():
                self._leaving, self._worker = self._worker, None
            return True
        # A page goes behind another only while there are enough of them for every worker.
        is_busy = self._jobs.qsize() >= self._options.workers
        return is_busy and len(self._inside) < AT_A_WORKER and not self._is_spent()

    def _is_spent(self, ahead: int = 0) -> bool:
        return self._worker is not None and self._worker.tasks >= self._options.pages_per_worker - ahead

    def _is_packed(self, job: _Job) -> bool:
        try:
            job.task = pickle.dumps((job.function, job.arguments), protocol=pickle.HIGHEST_PROTOCOL)
        except Exception as error:  # whatever a caller's object raises when pickled belongs to the caller
            if job.future.set_running_or_notify_cancel():
                job.future.set_exception(error)
            self._done()
            return False
        return True

    def _finish(self, job: _Job) -> None:
        """Answer the first page's future, or try it again."""
        try:
            worker = self._ready_worker(job)
            if not job.is_begun and not job.future.set_running_or_notify_cancel():
                self._drop(job)
                return
            job.is_begun = True
            is_result, answer = pickle.loads(worker.answer(job.deadline_s))  # noqa: S301 - our own process
        except TimeoutError:
            self._lose_worker()
            reason = f"it took longer than {job.deadline_s:g} s"
            answer, is_result = ArticleRejected(Outcome.TIMEOUT, job.url, reason), False
        except WorkerDiedError as died:
            self._lose_worker()
            job.deaths += 1
            if job.deaths < TRIES:
                return
            reason = f"its worker died {died.how}, {TRIES} times"
            answer, is_result = ArticleRejected(Outcome.ERROR, job.url, reason), False
        except (CancelledError, Exception) as error:
            # As when no process can be started: the page must hear of it, and the next one gets its turn.
            self._lose_worker()
            answer, is_result = error, False
        self._inside.popleft()
        self._done()
        if is_result:
            job.future.set_result(answer)
        elif job.is_begun or not (isinstance(answer, CancelledError) and job.future.cancel()):
            job.future.set_exception(answer)

    def _ready_worker(self, job: _Job) -> WorkerProcess:
        """The worker, with all that is inside sent to it.

        Raises:
            CancelledError: what waits was cancelled before a new one had started.
            WorkerDiedError: it died while it started.
            OSError: no process can be started.
        """
        if self._worker is None:
            worker = self._successor or self._new_worker(job)
            self._successor = None
            worker.wait_until_ready(self._cancelled)
            self._worker = worker
            for each in self._inside:
                worker.send(each.task)
            if self._leaving is not None:
                self._leaving.stop()
                self._leaving = None
        elif self._successor is None and self._is_spent(ahead=int(self._options.pages_per_worker * HEAD_START)):
            with contextlib.suppress(OSError):  # it will be tried again when there is need
                self._successor = self._new_worker(job)
        return self._worker

    def _new_worker(self, job: _Job) -> WorkerProcess:
        return WorkerProcess(job.function.__module__, self._options.max_memory_mb)

    def _drop(self, job: _Job) -> None:
        """A page is in the pipe and not wanted any more: let it pass, or end the worker where all are unwanted."""
        self._inside.popleft()
        self._done()
        if self._cancelled.is_set():
            self._lose_worker()
            return
        assert self._worker is not None
        try:
            self._worker.answer(job.deadline_s)
        except (TimeoutError, WorkerDiedError):
            self._lose_worker()

    def _lose_worker(self) -> None:
        if self._worker is not None:
            self._worker.kill()
            self._worker = None
