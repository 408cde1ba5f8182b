"""The life of a worker process: get ready, then answer one task after the other until the pipe closes."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import pickle
import resource
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path

PR_SET_PDEATHSIG = 1
OUT_OF_MEMORY = 77
"""Exit status of a worker that met its memory limit: its state cannot be trusted any more."""
NICE = 5
"""The crawl comes first: it must answer the network while pages are worked on."""


def main() -> None:
    """Arguments: file descriptor of the pipe, memory limit in megabytes, process id of the parent, module to import."""
    descriptor, max_memory_mb, parent = map(int, sys.argv[1:4])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # they go to the whole group; the parent decides what they mean
    die_with_parent(parent)
    os.nice(NICE)
    pipe = Connection(descriptor)
    import_before_the_first_page(sys.argv[4])
    limit_memory(max_memory_mb * 1024 * 1024)
    pipe.send_bytes(b"ready")
    while True:
        try:
            pipe.send_bytes(answer(pipe.recv_bytes()))
        except (EOFError, OSError):  # the parent is gone, or no longer waits for the answer
            return


def answer(task: bytes) -> bytes:
    """Run one task; pickle (True, result) or (False, exception)."""
    try:
        function, arguments = pickle.loads(task)  # noqa: S301 - from our own parent
        return pickle.dumps((True, function(*arguments)), protocol=pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except Exception as error:
        error.add_note("in a worker process of the page pool")
        try:
            pickle.loads(pickle.dumps(error))  # noqa: S301 - not every exception survives the way
        except Exception:
            error = RuntimeError(f"{type(error).__name__}: {error}")
        return pickle.dumps((False, error), protocol=pickle.HIGHEST_PROTOCOL)


def import_before_the_first_page(module: str) -> None:
    """Import and load what pages need before the memory limit holds and the first deadline starts."""
    import trafilatura.core  # noqa: F401

    # A module that cannot be imported is reported by the first task, to the one who submitted it.
    with contextlib.suppress(ImportError):
        warm_up = getattr(importlib.import_module(module), "warm_up", None)
        if warm_up is not None:
            warm_up()


def limit_memory(more_bytes: int) -> None:
    """Allow this process ``more_bytes`` of address space beyond what it has now."""
    used = next(
        (
            int(line.split()[1]) * 1024
            for line in Path("/proc/self/status").read_text().splitlines()
            if line[:7] == "VmSize:"
        ),
        0,
    )
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = used + more_bytes
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def die_with_parent(parent: int) -> None:
    """Be killed when the parent dies, however it dies; where the system cannot do that, the closed pipe ends us."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)
