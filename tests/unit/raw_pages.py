"""Raw pages for the tests, as a crawl writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newscrawl.article import Hint
from newscrawl.dump.raw_archive import RawArchive
from newscrawl.dump.raw_context import PageContext
from newscrawl.dump.raw_records import Exchange, exchange_records, opening

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from newscrawl.state.outbox import DumpFile

RUN = "run_20261123t100000z_aaaaaa"
AT = "2026-11-23T10:00:00Z"
SITE = "https://harbour-times.example"
FERRY = """The ferry sails again after two days of repairs in the harbour, and passengers queued from early morning.

Engineers had worked through both nights to replace the shaft of the ship, which broke in the storm on Sunday.

The company says that tickets for the lost days are valid until the end of the month."""


def html(text: str = FERRY, title: str = "Ferry sails again", extra: str = "") -> bytes:
    """A page that holds an article."""
    paragraphs = "".join(f"<p>{each}</p>" for each in text.split("\n\n"))
    head = f'<title>{title}</title><meta property="article:published_time" content="2026-11-23T08:00:00Z">'
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{head}</head><body>{extra}'
        f"<article><h1>{title}</h1>{paragraphs}</article></body></html>"
    ).encode()


def exchange(url: str = f"{SITE}/ferry", body: bytes | None = None, *, role: str = "page", **changes: Any) -> Exchange:
    """A page that was fetched, or with another role a feed or section."""
    values: dict[str, Any] = {
        "at": AT,
        "method": "GET",
        "request_fields": ((b"User-Agent", b"newscrawl/1"),),
        "status": 200,
        "protocol": "HTTP/1.1",
        "fields": ((b"Content-Type", b"text/html; charset=utf-8"),),
        "body": html() if body is None else body,
        "took_ms": 12,
        "context": PageContext(
            role=role, run_id=RUN, source="harbour-times", hint=Hint(url=url, via="feed", title="Ferry sails again")
        ),
    }
    return Exchange(url=url, **values | changes)


def archive_in(data: Path, *, max_bytes: int = 10**9) -> RawArchive:
    """An archive that takes exchanges."""
    data.mkdir(exist_ok=True)
    return RawArchive(data, RUN, max_bytes=max_bytes, opening=lambda name: opening(name, RUN, "newscrawl/1"))


def append(archive: RawArchive, each: Exchange) -> DumpFile | None:
    """Add an exchange."""
    return archive.append(exchange_records(each), at=each.at, source=each.context.source)


def write(data: Path, exchanges: Iterable[Exchange]) -> DumpFile:
    """A finished archive of these."""
    archive = archive_in(data)
    for each in exchanges:
        append(archive, each)
    entry = archive.finish()
    assert entry is not None
    return entry
