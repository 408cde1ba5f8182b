"""Writing the archives in raw/ while a crawl goes on."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newscrawl.dump.files import make_directory, storage_error
from newscrawl.dump.raw import RAW, Facts, rename, temporary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from newscrawl.state.outbox import DumpFile


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
            if not path.exists() and not temporary(path).exists():
                return _OpenArchive(path, self._opening(name))


class _OpenArchive:
    """One file that grows by whole records."""

    def __init__(self, path: Path, opening: bytes) -> None:
        self._path = path
        self._file = temporary(path).open("xb", buffering=0)
        self._facts = Facts()
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
        rename(self._path)
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
