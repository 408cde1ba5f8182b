"""What a file holds, by its first bytes: names lie, and standard input has none."""

from __future__ import annotations

import json
import zlib
from enum import StrEnum

HEAD_BYTES = 4096
GZIP_MAGIC = b"\x1f\x8b"
_BINARY = (b"%PDF", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ", b"\x89PNG", b"\xff\xd8\xff", b"SQLite ")
_WIDE = (b"\xff\xfe", b"\xfe\xff")


class Format(StrEnum):
    """What `newscrawl clean` reads."""

    HTML = "html"
    WARC = "warc"
    JSONL = "jsonl"
    TEXT = "text"


def is_gzip(head: bytes) -> bool:
    """Whether a file with this beginning is compressed."""
    return head.startswith(GZIP_MAGIC)


def detect_format(head: bytes) -> Format | None:
    """The format of a file with this beginning, compressed or not; None when it is none of them.

    A text that begins with a tag is taken for HTML, one that begins with a JSON object for JSON lines.
    """
    if is_gzip(head):
        try:
            head = zlib.decompressobj(31).decompress(head, HEAD_BYTES)
        except zlib.error:
            return None
    if head.startswith(b"WARC/"):
        return Format.WARC
    if head.startswith(_BINARY):
        return None
    if head.startswith(_WIDE):
        head = head[2:].replace(b"\0", b"")
    if b"\0" in head[:512]:
        return None
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        return Format.HTML
    if start.startswith(b"{") and _is_object(start):
        return Format.JSONL
    return Format.TEXT


def _is_object(start: bytes) -> bool:
    """Whether the first line is a JSON object, or the beginning of one that is longer than what was read."""
    line, end, _ = start.partition(b"\n")
    if not end and len(start) >= HEAD_BYTES // 2:
        return line[1:].lstrip()[:1] == b'"'
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        # A torn line of a file of objects still begins like one.
        return line[1:].lstrip()[:1] == b'"'
