"""A site whose pages drip until they are let go, and crawls of it that go on meanwhile."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from conftest import REPOSITORY, Crawl, crawl_arguments, environment

from newscrawl.state.store import STORE_FILE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

STORY = "The ferry sailed again on Monday after divers had checked each of the forty piles of the new pier. "
QUICK = [f"/2026/quick-ferry-story-{n}.html" for n in range(3)]
DRIPPING = [f"/2026/drip-ferry-story-{n}.html" for n in range(4)]
HANG_S = 30
"""Far more than a stop may take: what goes on longer hangs."""


class Slow:
    """A site with three quick stories and four that drip, a byte at a time, until they are let go."""

    LIST = "feeds"
    """The key of the sources file that names ``/feed.xml``."""

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
            items = "".join(
                f"<item><title>{path}</title><link>http://{self.host}{path}</link></item>" for path in QUICK + DRIPPING
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
            f'[[source]]\nid = "slow"\nname = "Slow"\nurl = "http://{self.host}/"\n{self.LIST} = ["http://{self.host}/feed.xml"]\n'
            "enabled = true\n",
            encoding="utf-8",
        )
        return (
            f"NEWSCRAWL_SOURCES={sources}",
            f"NEWSCRAWL_ALLOW_ADDRESSES={self.host}",
            "CONCURRENT_REQUESTS_PER_DOMAIN=5",
        )


def start(site: Slow, folder: Path, *arguments: str, extra: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """A crawl in a process of its own, the leader of its group as under a shell; its stderr is a pipe."""
    return subprocess.Popen(
        [sys.executable, "-m", "scrapy", *crawl_arguments(folder / "data", *arguments, settings=site.settings(folder))],
        cwd=REPOSITORY,
        env=environment(None) | dict(extra or {}),
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def begin(site: Slow, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """A crawl that is in the middle of pages that never end, its quick ones stored."""
    run = start(site, folder, *arguments)
    assert site.drip.wait(60)
    deadline = time.monotonic() + 60
    while articles_in(folder) < len(QUICK) and time.monotonic() < deadline:
        time.sleep(0.05)
    return run


def articles_in(folder: Path) -> int:
    """How many articles the store of a crawl that goes on has; 0 before there is one."""
    store = f"file:{folder / 'data' / 'state' / STORE_FILE}?mode=ro"
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(store, uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])
    return 0


def stored(folder: Path) -> list[str]:
    """Titles of the current view, which are the paths of their pages, sorted."""
    lines = Crawl(exit_code=0, out="", err="", data=folder / "data").lines("current")
    return sorted(line["title"] for line in lines)
