"""Clocks jump, in the middle of a run and between two: nothing is lost, nothing doubled, no duration is negative."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import REPOSITORY, crawl_arguments, environment
from test_stop import HANG_S, Slow, slow, stored

from newscrawl.dump.reader import verify

__all__ = ["slow"]

LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)
pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(LIBRARY is None, reason="needs libfaketime (Debian: faketime)"),
]


class Clock:
    """A wall clock that can be set; what measures durations goes on, as it does when a real clock is set."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "clock"

    def set(self, time_of_day: str) -> None:
        self.file.write_text(f"@{time_of_day}\n", encoding="utf-8")

    def environment(self) -> dict[str, str]:
        return {
            **environment(None),
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "TZ": "Europe/Berlin",
        }


def start(slow: Slow, folder: Path, clock: Clock) -> subprocess.Popen[str]:
    command = crawl_arguments(folder / "data", settings=slow.settings(folder))
    return subprocess.Popen(
        [sys.executable, "-m", "scrapy", *command],
        cwd=REPOSITORY,
        env=clock.environment(),
        stderr=subprocess.PIPE,
        text=True,
    )


JUMPS = [
    pytest.param("2026-06-01 12:00:00", "1970-01-02 00:00:30", "2026-06-01 13:00:00", id="to-1970-and-back"),
    pytest.param("2026-06-01 12:00:00", "2036-06-01 12:00:00", "2026-06-01 13:00:00", id="ahead-and-back"),
    pytest.param(
        "2026-10-25 02:59:50",
        "2026-10-25 02:00:10",
        "2026-10-25 02:30:00",
        id="summer-time-ends",
    ),
    pytest.param(
        "2026-03-29 01:59:50",
        "2026-03-29 03:00:10",
        "2026-03-29 01:30:00",
        id="summer-time-begins",
    ),
]


@pytest.mark.parametrize(("begins", "jumps", "next_run"), JUMPS)
def test_a_clock_that_jumps_loses_and_doubles_nothing(
    slow: Slow, tmp_path: Path, begins: str, jumps: str, next_run: str
) -> None:
    clock = Clock(tmp_path)
    clock.set(begins)
    run = start(slow, tmp_path, clock)
    assert slow.drip.wait(60)
    clock.set(jumps)
    time.sleep(2)  # some articles are stored before the jump, some after, some not at all
    run.send_signal(signal.SIGTERM)
    _, first = run.communicate(timeout=HANG_S)
    assert run.returncode == 130, first
    before = stored(tmp_path)  # the titles of this site are its paths
    assert before

    slow.is_dripping.clear()
    slow.asked.clear()
    clock.set(next_run)
    again = start(slow, tmp_path, clock)
    _, second = again.communicate(timeout=60)
    assert again.returncode == 0, second
    everything = [f"/2026/drip-ferry-story-{n}.html" for n in range(4)]
    everything += [f"/2026/quick-ferry-story-{n}.html" for n in range(3)]
    assert sorted(path for path in slow.asked if "story" in path) == sorted({*everything} - {*before})
    assert stored(tmp_path) == everything
    assert verify(tmp_path / "data") == ()
    # Tracebacks are not looked for: under libfaketime time.sleep itself fails now and then (EINVAL).
    for said in (first, second):
        assert not re.search(r"-\d[\d.]* ?(s|min|h)\b", said)
    manifest = json.loads((tmp_path / "data" / "manifest.json").read_text(encoding="utf-8"))
    assert [each["exit_code"] for each in manifest["runs"]] == [130, 0]
