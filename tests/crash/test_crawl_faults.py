"""Whole crawls on a disk that fails, or whose process dies, at the n-th call that writes, syncs or changes a name.

`test_fault_sweep.py` does this to the store alone, for every n; here it is `scrapy crawl`, with its reactor, its worker
processes and the end of its run, at points all over it.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from crashing import Crawler, Newsroom, Whole, figures, fresh_directory, some_of, sources_file, stored, view
from failing_disk import FAULTS, KILL, library

from newscrawl.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.proof

DISTURBANCES = ("kill", "ENOSPC", "ENOSPC, stays full", "EIO", "EIO, reads too", "EACCES")
POINTS = 3
"""Of each disturbance; ``EVERY=n`` takes each n-th point instead, which takes long."""


class Disk:
    """Crawls whose calls below one directory are counted and disturbed."""

    def __init__(self, folder: Path, crawler: Crawler) -> None:
        self.folder = folder
        self.crawler = crawler
        self._library = library(folder)
        self._crawls = 0

    def run(self, data: Path, **disk: object) -> tuple[int, str]:
        """One crawl. `disk` are the variables of `failing_disk.c`, in small letters and without their prefix."""
        chosen = {f"DISK_{name.upper()}": str(value) for name, value in disk.items()}
        return self.crawler.run(data, extra={"LD_PRELOAD": str(self._library), "DISK_UNDER": str(data)} | chosen)

    def calls(self, *, reads: bool) -> int:
        """How many calls a crawl makes, more or less: what it does at once is never in the same order."""
        data, counted = self.folder / f"counting-{reads}", self.folder / "counted"
        status, said = self.run(data, counted=counted, reads=int(reads))
        assert status == ExitCode.DONE, said
        shutil.rmtree(data)
        return int(counted.read_text())


@pytest.fixture(scope="module")
def disk() -> Iterator[Disk]:
    with fresh_directory() as folder, Newsroom() as newsroom:
        newsroom.answer_s = 0.01
        yield Disk(folder, Crawler(newsroom=newsroom, sources=sources_file(folder)))


@pytest.fixture(scope="module")
def whole(disk: Disk) -> Whole:
    status, said = disk.crawler.run(disk.folder / "whole")
    assert status == ExitCode.DONE, said
    return Whole(view=view(disk.folder / "whole"))


@pytest.fixture(scope="module")
def calls(disk: Disk) -> dict[bool, int]:
    """Whether reads count → how many points of failure there are."""
    return {reads: disk.calls(reads=reads) for reads in (False, True)}


@pytest.mark.parametrize("disturbance", DISTURBANCES)
def test_a_crawl_whose_disk_fails_at_a_call(disk: Disk, whole: Whole, calls: dict[bool, int], disturbance: str) -> None:
    name, _, how = disturbance.partition(", ")
    fault = {"fault": FAULTS.get(name, KILL), "stays": int(how == "stays full"), "reads": int(how == "reads too")}
    every = range(1, calls[how == "reads too"] + 1)
    points = list(every[:: int(os.environ["EVERY"])]) if "EVERY" in os.environ else some_of(every, POINTS)
    came = Counter[str]()
    kept = 0
    for point in points:
        why = f"{disturbance} at call {point}"
        data = disk.folder / "data"
        status, said = disk.run(data, point=point, **fault)
        came[f"ended {status}"] += 1
        check_failure(status, said, why, disturbance)
        before = stored(data)
        kept += len(before)
        status, said = disk.crawler.run(data)
        assert status == ExitCode.DONE, f"after {why}: {said}"
        whole.check(data, before=before, why=why)
        shutil.rmtree(data)
    figures(f"a crawl, {disturbance} at call n", calls=len(every), points=len(points), articles_kept=kept, **came)


def check_failure(status: int, said: str, why: str, disturbance: str) -> None:
    """To be killed, to end well when what failed was not needed, or with exit code 5 and a sentence."""
    assert "Traceback" not in said, f"{why}: {said}"
    if disturbance == "kill":
        assert status in {-signal.SIGKILL, ExitCode.DONE}, f"{why}: {status} {said}"  # fewer calls than counted
    else:
        assert status in {ExitCode.DONE, ExitCode.STORAGE}, f"{why}: {status} {said}"
        assert status == ExitCode.DONE or "CRITICAL" in said or "newscrawl: " in said, f"{why}: {said}"
