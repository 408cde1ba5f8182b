"""A run that is told to stop, or has no time, room or turn left, ends by itself; nothing that was stored is lost."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from conftest import crawl
from slow_site import DRIPPING, HANG_S, QUICK, Slow, begin, start, stored

from newscrawl.dump.reader import verify
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def slow() -> Iterator[Slow]:
    site = Slow()
    yield site
    site.is_dripping.clear()
    site.server.shutdown()
    site.server.server_close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_the_run_and_the_next_one_does_the_rest(slow: Slow, tmp_path: Path, number: int) -> None:
    run = begin(slow, tmp_path)
    run.send_signal(number)
    _, err = run.communicate(timeout=HANG_S)
    assert run.returncode == 130, err
    assert "Traceback" not in err
    assert "ended at once" not in err
    assert len(stored(tmp_path)) == 3
    assert verify(tmp_path / "data") == ()
    slow.is_dripping.clear()
    slow.asked.clear()
    again = crawl(tmp_path / "data", settings=slow.settings(tmp_path))
    assert again.exit_code == 0, again.err
    assert sorted(path for path in slow.asked if "story" in path) == DRIPPING
    assert len(stored(tmp_path)) == 7


def test_a_second_signal_ends_it_at_once_and_loses_nothing_that_was_stored(slow: Slow, tmp_path: Path) -> None:
    run = begin(slow, tmp_path)
    run.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    run.send_signal(signal.SIGTERM)
    _, err = run.communicate(timeout=HANG_S)
    assert run.returncode == 130, err
    assert "Traceback" not in err
    assert "what is stored is safe" in err
    slow.is_dripping.clear()
    assert crawl(tmp_path / "data", settings=slow.settings(tmp_path)).exit_code == 0
    assert len(stored(tmp_path)) == 7
    assert verify(tmp_path / "data") == ()


def test_a_run_ends_when_its_time_is_up(slow: Slow, tmp_path: Path) -> None:
    done = crawl(tmp_path / "data", "-a", "max_time=4s", settings=slow.settings(tmp_path))
    assert done.exit_code == 0, done.err
    assert "time is up" in done.err
    assert "Traceback" not in done.err
    done_in_time = stored(tmp_path)
    assert {*done_in_time} <= {*QUICK}
    with open_store(tmp_path / "data") as store:
        left = [urlsplit(hint.url).path for hint in store.wanted("slow")]
    assert sorted(done_in_time + left) == DRIPPING + QUICK


def test_a_second_run_names_the_first_or_waits_for_it(slow: Slow, tmp_path: Path) -> None:
    run = begin(slow, tmp_path)
    refused = crawl(tmp_path / "data", settings=slow.settings(tmp_path))
    assert refused.exit_code == 4
    assert f"is in use by process {run.pid} on " in refused.err
    assert "Traceback" not in refused.err
    waiting = start(slow, tmp_path, "-a", "wait=60")
    time.sleep(2)
    slow.is_dripping.clear()
    assert run.wait(HANG_S) in {0, 130}
    _, err = waiting.communicate(timeout=60)
    if run.stderr:
        run.stderr.close()
    assert waiting.returncode == 0, err
    assert len(stored(tmp_path)) == 7


def test_a_lock_whose_owner_was_killed_is_free(slow: Slow, tmp_path: Path) -> None:
    run = begin(slow, tmp_path)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate(timeout=HANG_S)
    slow.is_dripping.clear()
    assert crawl(tmp_path / "data", settings=slow.settings(tmp_path)).exit_code == 0
    assert len(stored(tmp_path)) == 7


def test_no_run_begins_on_a_disk_that_is_nearly_full(slow: Slow, tmp_path: Path) -> None:
    settings = (*slow.settings(tmp_path), "NEWSCRAWL_MIN_FREE_MB=999999999")
    refused = crawl(tmp_path / "data", settings=settings)
    assert refused.exit_code == 5
    assert "Traceback" not in refused.err
    assert "MB are free on the disk of" in refused.err
    assert "NEWSCRAWL_MIN_FREE_MB wants 999,999,999" in refused.err
    assert slow.asked == []


@pytest.mark.parametrize("argument", ["wait=soon", "max_time=never", "refresh=maybe"])
def test_an_argument_that_is_no_time_is_one_sentence(tmp_path: Path, argument: str) -> None:
    refused = crawl(tmp_path / "data", "-a", "url=https://harbour.example", "-a", argument)
    assert refused.exit_code == 2
    assert refused.err.splitlines()[-1].startswith(f"newscrawl: -a {argument} is ")
    assert "Traceback" not in refused.err
