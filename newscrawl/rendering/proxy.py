"""All traffic of one rendering: a proxy on loopback that connects where the crawl itself might, and counts.

It lives as long as the rendering and belongs to it alone. A name is resolved here, once, every address is asked of
`newscrawl.addresses`, and the connection goes to one that passed, by its number; the browser never resolves anything.
With a proxy of the operator's own (``http_proxy``), that one resolves and connects, as for the crawl's other requests.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from base64 import b64encode
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from newscrawl.addresses import refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from newscrawl.addresses import AllowedAddresses

LOOPBACK = "127.0.0.1"
CONNECT_S = 10.0
HEAD_S = 10.0
MAX_HEAD_BYTES = 256 * 1024
CHUNK_BYTES = 65_536
_HOP_BY_HOP = frozenset({"connection", "proxy-connection", "proxy-authorization", "keep-alive", "te", "upgrade"})


class Refused(Exception):
    """A connection that is not made; says why."""


class Target(NamedTuple):
    """Where a request wants to go."""

    scheme: str
    host: str
    port: int

    @property
    def netloc(self) -> str:
        """Host and port, as a CONNECT names them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def proxy_of_environment(scheme: str, host: str) -> str | None:
    """The operator's proxy for a host, as ``http_proxy``, ``https_proxy`` and ``no_proxy`` have it."""
    return None if proxy_bypass(host) else getproxies().get(scheme)


class RenderingProxy:
    """Serves inside ``async with``; every connection ends with it."""

    def __init__(
        self,
        *,
        allowed: AllowedAddresses,
        max_bytes: int,
        max_connections: int,
        upstream: Callable[[str, str], str | None] = proxy_of_environment,
    ) -> None:
        self._allowed = allowed
        self._max_bytes = max_bytes
        self._max_connections = max_connections
        self._upstream = upstream
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.connections = 0
        """Asked for, refused ones among them."""
        self.bytes = 0
        """Both ways, as they went over the wire."""
        self.refused: dict[str, str] = {}
        """Host → why no connection to it was made."""
        self.is_cut = False
        """A bound was reached."""

    async def __aenter__(self) -> RenderingProxy:
        self._server = await asyncio.start_server(self._accept, LOOPBACK, 0, limit=MAX_HEAD_BYTES)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        """What the browser is told."""
        assert self._server is not None
        return f"http://{LOOPBACK}:{self._server.sockets[0].getsockname()[1]}"

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: asyncio's complains of one that is cancelled.
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_S)
            await self._forward(head, reader, writer)
        except (Refused, OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # without an answer the browser takes the host for one that cannot be reached
        finally:
            writer.close()

    async def _forward(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, or one tunnel; then the connection ends, so that it cannot be used for another host."""
        line, *fields = head.decode("latin-1").split("\r\n")[:-2]
        method, address, *_ = [*line.split(" "), "", ""]
        target = read_target(method, address)
        self._count()
        upstream = self._upstream(target.scheme, target.host)
        there, back = await (self._connect(target) if upstream is None else _dial(upstream))
        try:
            if method == "CONNECT":
                if upstream is not None:
                    await _ask_for_tunnel(there, back, target, upstream)
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await self._tunnel((reader, back), (there, writer))
                return
            back.write(request_head(method, address, fields, upstream))
            await self._pass(reader, back, body_length(fields))
            writer.write(await _answer_head(there))
            await self._pass(there, writer)
        finally:
            back.close()

    def _count(self) -> None:
        self.connections += 1
        if self.connections > self._max_connections or self.is_cut:
            self.is_cut = True
            raise Refused("more connections than a rendering may make")

    async def _connect(self, target: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection to an address that passed the check.

        Raises:
            Refused: none did.
            OSError: the name has no address, or no address answers.
        """
        found = await asyncio.wait_for(
            asyncio.get_running_loop().getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM), CONNECT_S
        )
        failure: Exception = OSError(f"{target.host} has no address")
        for ip in dict.fromkeys(str(address[0]) for *_, address in found):
            if (words := refusal(ip, target.port, target.host, self._allowed)) is not None:
                self.refused.setdefault(target.host, words)
                failure = Refused(words)
                continue
            try:
                return await asyncio.wait_for(asyncio.open_connection(ip, target.port, limit=MAX_HEAD_BYTES), CONNECT_S)
            except (OSError, TimeoutError) as error:
                failure = error
        raise failure

    async def _tunnel(self, *ways: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        """Both ways until one of them ends."""
        passing = [asyncio.ensure_future(self._pass(reader, writer)) for reader, writer in ways]
        try:
            await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in passing:
                each.cancel()
            await asyncio.gather(*passing, return_exceptions=True)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, length: int | None = None
    ) -> None:
        """Bytes from one to the other, so many or all.

        Raises:
            Refused: the rendering has had its bytes.
        """
        while length is None or length > 0:
            chunk = await reader.read(CHUNK_BYTES if length is None else min(CHUNK_BYTES, length))
            if not chunk:
                return
            self.bytes += len(chunk)
            if self.bytes > self._max_bytes:
                self.is_cut = True
                raise Refused("more bytes than a rendering may take")
            if length is not None:
                length -= len(chunk)
            writer.write(chunk)
            await writer.drain()


def read_target(method: str, address: str) -> Target:
    """Where a request line leads.

    Raises:
        Refused: it names no host of the web.
    """
    try:
        parts = urlsplit(f"//{address}" if method == "CONNECT" else address)
        scheme = "https" if method == "CONNECT" else parts.scheme
        port = parts.port or {"http": 80, "https": 443}[scheme]
        host = parts.hostname or ""
    except (ValueError, KeyError):
        host = ""
    if not host:
        raise Refused(f"no address of the web: {address[:200]!r}")
    return Target(scheme, host, port)


def request_head(method: str, address: str, fields: list[str], upstream: str | None) -> bytes:
    """The head of a request as the server, or the operator's proxy, is to have it."""
    parts = urlsplit(address)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kept = [field for field in fields if _name(field) not in _HOP_BY_HOP]
    if upstream is not None:
        kept.extend(_credentials(upstream))
    lines = [f"{method} {path if upstream is None else address} HTTP/1.1", *kept, "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1")


def body_length(fields: list[str]) -> int:
    """How many bytes follow the head of a request; a body of unknown length is not passed on."""
    stated = [field.partition(":")[2].strip() for field in fields if _name(field) == "content-length"]
    return int(stated[0]) if len(stated) == 1 and stated[0].isascii() and stated[0].isdecimal() else 0


async def _answer_head(reader: asyncio.StreamReader) -> bytes:
    """The head of an answer; it tells the browser that the connection ends with it. Interim answers are left out."""
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status, *fields = head.split("\r\n")[:-2]
        if not status.partition(" ")[2].startswith("1"):
            kept = [field for field in fields if _name(field) not in _HOP_BY_HOP]
            return "\r\n".join([status, *kept, "Connection: close", "", ""]).encode("latin-1")


async def _dial(upstream: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(upstream if "//" in upstream else f"//{upstream}")
    return await asyncio.wait_for(
        asyncio.open_connection(parts.hostname, parts.port or 80, limit=MAX_HEAD_BYTES), CONNECT_S
    )


async def _ask_for_tunnel(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: Target, upstream: str
) -> None:
    lines = [f"CONNECT {target.netloc} HTTP/1.1", f"Host: {target.netloc}", *_credentials(upstream), "", ""]
    writer.write("\r\n".join(lines).encode("latin-1"))
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), CONNECT_S)
    if head.split(b" ", 2)[1:2] != [b"200"]:
        raise Refused(f"the proxy does not connect to {target.netloc}")


def _credentials(upstream: str) -> list[str]:
    """The header that a proxy with a password is asked with."""
    with contextlib.suppress(ValueError):
        parts = urlsplit(upstream)
        if parts.username:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            return [f"Proxy-Authorization: Basic {b64encode(pair.encode()).decode()}"]
    return []


def _name(field: str) -> str:
    return field.partition(":")[0].strip().lower()
