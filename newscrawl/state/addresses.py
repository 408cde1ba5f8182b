"""What is remembered of every address a run decided on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newscrawl.dates import format_utc
from newscrawl.errors import Outcome
from newscrawl.urls import url_key

if TYPE_CHECKING:
    from newscrawl.article import Fetch, OutcomeLine
    from newscrawl.state.database import Database

SMALLER = (
    """
    CREATE TABLE smaller (
        key TEXT PRIMARY KEY,                      -- url_key of the address
        url TEXT,                                  -- null: https:// and the key
        article_id TEXT REFERENCES articles (id),  -- the article it led to, if it ever did
        source TEXT NOT NULL,
        outcome TEXT NOT NULL,
        reason TEXT,
        status INTEGER,
        etag TEXT,
        last_modified TEXT,
        lastmod TEXT,                              -- what feed or sitemap said, as printed
        first_seen INTEGER NOT NULL,               -- seconds since 1970, as the other times
        last_fetched INTEGER NOT NULL,
        not_found_since INTEGER,                   -- the 404 that no success has followed yet
        fetches INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    INSERT INTO smaller SELECT key, nullif(url, 'https://' || key), article_id, source, outcome, reason, status, etag,
        last_modified, lastmod, CAST(strftime('%s', first_seen) AS INTEGER),
        CAST(strftime('%s', last_fetched) AS INTEGER), CAST(strftime('%s', not_found_since) AS INTEGER), fetches
    FROM addresses ORDER BY key
    """,
    "DROP TABLE addresses",
    "ALTER TABLE smaller RENAME TO addresses",
)
"""Makes the table of addresses of version 2 out of that of version 1: half as large."""

MAX_KEY_BYTES = 2500
"""PostgreSQL indexes at most 2,704; no request goes to an address longer than 2,083."""
_COLUMNS = (
    "key, url, article_id, source, outcome, reason, status, etag, last_modified, lastmod, "
    "first_seen, last_fetched, not_found_since, fetches"
)
_FIND = f"SELECT {_COLUMNS} FROM addresses WHERE key = ?"  # noqa: S608 - no value in it
_REMEMBER = (
    f"INSERT INTO addresses ({_COLUMNS}) VALUES ({', '.join('?' * 14)}) ON CONFLICT (key) DO UPDATE SET "  # noqa: S608 - likewise
    + ", ".join(f"{each} = excluded.{each}" for each in _COLUMNS.split(", ")[1:])
)

# The page is there: a 404 before it was an accident.
_FOUND = frozenset({Outcome.ARTICLE, Outcome.UNCHANGED, Outcome.SAME_KEY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One address and what became of it the last time."""

    key: str
    url: str
    id: str | None
    """The article it led to, if it ever did."""
    source: str
    outcome: str
    reason: str | None
    status: int | None
    etag: str | None
    """Validators of the last response that had a body worth keeping, for the next request."""
    last_modified: str | None
    lastmod: str | None
    """What feed or sitemap said of its last change when it was fetched, as printed."""
    first_seen: str
    last_fetched: str
    not_found_since: str | None
    """When it first was 404; None once it is found again."""
    fetches: int


def key_of(url: str) -> str:
    """The key of an address; what is no http address is its own key."""
    try:
        return bounded(url_key(url))
    except ValueError:
        return bounded(url)


def bounded(key: str) -> str:
    """A key, or what stands for one that is too long for the index of a database."""
    if len(key) <= MAX_KEY_BYTES // 4:  # however many bytes a character has
        return key
    data = key.encode(errors="replace")
    return key if len(data) <= MAX_KEY_BYTES else f"sha256:{hashlib.sha256(data).hexdigest()}"


def find_address(database: Database, key: str) -> Address | None:
    """What is known under a key."""
    if (row := database.row(_FIND, (key,))) is None:
        return None
    return Address(
        key=row[0],
        url=row[1] or f"https://{row[0]}",
        id=row[2],
        source=row[3],
        outcome=row[4],
        reason=row[5],
        status=row[6],
        etag=row[7],
        last_modified=row[8],
        lastmod=row[9],
        first_seen=_to_text(row[10]),
        last_fetched=_to_text(row[11]),
        not_found_since=None if row[12] is None else _to_text(row[12]),
        fetches=row[13],
    )


def remember(  # noqa: PLR0913 - what one fetch tells of one address
    database: Database, key: str, url: str, *, line: OutcomeLine, fetch: Fetch | None, at: str, article_id: str | None
) -> Address:
    """Write down what a fetch told of an address, and give it back.

    What is not known this time stays: the article it led to, what its feed said; and its validators too,
    unless there is an article, whose response has the ones that count.
    """
    before = find_address(database, key)
    found = line.outcome in _FOUND
    fresh = line.outcome == Outcome.ARTICLE
    etag, last_modified, lastmod = (fetch.etag, fetch.last_modified, fetch.lastmod) if fetch else (None, None, None)
    now = Address(
        key=key,
        url=url,
        id=article_id,
        source=line.source,
        outcome=line.outcome,
        reason=line.reason,
        status=line.status,
        etag=etag,
        last_modified=last_modified,
        lastmod=lastmod,
        first_seen=at,
        last_fetched=at,
        not_found_since=at if line.status == 404 and not found else None,
        fetches=1,
    )
    if before is not None:
        now = replace(
            now,
            id=article_id or before.id,
            etag=etag if fresh else etag or before.etag,
            last_modified=last_modified if fresh else last_modified or before.last_modified,
            lastmod=lastmod or before.lastmod,
            first_seen=before.first_seen,
            not_found_since=None if found else before.not_found_since or now.not_found_since,
            fetches=before.fetches + 1,
        )
    database.execute(
        _REMEMBER,
        (
            now.key,
            None if now.url == f"https://{now.key}" else now.url,
            now.id,
            now.source,
            now.outcome,
            now.reason,
            now.status,
            now.etag,
            now.last_modified,
            now.lastmod,
            _to_seconds(now.first_seen),
            _to_seconds(now.last_fetched),
            None if now.not_found_since is None else _to_seconds(now.not_found_since),
            now.fetches,
        ),
    )
    return now


def _to_seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


def _to_text(seconds: int) -> str:
    return format_utc(datetime.fromtimestamp(seconds, UTC))
