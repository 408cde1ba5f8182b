"""An HTTP proxy on loopback that has each page ready, gzipped as sites send it, and takes hardly any time to say it.

``python -m benchmarks.crawling.server BENCH_DIR PAGES SEED LIST``: writes the pages' addresses to LIST in a random
order, prints its port, and serves until its standard input ends. ``GET /count`` tells how many pages it has given.
"""

from __future__ import annotations

import asyncio
import gzip
import random
import sys
from pathlib import Path

from benchmarks.replay.edits import retold
from benchmarks.replay.pages import address_key, load_bench

LEVEL = 6
_ROBOTS = b"User-agent: *\nAllow: /\n"


def answer(status: str, body: bytes, *headers: str) -> bytes:
    """A whole HTTP response."""
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


MISSING = answer("404 Not Found", b"no such page\n", "Content-Type: text/plain")
ROBOTS = answer("200 OK", _ROBOTS, "Content-Type: text/plain")


class Replay(asyncio.Protocol):
    """One connection."""

    pages: dict[str, bytes]
    given = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._read = b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:  # requests have no bodies
            target = self._read[: self._read.find(b"\r\n")].split(b" ")[1].decode("latin-1")
            self._read = self._read[end + 4 :]
            self._transport.write(self._answer(target))

    def _answer(self, target: str) -> bytes:
        if target == "/count":
            return answer("200 OK", b"%d" % Replay.given)
        if target.endswith("/robots.txt"):
            return ROBOTS
        if "://" not in target:  # CONNECT: nothing is behind an https address
            return MISSING
        page = self.pages.get(target) or self.pages.get(f"http://{address_key(target)}")
        if page is None:
            return MISSING
        Replay.given += 1
        return page


async def serve(bench: Path, count: int, seed: int, listed: Path) -> None:
    """Get ready, say so, serve."""
    pages = list(retold(load_bench(bench, news_only=True).pages, count))
    random.Random(seed).shuffle(pages)
    head = ("Content-Type: text/html", "Content-Encoding: gzip")
    Replay.pages = {page.url: answer("200 OK", gzip.compress(page.html(), LEVEL), *head) for page in pages}
    listed.write_text("".join(f"{page.url}\n" for page in pages), encoding="utf-8")
    server = await asyncio.get_running_loop().create_server(Replay, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])))
