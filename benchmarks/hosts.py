"""What many hosts cost: the scheduler's time for a request, the memory of what waits, and the start with many sources.

    python -m benchmarks.hosts [--hosts 10 100 1000 10000] [--requests 3000] [--queued 100000] [--sources 10000]

The scheduler is Scrapy's, with newscrawl's queue and with Scrapy's own in turns, beside a real downloader's slots but
no network: per request the engine's whole dialogue, which is to queue it, take it, and ask whether others wait.
"""

from __future__ import annotations

import argparse
import os
import signal
import socketserver
import subprocess
import sys
import tempfile
import time
from collections import deque
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace
from typing import TYPE_CHECKING

from scrapy import Request, Spider
from scrapy.core.downloader import Downloader
from scrapy.core.scheduler import Scheduler
from scrapy.utils.test import get_crawler

from newscrawl import settings
from newscrawl.article import Hint
from newscrawl.frontier.plan import read_plan
from newscrawl.middlewares.validators import VALIDATORS
from newscrawl.spiders.packing import ArticlePacking
from newscrawl.spiders.page import ANSWERED, priority_of

if TYPE_CHECKING:
    from collections.abc import Iterable

SCRAPYS = "scrapy.pqueues.DownloaderAwarePriorityQueue"
WAITING = 30_000
"""Requests that wait, over all hosts, while others come and go."""
ROUNDS = 2
NO_HANDLERS = dict.fromkeys(("data", "file", "ftp", "http", "https", "s3"))
REPOSITORY = Path(__file__).resolve().parents[1]


def main() -> None:
    """Measure, and print a table or a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, nargs="+", default=[10, 100, 1_000, 10_000])
    parser.add_argument("--requests", type=int, default=3_000)
    parser.add_argument("--queued", type=int, default=100_000)
    parser.add_argument("--sources", type=int, default=10_000)
    arguments = parser.parse_args()
    memory(arguments.queued)
    per_request(arguments.hosts, arguments.requests)
    start(arguments.sources)


def per_request(numbers: Iterable[int], requests: int) -> None:
    """Microseconds of the scheduler for one request, by the number of hosts, and as a multiple of the first number."""
    print("| hosts | newscrawl, µs | × | Scrapy, µs | × |\n| --: | --: | --: | --: | --: |", flush=True)
    firsts: list[float] = []
    for number in numbers:
        best = [float("inf"), float("inf")]
        for _ in range(ROUNDS):
            for place, queue in enumerate((settings.SCHEDULER_PRIORITY_QUEUE, SCRAPYS)):
                best[place] = min(best[place], cost_us(queue, number, requests if place == 0 else requests // 5))
        firsts = firsts or best
        cells = " | ".join(f"{us:,.1f} | {us / first:.1f}" for us, first in zip(best, firsts, strict=True))
        print(f"| {number:,} | {cells} |", flush=True)


def cost_us(queue: str, hosts: int, requests: int) -> float:
    """Mean microseconds of CPU for a request that is done, while many wait and some are with the downloader.

    All have the same priority: Scrapy's queue keeps a queue for each, and looks at all of them.
    """
    scheduler, downloader = scheduler_of(queue)
    for number in range(max(WAITING, 3 * hosts)):
        scheduler.enqueue_request(request_of(number, hosts, priority=0))
    coming = [request_of(number, hosts, priority=0) for number in range(requests)]
    inside: deque[Request] = deque()
    came = 0
    began = time.process_time()
    for request in coming:
        scheduler.enqueue_request(request)
        if (sent := scheduler.next_request()) is not None:
            downloader.active.add(sent)
            _, slot = downloader._get_slot(sent)
            slot.active.add(sent)
            inside.append(sent)
        assert scheduler.has_pending_requests()
        if sent is None or len(inside) >= min(settings.CONCURRENT_REQUESTS, hosts):
            done = inside.popleft()
            downloader.active.remove(done)
            downloader.slots[downloader.get_slot_key(done)].active.remove(done)
            done.meta["download_latency"] = 0.1
            came += 1
    return 1e6 * (time.process_time() - began) / came


class _Reader(Spider):
    """Stands for the spider of news."""

    name = "benchmark"

    def __init__(self) -> None:
        super().__init__()
        self.packing = ArticlePacking(self.read, self.failed)

    def read(self, *_: object) -> None:
        pass

    def failed(self, *_: object) -> None:
        pass


_READER = _Reader()


class Slots(Downloader):
    """Scrapy's downloader with a slot for each host that is named; its clean-up of slots needs a reactor."""

    def _start_slot_gc(self) -> None:
        pass


def scheduler_of(queue: str) -> tuple[Scheduler, Downloader]:
    """Scrapy's scheduler with a queue, and the downloader that it looks at."""
    crawler = get_crawler(
        None,
        {
            "SCHEDULER_PRIORITY_QUEUE": queue,
            "DOWNLOAD_HANDLERS": NO_HANDLERS,
            "CONCURRENT_REQUESTS": settings.CONCURRENT_REQUESTS,
            "CONCURRENT_REQUESTS_PER_DOMAIN": settings.CONCURRENT_REQUESTS_PER_DOMAIN,
        },
    )
    downloader = Slots(crawler)
    crawler.engine = SimpleNamespace(downloader=downloader, _slot=None)  # type: ignore[assignment]
    crawler.spider = _READER
    scheduler = Scheduler.from_crawler(crawler)
    scheduler.open(_READER)
    return scheduler, downloader


def request_of(number: int, hosts: int, priority: int | None = None) -> Request:
    """A request as the spider makes it for an article that a news sitemap names."""
    day, hour = number // 24 % 28 + 1, number % 24
    hint = Hint(
        url=f"https://host-{number % hosts}.example/2026/11/{day:02}/story-of-the-harbour-number-{number}",
        via="news_sitemap",
        title=f"The ferry sails from the new pier again, for the {number}th time",
        date_published=f"2026-11-{day:02}T{hour:02}:10:00Z",
        language="en",
        publisher="The Harbour Times",
    )
    return Request(
        hint.url,
        _READER.read,
        errback=_READER.failed,
        cb_kwargs={"hint": hint, "source": "harbour-times", "of": None},
        priority=priority_of(hint) if priority is None else priority,
        dont_filter=True,
        meta={"handle_httpstatus_list": ANSWERED, VALIDATORS: None, "depth": 1},
    )


def memory(queued: int) -> None:
    """Memory of the process by the number of addresses that wait as requests, and what one costs to queue and take."""
    scheduler, _ = scheduler_of(settings.SCHEDULER_PRIORITY_QUEUE)
    before, began = _resident_bytes(), time.process_time()
    for number in range(queued):
        scheduler.enqueue_request(request_of(number, 100))
        if number + 1 in {20_000, 100_000, queued}:
            mb, us = (_resident_bytes() - before) / 1e6, 1e6 * (time.process_time() - began) / (number + 1)
            print(f"memory: {mb:,.0f} MB while {number + 1:,} addresses wait; {us:.0f} µs to make and queue one")


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def start(number: int) -> None:
    """Seconds until a crawl of so many sources sends its first request, and what reading their file takes of it."""
    with tempfile.TemporaryDirectory() as folder:
        for sources in (1, number):
            file = Path(folder) / f"{sources}.toml"
            with _Door() as door:
                file.write_text("".join(_entry(one, door.port) for one in range(sources)), encoding="utf-8")
                began = time.perf_counter()
                read_plan({}, file)
                read_s = time.perf_counter() - began
                first_s = _seconds_to_first_request(file, Path(folder) / f"data-{sources}", door)
            print(f"start: {first_s:.2f} s to the first request with {sources:,} sources, {read_s:.2f} s to read them")


def _entry(number: int, port: int) -> str:
    place = f"http://127.0.0.1:{port}/site-{number}"
    return (
        f'[[source]]\nid = "site-{number}"\nname = "Site {number}"\nurl = "{place}"\n'
        f'languages = ["en"]\nfeeds = ["{place}/rss.xml"]\nenabled = true\n\n'
    )


def _seconds_to_first_request(sources: Path, data: Path, door: _Door) -> float:
    chosen = f"NEWSCRAWL_SOURCES={sources}", f"NEWSCRAWL_DATA={data}", "NEWSCRAWL_ALLOW_ADDRESSES=127.0.0.1:*"
    command = [sys.executable, "-m", "scrapy", "crawl", "news", *(part for one in chosen for part in ("-s", one))]
    began = time.perf_counter()
    crawl = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        if not door.knocked.wait(60):
            raise RuntimeError("the crawl sent no request")
        return time.perf_counter() - began
    finally:
        crawl.send_signal(signal.SIGKILL)
        crawl.wait()


class _Door(socketserver.ThreadingTCPServer):
    """A site on loopback; all it does is to say when somebody came."""

    daemon_threads = True

    def __init__(self) -> None:
        self.knocked = knocked = Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                knocked.set()
                self.send_error(404)

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.port = int(self.server_address[1])
        Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        super().__exit__(*error)


if __name__ == "__main__":
    main()
