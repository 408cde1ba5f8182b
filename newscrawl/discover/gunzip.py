"""Gzipped bodies, whole, cut or damaged, within a limit."""

from __future__ import annotations

import zlib

_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31
_STEP_BYTES = 1024


def unpacked(body: bytes, max_bytes: int) -> tuple[bytes, bool]:
    """The body without its gzip layers, and whether it was cut off; known by its magic number, not its name."""
    cut = False
    for _ in range(2):  # a .gz file may be gzipped once more on its way
        if not body.startswith(_GZIP):
            break
        body, layer_cut = _gunzip(body, max_bytes)
        cut = cut or layer_cut
    return body[:max_bytes], cut or len(body) > max_bytes


def _gunzip(body: bytes, max_bytes: int) -> tuple[bytes, bool]:
    parts: list[bytes] = []
    room = max_bytes
    while body.startswith(_GZIP):
        unpacker = zlib.decompressobj(wbits=_GZIP_WINDOW)
        try:
            part = unpacker.decompress(body, room + 1)
        except zlib.error:
            part = _until_damage(body, room)
            parts.append(part)
            return b"".join(parts), True
        parts.append(part[:room])
        if len(part) > room or not unpacker.eof:
            return b"".join(parts), True
        room -= len(part)
        body = unpacker.unused_data
    return b"".join(parts), False


def _until_damage(body: bytes, room: int) -> bytes:
    """What a damaged gzip file gives before its damage."""
    unpacker = zlib.decompressobj(wbits=_GZIP_WINDOW)
    parts: list[bytes] = []
    try:
        for start in range(0, len(body), _STEP_BYTES):
            part = unpacker.decompress(body[start : start + _STEP_BYTES], room)
            parts.append(part)
            room -= len(part)
            if room <= 0 or unpacker.eof:
                break
    except zlib.error:
        pass  # the parts before it are what is asked for
    return b"".join(parts)
