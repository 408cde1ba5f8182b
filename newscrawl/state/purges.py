"""Articles that were taken out for legal reasons: what was asked for, what is blocked, what is left to do.

A purge is one transaction here, which takes every word of the article out of the store and says what is still to be
done to the files (`newscrawl.dump.purge` does it). From then on it can be interrupted at any moment.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from newscrawl.clean.site_memory import story_of
from newscrawl.state.articles import find_article, put_revision
from newscrawl.state.content import differences, field_hashes, without_content
from newscrawl.state.database import repeated
from newscrawl.state.site_memory import SiteMemory
from newscrawl.urls import article_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newscrawl.state.database import Database

TABLES = (
    """
    CREATE TABLE purges (
        id TEXT PRIMARY KEY,                       -- of an article whose lines may still stand in files
        day TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE leftovers (
        path TEXT PRIMARY KEY                      -- may exist, and belongs to no dump: see newscrawl.dump.replace
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX files_by_run ON files (run_id, stream, crawl_day)",
)

_ON_A_DAY = "(id, day) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET day = excluded.day"


def purge(database: Database, article_ids: Iterable[str], *, run_id: str, at: str) -> tuple[str, ...]:
    """Take articles out of the store, and note that files hold them; the ids that were not purged before.

    What stays: the address (it is blocked by it), the source, the dates, and how many revisions there were.
    Within the caller's transaction.
    """
    purged = tuple(each for each in dict.fromkeys(article_ids) if _purge_one(database, each, run_id=run_id, at=at))
    if purged:
        # Bodies of feeds and sections hold titles and teasers, compressed: the next run asks for them whole.
        database.execute("DELETE FROM asked")
        database.execute("UPDATE schedule SET due = 0")
    return purged


def _purge_one(database: Database, purged_id: str, *, run_id: str, at: str) -> bool:
    known = find_article(database, purged_id)
    if known is None or known.status == "purged":
        return False
    article = without_content(
        replace(
            known.withdrawn,
            status="purged",
            revision=known.revision + 1,
            revision_cause="purged",
            date_crawled=at,
            run_id=run_id,
            date_evidence=None,  # words of the page
            license=None,
            url_canonical=None,
        )
    )
    article = replace(article, changes=differences(known.fields, field_hashes(article)))
    database.execute("DELETE FROM pending WHERE id = ? AND stream IN ('articles', 'removed')", (purged_id,))
    put_revision(database, article, key=known.key, before=known)  # its copies are linked anew
    database.execute("DELETE FROM pending WHERE id = ? AND stream = 'links'", (purged_id,))
    database.execute(
        "UPDATE articles SET duplicate_of = NULL, cluster_id = NULL, similarity = NULL WHERE id = ?", (purged_id,)
    )
    database.execute(
        "UPDATE addresses SET outcome = 'gone', reason = ?, etag = NULL, last_modified = NULL WHERE article_id = ?",
        (_reason(at[:10]), purged_id),
    )
    # What feeds said of it: title, teaser, names.
    database.execute(
        "DELETE FROM revisits WHERE key = ? OR key IN (SELECT key FROM addresses WHERE article_id = ?)",
        (known.key, purged_id),
    )
    database.execute(
        "DELETE FROM frontier WHERE key = ? OR key IN (SELECT key FROM addresses WHERE article_id = ?)",
        (known.key, purged_id),
    )
    SiteMemory(database).forget(article.site, story_of(article).article)
    bury(database, purged_id, at[:10])
    note(database, purged_id, at[:10])
    return True


def bury(database: Database, purged_id: str, day: str) -> None:
    """Remember for good that an article was purged on a day."""
    database.execute(f"INSERT INTO tombstones {_ON_A_DAY}", (purged_id, day))


def note(database: Database, purged_id: str, day: str) -> None:
    """Files may still hold lines of it."""
    database.execute(f"INSERT INTO purges {_ON_A_DAY}", (purged_id, day))


def is_blocked(database: Database, key: str) -> bool:
    """Whether the article at an address, or at another address of it, was purged."""
    query = """
        SELECT 1 FROM tombstones WHERE id = ? OR id = (SELECT article_id FROM addresses WHERE key = ?)
    """
    return database.row(query, (article_id(key), key)) is not None


def purged_on(database: Database, purged_id: str) -> str:
    """The reason of an outcome that a purged article makes."""
    row = database.row("SELECT day FROM tombstones WHERE id = ?", (purged_id,))
    return _reason(row[0] if row else None)


def unfinished(database: Database) -> tuple[str, ...]:
    """Ids of purged articles whose lines may still stand in files, sorted."""
    return tuple(each for (each,) in database.rows("SELECT id FROM purges ORDER BY id"))


@repeated
def finished(database: Database, article_ids: Iterable[str]) -> None:
    """No file holds these any more."""
    with database.transaction():
        for each in article_ids:
            database.execute("DELETE FROM purges WHERE id = ?", (each,))


def _reason(day: str | None) -> str:
    return f"purged on {day}" if day else "purged"
