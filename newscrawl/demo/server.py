"""The newsroom as a real HTTP server on loopback, for clients that use it as their proxy.

    python -m newscrawl.demo.server --port 8900          one line with its address, then it serves
    curl -x http://127.0.0.1:8900 http://www.saltmarsh-courier.example/

It answers absolute-form request lines (``GET http://host/path``, what a client sends to a proxy) and plain
ones by their Host header. Hosts outside the newsroom are answered 502; nothing is ever fetched from
elsewhere. ``http://127.0.0.1:PORT/`` names the sites, ``/tick`` there moves the newsroom to edition 2.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from newscrawl.demo.content import EDITIONS
from newscrawl.demo.gold import Gold, gold
from newscrawl.demo.resource import Resource
from newscrawl.demo.scripted import scripted_answer, scripted_site
from newscrawl.demo.site import build_sites, not_found, plain_target

if TYPE_CHECKING:
    from collections.abc import Sequence

LOOPBACK = "127.0.0.1"
# A connection on which nothing comes for so long is closed, so that no handler waits for ever.
IDLE_S = 30


class LoggedRequest(NamedTuple):
    """One request that was answered."""

    host: str
    path: str
    """Path and query, as asked for."""
    status: int
    time: float
    """`time.monotonic` when it was answered."""


class DemoServer:
    """The newsroom; serves inside ``with``, and nothing is left of it after.

    Raises:
        OSError: the port is taken.
        ValueError: there is no such edition.
    """

    def __init__(self, port: int = 0, edition: int = 1) -> None:
        self._edition = edition
        self.hosts: tuple[str, ...] = tuple(build_sites(edition))
        self.requests: list[LoggedRequest] = []
        """Every request so far, in the order of the answers."""
        self._server = _Server((LOOPBACK, port), _Handler)
        self._server.newsroom = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="newsroom", daemon=True)

    def __enter__(self) -> DemoServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    @property
    def proxy_url(self) -> str:
        """What a client sets as its ``http_proxy``."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def edition(self) -> int:
        """Which edition is out."""
        return self._edition

    def tick(self) -> int:
        """Let time pass: the next edition, where one story is revised, one withdrawn and one moved."""
        self._edition = min(self._edition + 1, max(EDITIONS))
        return self._edition

    def gold(self) -> tuple[Gold, ...]:
        """What a crawl of the edition that is out should find."""
        return gold(self._edition)

    def answer(self, host: str, target: str) -> Resource | None:
        """The answer of an address; None for a host that is not of the newsroom."""
        if host == LOOPBACK:
            return self._control(target)
        if host == scripted_site().host:
            return scripted_answer(target)
        site = build_sites(self._edition).get(host)
        if site is None:
            return None
        return site.get(plain_target(target)) or not_found(host, self._edition)

    def _control(self, target: str) -> Resource:
        if target == "/tick":
            self.tick()
        lines = [f"edition {self.edition}", *(f"http://{host}/" for host in self.hosts)]
        return Resource(
            body=("\n".join(lines) + "\n").encode(),
            content_type="text/plain; charset=utf-8",
            last_modified=datetime(2026, 11, 9, tzinfo=UTC),
            status=HTTPStatus.OK if target in {"/", "/tick"} else HTTPStatus.NOT_FOUND,
        )


class _Server(ThreadingHTTPServer):
    """Keeps count of its open connections, so that stopping need not wait for idle ones."""

    daemon_threads = False
    block_on_close = True
    newsroom: DemoServer

    def __init__(self, *args: Any) -> None:
        self._open: set[socket] = set()
        self._lock = threading.Lock()
        super().__init__(*args)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End every connection; the handlers then end by themselves."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up early is no news; everything else is."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "newsroom"
    sys_version = ""
    timeout = IDLE_S

    def do_GET(self) -> None:
        self._respond(with_body=True)

    def do_HEAD(self) -> None:
        self._respond(with_body=False)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: `DemoServer.requests` has it all."""

    def _respond(self, *, with_body: bool) -> None:
        host, target = self._asked()
        newsroom = cast(_Server, self.server).newsroom
        resource = newsroom.answer(host, target)
        if resource is None:
            resource = Resource(
                body=f"{host} is not in the newsroom\n".encode("utf-8", "replace"),
                content_type="text/plain; charset=utf-8",
                last_modified=datetime(2026, 11, 9, tzinfo=UTC),
                status=HTTPStatus.BAD_GATEWAY,
            )
        status = HTTPStatus.NOT_MODIFIED if self._is_known(resource) else HTTPStatus(resource.status)
        newsroom.requests.append(LoggedRequest(host, target, int(status), time.monotonic()))
        self._send(resource, status, with_body=with_body)

    def _asked(self) -> tuple[str, str]:
        """Host and request target, from an absolute-form request line or the Host header."""
        if self.path.startswith("http://"):
            host, slash, rest = self.path.removeprefix("http://").partition("/")
            target = slash + rest or "/"
        else:
            host, target = self.headers.get("Host") or "", self.path
        return host.partition(":")[0].lower(), target.partition("#")[0]

    def _is_known(self, resource: Resource) -> bool:
        """Whether the client's validators match; the entity tag alone counts when it is sent."""
        if resource.status != HTTPStatus.OK:
            return False
        if (tags := self.headers.get("If-None-Match")) is not None:
            return resource.etag in {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        with suppress(TypeError, ValueError):
            since = parsedate_to_datetime(self.headers.get("If-Modified-Since", ""))
            return resource.last_modified <= since
        return False

    def _send(self, resource: Resource, status: HTTPStatus, *, with_body: bool) -> None:
        body = b"" if status == HTTPStatus.NOT_MODIFIED else resource.body
        self.send_response(status)
        if status in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
            self.send_header("ETag", resource.etag)
            self.send_header("Last-Modified", format_datetime(resource.last_modified.astimezone(UTC), usegmt=True))
        if resource.location:
            self.send_header("Location", resource.location)
        if status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Type", resource.content_type)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C or until the time is up."""
    parser = argparse.ArgumentParser(prog="python -m newscrawl.demo.server", description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--edition", type=int, choices=EDITIONS, default=1)
    parser.add_argument("--max-seconds", type=float, default=600.0, help="stop by itself after so long")
    args = parser.parse_args(arguments)
    with DemoServer(args.port, args.edition) as newsroom:
        sys.stdout.write(f"{newsroom.proxy_url}\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            threading.Event().wait(args.max_seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
