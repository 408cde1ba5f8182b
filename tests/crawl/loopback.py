"""Sites on loopback that answer as told and remember what they were asked, and a small crawl of them in a process."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = b"<!doctype html><title>Harbour reopens</title><p>Harbour reopens."


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a site says to one path."""

    status: int = 200
    body: bytes = PAGE
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html"})


def redirect(url: str) -> Answer:
    return Answer(status=302, body=b"", headers={"Location": url})


def plain(text: str) -> Answer:
    return Answer(body=text.encode(), headers={"Content-Type": "text/plain"})


class Site:
    """One server; what it has no answer for is a page. Paths are remembered in the order asked."""

    def __init__(
        self, answers: dict[str, Answer | list[Answer]] | None = None, *, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.answers = answers or {}
        self.asked: list[str] = []
        self.headers: dict[str, dict[str, str]] = {}
        """Path → the headers of the last request for it."""
        self.times: list[float] = []
        """When each of `asked` came, on the monotonic clock."""
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.times.append(time.monotonic())
                site.asked.append(self.path)
                site.headers[self.path] = {name.lower(): value for name, value in self.headers.items()}
                answer = site.answer(self.path)
                with suppress(ConnectionError):
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(answer.body)))
                    self.send_header("Connection", "close")
                    self.end_headers()
                    self.wfile.write(answer.body)
                self.close_connection = True

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer((host, port), Handler)
        self.host = host
        self.port = int(self._server.server_address[1])
        self.netloc = f"{host}:{self.port}"
        self.url = f"http://{self.netloc}"
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, path: str) -> Answer:
        """What is said to a path; a list is said one after the other, its last for ever."""
        answer = self.answers.get(path, Answer())
        if isinstance(answer, list):
            return answer.pop(0) if len(answer) > 1 else answer[0]
        return answer

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class RawSite:
    """Says these bytes to a path, and then nothing: the connection stays open until the crawler has enough of it."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self.asked: list[str] = []
        self._answers = answers
        self._server = socket.create_server(("127.0.0.1", 0))
        self.netloc = f"127.0.0.1:{self._server.getsockname()[1]}"
        self.url = f"http://{self.netloc}"
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            path = connection.recv(65_536).split(b" ", 2)[1].decode()
            self.asked.append(path)
            connection.sendall(self._answers.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
            while connection.recv(65_536):
                pass

    def close(self) -> None:
        self._server.close()


@dataclass(frozen=True, kw_only=True)
class Crawled:
    """What a crawl came to: per requested URL what the spider got, and the log."""

    results: dict[str, dict[str, Any]]
    log: str
    peak_mb: float


def crawl(requests: list[dict[str, Any]], settings: dict[str, Any], *, timeout_s: float = 60) -> Crawled:
    """Run `small_spider` over the requests, one at a time when they have falling priorities, in a child process."""
    child = subprocess.run(
        [
            sys.executable,
            Path(__file__).with_name("small_spider.py"),
            json.dumps({"requests": requests, "settings": settings}),
        ],
        cwd=REPOSITORY,
        env={"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    answer = json.loads(child.stdout)
    return Crawled(results=answer["results"], log=child.stderr, peak_mb=answer["peak_mb"])
