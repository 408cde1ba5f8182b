"""Content codings undone, within a bound, and whole or not at all: a text that was cut must not pass for one."""

from __future__ import annotations

import sys
import zlib

from scrapy.utils._compression import brotli, zstd  # type: ignore[attr-defined]  # those that Scrapy found

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
_TRAILER_BYTES = 8
_STEP_BYTES = 64 * 1024


class TooMuchError(Exception):
    """The decoded body is over the bound."""


class CutError(Exception):
    """The body ends, or is damaged, before its end."""


def inflated(body: bytes, coding: str, max_bytes: int) -> bytes:
    """The body without one content coding; a body that is not coded, though its header says so, as it is.

    Args:
        coding: ``gzip``, ``x-gzip``, ``deflate``, ``br`` or ``zstd``.
        max_bytes: of the result; 0: no bound.

    Raises:
        TooMuchError: it would be longer.
        CutError: it does not end as the coding does. A gzip file without its checksum, or with a wrong one, is whole
            when its last block is: browsers read it too.
    """
    most = max_bytes or sys.maxsize - 1
    match coding:
        case "gzip" | "x-gzip":
            return _gzip(body, most) if body.startswith(GZIP) else body
        case "deflate":
            return body if _looks_plain(body) else _deflate(body, most)
        case "br":
            return body if _looks_plain(body) else _brotli(body, most)
        case "zstd":
            return _zstd(body, most) if body.startswith(ZSTD) else body
    return body


def _gzip(body: bytes, most: int) -> bytes:
    """All members of a gzip file (RFC 1952); what follows them is padding."""
    parts: list[bytes] = []
    while body.startswith(GZIP):
        part, rest = _blocks(body[_gzip_header_bytes(body) :], -zlib.MAX_WBITS, most)
        parts.append(part)
        most -= len(part)
        body = rest[_TRAILER_BYTES:]
    return b"".join(parts)


def _gzip_header_bytes(body: bytes) -> int:
    """Where the blocks of a member begin (RFC 1952, 2.3)."""
    if len(body) < 10:
        raise CutError
    flags, end = body[3], 10
    if flags & 4:  # FEXTRA
        end += 2 + int.from_bytes(body[end : end + 2], "little")
    for flag in (8, 16):  # FNAME, FCOMMENT: texts that end with a zero byte
        if flags & flag:
            if (zero := body.find(b"\0", end)) < 0:
                raise CutError
            end = zero + 1
    return end + (2 if flags & 2 else 0)  # FHCRC


def _deflate(body: bytes, most: int) -> bytes:
    """With zlib's frame, as the standard has it, or without, as some servers send it."""
    framed = len(body) > 1 and body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    return _blocks(body, zlib.MAX_WBITS if framed else -zlib.MAX_WBITS, most)[0]


def _blocks(body: bytes, wbits: int, most: int) -> tuple[bytes, bytes]:
    """What the blocks hold, and what follows them."""
    unpacker = zlib.decompressobj(wbits)
    try:
        part = unpacker.decompress(body, most + 1)
    except zlib.error:
        raise CutError from None
    if len(part) > most:
        raise TooMuchError
    if not unpacker.eof:
        raise CutError
    return part, unpacker.unused_data


def _brotli(body: bytes, most: int) -> bytes:
    unpacker = brotli.Decompressor()
    parts: list[bytes] = []
    size = 0
    try:
        part = unpacker.process(body, output_buffer_limit=_STEP_BYTES)
        while part:
            parts.append(part)
            size += len(part)
            if size > most:
                raise TooMuchError
            part = b"" if unpacker.is_finished() else unpacker.process(b"", output_buffer_limit=_STEP_BYTES)
    except brotli.error:
        raise CutError from None
    if not unpacker.is_finished():
        raise CutError
    return b"".join(parts)


def _zstd(body: bytes, most: int) -> bytes:
    """All frames of the body."""
    parts: list[bytes] = []
    while body.startswith(ZSTD):
        unpacker = zstd.ZstdDecompressor()
        try:
            part = unpacker.decompress(body, most + 1)
        except zstd.ZstdError:
            raise CutError from None
        if len(part) > most:
            raise TooMuchError
        if not unpacker.eof:
            raise CutError
        parts.append(part)
        most -= len(part)
        body = unpacker.unused_data
    return b"".join(parts)


def _looks_plain(body: bytes) -> bool:
    """These codings have no mark of their own; markup has."""
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"
