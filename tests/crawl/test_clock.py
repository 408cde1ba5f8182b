"""Clocks jump, in the middle of a run and between two: nothing is lost, nothing doubled, no duration is negative."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest
from slow_site import DRIPPING, HANG_S, QUICK, Slow, articles_in, start, stored
from test_stop import slow

from newscrawl.dump.reader import verify

__all__ = ["slow"]

ZONE = "Europe/Berlin"  # has summer time


class Clock:
    """A wall clock that can be set; what measures durations goes on, as it does when a real clock is set."""

    def __init__(self, library: Path, folder: Path) -> None:
        self._ahead = folder / "ahead"
        self.extra = {"LD_PRELOAD": str(library), "CLOCK_AHEAD": str(self._ahead), "TZ": ZONE}
        """What a process needs in its environment to live by this clock."""

    def set(self, moment: str) -> None:
        """Set it to an ISO 8601 time with an offset."""
        new = self._ahead.with_suffix(".new")
        new.write_text(str(round(datetime.fromisoformat(moment).timestamp() - time.time())))
        new.rename(self._ahead)  # read all the time: never half of it


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("needs Linux and a C compiler, to set the clock of a crawl")
    made = tmp_path_factory.mktemp("clock") / "set_clock.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O2", "-o", made, Path(__file__).with_name("set_clock.c")], check=True
    )
    return made


JUMPS = [
    pytest.param("2026-06-01T12:00:00+02:00", "1970-01-02T00:00:30+01:00", "2026-06-01T13:00:00+02:00", id="to-1970"),
    pytest.param(
        "2026-06-01T12:00:00+02:00",
        "2036-06-01T12:00:00+02:00",
        "2026-06-01T13:00:00+02:00",
        id="ten-years-ahead",
        marks=pytest.mark.proof,
    ),
    pytest.param(
        "2026-10-25T02:59:50+02:00",
        "2026-10-25T02:00:10+01:00",
        "2026-10-25T02:30:00+01:00",
        id="summer-time-ends",
        marks=pytest.mark.proof,
    ),
    pytest.param(
        "2026-03-29T01:59:50+01:00",
        "2026-03-29T03:00:10+02:00",
        "2026-03-29T01:30:00+01:00",
        id="summer-time-begins",
        marks=pytest.mark.proof,
    ),
]
"""When a crawl begins, where its clock jumps to in the middle of it, and when the next one begins, set back."""


@pytest.mark.parametrize(("begins", "jumps", "next_run"), JUMPS)
def test_a_clock_that_jumps_loses_and_doubles_nothing(
    slow: Slow, library: Path, tmp_path: Path, begins: str, jumps: str, next_run: str
) -> None:
    clock = Clock(library, tmp_path)
    clock.set(begins)
    run = start(slow, tmp_path, extra=clock.extra)
    assert slow.drip.wait(60)
    clock.set(jumps)  # some articles may be stored before it, some are after it, some not at all
    deadline = time.monotonic() + 60
    while articles_in(tmp_path) < len(QUICK) and time.monotonic() < deadline:
        time.sleep(0.05)
    run.send_signal(signal.SIGTERM)
    _, first = run.communicate(timeout=HANG_S)
    assert run.returncode == 130, first
    assert stored(tmp_path) == QUICK  # the titles of this site are its paths

    slow.is_dripping.clear()
    slow.asked.clear()
    clock.set(next_run)
    again = start(slow, tmp_path, extra=clock.extra)
    _, second = again.communicate(timeout=60)
    assert again.returncode == 0, second
    # Looks that the wrong clock planned are due at once: the quick stories may be asked for again.
    assert sorted(path for path in slow.asked if "drip" in path) == DRIPPING
    assert stored(tmp_path) == DRIPPING + QUICK
    assert verify(tmp_path / "data") == ()
    for said in (first, second):
        assert "Traceback" not in said
        assert not re.search(r"-\d[\d.]* ?(s|min|h)\b", said)
    manifest = json.loads((tmp_path / "data" / "manifest.json").read_text(encoding="utf-8"))
    assert [each["exit_code"] for each in manifest["runs"]] == [130, 0]
    # That the clock was set at all: the runs say when they were.
    late = datetime.fromisoformat(manifest["runs"][1]["started"]) - datetime.fromisoformat(next_run)
    assert abs(late.total_seconds()) < 60
