"""A web of small sites on loopback, most of them hostile: each fault is a site of its own, with honest neighbours.

Every site has an address of its own in 127/8 and the same port, so that a fault in its robots.txt, its redirects or
its silence is nobody else's. `CANARY` stands for a service inside the crawler's network: a connection to it, with or
without a request, is remembered and must never happen.

Bytes are written as the fault wants them, below any HTTP library: wrong lengths, cut streams, silence.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CANARY = "127.0.0.3"
HTML = "text/html; charset=utf-8"
XML = "application/xml"
WAIT_S = 120.0
"""Longer than any crawl here goes on: a server that is silent for so long is silent for ever."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a site says to one request, from the status line to the way the connection ends."""

    body: bytes = b""
    status: int = 200
    type: str | None = HTML
    headers: tuple[tuple[str, str], ...] = ()
    length: int | None = None
    """The Content-Length that is stated; that of the body when None, none at all when negative."""
    chunks: Callable[[], bytes | None] | None = None
    """Called for more of a chunked body, until it gives None."""
    drip_s: float = 0.0
    """Seconds between the bytes of the body."""
    silent: bool = False
    """The request is read and never answered."""
    reset: bool = False
    """The connection ends with RST."""

    def head(self) -> bytes:
        """The status line and the headers."""
        lines = [f"HTTP/1.1 {self.status} Whatever"]
        if self.type is not None:
            lines.append(f"Content-Type: {self.type}")
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.chunks is not None:
            lines.append("Transfer-Encoding: chunked")
        elif self.length is None:
            lines.append(f"Content-Length: {len(self.body)}")
        elif self.length >= 0:
            lines.append(f"Content-Length: {self.length}")
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request, as the sites see it."""

    host: str
    """The site's own address and port."""
    path: str
    count: int
    """How often this path was asked for, this time included."""
    headers: Mapping[str, str]
    """Names in lower case."""

    @property
    def url(self) -> str:
        return f"http://{self.host}"


Page: TypeAlias = "Answer | Callable[[Asked], Answer]"


@dataclass(frozen=True, kw_only=True)
class Site:
    """The answers of one address: by path, else by ``otherwise``, else 404."""

    address: str
    pages: Mapping[str, Page]
    otherwise: Callable[[Asked], Answer | None] = field(default=lambda _: None)

    def answer(self, asked: Asked) -> Answer:
        page = self.pages.get(asked.path) or self.otherwise(asked) or Answer(status=404, body=b"<h1>Not here</h1>")
        return page if isinstance(page, Answer) else page(asked)


class HostileWeb:
    """The sites and the canary, served by one thread until the ``with`` block ends."""

    def __init__(self, sites: list[Site], port: int = 0) -> None:
        self._sites = {site.address: site for site in sites}
        self.asked: Counter[tuple[str, str]] = Counter()
        """(address, path) → requests."""
        self.last: dict[str, float] = {}
        """Address → when its last request came, on the monotonic clock."""
        self.canary: list[str] = []
        """Who connected to the canary, and what they said."""
        self._sockets: list[socket.socket] = []
        for address in (*self._sites, CANARY):
            self._sockets.append(socket.create_server((address, port), backlog=256))
            port = int(self._sockets[0].getsockname()[1])
        self.port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def url(self, address: str) -> str:
        return f"http://{address}:{self.port}"

    @property
    def allowed(self) -> str:
        """For `NEWSCRAWL_ALLOW_ADDRESSES`: every site, never the canary."""
        return ",".join(f"{address}:{self.port}" for address in self._sites)

    def requests(self, address: str) -> int:
        """How many requests a site was asked."""
        return sum(count for (host, _), count in self.asked.items() if host == address)

    def __enter__(self) -> HostileWeb:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        servers = [self._loop.run_until_complete(asyncio.start_server(self._talk, sock=one)) for one in self._sockets]
        self._loop.run_forever()
        for server in servers:
            server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = writer.get_extra_info("sockname")[0]
        # A task that ends cancelled would be reported; here it only means that the web is taken down.
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            if address == CANARY:
                self.canary.append("a connection")
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                if address == CANARY:
                    self.canary.append(head.partition("\r\n")[0])
                    await _send(writer, Answer(body=b'{"secret": 1}', type="application/json"))
                else:
                    # In a thread of its own: what takes a moment to make keeps nobody waiting.
                    await _send(writer, await asyncio.to_thread(self._answer, address, head))
            finally:
                writer.close()

    def _answer(self, address: str, head: str) -> Answer:
        first, *lines = head.split("\r\n")
        path = first.split(" ")[1]
        self.asked[address, path] += 1
        self.last[address] = time.monotonic()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        count = self.asked[address, path]
        asked = Asked(host=f"{address}:{self.port}", path=path, count=count, headers=headers)
        return self._sites[address].answer(asked)


async def _send(writer: asyncio.StreamWriter, answer: Answer) -> None:
    if answer.silent:
        await asyncio.sleep(WAIT_S)
        return
    writer.write(answer.head())
    if answer.chunks is not None:
        while (chunk := answer.chunks()) is not None:
            writer.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
    elif answer.drip_s:
        for byte in answer.body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(answer.drip_s)
    else:
        writer.write(answer.body)
    await writer.drain()
    if answer.reset:
        await asyncio.sleep(0.05)  # so that what was written arrives before the end does
        connection: socket.socket = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
