"""Where in its file a reader is, for whoever wants to go on from there or to say how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO


@dataclass(slots=True)
class Position:
    """Kept by a reader while it reads."""

    offset: int = 0
    """Byte at which reading can begin so that the item yielded last comes again, with those of the same member of a
    compressed file before it. Before reading: where to begin; only a WARC reader can begin elsewhere than at 0."""
    is_broken_off: bool = False
    """The file could not be read to its end, as when a disk fails: another time it may be."""
    file: BinaryIO | None = None
    """What is read from: the file itself, not what is decompressed of it."""

    def bytes_read(self) -> int:
        """How much of the file was read; 0 where that cannot be known."""
        return self.file.tell() if self.file is not None and not self.file.closed and self.file.seekable() else 0
