"""Articles cleaned once more: a waiting revision is replaced, a published one gets a revision that says `cleaning`."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from newscrawl.article import Article, Removed, RemovedLine
from newscrawl.dump.record import article_from
from newscrawl.state.articles import find_article, put_revision
from newscrawl.state.content import REVISING, differences, field_hashes
from newscrawl.state.pending import NOT_FROZEN, whole_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newscrawl.state.database import Database

TABLES = ("CREATE INDEX pending_removed ON pending (id, revision) WHERE stream = 'removed'",)


def waiting_articles(database: Database) -> Iterator[tuple[int, Article]]:
    """The newest waiting revision of each article with what cleaning took out of it, and the number of its line."""
    query = """
        SELECT sequence FROM pending AS p WHERE stream = 'articles' AND NOT EXISTS (
            SELECT 1 FROM pending AS newer
            WHERE newer.stream = 'articles' AND newer.id = p.id AND newer.revision > p.revision
        )
    """
    # Listed first: what is replaced goes to the end of the same table.
    for sequence in [number for (number,) in database.rows(query)]:
        if (row := database.row("SELECT line, crc32 FROM pending WHERE sequence = ?", (sequence,))) is None:
            continue  # another process has published it
        line = whole_line(database, *row)
        article = article_from(json.loads(line))
        if article.status == "ok":
            yield sequence, replace(article, removed=tuple(_waiting_removed(database, article)))


def replace_waiting(database: Database, sequence: int, article: Article) -> None:
    """Put another text in the place of a revision that waits; its number stays. Within the caller's transaction."""
    known = find_article(database, article.id)
    assert known is not None, "a waiting line is of a stored article"
    if known.revision != article.revision:
        return  # another process has stored a newer one
    if not database.execute(f"DELETE FROM pending WHERE sequence = ? AND {NOT_FROZEN}", (sequence,)):  # noqa: S608 - a condition of ours
        return  # another process has published it, or is about to
    database.execute(
        "DELETE FROM pending WHERE stream = 'removed' AND id = ? AND revision = ?", (article.id, article.revision)
    )
    put_revision(database, article, key=known.key, before=known)


def put_cleaning(database: Database, article: Article, *, run_id: str) -> Article | None:
    """Store a better cleaned text of a published article as its next revision; None when it is the same."""
    known = find_article(database, article.id)
    if known is None or known.status != "ok" or known.revision != article.revision:
        return None
    changes = differences(known.fields, field_hashes(article))
    if not REVISING.intersection(changes):
        return None
    article = replace(
        article, revision=known.revision + 1, revision_cause="cleaning", changes=changes, run_id=run_id, status="ok"
    )
    put_revision(database, article, key=known.key, before=known)
    return article


def with_removed(article: Article, lines: Iterable[RemovedLine]) -> Article:
    """The article with the lines of its revision that the `removed` stream holds, in their order."""
    own = (each for each in lines if each.id == article.id and each.revision == article.revision)
    return replace(
        article, removed=tuple(Removed(place=each.place, text=each.text, rule=each.rule, why=each.why) for each in own)
    )


def _waiting_removed(database: Database, article: Article) -> Iterator[Removed]:
    query = "SELECT line FROM pending WHERE stream = 'removed' AND id = ? AND revision = ? ORDER BY sequence"
    for (line,) in database.rows(query, (article.id, article.revision)):
        values = json.loads(line)
        yield Removed(place=values["place"], text=values["text"], rule=values["rule"], why=values["why"])
