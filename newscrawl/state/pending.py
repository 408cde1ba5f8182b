"""Lines that are stored and not yet published."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zlib import crc32

from newscrawl.article import RemovedLine
from newscrawl.dump.record import record, to_line
from newscrawl.errors import Outcome

if TYPE_CHECKING:
    from newscrawl.article import Article, LinkLine, OutcomeLine
    from newscrawl.state.database import Database

TABLES = (
    # The sum of each line, since SQLite does not notice a byte that the disk has changed; null in what is older.
    "ALTER TABLE pending ADD COLUMN crc32 INTEGER",
)
SHARED = (
    # The newest line that is being published, of a store in which others write meanwhile; empty: none is.
    "CREATE TABLE publishing (last INTEGER NOT NULL) STRICT",
)
NOT_FROZEN = "sequence > (SELECT coalesce(max(last), 0) FROM publishing)"
"""Of a line that another may take the place of."""

_INSERT = (
    "INSERT INTO pending (stream, crawl_day, run_id, id, revision, source, crawled, published, line, crc32) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_REPLACE = (
    "UPDATE pending SET crawl_day = ?, source = ?, crawled = ?, line = ?, crc32 = ? "  # noqa: S608 - a condition of ours
    f"WHERE sequence = ? AND {NOT_FROZEN}"
)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def crawl_day(at: str) -> str:
    """The day of a time; it becomes a part of a path, so it must be one."""
    if not _TIME.fullmatch(at):
        raise ValueError(f"not a UTC time: {at!r}")
    return at[:10]


def add_article(database: Database, article: Article) -> None:
    """One revision, and what cleaning took out of it."""
    _add(database, "articles", article, article)
    for each in article.removed:
        line = RemovedLine(
            id=article.id, revision=article.revision, place=each.place, text=each.text, rule=each.rule, why=each.why
        )
        _add(database, "removed", line, article)


def is_whole(line: bytes, sum_of_it: int | None) -> bool:
    """Whether a line is what was stored, as far as can be told."""
    return sum_of_it is None or (isinstance(line, bytes) and crc32(line) == sum_of_it)  # a garbled row holds anything


def whole_line(database: Database, line: bytes, sum_of_it: int | None) -> bytes:
    """A line as it was stored.

    Raises:
        StoreError: the disk has changed it.
    """
    if sum_of_it is None:
        database.parsed(line)
    elif not is_whole(line, sum_of_it):
        raise database.damaged("a line that waits to be published is not what was stored")
    return line


def add_link(database: Database, line: LinkLine, *, source: str, at: str, published: str | None) -> None:
    """One link; `at` is when its run began, so that a run's links stand in the order they were found."""
    database.execute(
        _INSERT,
        ("links", crawl_day(at), line.run_id, line.id, None, source, at, published, *_line_and_sum(line)),
    )


def freeze(database: Database) -> None:
    """What waits now is being published: from here to `thaw` nothing may take its place. In a transaction."""
    thaw(database)
    database.execute("INSERT INTO publishing (last) SELECT coalesce(max(sequence), 0) FROM pending")


def thaw(database: Database) -> None:
    """Nothing is being published."""
    database.execute("DELETE FROM publishing")


def add_outcome(database: Database, key: str, line: OutcomeLine, *, at: str) -> None:
    """The outcome of an address, exactly one in a run.

    The first that was decided stays, but an article beats anything else, as when a retry succeeds. What is
    published already stays as it is.
    """
    known = database.row("SELECT outcome, pending FROM decisions WHERE run_id = ? AND key = ?", (line.run_id, key))
    if known is None:
        (sequence,) = database.row(
            f"{_INSERT} RETURNING sequence",
            ("outcomes", crawl_day(at), line.run_id, None, None, line.source, at, None, *_line_and_sum(line)),
        )
        database.execute(
            "INSERT INTO decisions (run_id, key, outcome, pending) VALUES (?, ?, ?, ?)",
            (line.run_id, key, line.outcome, sequence),
        )
        return
    outcome, sequence = known
    if line.outcome != Outcome.ARTICLE or outcome == Outcome.ARTICLE:
        return
    replaced = database.execute(
        _REPLACE,
        (crawl_day(at), line.source, at, *_line_and_sum(line), sequence),
    )
    if replaced:
        database.execute(
            "UPDATE decisions SET outcome = ? WHERE run_id = ? AND key = ?", (line.outcome, line.run_id, key)
        )


def _add(database: Database, stream: str, line: Article | RemovedLine, article: Article) -> None:
    database.execute(
        _INSERT,
        (
            stream,
            crawl_day(article.date_crawled),
            article.run_id,
            article.id,
            article.revision,
            article.source,
            article.date_crawled,
            article.date_published,
            *_line_and_sum(line),
        ),
    )


def _line_and_sum(of: Article | RemovedLine | LinkLine | OutcomeLine) -> tuple[bytes, int]:
    line = to_line(record(of))
    return line, crc32(line)
