"""The connection itself: every request is noted as it is written, and the head of an answer has a bound.

Twisted bounds each header line (16 KiB) and not their number; curl and Chromium stop at some 300 KB and 256 KiB of
headers. Noting a request here, below retries, redirects and connections that are used again, counts what a server sees.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from scrapy.core.downloader.handlers.http11 import (
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)

from newscrawl.report.politeness import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IAddress
    from twisted.web._newclient import Request as TxRequest
    from twisted.web.iweb import IResponse

MAX_HEAD_BYTES = 256 * 1024
MAX_HEAD_LINES = 1_000


_traffic: WeakKeyDictionary[Crawler, Traffic] = WeakKeyDictionary()


def traffic_of(crawler: Crawler) -> Traffic:
    """What a crawl has sent so far."""
    return _traffic.setdefault(crawler, Traffic())


def note_sent(crawler: Crawler, host: str, path: str) -> None:
    """A request is written now: it is counted, and the delay before the next one to its host begins.

    Scrapy counts the delay from when it begins to connect; behind a slow connection a quick one would come too soon.
    """
    now = time.monotonic()
    traffic_of(crawler).sent(host, path, now)
    slot = crawler.engine.downloader.slots.get(urlsplit(f"//{host}").hostname or "") if crawler.engine else None
    if slot is not None:
        slot.lastseen = max(slot.lastseen, now)


class HeadTooLarge(Exception):
    """The head of an answer is over a bound: more lines or bytes than any site needs."""


class _BoundedParser(_LenientHTTPClientParser):
    """Scrapy's parser; it has read so much of the head (interim answers, 1xx, included)."""

    head_bytes = 0
    head_lines = 0

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        self.head_lines += 1
        self.head_bytes += len(line)
        if self.head_lines > MAX_HEAD_LINES or self.head_bytes > MAX_HEAD_BYTES:
            raise HeadTooLarge(f"more than {MAX_HEAD_LINES:,} lines or {MAX_HEAD_BYTES:,} bytes of headers")
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802, ARG002
        raise HeadTooLarge(f"a header line of more than {self.MAX_LENGTH:,} bytes")


class _NotedProtocol(_LenientHTTP11ClientProtocol):
    """Scrapy's protocol, which tells of each request that it writes."""

    def __init__(self, note: Callable[[str, str], None], quiescent: Callable[..., Any]) -> None:
        super().__init__(quiescent)  # type: ignore[no-untyped-call]
        self._note = note

    def request(self, request: TxRequest) -> Deferred[IResponse]:
        host = (request.headers.getRawHeaders(b"host") or [b""])[0].decode("latin-1")
        path = request.uri.decode("latin-1")
        if path.startswith(("http://", "https://")):  # a proxy is asked with the whole address
            path = f"/{path.split('/', 3)[3:4][0] if path.count('/') > 2 else ''}"
        self._note(host, path)
        answer = super().request(request)
        assert self._parser is not None
        # As Scrapy does it: HTTP11ClientProtocol makes the parser itself. The subclass adds no layout.
        self._parser.__class__ = _BoundedParser
        return answer


class NotedFactory(_LenientHTTP11ClientFactory):
    """Makes the protocols of one connection; ``note`` is told the host and the path of each request."""

    def __init__(self, note: Callable[[str, str], None], quiescent: Callable[..., Any], metadata: object) -> None:
        super().__init__(quiescent, metadata)  # type: ignore[no-untyped-call]
        self._note = note

    def buildProtocol(self, addr: IAddress | None) -> _NotedProtocol:  # noqa: N802, ARG002
        return _NotedProtocol(self._note, self._quiescentCallback)


def host_of(url: str) -> str:
    """The host of an address as the ``Host`` header of its request has it: with its port, unless that is the usual."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return host if parts.port in {None, usual} else f"{host}:{parts.port}"
