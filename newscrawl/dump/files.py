"""Files that appear complete under their name, or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newscrawl.dump.packing import packer
from newscrawl.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

TEMPORARY_SUFFIX = ".tmp"
"""A file being written is called ``.<final name>.tmp``; one that a crash left is overwritten by the next attempt."""


def storage_error(path: Path, error: OSError) -> StoreError:
    """The sentence for an operation on a path that the system refused."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StoreError(f"disk full: cannot write {path}")
    if error.errno == errno.ELOOP:
        return StoreError(f"cannot write {path}: there is a symbolic link in its place")
    return StoreError(f"cannot write {path}: {error.strerror or error}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a finished file holds."""

    lines: int
    bytes: int
    sha256: str
    """Hexadecimal."""


class NewFile:
    """Writes beside the final name; `finish` makes the file durable and gives it that name, replacing an older one.

    Left without `finish`, by an error or a stop, it takes what it wrote away again. Errors of the system come
    as `OSError`. A file of lines is packed as its name says; `bytes` and the checksum are those of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = 0
        self.bytes = 0
        self._temporary = path.with_name(f".{path.name}{TEMPORARY_SUFFIX}")
        self._hash = hashlib.sha256()
        self._packer = packer(path)
        # A link in its place would be written through to wherever it leads.
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        self._file = os.fdopen(os.open(self._temporary, flags, 0o666), "wb")

    def __enter__(self) -> NewFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._file.closed:
            with suppress(OSError):  # the error that brought us here says more
                self._file.close()
        self._temporary.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """Append whole lines."""
        self.lines += data.count(b"\n")
        self._put(data if self._packer is None else self._packer.compress(data))

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._hash.update(data)
        self.bytes += len(data)

    def finish(self) -> Written:
        """Flush to the disk, rename, and make the new name durable."""
        if self._packer is not None:
            self._put(self._packer.flush())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self._temporary, self.path)  # noqa: PTH105 - the crash tests count this call
        sync_directory(self.path.parent)
        return Written(lines=self.lines, bytes=self.bytes, sha256=self._hash.hexdigest())


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory(path: Path) -> None:
    """Make a directory and its missing parents, durably."""
    if path.is_dir():
        return
    make_directory(path.parent)
    path.mkdir(exist_ok=True)
    sync_directory(path.parent)


def write_if_different(path: Path, data: bytes) -> bool:
    """Give a file these bytes unless it has them; whether it was written."""
    with suppress(OSError):
        if path.read_bytes() == data:
            return False
    with NewFile(path) as file:
        file.write(data)
        file.finish()
    return True
