"""Tables of the store and how an older store becomes today's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.errors import StoreError
from newscrawl.state import (
    addresses,
    asked,
    copies,
    frontier,
    health,
    inputs,
    leases,
    pending,
    politeness,
    purges,
    recleaning,
    run_days,
    schedule,
    sightings,
    site_memory,
)
from newscrawl.state.database import repeated

if TYPE_CHECKING:
    from newscrawl.state.database import Database

_FIRST = (
    """
    CREATE TABLE runs (
        sequence INTEGER PRIMARY KEY,              -- order of runs: clocks jump, this does not
        id TEXT NOT NULL UNIQUE,
        why TEXT NOT NULL,
        arguments TEXT NOT NULL,                   -- JSON
        versions TEXT NOT NULL,                    -- JSON
        started TEXT NOT NULL,
        ended TEXT,
        exit_code INTEGER,
        killed INTEGER NOT NULL DEFAULT 0,         -- it never said how it ended
        counts TEXT NOT NULL DEFAULT '{}'          -- JSON
    ) STRICT
    """,
    """
    CREATE TABLE articles (
        id TEXT PRIMARY KEY,
        key TEXT NOT NULL,                         -- the key of the address it lives at
        revision INTEGER NOT NULL,
        status TEXT NOT NULL,
        source TEXT NOT NULL,
        text_sha256 TEXT,
        date_published TEXT,
        date_crawled TEXT NOT NULL,
        fields TEXT NOT NULL,                      -- JSON: field -> short hash of its value
        withdrawn TEXT NOT NULL,                   -- JSON: the record without content, for the day it is gone
        duplicate_of TEXT,
        cluster_id TEXT,                           -- null: never linked
        similarity REAL
    ) STRICT  -- with rowid: rows of a thousand bytes would each take a page without
    """,
    """
    CREATE TABLE addresses (
        key TEXT PRIMARY KEY,                      -- url_key of the address
        url TEXT NOT NULL,
        article_id TEXT REFERENCES articles (id),  -- the article it led to, if it ever did
        source TEXT NOT NULL,
        outcome TEXT NOT NULL,
        reason TEXT,
        status INTEGER,
        etag TEXT,
        last_modified TEXT,
        lastmod TEXT,                              -- what feed or sitemap said, as printed
        first_seen TEXT NOT NULL,
        last_fetched TEXT NOT NULL,
        not_found_since TEXT,                      -- the 404 that no success has followed yet
        fetches INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX articles_by_text ON articles (text_sha256) WHERE text_sha256 IS NOT NULL",
    """
    CREATE TABLE pending (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: decisions point here
        stream TEXT NOT NULL,
        crawl_day TEXT NOT NULL,
        run_id TEXT NOT NULL REFERENCES runs (id),
        id TEXT,                                   -- the article, where the line is about one
        revision INTEGER,
        source TEXT NOT NULL,
        crawled TEXT NOT NULL,
        published TEXT,
        line BLOB NOT NULL
    ) STRICT
    """,
    "CREATE INDEX pending_by_file ON pending (run_id, stream, crawl_day, sequence)",
    "CREATE INDEX pending_revisions ON pending (id, revision) WHERE stream = 'articles'",
    """
    CREATE TABLE decisions (
        run_id TEXT NOT NULL REFERENCES runs (id),
        key TEXT NOT NULL,
        outcome TEXT NOT NULL,
        pending INTEGER NOT NULL,                  -- sequence of its line
        PRIMARY KEY (run_id, key)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE files (
        sequence INTEGER PRIMARY KEY,              -- order of publication
        path TEXT NOT NULL UNIQUE,
        stream TEXT NOT NULL,
        crawl_day TEXT,
        run_id TEXT REFERENCES runs (id),
        lines INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        first_crawled TEXT,
        last_crawled TEXT,
        first_published TEXT,
        last_published TEXT,
        sources TEXT NOT NULL                      -- JSON
    ) STRICT
    """,
    "CREATE TABLE tombstones (id TEXT PRIMARY KEY, day TEXT NOT NULL) STRICT, WITHOUT ROWID",
)

_SECOND = (
    *addresses.SMALLER,
    *site_memory.TABLES,
    *recleaning.TABLES,
    *asked.TABLES,
    *frontier.TABLES,
    *purges.TABLES,
    *run_days.TABLES,
)

_THIRD: tuple[str, ...] = (
    *copies.TABLES,
    *pending.TABLES,
    *politeness.TABLES,
    *health.TABLES,
    *sightings.TABLES,
    *schedule.TABLES,
)

_FOURTH: tuple[str, ...] = (
    *copies.INDEXES,
    *site_memory.INDEXES,
    *pending.SHARED,
    *inputs.TABLES,
    *leases.TABLES,
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST, _SECOND, _THIRD, _FOURTH)
"""Statements that make version n + 1 out of version n; version 0 is an empty file."""


@repeated
def migrate(database: Database, migrations: tuple[tuple[str, ...], ...] = MIGRATIONS) -> None:
    """Bring the store to the newest version, in one transaction.

    Raises:
        StoreError: a newer newscrawl wrote it, or something that is not newscrawl.
    """
    version = database.version()
    if version > len(migrations):
        raise StoreError(
            f"{database.name} was written by a newer newscrawl (store version {version}, this one knows "
            f"{len(migrations)}); upgrade newscrawl to use it"
        )
    if version == len(migrations):
        return
    with database.transaction():
        version = database.version()  # somebody else may have been faster
        for statement in (each for step in migrations[version:] for each in step):
            database.define(statement, is_new=version == 0)
        database.set_version(len(migrations))
