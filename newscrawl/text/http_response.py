"""A stored HTTP response to its status, headers and decoded body.

The decoding is bounded at every step, so that some kilobytes of an archive cannot become gigabytes of memory. warcio
reads the head; its own decoding of bodies has no limit.
"""

from __future__ import annotations

import sys
import zlib
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, Any

from warcio.statusandheaders import StatusAndHeadersParser

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BODY_BYTES = 8 * 1024 * 1024
MAX_HEAD_BYTES = 64 * 1024
MAX_CHUNK_LINE_BYTES = 256
MAX_ENCODINGS = 3


class TooLargeError(Exception):
    """The body is larger than `MAX_BODY_BYTES` when decoded."""


class UndecodableError(Exception):
    """The body cannot be decoded at all; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """A response, its body decoded."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """Names in lower case, in the order sent."""
    body: bytes
    truncated: bool
    """The body ends before its encoding or its length says that it does."""

    def header(self, name: str) -> str | None:
        """The first header of this name (lower case)."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """First line and fields of a WARC record or an HTTP response."""

    first_line: str
    """Without protocol: "200 OK" of "HTTP/1.1 200 OK"."""
    fields: tuple[tuple[str, str], ...]
    """Names in lower case, in the order written."""

    def field(self, name: str) -> str | None:
        """The first field of this name (lower case)."""
        return next((value for key, value in self.fields if key == name), None)


def read_head(stream: BytesIO) -> Head:
    """Read a head up to its empty line; ValueError when there is none."""
    parser: Any = StatusAndHeadersParser([], verify=False)
    try:
        head = parser.parse(stream)
    except EOFError as error:
        raise ValueError("it is empty") from error
    return Head(
        first_line=str(head.statusline),
        fields=tuple((str(name).strip().lower(), str(value).strip()) for name, value in head.headers),
    )


def read_response(block: bytes) -> HttpResponse:
    """Read a response as it came over the wire.

    Raises:
        ValueError: there is no status line.
        TooLargeError: the decoded body is too large.
        UndecodableError: an encoding is unknown or the body is not encoded as its headers say.
    """
    stream = BytesIO(block[:MAX_HEAD_BYTES])
    head = read_head(stream)
    word = head.first_line.split(" ", 1)[0]
    if not (word.isascii() and word.isdigit() and len(word) == 3):
        raise ValueError("its block does not begin with an HTTP status line")
    body, truncated = block[stream.tell() :], False
    if "chunked" in (head.field("transfer-encoding") or "").lower():
        body, truncated = dechunk(body)
    elif (stated := head.field("content-length") or "").isascii() and stated.isdigit():
        truncated = len(body) < int(stated[:15])
    encodings = [name.strip().lower() for name in (head.field("content-encoding") or "").split(",")]
    encodings = [name for name in encodings if name not in {"", "identity", "utf-8"}]
    if len(encodings) > MAX_ENCODINGS:
        raise UndecodableError(f"{len(encodings)} content encodings on top of each other")
    for encoding in reversed(encodings):
        body, cut = decode(body, encoding)
        truncated = truncated or cut
    if len(body) > MAX_BODY_BYTES:
        raise TooLargeError
    return HttpResponse(status=int(word), headers=head.fields, body=body, truncated=truncated)


def dechunk(body: bytes) -> tuple[bytes, bool]:
    """Undo the chunked encoding; the bool says that the last chunk is missing.

    Many archives store bodies dechunked under their old headers: what does not begin with a chunk is left as it is.
    """
    pieces: list[bytes] = []
    position = 0
    while True:
        line_end = body.find(b"\r\n", position, position + MAX_CHUNK_LINE_BYTES)
        size = _chunk_size(body[position:line_end]) if line_end >= 0 else None
        if size is None:
            return (body, False) if not pieces else (b"".join(pieces), True)
        if size == 0:
            return b"".join(pieces), False
        start = line_end + 2
        pieces.append(body[start : start + size])
        position = start + size + 2
        if position > len(body):
            return b"".join(pieces), True


def _chunk_size(line: bytes) -> int | None:
    digits = line.split(b";", 1)[0].strip()
    if not digits or len(digits) > 8 or digits.strip(b"0123456789abcdefABCDEF"):
        return None
    return int(digits, 16)


def decode(body: bytes, encoding: str) -> tuple[bytes, bool]:
    """Undo one content encoding; the bool says that the compressed data end too early.

    Archives may hold the decoded body under the old header too: what is no gzip in spite of it is left as it is.
    """
    if encoding in {"gzip", "x-gzip"}:
        return _inflate(body, 31) if body.startswith(b"\x1f\x8b") else (body, False)
    if encoding == "deflate":
        # The RFC means zlib's format; some servers send it without its head.
        try:
            return _inflate(body, 15)
        except UndecodableError:
            return _inflate(body, -15)
    if encoding == "br":
        return _unbrotli(body)
    if encoding == "zstd":
        return _unzstd(body)
    raise UndecodableError(f"the content encoding {encoding[:40]!r} is not known")


def _inflate(body: bytes, window_bits: int) -> tuple[bytes, bool]:
    decompressor = zlib.decompressobj(window_bits)
    try:
        plain = decompressor.decompress(body, MAX_BODY_BYTES + 1)
    except zlib.error as error:
        raise UndecodableError(f"the compressed body is damaged: {error}") from error
    if len(plain) > MAX_BODY_BYTES:
        raise TooLargeError
    return plain, not decompressor.eof


def _unbrotli(body: bytes) -> tuple[bytes, bool]:
    try:
        import brotli  # type: ignore[import-untyped,unused-ignore]
    except ImportError as error:
        raise UndecodableError("the content encoding 'br' needs the package brotli") from error
    decompressor: Any = brotli.Decompressor()
    process: Callable[..., bytes] = decompressor.process
    try:
        plain = process(body, output_buffer_limit=MAX_BODY_BYTES + 1)
    except brotli.error as error:
        raise UndecodableError(f"the compressed body is damaged: {error}") from error
    if len(plain) > MAX_BODY_BYTES:
        raise TooLargeError
    return plain, not decompressor.is_finished()


def _unzstd(body: bytes) -> tuple[bytes, bool]:
    # Scrapy, which asks for it, brings the package where Python has none.
    zstd: Any = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    decompressor = zstd.ZstdDecompressor()
    try:
        plain: bytes = decompressor.decompress(body, MAX_BODY_BYTES + 1)
    except zstd.ZstdError as error:
        raise UndecodableError(f"the compressed body is damaged: {error}") from error
    if len(plain) > MAX_BODY_BYTES:
        raise TooLargeError
    return plain, not decompressor.eof
