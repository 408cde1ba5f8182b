"""What the store keeps of every article after its text was published."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newscrawl.article import Article, LinkLine
from newscrawl.dedup.clusters import Link, Member, cluster_links
from newscrawl.dump.record import article_from, record
from newscrawl.state import copies, pending
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
    former = keep_revision(database, article, key=key)
    pending.add_article(database, article)
    texts = {article.text_sha256, before.text_sha256 if before else None} - {None}
    relink(database, {article.id, *former, *with_texts(database, texts)}, article.run_id)


def keep_revision(database: Database, article: Article, *, key: str) -> set[str]:
    """Keep what must be known of a revision when its text is published and gone from here.

    Returns:
        Ids of articles that it may be no copy of any more.
    """
    row = database.row("SELECT text_sha256 FROM articles WHERE id = ?", (article.id,))
    is_same_text = row is not None and row[0] == article.text_sha256
    former = set() if is_same_text else copies.keep_signature(database, article)
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
    return former


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


def with_texts(database: Database, texts: Iterable[str | None]) -> set[str]:
    """Ids of the articles that have one of these texts now; by their SHA-256, None is no text."""
    query = "SELECT id FROM articles WHERE text_sha256 = ?"
    return {each for text in texts for (each,) in database.rows(query, (text,))}


def relink(database: Database, article_ids: Iterable[str], run_id: str) -> None:
    """Write a link line for every article in the clusters of these whose link is no longer what it was."""
    done: set[str] = set()
    for start in sorted(article_ids):
        if start in done:
            continue
        cluster = copies.cluster_of(database, start)
        done |= cluster
        _relink_cluster(database, cluster, run_id)


def _relink_cluster(database: Database, cluster: Iterable[str], run_id: str) -> None:
    rows = {
        each: database.row(
            "SELECT duplicate_of, cluster_id, similarity, source, date_published FROM articles WHERE id = ?", (each,)
        )
        for each in sorted(cluster)
    }
    members = [Member(id=each, date_published=row[4]) for each, row in rows.items()]
    links = cluster_links(members, lambda each, first: copies.text_similarity(database, each, first))
    for each, (*linked, source, published) in rows.items():
        link = links[each]
        never_linked = linked[1] is None and len(rows) == 1
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
