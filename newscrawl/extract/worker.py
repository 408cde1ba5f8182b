"""The life of a worker process: get ready, then answer one task after the other until the pipe closes."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import logging
import os
import pickle
import resource
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path

from newscrawl.extract.confine import confine

PR_SET_PDEATHSIG = 1
OUT_OF_MEMORY = 77
"""Exit status of a worker that met its memory limit: its state cannot be trusted any more."""
LEAST_BYTES = 16 * 1024 * 1024
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
    # Libraries log what a page holds; unformatted, it would go to the terminal as it is.
    logging.getLogger().addHandler(logging.NullHandler())
    import_before_the_first_page(sys.argv[4])
    limit_memory(max_memory_mb * 1024 * 1024)
    confine()
    # Until the parent is gone, or no longer waits for the answer.
    with contextlib.suppress(EOFError, OSError):
        pipe.send_bytes(b"ready")
        while True:
            pipe.send_bytes(answer(pipe.recv_bytes()))


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
    # One thread a worker: there is one worker a CPU, and a thread of a library would be outside its walls.
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    import trafilatura.core  # noqa: F401

    # A module that cannot be imported is reported by the first task, to the one who submitted it.
    with contextlib.suppress(ImportError):
        warm_up = getattr(importlib.import_module(module), "warm_up", None)
        if warm_up is not None:
            warm_up()


def limit_memory(max_bytes: int) -> None:
    """Allow this process to grow to ``max_bytes`` of memory.

    What can be limited is the address space, which is larger than what is used of it: it may grow by as much as is
    left, and by `LEAST_BYTES` at least.
    """
    space, used = _status_bytes("VmSize:"), _status_bytes("VmRSS:")
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = space + max(max_bytes - used, LEAST_BYTES)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _status_bytes(name: str) -> int:
    """A figure of ``/proc/self/status``; 0 where there is none."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0


def die_with_parent(parent: int) -> None:
    """Be killed when the parent dies, however it dies; where the system cannot do that, the closed pipe ends us."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)
