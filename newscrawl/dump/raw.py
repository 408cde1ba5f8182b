"""The archives in raw/: whole under their final names or not there at all.

An archive is written as ``.<name>.tmp``, synced, renamed, and then noted in the store, from where the manifest gets it.
What a crash left between these steps is finished by `adopt`: an open file is cut after its last whole record.
"""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.dump.files import TEMPORARY_SUFFIX, NewFile, storage_error, sync_directory
from newscrawl.dump.place import dump_of
from newscrawl.errors import StoreError
from newscrawl.state.outbox import DumpFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newscrawl.dump.place import Place
    from newscrawl.state.outbox import Outbox

RAW = "raw"
"""The folder, and the stream in the manifest; a row of it is a record."""
_OURS = re.compile(r"run_[0-9a-z_]+-\d{4,}\.warc\.gz")
_OURS_TO_SEND = re.compile(r"run_[0-9a-z_]+-\d{4,}(?:-purged_[0-9a-f]{10})?\.warc\.gz")
_OPEN = re.compile(rf"\.({_OURS.pattern}){re.escape(TEMPORARY_SUFFIX)}")
_READ_BYTES = 1 << 20
_HEAD_BYTES = 1 << 14
_DATE = re.compile(rb"^WARC-Date: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)", re.MULTILINE)
_SOURCE = re.compile(rb'^newscrawl: .*"source": "([^"\\]*)"', re.MULTILINE)


class Facts:
    """What the manifest tells of an archive, gathered while it is written or read."""

    def __init__(self) -> None:
        self.bytes = 0
        self._records = 0
        self._hash = hashlib.sha256()
        self._days: list[str] = []
        self._sources: set[str] = set()

    def add(self, data: bytes, *, records: int) -> None:
        """The next bytes, and how many records they are."""
        self.bytes += len(data)
        self._records += records
        self._hash.update(data)

    def see(self, at: str, source: str | None) -> None:
        """When a record of it was fetched, and of which source."""
        self._days = [min([*self._days, at]), max([*self._days, at])]
        self._sources |= {source} if source else set()

    def entry(self, path: Place) -> DumpFile:
        """For the manifest."""
        first, last = self._days or (None, None)
        return DumpFile(
            path=f"{RAW}/{path.name}",
            stream=RAW,
            crawl_day=first[:10] if first else None,
            run_id=None,  # its name tells; named here, it would keep the run from being summed up
            lines=self._records,
            bytes=self.bytes,
            sha256=self._hash.hexdigest(),
            first_crawled=first,
            last_crawled=last,
            first_published=None,
            last_published=None,
            sources=tuple(sorted(self._sources)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A piece of an archive."""

    data: bytes
    """As it lies in the file."""
    head: bytes
    """Its first bytes, decompressed."""
    is_whole: bool
    """A whole gzip member, which is a whole record; else no record, or a torn one."""


def members(path: Place) -> Iterator[Member]:
    """Every byte of a ``.warc.gz`` file in order, record by record; from where that ends, piece by piece."""
    with path.open("rb") as file:
        rest = file.read(_READ_BYTES)
        while rest:
            unpacker, taken, head = zlib.decompressobj(31), [], b""
            try:
                while not unpacker.eof and rest:
                    plain = unpacker.decompress(rest, _READ_BYTES)
                    head += plain[: _HEAD_BYTES - len(head)]
                    left = unpacker.unused_data or unpacker.unconsumed_tail
                    taken.append(rest[: len(rest) - len(left)])
                    rest = left or file.read(_READ_BYTES)
            except zlib.error:
                break
            yield Member(data=b"".join(taken), head=head, is_whole=unpacker.eof)
        else:
            return
        rest = b"".join(taken) + rest
        while rest:
            yield Member(data=rest, head=b"", is_whole=False)
            rest = file.read(_READ_BYTES)


def archives(data: Path) -> Iterator[Place]:
    """The archives of a data directory, newscrawl's own and any other WARC file that lies in raw/, by name.

    Where the dump is elsewhere, those that are there, and then those that are here.
    """
    for place in dict.fromkeys((dump_of(data), data)):
        folder = place / RAW
        found = folder.iterdir() if folder.is_dir() else ()
        ours = (each for each in found if each.name.endswith((".warc", ".warc.gz")) and not each.name.startswith("."))
        yield from sorted(ours, key=str)


def merge(outbox: Outbox, data: Place, group: Sequence[DumpFile]) -> DumpFile:
    """Write the records of archives, in their order, into one that no manifest names yet; its name follows from theirs.

    Raises:
        StoreError: an archive is not what was listed.
        OSError: the disk refuses.
    """
    change = hashlib.sha256(" ".join(each.sha256 for each in group).encode()).hexdigest()[:16]
    path = f"{RAW}/compact_{change}-0000.warc.gz"
    outbox.note_leftovers([path])
    with NewFile(data / path) as file:
        for each in group:
            digest = hashlib.sha256()
            with (data / each.path).open("rb") as archive:
                while block := archive.read(_READ_BYTES):
                    digest.update(block)
                    file.write(block)
            if digest.hexdigest() != each.sha256:  # damage must not get a checksum of its own
                raise StoreError(f"{data / each.path} is not what was listed; `newscrawl verify` says more")
        written = file.finish()
    return replace(
        group[0],
        path=path,
        lines=sum(each.lines for each in group),
        bytes=written.bytes,
        sha256=written.sha256,
        first_crawled=min((each.first_crawled for each in group if each.first_crawled), default=None),
        last_crawled=max((each.last_crawled for each in group if each.last_crawled), default=None),
        sources=tuple(sorted({source for each in group for source in each.sources})),
    )


def entry_of(path: Place) -> DumpFile:
    """What the manifest tells of an archive that lies in raw/, read from it."""
    facts = Facts()
    for member in members(path):
        _see(facts, member)
    return facts.entry(path)


def note(outbox: Outbox, data: Path, archive: DumpFile) -> None:
    """An archive is whole. The manifest may name it, unless the dump is elsewhere: then when it was sent there."""
    if isinstance(dump_of(data), Path):
        outbox.published([archive], 0)


def waiting(outbox: Outbox, data: Path) -> Iterator[Path]:
    """Archives here that are to be sent to a dump elsewhere, by name."""
    folder, leftovers = data / RAW, frozenset(outbox.leftovers())
    for each in sorted(folder.iterdir()) if folder.is_dir() else ():
        if _OURS_TO_SEND.fullmatch(each.name) and f"{RAW}/{each.name}" not in leftovers:
            yield each


def adopt(outbox: Outbox, data: Path) -> tuple[str, ...]:
    """Finish what a killed run left: its open file ends after the last whole record, and the store knows of it.

    Gives the paths of what was taken in. Only when no run writes to the directory; interrupted at any moment, it is
    done again.

    Raises:
        StoreError: the disk refuses.
    """
    folder = data / RAW
    adopted: list[str] = []
    if not folder.is_dir():
        return ()
    try:
        for each in sorted(folder.iterdir()):
            if opened := _OPEN.fullmatch(each.name):
                _finish(folder / opened[1])
        known = {each.path for each in outbox.files()} | set(outbox.leftovers())
        for each in sorted(folder.iterdir()):
            if _OURS.fullmatch(each.name) and f"{RAW}/{each.name}" not in known:
                if isinstance(dump_of(data), Path):
                    outbox.published([entry_of(each)], 0)
                adopted.append(f"{RAW}/{each.name}")
    except OSError as error:
        raise storage_error(folder, error) from error
    return tuple(adopted)


def _finish(path: Path) -> None:
    """Cut an open file after its last whole record and give it its name; one without an exchange goes."""
    facts = Facts()
    records = 0
    for member in members(temporary(path)):
        if not member.is_whole:
            break
        _see(facts, member)
        records += 1
    if records <= 1:  # the warcinfo record alone
        temporary(path).unlink()
        sync_directory(path.parent)
        return
    with temporary(path).open("r+b") as file:
        file.truncate(facts.bytes)
        os.fsync(file.fileno())
    rename(path)


def _see(facts: Facts, member: Member) -> None:
    facts.add(member.data, records=int(member.is_whole))
    source = _SOURCE.search(member.head)
    if (date := _DATE.search(member.head)) and b"WARC-Type: warcinfo" not in member.head:
        facts.see(f"{date[1].decode()}Z", source[1].decode() if source else None)


def temporary(path: Path) -> Path:
    """What an archive is called while it is written."""
    return path.with_name(f".{path.name}{TEMPORARY_SUFFIX}")


def rename(path: Path) -> None:
    """Give a synced archive its name, durably."""
    os.replace(temporary(path), path)  # noqa: PTH105 - the crash tests count this call
    sync_directory(path.parent)
