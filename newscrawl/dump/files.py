"""Files that appear complete under their name, or not at all."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from newscrawl.dump.objects import ANYTHING
from newscrawl.dump.packing import packer
from newscrawl.errors import StoreError

if TYPE_CHECKING:
    from types import TracebackType

    from newscrawl.dump.place import Place

TEMPORARY_SUFFIX = ".tmp"
"""A file being written is called ``.<final name>.tmp``; one that a crash left is overwritten by the next attempt."""


def storage_error(path: Place, error: OSError) -> StoreError:
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
    What becomes an object is written to a nameless file among the system's temporary ones first.
    """

    def __init__(self, path: Place, *, over: str | None = ANYTHING, is_shared: bool = False) -> None:
        """
        Args:
            over: the version of an object that may be replaced, as `ObjectPath.put` takes it; a file heeds none.
            is_shared: other processes may write the same file at this moment; one after another, the last one stays.
        """
        self.path = path
        self.lines = 0
        self.bytes = 0
        self._over = over
        self._hash = hashlib.sha256()
        self._packer = packer(path)
        self._file: BinaryIO
        self._temporary: Path | None = None
        if not isinstance(path, Path):
            self._file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - as long as this object
            return
        self._temporary = path.with_name(f".{path.name}{TEMPORARY_SUFFIX}")
        # A link in its place would be written through to wherever it leads.
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW
        if is_shared:
            self._file = os.fdopen(_opened_alone(self._temporary, flags), "wb")
        else:
            self._file = os.fdopen(os.open(self._temporary, flags | os.O_TRUNC, 0o666), "wb")

    def __enter__(self) -> NewFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._temporary is not None:  # while it is ours: another process may have one of this name after that
            self._temporary.unlink(missing_ok=True)
        if not self._file.closed:
            with suppress(OSError):  # the error that brought us here says more
                self._file.close()

    def write(self, data: bytes) -> None:
        """Append whole lines."""
        self.lines += data.count(b"\n")
        self._put(data if self._packer is None else self._packer.compress(data))

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._hash.update(data)
        self.bytes += len(data)

    def finish(self) -> Written:
        """Flush to the disk, rename, and make the new name durable; or put the object.

        Raises:
            OvertakenError: the object is no longer the one that may be replaced.
        """
        if self._packer is not None:
            self._put(self._packer.flush())
        self._file.flush()
        if isinstance(self.path, Path):
            assert self._temporary is not None
            os.fsync(self._file.fileno())
            os.replace(self._temporary, self.path)  # noqa: PTH105 - the crash tests count this call
            self._temporary = None
            self._file.close()
            sync_directory(self.path.parent)
        else:
            self.path.put(self._file, self.bytes, over=self._over)
            self._file.close()
        return Written(lines=self.lines, bytes=self.bytes, sha256=self._hash.hexdigest())


def _opened_alone(path: Path, flags: int) -> int:
    """An empty file of this name that no other process writes, until it is closed."""
    while True:
        descriptor = os.open(path, flags, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):  # who had it has given it its final name
                if os.path.samestat(os.fstat(descriptor), path.lstat()):
                    os.ftruncate(descriptor, 0)
                    return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory(path: Place) -> None:
    """Make a directory and its missing parents, durably. A store of objects needs none."""
    if not isinstance(path, Path) or path.is_dir():
        return
    make_directory(path.parent)
    path.mkdir(exist_ok=True)
    sync_directory(path.parent)


def write_if_different(path: Place, data: bytes, *, over: str | None = ANYTHING) -> bool:
    """Give a file these bytes unless it has them; whether it was written.

    Args:
        over: the version of an object that may be replaced; by default the one that is compared.

    Raises:
        OvertakenError: somebody else gave the object other bytes meanwhile.
    """
    if over == ANYTHING:
        over = version_of(path)
    with suppress(OSError):
        if path.read_bytes() == data:
            return False
    with NewFile(path, over=over) as file:
        file.write(data)
        file.finish()
    return True


def version_of(path: Place) -> str | None:
    """What stands at a place, for a later put to be held to; files have no versions."""
    return ANYTHING if isinstance(path, Path) else path.version()
