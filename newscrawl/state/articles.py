"""What the store keeps of every article after its text was published."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newscrawl.article import Article, LinkLine
from newscrawl.dedup.digest import Link, Member, exact_links
from newscrawl.dump.record import article_from, record
from newscrawl.state import pending
from newscrawl.state.content import field_hashes, without_content

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from newscrawl.state.database import Database

_PUT = """
    INSERT INTO articles
        (id, key, revision, status, source, text_sha256, date_published, date_crawled, fields, withdrawn)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET
        key = excluded.key, revision = excluded.revision, status = excluded.status, source = excluded.source,
        text_sha256 = excluded.text_sha256, date_published = excluded.date_published,
        date_crawled = excluded.date_crawled, fields = excluded.fields, withdrawn = excluded.withdrawn
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The newest revision of an article that is stored."""

    id: str
    key: str
    revision: int
    status: str
    text_sha256: str | None
    fields: Mapping[str, str]
    withdrawn: Article
    """The revision without its content."""


def find_article(database: Database, article_id: str) -> Known | None:
    """What is known of an article."""
    row = database.row(
        "SELECT id, key, revision, status, text_sha256, fields, withdrawn FROM articles WHERE id = ?", (article_id,)
    )
    if row is None:
        return None
    return Known(
        id=row[0],
        key=row[1],
        revision=row[2],
        status=row[3],
        text_sha256=row[4],
        fields=database.parsed(row[5]),
        withdrawn=article_from(database.parsed(row[6])),
    )


def put_revision(database: Database, article: Article, *, key: str, before: Known | None) -> None:
    """Keep a revision, queue its line, and relink the articles whose cluster it enters or leaves."""
    keep_revision(database, article, key=key)
    pending.add_article(database, article)
    texts = {article.text_sha256, before.text_sha256 if before else None} - {None}
    relink(database, article.id, sorted(filter(None, texts)), article.run_id)


def keep_revision(database: Database, article: Article, *, key: str) -> None:
    """Keep what must be known of a revision when its text is published and gone from here."""
    database.execute(
        _PUT,
        (
            article.id,
            key,
            article.revision,
            article.status,
            article.source,
            article.text_sha256,
            article.date_published,
            article.date_crawled,
            _compact(field_hashes(article)),
            _compact(_withdrawn(article)),
        ),
    )


def _withdrawn(article: Article) -> dict[str, Any]:
    """The record without content, and without what is the default anyway."""
    empty = record(Article())
    return {name: value for name, value in record(without_content(article)).items() if value != empty[name]}


def _compact(values: Mapping[str, Any]) -> str:
    return json.dumps(values, separators=(",", ":"))


def move(database: Database, known: Known, key: str) -> None:
    """An unchanged article answered under this key: if its page is withdrawn one day, it will be there."""
    if key != known.key:
        database.execute("UPDATE articles SET key = ? WHERE id = ?", (key, known.id))


def relink(database: Database, article_id: str, texts: Iterable[str], run_id: str) -> None:
    """Write a link line for every article whose link is no longer what it was."""
    wanted: dict[str, Link] = {}
    for text_sha256 in texts:
        members = database.rows("SELECT id, date_published FROM articles WHERE text_sha256 = ?", (text_sha256,))
        wanted |= exact_links(Member(id=member, date_published=published) for member, published in members)
    # One whose text is gone is in no cluster: it is linked to itself, if it ever was linked.
    wanted |= {} if article_id in wanted else exact_links([Member(id=article_id, date_published=None)])
    in_clusters = {link.cluster_id for link in wanted.values() if link.duplicate_of}
    for each, link in sorted(wanted.items()):
        *linked, source, published = database.row(
            "SELECT duplicate_of, cluster_id, similarity, source, date_published FROM articles WHERE id = ?", (each,)
        )
        never_linked = linked[1] is None and link.cluster_id not in in_clusters
        if never_linked or linked == [link.duplicate_of, link.cluster_id, link.similarity]:
            continue
        database.execute(
            "UPDATE articles SET duplicate_of = ?, cluster_id = ?, similarity = ? WHERE id = ?",
            (link.duplicate_of, link.cluster_id, link.similarity, each),
        )
        _queue_link(database, each, link, run_id=run_id, source=source, published=published)


def _queue_link(  # noqa: PLR0913 - the columns of a waiting line
    database: Database, article_id: str, link: Link, *, run_id: str, source: str, published: str | None
) -> None:
    (began,) = database.row("SELECT started FROM runs WHERE id = ?", (run_id,))
    line = LinkLine(
        id=article_id,
        duplicate_of=link.duplicate_of,
        cluster_id=link.cluster_id,
        similarity=link.similarity,
        run_id=run_id,
    )
    pending.add_link(database, line, source=source, at=began, published=published)
