"""WARC files to records: framing that survives torn and damaged files.

The usual readers believe the lengths that a file states: of a file cut in the middle they give a short record without
a word, and after damage nothing more. Here a record is whole, or it is an error with its place, and after an error
reading goes on where the next record begins. Memory stays bounded whatever the file says: some blocks of input, and
of one record no more than its first `MAX_BLOCK_BYTES`.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from newscrawl.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator

READ_BYTES = 64 * 1024
MAX_HEAD_BYTES = 64 * 1024
MAX_BLOCK_BYTES = 9 * 1024 * 1024
"""The page limit of the readers (8 MiB) with an HTTP head, stored as it came."""
MAX_ERRORS = 1000
"""After so many errors a file is no archive; searching it to its end would only cost time."""

GZIP_MAGIC = b"\x1f\x8b\x08"
FIRST_LINE = b"WARC/"
# The beginning of a record or of a gzip member. Bounded repeats: each place is looked at once.
_START = re.compile(rb"\x1f\x8b\x08|WARC/\d\.\d{1,2}\r?\n[A-Za-z-]{1,40}[ \t]{0,4}:")
_START_MAX_BYTES = 64
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"(?im)^content-length[ \t]{0,9}:[ \t]{0,9}(\d{1,15})[ \t]{0,9}\r?$")
_RECORD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcRecord:
    """One record as it lies in the file."""

    offset: int
    """Where it begins in the file, in bytes; in a compressed file, where its gzip member begins."""
    head: bytes
    """First line and fields, with the empty line after them."""
    block: bytes
    """What the record holds, at most `MAX_BLOCK_BYTES` of it."""
    length: int
    """Length of the block as stated."""


class _TornError(Exception):
    """The bytes do not go on as a record must; the message says how."""


def read_records(file: BinaryIO, name: str, *, begin: int = 0) -> Iterator[WarcRecord | ArchiveError]:
    """Yield the records of a WARC file, plain or compressed, each as a whole or not at all.

    What is cut off or damaged is yielded as an ArchiveError with `name` and the byte offset; reading goes on with the
    next record. A pipe cannot be searched for it, so there the error comes last.

    Args:
        begin: the `offset` of a record that was read before; 0 for all of the file.
    """
    start: int | None = begin
    errors = 0
    while start is not None:
        stream = _Stream(file, start)
        try:
            yield from _records(stream)
        except (_TornError, zlib.error) as error:
            errors += 1
            rest = ""
            if not file.seekable():
                rest = "; the rest is left, for a pipe cannot be searched"
            elif errors >= MAX_ERRORS:
                rest = f"; the rest is left after {errors} such errors"
            yield ArchiveError(f"{name}: the record at byte {stream.mark} cannot be read: {error}{rest}")
            # At its own place only where the file goes on in the other kind there: nobody has tried to read that yet.
            start = None if rest else _next_start(file, stream.mark + (not stream.is_of_other_kind))
        else:
            return


def _records(stream: _Stream) -> Iterator[WarcRecord]:
    """The records from here on; raises _TornError or zlib.error at the first that is not whole."""
    while stream.find_record():
        head = stream.head()
        if _START.search(head, len(FIRST_LINE)):
            # Cut off in its head, with the next record right behind: its address would get the other's page.
            raise _TornError("another record begins in its head")
        if (match := _LENGTH.search(head)) is None:
            raise _TornError("its head states no length")
        length = int(match[1])
        block = stream.block(length)
        stream.end_record()
        yield WarcRecord(offset=stream.mark, head=head, block=block, length=length)


def _next_start(file: BinaryIO, position: int) -> int | None:
    """The next offset from `position` on where a record can begin."""
    file.seek(position)
    window = b""
    while block := file.read(READ_BYTES):
        window += block
        for match in _START.finditer(window):
            found = position + match.start()
            if match[0] != GZIP_MAGIC or _holds_record(file, found):
                return found
        # The file is where `_holds_record` left it: go back to the end of the window.
        keep = window[-_START_MAX_BYTES:]
        position += len(window) - len(keep)
        file.seek(position + len(keep))
        window = keep
    return None


def _holds_record(file: BinaryIO, offset: int) -> bool:
    """Whether a gzip member begins here that begins with a record; pages hold gzip magic by chance."""
    file.seek(offset)
    try:
        return zlib.decompressobj(31).decompress(file.read(4096), len(FIRST_LINE)) == FIRST_LINE
    except zlib.error:
        return False


class _Stream:
    """The decompressed bytes of a file from an offset on, read forwards in bounded pieces."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        self.mark = start
        """Where in the file the record begins that is being read."""
        self.is_of_other_kind = False
        """What begins at the mark is compressed in a plain file, or plain in a compressed one."""
        self._file = file
        self._size: int | None = None
        if file.seekable():
            self._size = file.seek(0, 2)
            file.seek(start)
        self._position = start  # in the file, of the end of what was read
        self._buffer = b""  # plain bytes, not taken yet
        self._between = True  # no record is being read
        # Compressed bytes not decompressed yet, and the member they belong to; a plain file has none.
        self._input = self._read()
        self._gzip = self._input.startswith(GZIP_MAGIC)
        self._member: zlib._Decompress | None = None
        if not self._gzip:
            self._buffer, self._input = self._input, b""

    def find_record(self) -> bool:
        """Go to the first byte of the next record; False at the end of the file."""
        self._between = True
        while not (rest := self._buffer.lstrip(b"\r\n")):
            self._buffer = b""
            if not self._more():
                return False
        self._buffer = rest
        if not self._gzip:
            self.mark = self._position - len(rest)
        self._between = False
        return True

    def head(self) -> bytes:
        """The record's head, with the empty line that ends it."""
        self._fill(len(FIRST_LINE))
        if not self._buffer.startswith(FIRST_LINE):
            self.is_of_other_kind = not self._gzip and self._buffer.startswith(GZIP_MAGIC)
            raise _TornError("no record begins there")
        while (end := _HEAD_END.search(self._buffer)) is None:
            if len(self._buffer) > MAX_HEAD_BYTES:
                raise _TornError(f"its head is longer than {MAX_HEAD_BYTES} bytes")
            if not self._more():
                raise _TornError("the file ends in its head")
        return self._take(end.end())

    def block(self, length: int) -> bytes:
        """The `length` bytes that follow, of which the first `MAX_BLOCK_BYTES` are kept."""
        if not self._gzip and self._size is not None:
            there = self._size - (self._position - len(self._buffer))
            if there < length:
                raise _TornError(f"{there} of its {length} bytes are there")
        kept = []
        missing = length
        while missing:
            if not self._buffer and not self._more():
                raise _TornError(f"{length - missing} of its {length} bytes are there")
            piece = self._take(missing)
            if length - missing < MAX_BLOCK_BYTES:
                kept.append(piece)
            missing -= len(piece)
        return b"".join(kept)[:MAX_BLOCK_BYTES]

    def end_record(self) -> None:
        """Check that the record ends where its length says; in a compressed file, its checksum too."""
        after_end = len(_RECORD_END) + len(FIRST_LINE)
        self._fill(after_end, stay_in_member=True)
        after = self._buffer[:after_end]
        following = after.lstrip(b"\r\n")
        if following and not after.startswith(_RECORD_END) and not following.startswith(FIRST_LINE):
            raise _TornError("it does not end where its length says")

    def _fill(self, count: int, *, stay_in_member: bool = False) -> None:
        """Have at least `count` bytes in the buffer, unless there are no more."""
        while len(self._buffer) < count and self._more(stay_in_member=stay_in_member):
            pass

    def _take(self, count: int) -> bytes:
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def _more(self, *, stay_in_member: bool = False) -> bool:
        """Add a piece to the buffer; False when there is none, or none in this gzip member."""
        if not self._gzip:
            piece = self._read()
            self._buffer += piece
            return bool(piece)
        while self._member is not None or (not stay_in_member and self._open_member()):
            if piece := self._decompress():
                self._buffer += piece
                return True
        return False

    def _open_member(self) -> bool:
        """Begin the next gzip member; False at the end of the file."""
        if len(self._input) < len(GZIP_MAGIC):
            self._input += self._read()
        start = self._position - len(self._input)
        if not self._input:
            return False
        if self._between:
            self.mark = start
        if not self._input.startswith(GZIP_MAGIC):
            self.is_of_other_kind = self._between and self._input.startswith(FIRST_LINE)
            raise _TornError("no record begins there")
        self._member = zlib.decompressobj(31)
        return True

    def _decompress(self) -> bytes:
        """A piece of the open member, empty at its end; closes it there, where zlib has checked its sum."""
        assert self._member is not None
        while True:
            piece = self._member.decompress(self._input, READ_BYTES)
            if self._member.eof:
                self._input, self._member = self._member.unused_data, None
                return piece
            self._input = self._member.unconsumed_tail
            if piece:
                return piece
            if not self._input:
                self._input = self._read()
                if not self._input:
                    raise _TornError("the file ends in the middle of it")

    def _read(self) -> bytes:
        block = self._file.read(READ_BYTES)
        self._position += len(block)
        return block
