"""The one module that knows Dask: tasks go to its workers, files carry everything else.

A worker that dies takes no result with it, for results are files; Dask gives its task to another. A task that has
killed several workers is given up, and named.
"""

from __future__ import annotations

import logging
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from newscrawl import __version__
from newscrawl.errors import ConfigError, EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

    from distributed import Client

LOOPBACK = "127.0.0.1"
CONNECT_S = 30
AT_A_TIME = 20_000
"""Tasks that the scheduler knows of at once; it takes some kilobytes for each."""


class DaskEngine:
    """Workers of a scheduler that runs somewhere; or a scheduler and workers of its own, on this machine.

    A ``with`` block. Every worker must see the data directory and the inputs under the names that they have here.

    Args:
        scheduler: its address, as ``tcp://host:8786``; None: workers of its own, that end with this process.
        workers: how many of its own.

    Raises:
        ConfigError: Dask is not installed, or the scheduler's workers have another newscrawl.
        EngineError: the scheduler cannot be reached.
    """

    page_workers = 1

    def __init__(self, *, scheduler: str | None = None, workers: int = 1) -> None:
        self._scheduler = scheduler
        self._workers = workers
        self._opened = ExitStack()
        self._client: Client

    def __enter__(self) -> DaskEngine:
        try:
            import distributed
        except ImportError as error:
            raise ConfigError("--engine dask needs Dask: pip install 'newscrawl[dask]'") from error
        _be_quiet()
        with ExitStack() as opened:
            address: Any = self._scheduler
            if address is None:
                address = opened.enter_context(
                    distributed.LocalCluster(  # type: ignore[no-untyped-call]
                        n_workers=self._workers,
                        threads_per_worker=1,
                        host=LOOPBACK,
                        dashboard_address=f"{LOOPBACK}:0",
                        worker_dashboard_address=f"{LOOPBACK}:0",
                        silence_logs=logging.CRITICAL,
                    )
                )
            try:
                self._client = opened.enter_context(
                    distributed.Client(address, timeout=CONNECT_S, set_as_default=False)  # type: ignore[no-untyped-call]
                )
            except (OSError, ValueError) as error:
                raise EngineError(f"the scheduler {self._scheduler} cannot be reached: {error}") from error
            if self._scheduler is not None:
                self._check_workers()
            self._opened = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def each(self, function: Callable[..., None], tasks: Iterable[tuple[Any, ...]]) -> Iterator[None]:
        """As `newscrawl.batch.engine.run.Engine` has it.

        Raises:
            EngineError: the scheduler is gone, or a task has killed every worker that it was given to.
        """
        from distributed import as_completed

        listed = list(tasks)
        for start in range(0, len(listed), AT_A_TIME):
            some = listed[start : start + AT_A_TIME]
            futures = [
                self._client.submit(function, *task, pure=False, key=f"{function.__name__}-{start + number}")
                for number, task in enumerate(some)
            ]
            for future in as_completed(futures, loop=self._client.loop):  # type: ignore[no-untyped-call]
                self._result(future)
                future.release()
                yield

    def _result(self, future: Any) -> None:
        from distributed import CancelledError, KilledWorker
        from distributed.comm.core import CommClosedError

        try:
            future.result()
        except KilledWorker as error:
            raise EngineError(f"the task {error.task} ended every worker that it was given to") from error
        except (CancelledError, CommClosedError) as error:
            where = self._scheduler or "of this machine"
            raise EngineError(f"the scheduler {where} is gone; the same command goes on with the rest") from error

    def _check_workers(self) -> None:
        versions = self._client.run(_version)
        for worker, found in sorted(versions.items()):
            if found != __version__:
                raise ConfigError(f"the worker {worker} has newscrawl {found}, and this is {__version__}")


def _version() -> str:
    return __version__


def _be_quiet() -> None:
    """What its parts log of lost workers and closed connections is their business; what matters is said here."""
    import dask

    for name in ("", ".client", ".core", ".nanny", ".scheduler", ".worker"):
        logging.getLogger(f"distributed{name}").setLevel(logging.CRITICAL)
    os.environ.setdefault("DASK_DISTRIBUTED__LOGGING__DISTRIBUTED", "critical")
    dask.config.set(
        {
            "distributed.comm.timeouts.connect": CONNECT_S,
            "distributed.scheduler.allowed-failures": 3,
            "distributed.logging.distributed": "critical",
            # What Dask samples of its workers all the time nobody looks at here.
            "distributed.worker.profile.enabled": False,
            "distributed.admin.system-monitor.interval": "5s",
            "distributed.admin.tick.interval": "1s",
            # No dashboard: its servers listen, but have no page.
            "distributed.scheduler.http.routes": [],
            "distributed.worker.http.routes": [],
            "distributed.nanny.http.routes": [],
        }
    )
