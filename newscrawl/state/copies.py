"""Which stored articles are copies of one another: equal texts at once, nearly equal ones when a run ends.

A text's signature is committed with its article. `compare` then looks for its like in the buckets of the last days,
and keeps each pair that it finds, so that clusters can be followed, and fall apart again when a text changes. Every
step is bounded: the days, the entries of a bucket, the pairs of an article, the members of a cluster.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from newscrawl.dedup.clusters import EXACT
from newscrawl.dedup.minhash import Signature, buckets, sign
from newscrawl.dedup.near_duplicates import copy_similarity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.article import Article
    from newscrawl.dedup.near_duplicates import NearDuplicateOptions
    from newscrawl.state.database import Database

TABLES = (
    """
    CREATE TABLE signatures (
        number INTEGER PRIMARY KEY,                -- short, for the buckets
        id TEXT NOT NULL UNIQUE,                   -- of the article
        day INTEGER NOT NULL,                      -- of its crawl, counted as Python does
        is_compared INTEGER NOT NULL,              -- it stands in the buckets
        signature BLOB NOT NULL                    -- newscrawl.dedup.minhash
    ) STRICT
    """,
    "CREATE INDEX signatures_to_compare ON signatures (id) WHERE is_compared = 0",
    """
    CREATE TABLE buckets (
        bucket INTEGER NOT NULL,
        number INTEGER NOT NULL,
        PRIMARY KEY (bucket, number)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE copies (
        id TEXT NOT NULL,                          -- each pair stands here twice, once from each side
        other TEXT NOT NULL,
        similarity REAL NOT NULL,
        PRIMARY KEY (id, other)
    ) STRICT, WITHOUT ROWID
    """,
)
INDEXES = (
    # Of version 3 it had another condition, which no query has any more.
    "DROP INDEX signatures_to_compare",
    "CREATE INDEX signatures_to_compare ON signatures (id) WHERE is_compared = 0",
    "CREATE INDEX signatures_by_day ON signatures (day)",
)
MAX_PAIRS = 8
"""Of an article with more copies the most similar are kept: its cluster holds together all the same."""
MAX_MEMBERS = 1000
"""A cluster is followed no further."""


def keep_signature(database: Database, article: Article) -> set[str]:
    """Sign the text of a revision, which was not signed yet; ids of articles that it may be no copy of any more."""
    signature = _packed_signature(article)
    former = _forget(database, article.id)
    if signature is not None:
        day = date.fromisoformat(article.date_crawled[:10]).toordinal()
        database.execute(
            "INSERT INTO signatures (id, day, is_compared, signature) VALUES (?, ?, 0, ?)",
            (article.id, day, signature),
        )
    return former


def _packed_signature(article: Article) -> bytes | None:
    prepared = article.prepared
    if prepared is not None and prepared.text_sha256 == article.text_sha256:
        return prepared.signature
    signature = sign(article.text) if article.text else None
    return signature.pack() if signature else None


def compare_next(database: Database, options: NearDuplicateOptions, *, limit: int) -> set[str] | None:
    """Compare texts that were not compared yet, at most `limit`; ids of those with copies, None when none is left.

    Within the caller's transaction.
    """
    rows = list(
        database.rows(
            "SELECT number, id, day, signature FROM signatures WHERE is_compared = 0 ORDER BY id LIMIT ?", (limit,)
        )
    )
    found: set[str] = set()
    for number, article_id, day, packed in rows:
        signature = _signature(database, packed)
        for other, similarity in _alike(database, signature, day, options):
            _keep_pair(database, article_id, other, similarity)
            found.add(article_id)
        _put_into_buckets(database, number, signature)
    return found if rows else None


def forget_old(database: Database, options: NearDuplicateOptions, *, today: str, limit: int) -> bool:
    """Take signatures out that are older than the window, at most `limit`; whether any was. Their pairs stay.

    Within the caller's transaction. Days that lie ahead are left alone: a clock may have been wrong.
    """
    oldest = date.fromisoformat(today[:10]).toordinal() - options.window_days
    old = list(database.rows("SELECT number, signature FROM signatures WHERE day < ? LIMIT ?", (oldest, limit)))
    for number, packed in old:
        _take_out(database, number, _signature(database, packed))
    return bool(old)


def take_as_compared(database: Database) -> None:
    """Of a store that was made anew out of a dump: what its links say is known, and is not looked for again."""
    for number, packed in list(database.rows("SELECT number, signature FROM signatures WHERE is_compared = 0")):
        _put_into_buckets(database, number, _signature(database, packed))
    pairs = database.rows(
        "SELECT a.id, a.duplicate_of, a.similarity FROM articles AS a JOIN articles AS b ON b.id = a.duplicate_of "
        "WHERE a.text_sha256 <> b.text_sha256"
    )
    for article_id, other, similarity in list(pairs):
        _keep_pair(database, article_id, other, similarity)


def signatures(database: Database) -> Iterator[tuple[str, int, Signature]]:
    """(id, day of the crawl, signature) of every signed text, by id."""
    for article_id, day, packed in database.rows("SELECT id, day, signature FROM signatures ORDER BY id"):
        yield article_id, day, _signature(database, packed)


def cluster_of(database: Database, article_id: str) -> set[str]:
    """Ids of the cluster of an article, its own among them, at most `MAX_MEMBERS`."""
    members, waiting, texts = {article_id}, [article_id], set()
    while waiting and len(members) < MAX_MEMBERS:
        each = waiting.pop()
        (text,) = database.row("SELECT text_sha256 FROM articles WHERE id = ?", (each,)) or (None,)
        near = {other for (other,) in database.rows("SELECT other FROM copies WHERE id = ?", (each,))}
        if text is not None and text not in texts:
            texts.add(text)
            near |= {other for (other,) in database.rows("SELECT id FROM articles WHERE text_sha256 = ?", (text,))}
        waiting.extend(sorted(near - members))
        members |= near
    return members


def text_similarity(database: Database, article_id: str, other: str) -> float:
    """How similar the texts of two members of a cluster are: 1 when they are equal."""
    query = "SELECT text_sha256 FROM articles WHERE id IN (?, ?)"
    if len({text for (text,) in database.rows(query, (article_id, other))}) == 1:
        return EXACT
    pair = database.row("SELECT similarity FROM copies WHERE id = ? AND other = ?", (article_id, other))
    # Not found to be copies themselves: as similar as what led from one to the other.
    pair = pair or database.row("SELECT max(similarity) FROM copies WHERE id = ?", (article_id,))
    return float(pair[0] or 0.0)


def _alike(
    database: Database, signature: Signature, day: int, options: NearDuplicateOptions
) -> list[tuple[str, float]]:
    """Ids and similarity of the copies of a text, the most similar first."""
    numbers: set[int] = set()
    for bucket in buckets(signature):
        query = "SELECT number FROM buckets WHERE bucket = ? ORDER BY number DESC LIMIT ?"
        numbers.update(number for (number,) in database.rows(query, (bucket, options.max_bucket)))
    found = []
    for number in numbers:
        other, other_day, packed = database.row("SELECT id, day, signature FROM signatures WHERE number = ?", (number,))
        if abs(other_day - day) > options.window_days:
            continue
        if (similarity := copy_similarity(signature, _signature(database, packed), options)) is not None:
            found.append((other, similarity))
    return sorted(found, key=lambda each: (-each[1], each[0]))[:MAX_PAIRS]


def _signature(database: Database, packed: bytes) -> Signature:
    signature: Signature = database.parsed(packed, Signature.unpack)
    return signature


def _keep_pair(database: Database, one: str, other: str, similarity: float) -> None:
    for pair in ((one, other), (other, one)):
        database.execute(
            "INSERT INTO copies (id, other, similarity) VALUES (?, ?, ?) "
            "ON CONFLICT (id, other) DO UPDATE SET similarity = excluded.similarity",
            (*pair, similarity),
        )


def _put_into_buckets(database: Database, number: int, signature: Signature) -> None:
    each = ((bucket, number) for bucket in buckets(signature))
    database.many("INSERT INTO buckets (bucket, number) VALUES (?, ?)", each)
    database.execute("UPDATE signatures SET is_compared = 1 WHERE number = ?", (number,))


def _take_out(database: Database, number: int, signature: Signature) -> None:
    each = ((bucket, number) for bucket in buckets(signature))
    database.many("DELETE FROM buckets WHERE bucket = ? AND number = ?", each)
    database.execute("DELETE FROM signatures WHERE number = ?", (number,))


def _forget(database: Database, article_id: str) -> set[str]:
    """Take a text out; ids of what it was a copy of."""
    if row := database.row("SELECT number, signature FROM signatures WHERE id = ?", (article_id,)):
        _take_out(database, row[0], _signature(database, row[1]))
    former = {other for (other,) in database.rows("SELECT other FROM copies WHERE id = ?", (article_id,))}
    for other in former:
        database.execute("DELETE FROM copies WHERE id = ? AND other = ?", (other, article_id))
    database.execute("DELETE FROM copies WHERE id = ?", (article_id,))
    return former
