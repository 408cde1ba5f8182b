"""A crawl that is told to stop in the middle of something that takes long ends in ten seconds, and keeps everything."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest
from conftest import crawl
from slow_site import DRIPPING, HANG_S, QUICK, Slow, articles_in, begin, start, stored
from test_stop import slow

from benchmarks.state import Group
from benchmarks.year import FIRST_DAY
from benchmarks.year import crawl as store_a_run
from newscrawl.dump.publish import publish
from newscrawl.dump.reader import verify
from newscrawl.settings import DOWNLOAD_TIMEOUT
from newscrawl.state.store import STORE_FILE, open_store

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

__all__ = ["slow"]
pytestmark = pytest.mark.proof

PROMISED_S = 10
SLACK_S = 10
"""What a busy machine may add to what is promised."""


def end(run: subprocess.Popen[str], signalled_at: float) -> str:
    """Wait for a crawl that got its signal, and see that it kept its promise; what it said."""
    _, said = run.communicate(timeout=HANG_S)
    assert time.monotonic() - signalled_at < PROMISED_S + SLACK_S, said
    assert "Traceback" not in said
    return said


def kept(folder: Path) -> list[str]:
    """Titles of what the next run finds, whether or not the last one came as far as publishing it."""
    with open_store(folder / "data") as store:
        publish(store, folder / "data")
    assert verify(folder / "data") == ()
    return stored(folder)


def workers_of(run: subprocess.Popen[str]) -> list[int]:
    """Processes that a crawl has started."""
    threads = Path(f"/proc/{run.pid}/task").iterdir()
    return [int(child) for each in threads for child in (each / "children").read_text().split()]


def test_ctrl_c_reaches_the_workers_too_and_ends_in_order(slow: Slow, tmp_path: Path) -> None:
    run = begin(slow, tmp_path)
    workers = workers_of(run)
    assert workers
    os.killpg(run.pid, signal.SIGINT)
    said = end(run, time.monotonic())
    assert run.returncode == 130, said
    assert not [each for each in workers if Path(f"/proc/{each}").exists()]
    assert kept(tmp_path) == QUICK
    slow.is_dripping.clear()
    assert crawl(tmp_path / "data", settings=slow.settings(tmp_path)).exit_code == 0
    assert stored(tmp_path) == DRIPPING + QUICK


class Stuck(Slow):
    """A site that stops the workers of its crawler before one of its stories comes to them."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.is_dripping.clear()
        self.folder = folder
        self.run: subprocess.Popen[str] | None = None
        self.first = self.stuck = ""
        """The story that is read before, and the one that they do not get."""
        self.is_stuck = Event()

    def body(self, path: str) -> bytes:
        if path in DRIPPING + QUICK and not self.first:
            self.first = path
        elif path in DRIPPING + QUICK and not self.stuck:
            self.stuck = path
            deadline = time.monotonic() + DOWNLOAD_TIMEOUT / 2
            while not articles_in(self.folder) and time.monotonic() < deadline:
                time.sleep(0.05)
            assert self.run is not None
            for worker in workers_of(self.run):
                os.kill(worker, signal.SIGSTOP)
            self.is_stuck.set()
        return super().body(path)


@pytest.fixture
def stuck(tmp_path: Path) -> Iterator[Stuck]:
    site = Stuck(tmp_path)
    yield site
    site.server.shutdown()
    site.server.server_close()


def test_a_page_in_work_takes_no_longer_than_its_deadline(stuck: Stuck, tmp_path: Path) -> None:
    stuck.run = run = start(stuck, tmp_path, "-s", "CONCURRENT_REQUESTS=1", "-s", "NEWSCRAWL_POOL_WORKERS=1")
    assert stuck.is_stuck.wait(60)
    time.sleep(0.5)  # for the page to reach a worker
    run.send_signal(signal.SIGTERM)
    said = end(run, time.monotonic())
    assert run.returncode == 130, said
    assert kept(tmp_path) == [stuck.first]
    again = crawl(tmp_path / "data", settings=stuck.settings(tmp_path))
    assert again.exit_code == 0, again.err
    assert stored(tmp_path) == DRIPPING + QUICK


ENTRIES = 50_000


class Large(Slow):
    """A site with a sitemap of many entries, each a story."""

    LIST = "sitemaps"

    def __init__(self) -> None:
        super().__init__()
        self.is_dripping.clear()
        self.is_asked = Event()

    def body(self, path: str) -> bytes:
        if path == "/feed.xml":
            self.is_asked.set()
            places = "".join(
                f"<url><loc>http://{self.host}/2026/ferry-story-{number:05}.html</loc></url>"
                for number in range(ENTRIES)
            )
            return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>'.encode()
        return super().body(path)


@pytest.fixture
def large() -> Iterator[Large]:
    site = Large()
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.mark.parametrize("after_s", [0.2, 3.0])
def test_in_the_middle_of_a_large_sitemap(large: Large, tmp_path: Path, after_s: float) -> None:
    run = start(large, tmp_path)
    assert large.is_asked.wait(60)
    time.sleep(after_s)  # it is read, its entries are noted, the first of them are fetched
    run.send_signal(signal.SIGTERM)
    said = end(run, time.monotonic())
    assert run.returncode == 130, said
    decided = len(kept(tmp_path))
    with open_store(tmp_path / "data") as store:
        waiting = sum(1 for _ in store.wanted("slow"))
        is_kept = store.asked(f"http://{large.host}/feed.xml") is not None
    assert not is_kept or waiting + decided == ENTRIES, "a sitemap counts as read when all its entries are noted"
    with closing(sqlite3.connect(tmp_path / "data" / "state" / STORE_FILE)) as connection:
        (looked,) = connection.execute("SELECT count(*) FROM schedule WHERE looked > 0").fetchone()
    assert not looked or waiting + decided == ENTRIES, "and as looked at then"


BIG = 4_000


def test_while_a_big_current_view_is_published(slow: Slow, tmp_path: Path) -> None:
    with open_store(tmp_path / "data") as store, Group(store):
        store_a_run(store, FIRST_DAY, BIG)
    slow.is_dripping.clear()
    run = start(slow, tmp_path)
    publishing = tmp_path / "data" / "current" / ".articles.jsonl.tmp"
    deadline = time.monotonic() + 60
    while not publishing.exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert articles_in(tmp_path) == BIG + len(DRIPPING + QUICK)
    run.send_signal(signal.SIGTERM)
    said = end(run, time.monotonic())
    assert run.returncode in {0, 130}, said
    again = crawl(tmp_path / "data", settings=slow.settings(tmp_path))
    assert again.exit_code == 0, again.err
    assert len(stored(tmp_path)) == BIG + len(DRIPPING + QUICK)
    assert verify(tmp_path / "data") == ()
