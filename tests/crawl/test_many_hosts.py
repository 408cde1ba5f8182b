from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
from loopback import PAGE, Site, crawl

from newscrawl import settings
from newscrawl.middlewares.connections import MOST_IDLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Crawl

PAGES = 12
PLACES = 8
CHOSEN = {
    "SCHEDULER_PRIORITY_QUEUE": settings.SCHEDULER_PRIORITY_QUEUE,
    "NEWSCRAWL_ALLOW_ADDRESSES": "127.0.0.1:*",
    "CONCURRENT_REQUESTS": PLACES,
}


class Silent:
    """A site that answers nothing until it is told to."""

    def __init__(self, may_speak: Event) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                may_speak.wait(60)
                self.send_response(200)
                self.send_header("Content-Length", str(len(PAGE)))
                self.end_headers()
                self.wfile.write(PAGE)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class LastSaid(Site):
    """A site that tells when it was asked for all its pages."""

    def __init__(self, said: Event) -> None:
        super().__init__()
        self._said = said

    def answer(self, path: str) -> Any:
        if {f"/{number}" for number in range(PAGES)} <= set(self.asked):
            self._said.set()
        return super().answer(path)


@pytest.fixture
def said() -> Iterator[Event]:
    said = Event()
    yield said
    said.set()


def test_hosts_that_are_silent_cannot_keep_one_that_answers_waiting(said: Event) -> None:
    # More of them than there are places; they answer when the other has been asked for its last page.
    silent = [Silent(said) for _ in range(2 * PLACES)]
    honest = LastSaid(said)
    requests = [
        {"url": f"{site.url}/{number}", "meta": {"download_slot": site.url}}
        for number in range(PAGES)
        for site in (honest, *silent)
        if number < 2 or site is honest
    ]
    try:
        results = crawl(requests, CHOSEN | {"DOWNLOAD_TIMEOUT": 30, "NEWSCRAWL_FIRST_BYTE_S": 30}).results
    finally:
        said.set()
        for site in (honest, *silent):
            site.close()
    assert {result.get("status") for result in results.values()} == {200}
    assert len(results) == len(requests)


def test_each_host_has_its_gaps_however_many_there_are() -> None:
    sites = [Site() for _ in range(2 * PLACES)]
    requests = [
        {"url": f"{site.url}/{number}", "meta": {"download_slot": site.url}} for site in sites for number in range(3)
    ]
    gap_s = 0.4
    try:
        crawl(requests, CHOSEN | {"DOWNLOAD_DELAY": gap_s, "DOWNLOAD_DELAY_JITTER": 0})
    finally:
        for site in sites:
            site.close()
    for site in sites:
        assert sorted(site.asked) == ["/0", "/1", "/2"]
        assert all(later - sooner > 0.75 * gap_s for sooner, later in pairwise(site.times))
    # None comes twice before each came once, though fewer are asked at a time than there are.
    assert max(site.times[0] for site in sites) < min(site.times[2] for site in sites)


class LoopbackServer(ThreadingHTTPServer):
    """Listens on every address of the loopback interface, and on no other interface."""

    daemon_threads = True

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
        super().server_bind()


class OpenDoor:
    """A site on each address of loopback; it counts the connections that are open at a time."""

    def __init__(self) -> None:
        self.most_open = 0
        opened: set[Any] = set()
        door = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def setup(self) -> None:
                opened.add(self)
                door.most_open = max(door.most_open, len(opened))
                super().setup()

            def finish(self) -> None:
                opened.discard(self)
                super().finish()

            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(PAGE)))
                self.end_headers()
                self.wfile.write(PAGE)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = LoopbackServer(("0.0.0.0", 0), Handler)
        self.port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def test_many_hosts_do_not_take_all_the_files_that_a_process_may_open() -> None:
    door = OpenDoor()
    places = [f"127.0.{1 + number // 200}.{1 + number % 200}:{door.port}" for number in range(MOST_IDLE + 150)]
    try:
        allowed = {"NEWSCRAWL_ALLOW_ADDRESSES": ",".join(places)}
        crawled = crawl([{"url": f"http://{place}/"} for place in places], CHOSEN | allowed)
    finally:
        door.close()
    assert {result.get("status") for result in crawled.results.values()} == {200}
    assert len(crawled.results) == len(places)
    # What is closed on one side may not be noticed on the other yet.
    assert MOST_IDLE / 2 < door.most_open < MOST_IDLE + 100


def test_what_waits_in_a_file_is_fetched_as_what_waits_in_memory(
    crawl_demo: Callable[..., Crawl], demo_crawl: Crawl
) -> None:
    # Of each host a few wait in memory in any case; the newsroom's have more.
    filed = crawl_demo(settings=("NEWSCRAWL_MAX_QUEUED_IN_MEMORY=0",))
    assert filed.exit_code == 0, filed.err
    assert {line["id"]: line["text_sha256"] for line in filed.lines("current")} == {
        line["id"]: line["text_sha256"] for line in demo_crawl.lines("current")
    }
