"""Decisions as bytes, for the way from those who read files to those who know sites."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from newscrawl.article import Removed
from newscrawl.batch.clean import Decision
from newscrawl.dump.record import article_from, record
from newscrawl.errors import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

_LENGTHS = struct.Struct("<II")


def framed(key: bytes, data: bytes) -> bytes:
    """A key and what belongs to it, so that `frames` can tell them apart in a stream."""
    return _LENGTHS.pack(len(key), len(data)) + key + data


def frames(piece: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The keys with their data, in their order."""
    place = 0
    while place < len(piece):
        keys, data = _LENGTHS.unpack_from(piece, place)
        place += _LENGTHS.size
        yield piece[place : place + keys], piece[place + keys : place + keys + data]
        place += keys + data


def decision_row(decision: Decision, shard: int) -> bytes:
    """A decision with the number of its shard. Rows sort by time, address and text, wherever they come from."""
    values: dict[str, Any] = asdict(replace(decision, article=None))
    text = ""
    if (article := decision.article) is not None:
        values["article"] = record(article)
        values["removed"] = [asdict(each) for each in article.removed]
        text = article.text_sha256 or ""
    key = "\t".join((decision.date_crawled or "", decision.url, text, f"{shard:08d}"))
    return framed(key.encode("utf-8", "surrogatepass"), json.dumps(values).encode())


def decision_of(key: bytes, data: bytes) -> tuple[Decision, int]:
    """The decision of a row, and the number of its shard."""
    values = json.loads(data)
    removed = tuple(Removed(**each) for each in values.pop("removed", ()))
    if values["article"] is not None:
        values["article"] = replace(article_from(values["article"]), removed=removed)
    shard = int(key.rpartition(b"\t")[2])
    return Decision(**{**values, "outcome": Outcome(values["outcome"])}), shard
