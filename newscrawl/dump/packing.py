"""How the files of the logs are packed: plain, gzip or Zstandard, as the end of their name says."""

from __future__ import annotations

import gzip
import sys
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from newscrawl.errors import ConfigError, StoreError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.dump.place import Place

LINES = ".jsonl"
PACKINGS = {"none": LINES, "gzip": f"{LINES}.gz", "zstd": f"{LINES}.zst"}
"""The ends of names, by the words of NEWSCRAWL_DUMP_COMPRESSION."""

_GZIP_HEADER = 16 + zlib.MAX_WBITS
_DAMAGE = (gzip.BadGzipFile, EOFError, zlib.error, zstd.ZstdError)


class Packer(Protocol):
    """Makes a packed file's bytes of its lines."""

    def compress(self, data: bytes, /) -> bytes:
        """Bytes to write now; some may be held back."""

    def flush(self) -> bytes:
        """The rest."""


def packing(name: str) -> str:
    """The end of the names of files that are packed so.

    Raises:
        ConfigError: there is no such packing.
    """
    if name not in PACKINGS:
        raise ConfigError(f"NEWSCRAWL_DUMP_COMPRESSION={name}: none, gzip and zstd are known")
    return PACKINGS[name]


def packer(path: Place) -> Packer | None:
    """What packs a new file of this name; None: it stays as it is. The same lines always give the same bytes."""
    if path.name.endswith(PACKINGS["gzip"]):
        return zlib.compressobj(wbits=_GZIP_HEADER)  # the header has no time in it
    return zstd.ZstdCompressor() if path.name.endswith(PACKINGS["zstd"]) else None


def suffix_of(path: str) -> str:
    """Which of the `PACKINGS` the name of a file of lines ends with."""
    return next((end for end in PACKINGS.values() if path.endswith(end)), LINES)


@contextmanager
def unpacked(path: Place) -> Iterator[BinaryIO]:
    """A file of lines, opened to read them.

    Raises:
        FileNotFoundError: there is none.
        StoreError: while it is read, when it is not packed as its name says, or is cut off.
    """
    end = suffix_of(path.name.removesuffix(".tmp"))  # of one that a crash left, too
    try:
        with path.open("rb") as file:
            if end == PACKINGS["gzip"]:
                yield cast(BinaryIO, gzip.GzipFile(fileobj=file))
            elif end == PACKINGS["zstd"]:
                yield cast(BinaryIO, zstd.ZstdFile(file))
            else:
                yield file
    except _DAMAGE as error:
        raise StoreError(f"{path} is damaged: {error}") from error
