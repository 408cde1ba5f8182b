"""Many small files of a stream and day become few: a crawl every ten minutes makes hundreds a day."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from newscrawl.dump.current import read_lines
from newscrawl.dump.files import storage_error
from newscrawl.dump.packing import suffix_of
from newscrawl.dump.place import dump_of
from newscrawl.dump.publish import MAX_FILE_BYTES, publish
from newscrawl.dump.raw import RAW, merge
from newscrawl.dump.replace import write_replacement
from newscrawl.dump.schema import LINES
from newscrawl.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from newscrawl.dump.place import Place
    from newscrawl.state.outbox import DumpFile
    from newscrawl.state.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Compacted:
    """What compacting came to."""

    merged: int
    """Files that went."""
    written: int
    """Files that took their place."""

    def __str__(self) -> str:
        return f"{self.merged:,} files became {self.written:,}"


def compact(
    store: Store, data: Path, *, days: frozenset[str] | None = None, max_file_bytes: int = MAX_FILE_BYTES
) -> Compacted:
    """Merge the files of each stream and day, in the order of publication; no line changes.

    Interrupted at any moment, it leaves a whole dump, at the latest after the next publication. Old files go when the
    manifest no longer names them; who reads one then keeps it.

    Args:
        days: crawl days to compact; None: all.
        max_file_bytes: no file gets larger by merging.

    Raises:
        StoreError: the disk is full or failed; or a file is not what was published.
    """
    with store.dump_alone():
        return _compact(store, data, days, max_file_bytes)


def _compact(store: Store, data: Path, days: frozenset[str] | None, max_file_bytes: int) -> Compacted:
    dump = dump_of(data)
    publish(store, data)
    merged = written = 0
    try:
        for group in _groups(store.outbox.files(), days, max_file_bytes):
            new = _merge(store, dump, group)
            store.outbox.replace_files([each.path for each in group], new)
            merged += len(group)
            written += 1
    except OSError as error:
        raise storage_error(dump, error) from error
    finally:
        if merged:
            publish(store, data)
    return Compacted(merged=merged, written=written)


def _merge(store: Store, dump: Place, group: list[DumpFile]) -> DumpFile | None:
    if group[0].stream == RAW:
        return merge(store.outbox, dump, group)
    lines = chain.from_iterable(_proved_lines(dump, each) for each in group)
    return write_replacement(store.outbox, dump, _entry(group), lines)


def _proved_lines(dump: Place, entry: DumpFile) -> Iterator[bytes]:
    """The lines of a file; damage must not get a checksum of its own."""
    path = dump / entry.path
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != entry.sha256:
        raise StoreError(f"{path} is not what was published; `newscrawl verify` says more")
    yield from read_lines(path)


def _groups(files: Iterable[DumpFile], days: frozenset[str] | None, max_bytes: int) -> Iterator[list[DumpFile]]:
    """Files to merge, two at least. Links keep their order over all days: there the last line of an id counts."""
    open_groups: dict[tuple[str, str | None], list[DumpFile]] = {}
    last_links: str | None = None
    for each in files:
        if each.stream not in LINES and each.stream != RAW:
            continue
        key = (each.stream, each.crawl_day)
        apart = each.stream == "links" and last_links != each.crawl_day
        last_links = each.crawl_day if each.stream == "links" else last_links
        group = open_groups.setdefault(key, [])
        if group and (apart or sum(other.bytes for other in group) + each.bytes > max_bytes):
            yield from _worthwhile(open_groups.pop(key), days)
            group = open_groups.setdefault(key, [])
        group.append(each)
    for group in open_groups.values():
        yield from _worthwhile(group, days)


def _worthwhile(group: list[DumpFile], days: frozenset[str] | None) -> Iterator[list[DumpFile]]:
    if len(group) > 1 and (days is None or group[0].crawl_day in days):
        yield group


def _entry(group: list[DumpFile]) -> DumpFile:
    """The name follows from what is merged: an interrupted attempt writes the same file again."""
    first = group[0]
    name = hashlib.sha256(" ".join(each.sha256 for each in group).encode()).hexdigest()[:16]
    crawled = sorted(day for each in group for day in (each.first_crawled, each.last_crawled) if day)
    published = sorted(day for each in group for day in (each.first_published, each.last_published) if day)
    return replace(
        first,
        path=f"{first.stream}/crawl_day={first.crawl_day}/compact_{name}-0000{suffix_of(group[-1].path)}",
        run_id=None,
        first_crawled=crawled[0] if crawled else None,
        last_crawled=crawled[-1] if crawled else None,
        first_published=published[0] if published else None,
        last_published=published[-1] if published else None,
        sources=tuple(sorted({source for each in group for source in each.sources})),
    )
