"""The manifest: what a dump holds, which runs made it, and its digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from newscrawl.article import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newscrawl.state.outbox import DumpFile
    from newscrawl.state.run_days import RunDay
    from newscrawl.state.runs import Run

MANIFEST = "manifest.json"
CHECKSUMS = "SHA256SUMS"
TOMBSTONES = "tombstones.jsonl"


def digest_of(keys: Iterable[tuple[str, int, str | None, str]]) -> tuple[str, int]:
    """The digest of a current view and how many articles it holds.

    Args:
        keys: id, revision, text_sha256 and status of its articles, sorted by id.

    Returns:
        ``sha256:`` and the hex SHA-256 over one line each, ``id revision text_sha256 status``; a text that is
        missing is ``null``.
    """
    digest, count = hashlib.sha256(), 0
    for article_id, revision, text_sha256, status in keys:
        digest.update(f"{article_id} {revision} {text_sha256 or 'null'} {status}\n".encode())
        count += 1
    return f"sha256:{digest.hexdigest()}", count


def manifest(
    *, runs: Iterable[Run], run_days: Iterable[RunDay], files: Iterable[DumpFile], digest: str, articles: int
) -> bytes:
    """The manifest as it is written. Nothing in it depends on when it is written."""
    content: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "digest": digest,
        "articles": articles,
        "runs": [_shallow(run) for run in runs],
        "run_days": [_shallow(day) for day in run_days],
        "files": [_file(each) for each in files],
    }
    members = ",\n".join(f"{json.dumps(name)}: {_value(value)}" for name, value in content.items())
    return f"{{\n{members}\n}}\n".encode("utf-8", "replace")


def _shallow(each: Run | RunDay) -> dict[str, Any]:
    """``dataclasses.asdict`` copies every value, which takes most of the time of a manifest."""
    return {field.name: getattr(each, field.name) for field in fields(each)}


def _value(value: object) -> str:
    """A run or a file a line: half as long as indented, and as easy to read and to compare."""
    if not isinstance(value, list):
        return json.dumps(value)
    return "[{}]".format(",".join(f"\n {json.dumps(each, ensure_ascii=False)}" for each in value))


def checksums(files: Iterable[DumpFile]) -> bytes:
    """What ``sha256sum --check`` reads."""
    return "".join(f"{each.sha256}  {each.path}\n" for each in sorted(files, key=lambda each: each.path)).encode()


def _file(each: DumpFile) -> dict[str, Any]:
    return {
        "path": each.path,
        "stream": each.stream,
        "crawl_day": each.crawl_day,
        "run_id": each.run_id,
        "rows": each.lines,
        "bytes": each.bytes,
        "sha256": f"sha256:{each.sha256}",
        "first_crawl_day": _day(each.first_crawled),
        "last_crawl_day": _day(each.last_crawled),
        "first_publication_day": _day(each.first_published),
        "last_publication_day": _day(each.last_published),
        "sources": list(each.sources),
    }


def _day(moment: str | None) -> str | None:
    return moment[:10] if moment else None
