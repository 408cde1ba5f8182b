"""What waits to be published, and what was: the side of the store that publishing sees."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newscrawl.state.database import repeated
from newscrawl.state.pending import whole_line
from newscrawl.state.run_days import all_run_days, sum_up_runs
from newscrawl.state.runs import all_runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from newscrawl.state.database import Database
    from newscrawl.state.run_days import RunDay
    from newscrawl.state.runs import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The waiting lines of one run, stream and day: what goes into the same files."""

    run_id: str
    stream: str
    crawl_day: str
    published_files: int
    """The number of its next file; those of its files that are there are smaller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One waiting line."""

    line: bytes
    source: str
    crawled: str
    published: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpFile:
    """One file of the dump, as the manifest tells of it."""

    path: str
    """Relative to the data directory."""
    stream: str
    crawl_day: str | None
    run_id: str | None
    lines: int
    bytes: int
    sha256: str
    """Hexadecimal."""
    first_crawled: str | None
    last_crawled: str | None
    first_published: str | None
    last_published: str | None
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkColumns:
    """The newest link of an article; all None when it has none."""

    duplicate_of: str | None
    cluster_id: str | None
    similarity: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentSpan:
    """What the current view spans."""

    first_crawled: str | None
    last_crawled: str | None
    first_published: str | None
    last_published: str | None
    sources: tuple[str, ...]


class Outbox:
    """Reads what waits, and takes note of what was published."""

    def __init__(self, database: Database, seen: Database | None = None) -> None:
        self._database = database
        self._seen = seen or database
        """One state of the store, where others write meanwhile: what waits, and the articles that belong to it."""

    def last(self) -> int:
        """The newest waiting line; 0 when nothing waits. What is added later belongs to the next publication."""
        return self._seen.number("SELECT coalesce(max(sequence), 0) FROM pending")

    def batches(self, last: int) -> tuple[Batch, ...]:
        """What waits up to a line, in the order of the runs."""
        query = """
            SELECT run_id, stream, crawl_day FROM pending JOIN runs ON runs.id = run_id WHERE pending.sequence <= ?
            GROUP BY run_id, stream, crawl_day, runs.sequence ORDER BY runs.sequence, stream, crawl_day
        """
        named = "SELECT path FROM files WHERE run_id = ? AND stream = ? AND crawl_day = ?"
        return tuple(
            Batch(
                run_id=row[0],
                stream=row[1],
                crawl_day=row[2],
                published_files=_following(self._database.rows(named, row)),
            )
            for row in list(self._seen.rows(query, (last,)))
        )

    def lines(self, batch: Batch, last: int) -> Iterator[Waiting]:
        """The lines of a batch, in the order they were stored, one in memory at a time."""
        query = """
            SELECT line, source, crawled, published, crc32 FROM pending
            WHERE run_id = ? AND stream = ? AND crawl_day = ? AND sequence <= ? ORDER BY sequence
        """
        for row in self._seen.stream(query, (batch.run_id, batch.stream, batch.crawl_day, last)):
            line = whole_line(self._database, row[0], row[4])  # what the disk garbled is not published
            yield Waiting(line=line, source=row[1], crawled=row[2], published=row[3])

    def changed_ids(self, last: int) -> Iterator[str]:
        """Ids whose line in the current view is new, changed or gone, sorted."""
        query = """
            SELECT DISTINCT id FROM pending WHERE stream IN ('articles', 'links') AND sequence <= ? ORDER BY id
        """
        return (row[0] for row in self._seen.stream(query, (last,)))

    def newest_line(self, article_id: str, last: int) -> bytes | None:
        """The waiting line of the newest revision of an article; None when none waits."""
        query = """
            SELECT line FROM pending WHERE stream = 'articles' AND id = ? AND sequence <= ?
            ORDER BY revision DESC LIMIT 1
        """
        row = self._seen.row(query, (article_id, last))
        return row[0] if row else None

    def status(self, article_id: str) -> str | None:
        """Status of the newest revision of an article."""
        row = self._seen.row("SELECT status FROM articles WHERE id = ?", (article_id,))
        return row[0] if row else None

    def link(self, article_id: str) -> LinkColumns:
        """The newest link of an article."""
        query = "SELECT duplicate_of, cluster_id, similarity FROM articles WHERE id = ?"
        duplicate_of, cluster_id, similarity = self._seen.row(query, (article_id,)) or (None, None, None)
        return LinkColumns(duplicate_of=duplicate_of, cluster_id=cluster_id, similarity=similarity)

    def current_keys(self) -> Iterator[tuple[str, int, str | None, str]]:
        """(id, revision, text_sha256, status) of every article of the current view, by id."""
        query = "SELECT id, revision, text_sha256, status FROM articles WHERE status = 'ok' ORDER BY id"
        return self._seen.stream(query)

    def current_span(self) -> CurrentSpan:
        """Days and sources of the current view."""
        query = """
            SELECT min(date_crawled), max(date_crawled), min(date_published), max(date_published)
            FROM articles WHERE status = 'ok'
        """
        row = self._seen.row(query)
        sources = self._seen.rows("SELECT DISTINCT source FROM articles WHERE status = 'ok' ORDER BY source")
        return CurrentSpan(
            first_crawled=row[0],
            last_crawled=row[1],
            first_published=row[2],
            last_published=row[3],
            sources=tuple(each for (each,) in sources),
        )

    def tombstones(self) -> tuple[tuple[str, str], ...]:
        """(id, day) of every purged article, by id."""
        return tuple(self._seen.rows("SELECT id, day FROM tombstones ORDER BY id"))

    def runs(self) -> tuple[Run, ...]:
        """Every run, in the order they began."""
        return tuple(all_runs(self._database))

    def run_days(self) -> tuple[RunDay, ...]:
        """Days whose runs were summed up, the oldest first."""
        return tuple(all_run_days(self._database))

    @repeated
    def sum_up_runs(self, *, keep_days: int) -> int:
        """Sum up the runs of all but the newest days; how many; one transaction."""
        with self._database.transaction():
            return sum_up_runs(self._database, keep_days=keep_days)

    def files(self) -> tuple[DumpFile, ...]:
        """Every published file, in the order of publication."""
        columns = (
            "path, stream, crawl_day, run_id, lines, bytes, sha256, "
            "first_crawled, last_crawled, first_published, last_published, sources"
        )
        return tuple(
            DumpFile(
                path=row[0],
                stream=row[1],
                crawl_day=row[2],
                run_id=row[3],
                lines=row[4],
                bytes=row[5],
                sha256=row[6],
                first_crawled=row[7],
                last_crawled=row[8],
                first_published=row[9],
                last_published=row[10],
                sources=tuple(self._database.parsed(row[11])),
            )
            for row in self._database.rows(f"SELECT {columns} FROM files ORDER BY sequence")  # noqa: S608
        )

    @repeated
    def published(self, files: Iterable[DumpFile], last: int) -> None:
        """Take note of new files, and let go of the lines that are in them; one transaction."""
        with self._database.transaction():
            for each in files:
                self._insert(each)
                # A rebuilt store took a file of this name for a leftover, and its lines for waiting.
                self._database.execute("DELETE FROM leftovers WHERE path = ?", (each.path,))
            self._database.execute("DELETE FROM pending WHERE sequence <= ?", (last,))

    @repeated
    def replace_files(self, old: Sequence[str], new: DumpFile | None, *, unlisted: str | None = None) -> None:
        """Put a file in the place of others, which become leftovers; one transaction.

        Args:
            old: paths of files; ones that no manifest names (raw pages) may be among them.
            new: it takes the place of the last of them; None: nothing does.
            unlisted: path of a new file that no manifest names.
        """
        with self._database.transaction():
            places = [self._database.row("SELECT sequence FROM files WHERE path = ?", (each,)) for each in old]
            for each in old:
                self._database.execute("DELETE FROM files WHERE path = ?", (each,))
                self._database.execute("INSERT INTO leftovers (path) VALUES (?) ON CONFLICT DO NOTHING", (each,))
            if new is not None:
                self._insert(new, max(row[0] for row in places if row))
            for path in (new.path if new else None, unlisted):
                self._database.execute("DELETE FROM leftovers WHERE path = ?", (path,))

    @repeated
    def note_leftovers(self, paths: Iterable[str]) -> None:
        """These files may exist, and belong to no dump (yet)."""
        with self._database.transaction():
            for each in paths:
                self._database.execute("INSERT INTO leftovers (path) VALUES (?) ON CONFLICT DO NOTHING", (each,))

    def leftovers(self) -> tuple[str, ...]:
        """Paths of files that belong to no dump."""
        return tuple(each for (each,) in self._database.rows("SELECT path FROM leftovers ORDER BY path"))

    @repeated
    def forget_leftovers(self, paths: Iterable[str]) -> None:
        """They are gone."""
        with self._database.transaction():
            for each in paths:
                self._database.execute("DELETE FROM leftovers WHERE path = ?", (each,))

    def _insert(self, each: DumpFile, sequence: int | None = None) -> None:
        if sequence is None:
            sequence = self._database.number("SELECT coalesce(max(sequence), 0) + 1 FROM files")
        self._database.execute("DELETE FROM files WHERE path = ?", (each.path,))
        self._database.execute(
            "INSERT INTO files (sequence, path, stream, crawl_day, run_id, lines, bytes, sha256, "
            "first_crawled, last_crawled, first_published, last_published, sources) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                sequence,
                each.path,
                each.stream,
                each.crawl_day,
                each.run_id,
                each.lines,
                each.bytes,
                each.sha256,
                each.first_crawled,
                each.last_crawled,
                each.first_published,
                each.last_published,
                json.dumps(each.sources),
            ),
        )

    def shrink(self) -> None:
        """Give the room of what was published back to the disk."""
        self._database.shrink()


def _following(paths: Iterable[tuple[str]]) -> int:
    """One more than the highest number of files named ``<run>-0003.jsonl``, whatever replaced some of them."""
    return max((int(path.rpartition("-")[2][:4]) for (path,) in paths), default=-1) + 1
