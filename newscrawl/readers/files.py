"""Files of any kind, and standard input, to what they hold."""

from __future__ import annotations

import errno
import gzip
import sys
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from newscrawl.dates import format_utc, utc_now
from newscrawl.dump.objects import object_path
from newscrawl.errors import ArchiveError
from newscrawl.readers.detect import HEAD_BYTES, Format, detect_format, is_gzip
from newscrawl.readers.dirty_text import MAX_LINE_BYTES, article_from_text, articles_from_jsonl
from newscrawl.readers.html_files import MAX_PAGE_BYTES, page_from_html
from newscrawl.readers.position import Position
from newscrawl.readers.warc import pages_from_warc
from newscrawl.text.decode import decode_html

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer

    from newscrawl.readers import ReaderItem

STDIN = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One file to read, with what its reader is told of it."""

    name: str
    """Path, address in a store of objects, or "-" for standard input."""
    format: Format | None = None
    """None: by its content."""
    url: str | None = None
    """The address of an HTML file or a text."""
    source: str | None = None
    """Id of the source entry."""

    def size(self) -> int:
        """Bytes of the file; 0 where that cannot be known."""
        try:
            return Path(self.name).stat().st_size if self.name != STDIN else 0
        except OSError:
            return 0


def read_input(given: Input, position: Position | None = None) -> Iterator[ReaderItem]:
    """Yield what one file holds, in its order. What cannot be read is an ArchiveError with the file's name.

    Args:
        position: where to begin, and where the last item begins.
    """
    position = position or Position()
    try:
        with _open(given.name) as file:
            position.file = file
            yield from _read(file, given, position)
    except (OSError, EOFError, zlib.error) as error:
        # BadGzipFile is an OSError; a gzip file that ends too early raises EOFError.
        position.is_broken_off = isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile)
        words = getattr(error, "strerror", None) or str(error)
        yield ArchiveError(f"{given.name}: cannot be read further: {words}")


def _read(file: BinaryIO, given: Input, position: Position) -> Iterator[ReaderItem]:
    head, stream = _look_ahead(file)
    form = given.format or detect_format(head)
    if form is Format.WARC:
        yield from pages_from_warc(stream, given.name, source=given.source, position=position)
        return
    if is_gzip(head):
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=stream))
    if form is Format.HTML:
        data = stream.read(MAX_PAGE_BYTES + 1)
        yield page_from_html(data, date_crawled=_arrived(given.name), url=given.url, source=given.source)
    elif form is Format.JSONL:
        yield from articles_from_jsonl(
            _lines(stream), name=given.name, date_crawled=_arrived(given.name), source=given.source
        )
    elif form is Format.TEXT:
        yield _text(stream.read(MAX_PAGE_BYTES + 1), given)
    else:
        yield ArchiveError(f"{given.name}: neither HTML, WARC, JSON lines nor text")


def _text(data: bytes, given: Input) -> ReaderItem:
    if len(data) > MAX_PAGE_BYTES:
        return ArchiveError(f"{given.name}: a text of more than {MAX_PAGE_BYTES} bytes is not one article")
    text, _ = decode_html(data, None)
    return article_from_text(text, date_crawled=_arrived(given.name), url=given.url, source=given.source)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a file; of one that is too long to be read, as much as shows that it is."""
    limit = MAX_LINE_BYTES + 1
    while line := stream.readline(limit):
        yield line
        while len(line) == limit and not line.endswith(b"\n"):
            line = stream.readline(limit)


def _open(name: str) -> BinaryIO:
    if "://" in name:
        return object_path(name).open()
    if name != STDIN:
        return Path(name).open("rb")
    if sys.stdin is None:
        raise OSError(errno.EBADF, "standard input is closed")
    return open(sys.stdin.fileno(), "rb", closefd=False)  # it stays open: it is not ours


def _arrived(name: str) -> str:
    """When the bytes arrived: the file's last change is the best that is known of it."""
    if name == STDIN or "://" in name:
        return utc_now()
    return format_utc(datetime.fromtimestamp(Path(name).stat().st_mtime, tz=UTC))


def _look_ahead(file: BinaryIO) -> tuple[bytes, BinaryIO]:
    """The first bytes of a file, and the file as if they had not been read."""
    head = b""
    while len(head) < HEAD_BYTES and (piece := file.read(HEAD_BYTES - len(head))):
        head += piece
    if file.seekable():
        file.seek(0)
        return head, file
    return head, cast(BinaryIO, BufferedReader(_Rejoined(head, file)))


class _Rejoined(RawIOBase):
    """A stream that begins again with bytes that were read from it already."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        piece = self._head[: len(view)] or self._rest.read(len(view))
        self._head = self._head[len(piece) :]
        view[: len(piece)] = piece
        return len(piece)
