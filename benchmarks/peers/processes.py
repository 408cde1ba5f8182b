"""Peers in processes of their own: long-lived ones that answer blocks of pages, and ones that do a whole job."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any

from benchmarks.peers.environments import OWN, REPOSITORY, UnavailableError, interpreter, surroundings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

ADAPTERS = Path(__file__).parent / "adapters"
BLOCK_DEADLINE_S = 120.0
LOOK_EVERY_S = 0.1
ENDING_S = 30.0
"""A job that was told to end is ended after so long."""
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Something that is measured."""

    name: str
    """As the tables have it."""
    adapter: str
    """Module of `adapters/` and its function, with a dot between."""
    environment: str = OWN
    note: str = ""
    """What a reader of the table should know."""

    def command(self, kind: str) -> list[str]:
        """How it is started, `kind` being ``pages`` or ``job``.

        Raises:
            UnavailableError: it cannot be installed.
        """
        return [str(interpreter(self.environment)), str(ADAPTERS / "serve.py"), kind, *self.adapter.split(".")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What a peer made of a block of pages."""

    cpu_s: float
    peak_mb: float
    """Most resident memory of the process so far."""
    pages: list[dict[str, Any]]


class PageRunner:
    """A process that is given block after block; a context manager."""

    def __init__(self, peer: Peer) -> None:
        """Start it.

        Raises:
            UnavailableError: it cannot be installed.
        """
        self.peer = peer
        self._process = subprocess.Popen(
            peer.command("pages"),
            cwd=REPOSITORY,
            env=surroundings(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> PageRunner:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def run(self, pages: Sequence[tuple[Path, str]]) -> Block:
        """Files of gzipped pages and their addresses, to what became of them.

        Raises:
            UnavailableError: the process died, or took longer than `BLOCK_DEADLINE_S`.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = json.dumps([[str(file), url] for file, url in pages])
        deadline = Timer(BLOCK_DEADLINE_S, self._process.kill)
        deadline.start()
        try:
            with suppress(BrokenPipeError):
                self._process.stdin.write(f"{line}\n")
                self._process.stdin.flush()
            answer = self._process.stdout.readline()
        finally:
            deadline.cancel()
        if not answer.endswith("\n"):
            raise UnavailableError(f"its process ended at one of {len(pages)} pages, from {pages[0][1]} on")
        return Block(**json.loads(answer))


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a whole job cost, from the first page on: what starts before it is not in it."""

    seconds: float
    cpu_s: float
    """Of all its processes."""
    peak_mb: float
    """Most resident memory of all its processes together; what they share counts in each."""
    whole_s: float
    """Seconds from the start of the process."""
    finished: bool
    """False: stopped at the deadline."""


def run_job(peer: Peer, job: dict[str, Any], *, begun: Callable[[], bool], deadline_s: float) -> Job:
    """Run a job to its end, looking at its processes ten times a second; `begun` says whether a page was asked for.

    Raises:
        UnavailableError: it cannot be installed, or it failed; says how.
    """
    log = Path(job["folder"], "log.txt")
    proxies = dict.fromkeys(("http_proxy", "https_proxy"), job["proxy"]) if "proxy" in job else {}
    with log.open("wb") as said:
        process = subprocess.Popen(
            peer.command("job"),
            cwd=REPOSITORY,
            env=surroundings(**proxies),
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    assert process.stdin is not None
    process.stdin.write(json.dumps(job).encode())
    process.stdin.close()
    started = began = time.monotonic()
    cpu_s = before_s = peak_mb = 0.0
    waiting, finished = True, True
    try:
        while process.poll() is None:
            now = time.monotonic()
            used_s, resident = usage(process.pid)
            cpu_s, peak_mb = max(cpu_s, used_s), max(peak_mb, resident)
            if waiting and begun():
                waiting, began, before_s = False, now, cpu_s
            if finished and now - began > deadline_s:
                finished = False
                process.send_signal(signal.SIGTERM)  # it may write what it has
            if now - began > deadline_s + ENDING_S:
                break
            time.sleep(LOOK_EVERY_S)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # and what it has left running
        process.wait()
    seconds = time.monotonic() - began
    if finished and process.returncode:
        raise UnavailableError(f"it ended with {process.returncode}: {_last_line(log)}")
    whole_s = began + seconds - started
    return Job(seconds=seconds, cpu_s=cpu_s - before_s, peak_mb=peak_mb, whole_s=whole_s, finished=finished)


def usage(pid: int) -> tuple[float, float]:
    """CPU seconds, those of children that have ended too, and resident MB of a process and all below it."""
    cpu_s = resident_mb = 0.0
    waiting = [pid]
    while waiting:
        place = Path(f"/proc/{waiting.pop()}")
        with suppress(OSError, IndexError):  # one is just over
            fields = (place / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            cpu_s += sum(map(int, fields[11:15])) * _TICK_S
            resident_mb += int((place / "statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES / 1e6
            for thread in (place / "task").iterdir():
                waiting += map(int, (thread / "children").read_text(encoding="ascii").split())
    return cpu_s, resident_mb


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")[:200]
