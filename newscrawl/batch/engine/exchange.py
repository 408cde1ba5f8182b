"""Rows change hands through files: who has them writes one file, sorted into parts; who needs a part reads it of all.

This is the shuffle of a batch. It needs a folder that all workers see and as much memory as one buffer, whatever the
size of the batch; a file is there whole or not at all, so what was written survives whoever wrote it.
"""

from __future__ import annotations

import os
import struct
import sys
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from newscrawl.dump.files import make_directory, sync_directory

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUFFER_BYTES = 32_000_000
_LEVEL = 1
_CHUNK = struct.Struct("<IQI")
"""Part, offset and length of a chunk."""
_END = struct.Struct("<Q8s")
"""Offset of the list of chunks, and the mark of a file that is whole."""
_MARK = b"nc-parts"


class Parts:
    """Collects what one file holds, and hands it on to the file when the buffer is full."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._waiting: dict[int, list[bytes]] = {}
        self._bytes = 0
        self._chunks: list[tuple[int, int, int]] = []

    def add(self, part: int, data: bytes) -> None:
        """Rows for a part; they come out in the order they were added."""
        self._waiting.setdefault(part, []).append(data)
        self._bytes += len(data)
        if self._bytes > BUFFER_BYTES:
            self._flush()

    def finish(self) -> None:
        """Write what waits, and where everything stands."""
        self._flush()
        place = self._file.tell()
        for chunk in self._chunks:
            self._file.write(_CHUNK.pack(*chunk))
        self._file.write(_END.pack(place, _MARK))

    def _flush(self) -> None:
        for part, pieces in sorted(self._waiting.items()):
            data = zstd.compress(b"".join(pieces), _LEVEL)
            self._chunks.append((part, self._file.tell(), len(data)))
            self._file.write(data)
        self._waiting, self._bytes = {}, 0


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that gets its name, durably, when the block is left without an error.

    Two processes may write the same file at once, as when one of them is believed dead: the last one's stays, and they
    are equal.
    """
    make_directory(path.parent)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_directory(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def writing(path: Path) -> Iterator[Parts]:
    """A new file of parts."""
    with new_file(path) as file:
        parts = Parts(file)
        yield parts
        parts.finish()


def read_part(folder: Path, part: int) -> Iterator[bytes]:
    """What every file of a folder holds for a part, by name of the file; a piece of some megabytes at a time."""
    for path in sorted(folder.glob("[!.]*")):
        with path.open("rb") as file:
            file.seek(-_END.size, os.SEEK_END)
            place, mark = _END.unpack(file.read())
            if mark != _MARK:
                raise ValueError(f"{path} is no file of parts")
            file.seek(place)
            listed = file.read()[: -_END.size]
            for number, offset, length in _CHUNK.iter_unpack(listed):
                if number == part:
                    file.seek(offset)
                    yield zstd.decompress(file.read(length))
