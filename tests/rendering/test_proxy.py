"""The proxy of a rendering: where it connects, what it counts, when it has enough."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest
from sites import Answer, Canary, Site

from newscrawl.addresses import AllowedAddresses
from newscrawl.rendering.proxy import Refused, RenderingProxy, body_length, read_target, request_head

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site({"/long": Answer(body=b"x" * 300_000)})
    yield site
    site.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    canary = Canary()
    yield canary
    canary.close()


def proxy(site: Site, **bounds: Any) -> RenderingProxy:
    chosen = {"max_bytes": 1_000_000, "max_connections": 10, "upstream": lambda *_: None} | bounds
    return RenderingProxy(allowed=AllowedAddresses.parse(site.netloc), **chosen)


async def say(proxy: RenderingProxy, *lines: str) -> bytes:
    """All that is answered to a request."""
    reader, writer = await asyncio.open_connection(*proxy.url.removeprefix("http://").split(":"))
    writer.write("\r\n".join([*lines, "", ""]).encode())
    try:
        return await reader.read()
    finally:
        writer.close()


def get(url: str) -> tuple[str, ...]:
    return f"GET {url} HTTP/1.1", "Host: x", "Proxy-Connection: keep-alive"


def test_a_request_is_passed_on_and_its_connection_ends_with_it(site: Site) -> None:
    async def ask() -> bytes:
        async with proxy(site) as one:
            # A second request on the same connection might be for another host.
            return await say(one, *get(f"{site.url}/page"), "", *get(f"{site.url}/second"))

    answer = asyncio.run(ask())
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.count(b"Connection: close") == 1
    assert site.asked == ["/page"]
    assert "proxy-connection" not in site.headers["/page"]


def test_a_tunnel_leads_to_an_allowed_address_both_ways(site: Site) -> None:
    async def ask() -> bytes:
        async with proxy(site) as one:
            return await say(one, f"CONNECT {site.netloc} HTTP/1.1", "", "GET /through HTTP/1.1", "Host: x")

    assert asyncio.run(ask()).startswith(b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200 OK")
    assert site.asked == ["/through"]


@pytest.mark.parametrize("spelling", ["127.0.0.2", "2130706434", "0x7f.2", "[::ffff:127.0.0.2]", "[::1]", "0.0.0.0"])
@pytest.mark.parametrize("is_tunnel", [False, True], ids=["plain", "tunnel"])
def test_a_private_address_gets_no_connection_and_no_answer(
    site: Site, canary: Canary, spelling: str, is_tunnel: bool
) -> None:
    async def ask() -> tuple[bytes, dict[str, str]]:
        async with proxy(site) as one:
            netloc = f"{spelling}:{canary.port}"
            line = f"CONNECT {netloc} HTTP/1.1" if is_tunnel else f"GET http://{netloc}/ HTTP/1.1"
            return await say(one, line), one.refused

    answer, refused = asyncio.run(ask())
    assert answer == b""
    assert len(refused) == 1
    assert canary.touched == []


def test_a_name_is_resolved_once_and_the_address_that_was_checked_is_the_one(
    site: Site, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookups = []

    async def ask() -> tuple[bytes, dict[str, str]]:
        async def look_up(host: str, port: int, **_: Any) -> list[Any]:
            lookups.append(host)
            ip = "127.0.0.1" if len(lookups) == 1 else "127.0.0.2"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))]

        async with proxy(site) as one:
            real = asyncio.get_running_loop().getaddrinfo

            async def flip(host: str, port: int, **more: Any) -> list[Any]:
                return await (look_up(host, port) if host == "flip.example" else real(host, port, **more))

            monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", flip)
            first = await say(one, *get(f"http://flip.example:{site.port}/first"))
            await say(one, *get(f"http://flip.example:{site.port}/second"))
            return first, one.refused

    first, refused = asyncio.run(ask())
    assert first.startswith(b"HTTP/1.1 200")
    assert site.asked == ["/first"]
    assert lookups == ["flip.example"] * 2
    assert refused == {"flip.example": "flip.example resolves to 127.0.0.2, a loopback address"}
    assert canary.touched == []


def test_after_so_many_bytes_everything_is_cut(site: Site) -> None:
    async def ask() -> tuple[bytes, bytes, bool]:
        async with proxy(site, max_bytes=100_000) as one:
            return await say(one, *get(f"{site.url}/long")), await say(one, *get(f"{site.url}/page")), one.is_cut

    answer, second, is_cut = asyncio.run(ask())
    assert 0 < len(answer) <= 101_000
    assert (second, is_cut) == (b"", True)
    assert site.asked == ["/long"]


def test_after_so_many_connections_no_more_is_made(site: Site) -> None:
    async def ask() -> bool:
        async with proxy(site, max_connections=2) as one:
            for number in range(4):
                await say(one, *get(f"{site.url}/{number}"))
            return one.is_cut

    assert asyncio.run(ask())
    assert site.asked == ["/0", "/1"]


def test_the_operators_own_proxy_makes_the_connections_when_there_is_one(site: Site) -> None:
    async def ask() -> bytes:
        async with proxy(site, upstream=lambda *_: f"http://desk:word@{site.netloc}") as one:
            return await say(one, *get("http://far.example/page?q=1"))

    assert asyncio.run(ask()).startswith(b"HTTP/1.1 200")
    assert site.asked == ["http://far.example/page?q=1"]
    assert site.headers["http://far.example/page?q=1"]["proxy-authorization"] == "Basic ZGVzazp3b3Jk"


@pytest.mark.parametrize("line", ["GET / HTTP/1.1", "GET file:///etc/passwd HTTP/1.1", "GET ftp://h/ HTTP/1.1", "x"])
def test_what_names_no_host_of_the_web_is_refused(line: str) -> None:
    with pytest.raises(Refused, match="no address of the web"):
        read_target(*[*line.split(" "), ""][:2])


def test_a_body_of_unknown_length_is_not_passed_on() -> None:
    assert body_length(["Transfer-Encoding: chunked"]) == 0
    assert body_length(["Content-Length: 5", "content-length: 7"]) == 0
    assert body_length(["Content-Length: 5"]) == 5


def test_a_head_has_the_path_alone_and_nothing_meant_for_the_proxy() -> None:
    head = request_head("GET", "http://h.example?q=1", ["Host: h.example", "Proxy-Authorization: x", "TE: y"], None)
    assert head == b"GET /?q=1 HTTP/1.1\r\nHost: h.example\r\nConnection: close\r\n\r\n"
