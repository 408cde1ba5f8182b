"""What must end although something holds it up: a run that waits for its turn, a disk that fills, a page that hangs."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import crawl
from slow_site import HANG_S, Slow, begin, start, stored
from test_stop import slow

from newscrawl.dump.reader import verify
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["slow"]


def waits_for(run: subprocess.Popen[str], lock: Path) -> bool:
    """Whether a process has a lock open, and listens for the signals that end its wait."""
    here = Path(f"/proc/{run.pid}")
    with suppress(FileNotFoundError):  # a file that it has just closed
        caught = re.search(r"^SigCgt:\s*(\w+)", (here / "status").read_text(), re.MULTILINE)
        is_listening = caught is not None and bool(int(caught[1], 16) >> (signal.SIGTERM - 1) & 1)
        return is_listening and any(each.readlink() == lock for each in (here / "fd").iterdir())
    return False


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks at a waiting crawl through /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_waits_for_its_turn_ends_at_a_signal(slow: Slow, tmp_path: Path, number: int) -> None:
    with open_store(tmp_path / "data") as owner:
        run_id = owner.begin_run(why="test", arguments={}, versions={})
        waiting = start(slow, tmp_path, "-a", "wait=3600")
        deadline = time.monotonic() + 60
        while not waits_for(waiting, tmp_path / "data" / "state" / "lock") and time.monotonic() < deadline:
            time.sleep(0.05)
        assert waiting.poll() is None
        waiting.send_signal(number)
        _, err = waiting.communicate(timeout=HANG_S)
    assert waiting.returncode == 130, err
    assert "Traceback" not in err
    said = [line for line in err.splitlines() if line.startswith("newscrawl: ")]
    assert len(said) == 1, err
    assert f"is in use by process {os.getpid()} on " in said[0].replace("was in use", "is in use")
    assert f"run {run_id}" in said[0]
    assert slow.asked == []


def test_a_locked_directory_names_the_run_that_owns_it(slow: Slow, tmp_path: Path) -> None:
    with open_store(tmp_path / "data") as owner:
        run_id = owner.begin_run(why="test", arguments={}, versions={})
        assert json.loads((tmp_path / "data" / "state" / "lock").read_text())["run_id"] == run_id
        refused = crawl(tmp_path / "data", settings=slow.settings(tmp_path))
    assert refused.exit_code == 4
    assert f", run {run_id}" in refused.err


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() or not shutil.which("mount"):
        pytest.skip("needs root to mount a small disk")
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "none", place], capture_output=True, check=False
    ).returncode:
        pytest.skip("this machine does not let a test mount a small disk")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_disk_that_fills_in_mid_run_ends_it_as_a_signal_does(slow: Slow, small_disk: Path) -> None:
    run = begin(slow, small_disk, "-s", "NEWSCRAWL_MIN_FREE_MB=20")
    (small_disk / "other").write_bytes(bytes(30_000_000))
    _, err = run.communicate(timeout=HANG_S)
    assert run.returncode == 5, err
    assert "Traceback" not in err
    assert "ended at once" not in err
    assert "MB are free on the disk of" in err
    (small_disk / "other").unlink()
    slow.is_dripping.clear()
    again = crawl(small_disk / "data", settings=(*slow.settings(small_disk), "NEWSCRAWL_MIN_FREE_MB=1"))
    assert again.exit_code == 0, again.err
    assert len(stored(small_disk)) == 7
    assert verify(small_disk / "data") == ()
