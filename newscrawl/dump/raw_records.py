"""One exchange with a site as WARC 1.1 records (ISO 28500:2017), each a gzip member of its own.

What came over the wire is what is kept: the body under its content coding, so Content-Encoding and Content-Length say
the truth. The transfer coding (chunks) is undone by the HTTP client, which drops its header too. Names of header
fields are written as Scrapy writes them (Content-Type), those of one name together; the reason phrase is the
standard's. Fields that may carry a secret are left out: of a request all but `REQUEST_FIELDS`, of an answer
`SECRET_FIELDS`.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser
from warcio.warcwriter import WARCWriter

from newscrawl.dump.raw_context import FIELD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from newscrawl.dump.raw_context import PageContext

REQUEST_FIELDS = frozenset(
    {
        b"accept",
        b"accept-encoding",
        b"accept-language",
        b"cache-control",
        b"if-modified-since",
        b"if-none-match",
        b"range",
        b"user-agent",
    }
)
"""Header fields of a request that are kept (lower case), with Host. An operator's own may hold keys."""
SECRET_FIELDS = frozenset({b"set-cookie", b"set-cookie2", b"proxy-authenticate", b"www-authenticate"})
"""Header fields of an answer that are not kept (lower case)."""
NOT_MODIFIED = 304
NOT_MODIFIED_PROFILE = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
_VERSION = "WARC/1.1"
_FAST, _USUAL = 1, 6  # zlib: what is compressed already does not get smaller


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer."""

    url: str
    """As asked for; user info and fragment are not written."""
    at: str
    """When the answer had arrived, UTC ``YYYY-MM-DDTHH:MM:SSZ``."""
    method: str
    request_fields: tuple[tuple[bytes, bytes], ...]
    status: int
    protocol: str
    """``HTTP/1.1``."""
    fields: tuple[tuple[bytes, bytes], ...]
    """Header fields of the answer."""
    body: bytes
    """Under its content coding."""
    ip: str | None = None
    """Address of the server; None: not known, as behind a proxy."""
    truncated: str | None = None
    """Why the body is not whole, in WARC's words (``length``, ``disconnect``); None: it is."""
    took_ms: int | None = None
    context: PageContext


def opening(filename: str, run_id: str, software: str) -> bytes:
    """The warcinfo record that a file begins with."""
    writer = WARCWriter(None, gzip=False, warc_version=_VERSION)
    facts = {
        "software": software,
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "isPartOf": run_id,
        "description": "pages of a news crawl; of requests only harmless header fields, of answers no cookies",
    }
    return _member(writer.create_warcinfo_record(filename, facts))


def exchange_records(exchange: Exchange) -> tuple[bytes, bytes, bytes]:
    """The request, what was known of the address, and the answer, last: who reads forwards knows the rest by then.

    An answer 304 is a `revisit` record, any other a `response`.
    """
    answer_id = StatusAndHeadersParser.make_warc_id()
    url = _without_secrets(exchange.url)
    together = {"WARC-Date": exchange.at, "WARC-Concurrent-To": answer_id}
    request = _record(url, "request", b"", http=_request_head(exchange, url), fields=together)
    metadata = _record(url, "metadata", _known(exchange), fields=together)
    own = {"WARC-Date": exchange.at, "WARC-Record-ID": answer_id}
    if exchange.ip:
        own["WARC-IP-Address"] = exchange.ip
    if exchange.truncated:
        own["WARC-Truncated"] = exchange.truncated
    head = _answer_head(exchange)
    if exchange.status == NOT_MODIFIED:
        own |= {"WARC-Profile": NOT_MODIFIED_PROFILE, "WARC-Refers-To-Target-URI": url}
        answer = _record(url, "revisit", b"", http=head, fields=own)
    else:
        answer = _record(url, "response", exchange.body, http=head, fields=own)
    is_packed = any(name.lower() == b"content-encoding" for name, _ in exchange.fields)
    return _member(request), _member(metadata), _member(answer, _FAST if is_packed else _USUAL)


class _Verbatim(StatusAndHeaders):  # type: ignore[misc]  # warcio ships no types
    """An HTTP head that is written byte by byte; warcio would encode what is not ASCII its own way."""

    def __init__(self, head: bytes) -> None:
        super().__init__("", [], protocol="")
        self._head = head

    def __bool__(self) -> bool:
        return True

    def compute_headers_buffer(self, header_filter: object = None) -> None:  # noqa: ARG002 - warcio's
        """Warcio's hook."""
        self.headers_buff = self._head


def _record(url: str, kind: str, payload: bytes, *, fields: Mapping[str, str], http: bytes | None = None) -> Any:
    return WARCWriter(None, gzip=False, warc_version=_VERSION).create_warc_record(
        url,
        kind,
        payload=BytesIO(payload),
        length=len(payload),
        warc_headers_dict=dict(fields),
        http_headers=_Verbatim(http) if http is not None else None,
    )


def _member(record: Any, level: int = _USUAL) -> bytes:
    plain = BytesIO()
    WARCWriter(plain, gzip=False, warc_version=_VERSION).write_record(record)
    packer = zlib.compressobj(level, zlib.DEFLATED, 31)
    return packer.compress(plain.getbuffer()) + packer.flush()


def _request_head(exchange: Exchange, url: str) -> bytes:
    parts = urlsplit(url)
    target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    kept = [(name, value) for name, value in exchange.request_fields if name.lower() in REQUEST_FIELDS]
    return _head(f"{exchange.method} {target} HTTP/1.1", [(b"Host", parts.netloc.encode()), *kept])


def _answer_head(exchange: Exchange) -> bytes:
    try:
        phrase = HTTPStatus(exchange.status).phrase
    except ValueError:
        phrase = ""
    kept = [(name, value) for name, value in exchange.fields if name.lower() not in SECRET_FIELDS]
    return _head(f"{exchange.protocol} {exchange.status} {phrase}", kept)


def _head(first: str, fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    lines = [first.encode("ascii", "replace"), *(name + b": " + _one_line(value) for name, value in fields)]
    return b"".join(line + b"\r\n" for line in (*lines, b""))


def _one_line(value: bytes) -> bytes:
    return b" ".join(value.splitlines())


def _known(exchange: Exchange) -> bytes:
    took = f"fetchTimeMs: {exchange.took_ms}\r\n" if exchange.took_ms is not None else ""
    return f"{took}{FIELD}: {exchange.context.to_json()}\r\n".encode()


def _without_secrets(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))
