"""The archives in raw/: written while a crawl goes on, whole under their final names or not there at all.

An archive is written as ``.<name>.tmp``, synced, renamed, and then noted in the store, from where the manifest gets it.
What a crash left between these steps is finished by `adopt`: an open file is cut after its last whole record.
"""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newscrawl.dump.files import TEMPORARY_SUFFIX, make_directory, storage_error, sync_directory
from newscrawl.state.outbox import DumpFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from newscrawl.state.outbox import Outbox

RAW = "raw"
"""The folder, and the stream in the manifest; a row of it is a record."""
_OURS = re.compile(r"run_[0-9a-z_]+-\d{4,}\.warc\.gz")
_OPEN = re.compile(rf"\.({_OURS.pattern}){re.escape(TEMPORARY_SUFFIX)}")
_READ_BYTES = 1 << 20
_HEAD_BYTES = 1 << 14
_DATE = re.compile(rb"^WARC-Date: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)", re.MULTILINE)
_SOURCE = re.compile(rb'^newscrawl: .*"source": "([^"\\]*)"', re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawOptions:
    """Whether what is fetched is kept as it came, and in how large files."""

    raw: str = field(default="", metadata={"choices": ("", "warc")})
    """``warc``: in WARC files in raw/; empty: not at all."""
    raw_max_mb: float = 1000
    """A file that is larger is finished, and the next one begins."""


class RawArchive:
    """Appends records to an archive of a run, and begins the next one when it is full. It belongs to one thread."""

    def __init__(self, data: Path, run_id: str, *, max_bytes: int, opening: Callable[[str], bytes]) -> None:
        """
        Args:
            opening: the first record of a file of this name.
        """
        self._folder = data / RAW
        self._run_id = run_id
        self._max_bytes = max_bytes
        self._opening = opening
        self._number = 0
        self._open: _OpenArchive | None = None

    def append(self, records: Iterable[bytes], *, at: str, source: str | None) -> DumpFile | None:
        """Write records, on the disk when the call returns; the file that became full by them, durable under its name.

        Raises:
            StoreError: the disk is full or failed; what was written before is whole.
        """
        try:
            if self._open is None:
                self._open = self._begin()
            self._open.append(tuple(records), at=at, source=source)
            return self.finish() if self._open.size >= self._max_bytes else None
        except OSError as error:
            raise storage_error(self._folder, error) from error

    def finish(self) -> DumpFile | None:
        """Give the open file its name; None when there is none.

        Raises:
            StoreError: the disk refuses; `adopt` finishes the file later.
        """
        archive, self._open = self._open, None
        try:
            return archive.finish() if archive is not None else None
        except OSError as error:
            raise storage_error(self._folder, error) from error

    def _begin(self) -> _OpenArchive:
        make_directory(self._folder)
        while True:
            name = f"{self._run_id}-{self._number:04d}.warc.gz"
            self._number += 1
            path = self._folder / name
            if not path.exists() and not _temporary(path).exists():
                return _OpenArchive(path, self._opening(name))


class _OpenArchive:
    """One file that grows by whole records."""

    def __init__(self, path: Path, opening: bytes) -> None:
        self._path = path
        self._file = _temporary(path).open("xb", buffering=0)
        self._facts = _Facts()
        self._write((opening,))

    @property
    def size(self) -> int:
        """Bytes of whole records."""
        return self._facts.bytes

    def append(self, records: tuple[bytes, ...], *, at: str, source: str | None) -> None:
        """Write and sync them."""
        self._write(records)
        self._facts.see(at, source)

    def finish(self) -> DumpFile:
        """Sync, and give the file its name."""
        with self._file:
            self._file.truncate(self._facts.bytes)
            os.fsync(self._file.fileno())
        _rename(self._path)
        return self._facts.entry(self._path)

    def _write(self, records: tuple[bytes, ...]) -> None:
        data = b"".join(records)
        left = memoryview(data)
        try:
            while left:
                left = left[self._file.write(left) :]
            os.fsync(self._file.fileno())
        except OSError:
            with suppress(OSError):  # the first error says more; `finish` and `adopt` cut, too
                self._file.truncate(self._facts.bytes)
                self._file.seek(self._facts.bytes)
            raise
        self._facts.add(data, records=len(records))


class _Facts:
    """What the manifest tells of an archive."""

    def __init__(self) -> None:
        self.bytes = 0
        self._records = 0
        self._hash = hashlib.sha256()
        self._days: list[str] = []
        self._sources: set[str] = set()

    def add(self, data: bytes, *, records: int) -> None:
        self.bytes += len(data)
        self._records += records
        self._hash.update(data)

    def see(self, at: str, source: str | None) -> None:
        self._days = [min([*self._days, at]), max([*self._days, at])]
        self._sources |= {source} if source else set()

    def entry(self, path: Path) -> DumpFile:
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


def members(path: Path) -> Iterator[Member]:
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


def archives(data: Path) -> Iterator[Path]:
    """The archives of a data directory, newscrawl's own and any other WARC file that lies in raw/, by name."""
    found = (each for each in (data / RAW).glob("*") if each.name.endswith((".warc", ".warc.gz")))
    yield from sorted(each for each in found if not each.name.startswith("."))


def entry_of(path: Path) -> DumpFile:
    """What the manifest tells of an archive that lies in raw/, read from it."""
    facts = _Facts()
    for member in members(path):
        _see(facts, member)
    return facts.entry(path)


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
                outbox.published([entry_of(each)], 0)
                adopted.append(f"{RAW}/{each.name}")
    except OSError as error:
        raise storage_error(folder, error) from error
    return tuple(adopted)


def _finish(path: Path) -> None:
    """Cut an open file after its last whole record and give it its name; one without an exchange goes."""
    facts = _Facts()
    records = 0
    for member in members(_temporary(path)):
        if not member.is_whole:
            break
        _see(facts, member)
        records += 1
    if records <= 1:  # the warcinfo record alone
        _temporary(path).unlink()
        sync_directory(path.parent)
        return
    with _temporary(path).open("r+b") as file:
        file.truncate(facts.bytes)
        os.fsync(file.fileno())
    _rename(path)


def _see(facts: _Facts, member: Member) -> None:
    facts.add(member.data, records=int(member.is_whole))
    source = _SOURCE.search(member.head)
    if (date := _DATE.search(member.head)) and b"WARC-Type: warcinfo" not in member.head:
        facts.see(f"{date[1].decode()}Z", source[1].decode() if source else None)


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}{TEMPORARY_SUFFIX}")


def _rename(path: Path) -> None:
    os.replace(_temporary(path), path)  # noqa: PTH105 - the crash tests count this call
    sync_directory(path.parent)
