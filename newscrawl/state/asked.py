"""The answers of feeds, sitemaps, sections and home pages: what to ask with, and what "not modified" stands for.

A 304 says "as last time", so the last answer is kept, compressed, with its validators: reading it again leads to
the very same feeds, sitemaps and articles, and nothing that is still open is forgotten. It also stands for what is not
due yet in a run that looks at other feeds of the site. An answer that is large when compressed is not kept, and is
asked for without validators.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from newscrawl.dates import format_utc

if TYPE_CHECKING:
    from newscrawl.state.database import Database

TABLES = (
    """
    CREATE TABLE asked (
        url TEXT PRIMARY KEY,                      -- as asked
        etag TEXT,
        last_modified TEXT,
        answered_by TEXT NOT NULL,                 -- the final address
        body BLOB NOT NULL,                        -- zlib
        at TEXT NOT NULL,                          -- of the last answer with a body
        checks INTEGER NOT NULL DEFAULT 0          -- 304s since then
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE missing (
        url TEXT PRIMARY KEY,                      -- a guessed address that answered 404
        until TEXT NOT NULL                        -- it is guessed again then
    ) STRICT, WITHOUT ROWID
    """,
)
MISSING_FOR = timedelta(days=3)
"""So long a guessed address of a feed or sitemap that was not there is not asked for again."""
MAX_KEPT_BYTES = 128 * 1024
"""Compressed: ten times what the feed of a large outlet has."""
MAX_BODY_BYTES = 8 * 1024 * 1024


def is_missing(database: Database, url: str, *, at: str) -> bool:
    """Whether a guessed address was not there lately."""
    far = format_utc(datetime.fromisoformat(at) + MISSING_FOR)  # a clock that was ahead must not count
    return database.row("SELECT 1 FROM missing WHERE url = ? AND until > ? AND until <= ?", (url, at, far)) is not None


def keep_missing(database: Database, url: str, *, at: str) -> None:
    """Remember that a guessed address is not there."""
    until = format_utc(datetime.fromisoformat(at) + MISSING_FOR)
    database.execute(
        "INSERT INTO missing (url, until) VALUES (?, ?) ON CONFLICT (url) DO UPDATE SET until = excluded.until",
        (url, until),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The last answer with a body."""

    etag: str | None
    last_modified: str | None
    answered_by: str
    body: bytes
    at: str
    checks: int


def find_asked(database: Database, url: str) -> Asked | None:
    """The answer that is kept of an address."""
    query = "SELECT etag, last_modified, answered_by, body, at, checks FROM asked WHERE url = ?"
    if (row := database.row(query, (url,))) is None:
        return None
    body = zlib.decompressobj().decompress(row[3], MAX_BODY_BYTES)
    return Asked(etag=row[0], last_modified=row[1], answered_by=row[2], body=body, at=row[4], checks=row[5])


def keep_asked(database: Database, url: str, answer: Asked) -> None:
    """Keep an answer in the place of the last one; one that is too large is forgotten."""
    packed = zlib.compress(answer.body, 6)
    if len(packed) > MAX_KEPT_BYTES or len(answer.body) > MAX_BODY_BYTES:
        database.execute("DELETE FROM asked WHERE url = ?", (url,))
        return
    database.execute(
        "INSERT INTO asked (url, etag, last_modified, answered_by, body, at, checks) VALUES (?, ?, ?, ?, ?, ?, 0) "
        "ON CONFLICT (url) DO UPDATE SET etag = excluded.etag, last_modified = excluded.last_modified, "
        "answered_by = excluded.answered_by, body = excluded.body, at = excluded.at, checks = 0",
        (url, answer.etag, answer.last_modified, answer.answered_by, packed, answer.at),
    )


def count_check(database: Database, url: str) -> None:
    """The site says that the answer has not changed."""
    database.execute("UPDATE asked SET checks = checks + 1 WHERE url = ?", (url,))
