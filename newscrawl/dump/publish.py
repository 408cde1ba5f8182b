"""From the store to files: complete under their names or not there at all.

The order makes a crash at any point harmless: the files first, then the current view, then one transaction
that takes note of them and lets go of their lines, and the manifest last. What was interrupted before the
transaction is done again and gives the same names and bytes; what was interrupted after it is healed by
writing what is missing.

The files may be objects in a store elsewhere. What is replaced there, the current view and what describes the dump, is
put on the condition that it is what stood there before the store was read: a publisher that was overtaken begins anew.
"""

from __future__ import annotations

import hashlib
import logging
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.dump.columns import DUCKDB_SQL, duckdb_views
from newscrawl.dump.croissant import CROISSANT, croissant
from newscrawl.dump.current import CURRENT, write_current
from newscrawl.dump.datapackage import DATA_PACKAGE, data_package
from newscrawl.dump.documents import documents
from newscrawl.dump.elsewhere import drop_sent, refuse_strange, send_raw
from newscrawl.dump.files import (
    TEMPORARY_SUFFIX,
    NewFile,
    make_directory,
    storage_error,
    sync_directory,
    version_of,
    write_if_different,
)
from newscrawl.dump.manifest import CHECKSUMS, MANIFEST, TOMBSTONES, checksums, digest_of, manifest
from newscrawl.dump.objects import ANYTHING, OvertakenError
from newscrawl.dump.packing import PACKINGS, packing
from newscrawl.dump.place import dump_of
from newscrawl.dump.rebuild import newest_lines, seekable
from newscrawl.dump.record import to_line
from newscrawl.dump.replace import remove_leftovers
from newscrawl.dump.schema import STREAMS
from newscrawl.errors import StoreError
from newscrawl.state.database import repeated
from newscrawl.state.outbox import DumpFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.dump.files import Written
    from newscrawl.dump.place import Place
    from newscrawl.state.outbox import Batch, CurrentSpan, Outbox, Waiting
    from newscrawl.state.store import Store

logger = logging.getLogger(__name__)

MAX_FILE_BYTES = 256_000_000
MAX_TRIES = 5
"""How often a publisher that was overtaken begins anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What one publication brought."""

    files: tuple[str, ...]
    """New files, relative to the data directory."""
    rows: int
    """Lines in them."""
    current_rows: int
    """Articles in the current view now."""
    digest: str
    """Digest of the current view now."""

    def __str__(self) -> str:
        return f"{self.rows:,} lines in {len(self.files)} files; the current view holds {self.current_rows:,} articles"


@repeated
def publish(store: Store, data: Path, *, max_file_bytes: int = MAX_FILE_BYTES, compression: str = "none") -> Published:
    """Write everything that waits, and bring the manifest up to date.

    With nothing waiting and everything in place it writes nothing.

    Args:
        data: the data directory. Its dump may be elsewhere, see `newscrawl.dump.place`.
        compression: of the files of the logs, one of `newscrawl.dump.packing.PACKINGS`; the current view stays plain.

    Raises:
        StoreError: the disk is full or failed, the place of the dump cannot be reached or refuses, or holds another
            dump. Nothing is lost: what waits goes on waiting.
    """
    dump, end = dump_of(data), packing(compression)
    for _ in range(MAX_TRIES):
        try:
            with store.dump_alone():
                # Before anything is read from the store: whoever publishes from here on all the same replaces these.
                target = _Target(
                    dump=dump,
                    manifest=version_of(dump / MANIFEST),
                    current=version_of(dump / CURRENT),
                    max_file_bytes=max_file_bytes,
                    end=end,
                )
                with store.publishing() as outbox:
                    return _publish(outbox, data, target)
        except OvertakenError as overtaken:
            logger.info("%s; publishing anew", overtaken)
        except OSError as error:
            raise storage_error(dump, error) from error
    raise StoreError(f"{dump} is published to by somebody else all the time; what waits here goes on waiting")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """Where and how a publication writes."""

    dump: Place
    manifest: str | None
    """The version of the manifest that may be replaced."""
    current: str | None
    """Likewise of the current view."""
    max_file_bytes: int
    end: str
    """Of the names of the logs' files."""


def _publish(outbox: Outbox, data: Path, target: _Target) -> Published:
    dump, last, known = target.dump, outbox.last(), outbox.files()
    refuse_strange(outbox, dump, known, target.manifest)
    sent = send_raw(outbox, data, dump)
    files: list[DumpFile] = []
    for batch in outbox.batches(last):
        files += _write_batch(outbox, batch, last, target)
    current = dump / CURRENT
    if files or not _has_size(current, known):
        make_directory(current.parent)
        written = write_current(current, _old_view(dump, known), outbox, last, over=target.current)
        outbox.published([*files, current_file(written, outbox.current_span())], last)
        outbox.shrink()
    digest, articles = digest_of(outbox.current_keys())
    write_heads(outbox, dump, digest, articles, target.manifest)
    drop_sent(sent)
    remove_leftovers(outbox, data, dump)
    return Published(
        files=tuple(each.path for each in files),
        rows=sum(each.lines for each in files),
        current_rows=articles,
        digest=digest,
    )


def _write_batch(outbox: Outbox, batch: Batch, last: int, target: _Target) -> list[DumpFile]:
    """The files of one run, stream and day, each of at most so many bytes (one line may be longer)."""
    place = f"{batch.stream}/crawl_day={batch.crawl_day}"
    folder = target.dump / place
    make_directory(folder)
    files: list[DumpFile] = []
    lines = outbox.lines(batch, last)
    waiting = next(lines, None)
    while waiting is not None:
        name = f"{batch.run_id}-{batch.published_files + len(files):04d}{target.end}"
        seen = _Span()
        with NewFile(folder / name, over=_left_by_a_crash(outbox, folder / name, f"{place}/{name}")) as file:
            while waiting is not None and (not file.bytes or file.bytes + len(waiting.line) <= target.max_file_bytes):
                file.write(waiting.line)
                seen.add(waiting)
                waiting = next(lines, None)
            files.append(_dump_file(batch, f"{place}/{name}", file.finish(), seen))
    _remove_leftovers(folder, batch, batch.published_files + len(files))
    return files


def _left_by_a_crash(outbox: Outbox, path: Place, name: str) -> str | None:
    """The version of an object that an attempt before this one may have left, which is to be replaced."""
    over = version_of(path)
    if over not in {ANYTHING, None} and any(each.path == name for each in outbox.files()):
        raise OvertakenError(f"{path} was published by somebody else meanwhile")
    return over


def _remove_leftovers(folder: Place, batch: Batch, following: int) -> None:
    """An attempt that failed may have cut the same lines into more files; no manifest ever named them."""
    ends = "|".join(map(re.escape, PACKINGS.values()))
    ours = re.compile(rf"\.?{re.escape(batch.run_id)}-(\d{{4}})(?:{ends})(?:{re.escape(TEMPORARY_SUFFIX)})?")
    found = ((each, ours.fullmatch(each.name)) for each in folder.iterdir())
    leftovers = [each for each, match in found if match and int(match[1]) >= following]
    for each in leftovers:
        each.unlink(missing_ok=True)
    if leftovers and isinstance(folder, Path):
        sync_directory(folder)


class _Span:
    """First and last days and the sources of the lines of one file."""

    def __init__(self) -> None:
        self.crawled: list[str] = []
        self.published: list[str] = []
        self.sources: set[str] = set()

    def add(self, waiting: Waiting) -> None:
        self.crawled = _span(self.crawled, waiting.crawled)
        self.published = _span(self.published, waiting.published)
        self.sources.add(waiting.source)


def _span(span: list[str], value: str | None) -> list[str]:
    if value is None:
        return span
    return [min([*span, value]), max([*span, value])]


def _dump_file(batch: Batch, path: str, written: Written, seen: _Span) -> DumpFile:
    first_published, last_published = seen.published or (None, None)
    return DumpFile(
        path=path,
        stream=batch.stream,
        crawl_day=batch.crawl_day,
        run_id=batch.run_id,
        lines=written.lines,
        bytes=written.bytes,
        sha256=written.sha256,
        first_crawled=seen.crawled[0],
        last_crawled=seen.crawled[1],
        first_published=first_published,
        last_published=last_published,
        sources=tuple(sorted(seen.sources)),
    )


def _has_size(current: Place, known: tuple[DumpFile, ...]) -> bool:
    """Whether the current view is there and as long as it should be."""
    return current.is_file() and [current.stat().st_size] == [each.bytes for each in known if each.path == CURRENT]


def _old_view(dump: Place, known: tuple[DumpFile, ...]) -> Iterator[bytes]:
    """The current view of what is published already: its file, or made from the logs when it is not that file.

    It is another one after a crash that came before the note of it, and when somebody changed or lost it.
    """
    current = dump / CURRENT
    if _has_size(current, known):
        with seekable(current) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            if [digest] == [each.sha256 for each in known if each.path == CURRENT]:
                file.seek(0)
                yield from file
                return
    articles = [dump / each.path for each in known if each.stream == "articles"]
    yield from newest_lines(articles, [dump / each.path for each in known if each.stream == "links"])


def current_file(written: Written, span: CurrentSpan) -> DumpFile:
    """The current view, as the manifest tells of it."""
    return DumpFile(
        path=CURRENT,
        stream="current",
        crawl_day=None,
        run_id=None,
        lines=written.lines,
        bytes=written.bytes,
        sha256=written.sha256,
        **asdict(span),
    )


def write_heads(outbox: Outbox, dump: Place, digest: str, articles: int, over: str | None) -> None:
    """What describes the dump; the manifest last, because it names the rest, in the place of the version `over`."""
    for name, text in documents().items():
        write_if_different(dump / name, text)
    tombstones = b"".join(to_line({"id": each, "day": day}) for each, day in outbox.tombstones())
    if tombstones:
        write_if_different(dump / TOMBSTONES, tombstones)
    files = sorted(outbox.files(), key=lambda each: each.stream == "current")
    write_if_different(dump / CHECKSUMS, checksums(files))
    paths = {stream: [each.path for each in files if each.stream == stream] for stream in STREAMS}
    write_if_different(dump / DUCKDB_SQL, duckdb_views(paths).encode())
    write_if_different(dump / CROISSANT, croissant(files, digest=digest))
    write_if_different(dump / DATA_PACKAGE, data_package(files, digest=digest))
    heads = manifest(runs=outbox.runs(), run_days=outbox.run_days(), files=files, digest=digest, articles=articles)
    write_if_different(dump / MANIFEST, heads, over=over)
