"""A run that is told to stop, or has no time, room or turn left, ends by itself; nothing that was stored is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
from conftest import REPOSITORY, Crawl, crawl, crawl_arguments, environment

from newscrawl.dump.reader import verify
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STORY = "The ferry sailed again on Monday after divers had checked each of the forty piles of the new pier. "
HANG_S = 30
"""Far more than a stop may take: what goes on longer hangs."""


class Slow:
    """A site with three quick stories and four that drip, a byte at a time, until they are let go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.drip = Event()
        self.is_dripping = Event()
        self.is_dripping.set()
        slow = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                slow.asked.append(self.path)
                body = slow.body(self.path)
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "application/rss+xml" if "feed" in self.path else "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    if "drip" in self.path and slow.is_dripping.is_set():
                        slow.drip.set()
                        for byte in body:
                            if not slow.is_dripping.is_set():
                                return
                            self.wfile.write(bytes((byte,)))
                            time.sleep(0.3)
                    else:
                        self.wfile.write(body)
                except ConnectionError:
                    pass

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def body(self, path: str) -> bytes:
        if path == "/feed.xml":
            names = [f"quick-ferry-story-{n}" for n in range(3)] + [f"drip-ferry-story-{n}" for n in range(4)]
            items = "".join(
                f"<item><title>{n}</title><link>http://{self.host}/2026/{n}.html</link></item>" for n in names
            )
            return f"<rss version='2.0'><channel>{items}</channel></rss>".encode()
        if not path.startswith("/2026/"):
            return b""
        return (
            f"<html lang=en><title>{path}</title><h1>{path}</h1><article><p>{STORY * 3}</p></article></html>".encode()
        )

    def settings(self, folder: Path) -> tuple[str, ...]:
        sources = folder / "sources.toml"
        sources.write_text(
            f'[[source]]\nid = "slow"\nname = "Slow"\nurl = "http://{self.host}/"\nfeeds = ["http://{self.host}/feed.xml"]\n'
            "enabled = true\n",
            encoding="utf-8",
        )
        return (
            f"NEWSCRAWL_SOURCES={sources}",
            f"NEWSCRAWL_ALLOW_ADDRESSES={self.host}",
            "CONCURRENT_REQUESTS_PER_DOMAIN=5",
        )


@pytest.fixture
def slow() -> Iterator[Slow]:
    site = Slow()
    yield site
    site.is_dripping.clear()
    site.server.shutdown()
    site.server.server_close()


def begin(slow: Slow, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """A crawl that is in the middle of pages that never end, its quick ones stored."""
    run = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "scrapy",
            *crawl_arguments(folder / "data", *arguments, settings=slow.settings(folder)),
        ],
        cwd=REPOSITORY,
        env=environment(None),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert slow.drip.wait(60)
    deadline = time.monotonic() + 60
    while sum("quick" in path for path in slow.asked) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.5)  # for the workers to start, and the articles to be stored
    return run


def stored(folder: Path) -> list[str]:
    lines = Crawl(exit_code=0, out="", err="", data=folder / "data").lines("current")
    return sorted(line["title"] for line in lines)


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
    assert sorted(path for path in slow.asked if "story" in path) == [
        f"/2026/drip-ferry-story-{n}.html" for n in range(4)
    ]
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
    assert len(stored(tmp_path)) == 3
    with open_store(tmp_path / "data") as store:
        assert len(list(store.wanted("slow"))) == 4


def test_a_second_run_names_the_first_or_waits_for_it(slow: Slow, tmp_path: Path) -> None:
    run = begin(slow, tmp_path)
    refused = crawl(tmp_path / "data", settings=slow.settings(tmp_path))
    assert refused.exit_code == 4
    assert f"is in use by process {run.pid} on " in refused.err
    assert "Traceback" not in refused.err
    waiting = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "scrapy",
            *crawl_arguments(tmp_path / "data", "-a", "wait=60", settings=slow.settings(tmp_path)),
        ],
        cwd=REPOSITORY,
        env=environment(None),
        stderr=subprocess.PIPE,
        text=True,
    )
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
