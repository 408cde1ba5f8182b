"""Taking pages out of the archives in raw/."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, BinaryIO

from newscrawl.dump.files import NewFile
from newscrawl.errors import StoreError
from newscrawl.urls import url_key

if TYPE_CHECKING:
    from pathlib import Path

    from newscrawl.state.outbox import Outbox

RAW = "raw"


def purge_raw(outbox: Outbox, data: Path, keys: frozenset[str]) -> None:
    """Replace archives that hold records (request, response, metadata) of these addresses by ones that do not.

    Args:
        keys: url keys of the addresses.

    Raises:
        StoreError: an archive cannot be read; names it.
    """
    for path in sorted([*(data / RAW).glob("*.warc"), *(data / RAW).glob("*.warc.gz")]):
        kept, dropped = _spans(path, keys)
        if not dropped:
            continue
        old = f"{RAW}/{path.name}"
        if not kept:
            outbox.replace_files([old], None)
            continue
        change = hashlib.sha256(repr((path.name, kept)).encode()).hexdigest()[:10]
        stem, _, suffix = path.name.partition(".warc")
        name = f"{RAW}/{stem.split('-purged_')[0]}-purged_{change}.warc{suffix}"
        outbox.note_leftovers([name])
        with path.open("rb") as source, NewFile(data / name) as file:
            for offset, length in kept:
                _copy(source, file, offset, length)
            file.finish()
        outbox.replace_files([old], None, unlisted=name)


def _spans(path: Path, keys: frozenset[str]) -> tuple[list[tuple[int, int]], int]:
    """Offset and length of the records that stay, and how many go."""
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    kept: list[tuple[int, int]] = []
    dropped = 0
    try:
        with path.open("rb") as file:
            records = ArchiveIterator(file)
            for record in records:
                url = record.rec_headers.get_header("WARC-Target-URI") if record.rec_headers else None
                span = (records.get_record_offset(), records.get_record_length())
                if url and _key(url.strip("<>")) in keys:
                    dropped += 1
                else:
                    kept.append(span)
    except (ArchiveLoadFailed, EOFError) as error:
        raise StoreError(f"{path} cannot be purged, it is no whole WARC file: {str(error).strip()[:200]}") from error
    return kept, dropped


def _copy(source: BinaryIO, file: NewFile, offset: int, length: int) -> None:
    source.seek(offset)
    left = length
    while left > 0 and (chunk := source.read(min(left, 1 << 20))):
        file.write(chunk)
        left -= len(chunk)
    if file.path.suffix == ".warc":
        file.write(b"\r\n\r\n")  # the blank lines between plain records belong to no span


def _key(url: str) -> str:
    try:
        return url_key(url)
    except ValueError:
        return url
