"""What is asked of the index: a list of articles, or one article with all that is known of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newscrawl.browse.index import record_of
from newscrawl.browse.words import read_terms

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

PAGE_ROWS = 25
MAX_COPIES = 200
MAX_OUTCOMES = 200
NEWEST, OLDEST, BEST = "newest", "oldest", "best"
SORTS = (NEWEST, OLDEST, BEST)
SHOWN = ("all", "there", "withdrawn", "revised", "first")
"""Which articles: all of them, those there, withdrawn or revised, and of each story the one published first."""
_SHOWN = {
    "there": "status = 'ok'",
    "withdrawn": "status <> 'ok'",
    "revised": "revisions > 1",
    "first": "duplicate_of IS NULL",
}
# What stands in the title tells more than what stands in the text.
_ORDER = {NEWEST: "moment DESC, id", OLDEST: "moment, id", BEST: "bm25(found, 10.0, 1.0, 2.0), moment DESC"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a reader asked for; empty: anything."""

    text: str = ""
    """As `newscrawl.browse.words.read_terms` reads it."""
    source: str = ""
    language: str = ""
    """BCP 47; "zh" takes "zh-CN", too."""
    since: str = ""
    """``YYYY-MM-DD``, of publication, else of the crawl; itself included."""
    until: str = ""
    show: str = "all"
    sort: str = NEWEST
    page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of a list."""

    total: int
    rows: tuple[dict[str, Any], ...]
    """Columns of the table of articles, with `copies` (other articles of its cluster) and the `record` shown."""

    @property
    def pages(self) -> int:
        """How many pages there are; 1 where there is nothing."""
        return max(1, -(-self.total // PAGE_ROWS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """One article."""

    row: dict[str, Any]
    """Its row in the table of articles."""
    record: dict[str, Any]
    """The revision that is shown."""
    revisions: tuple[dict[str, Any], ...]
    """Every revision's record, the newest first."""
    removed: tuple[dict[str, Any], ...]
    """What cleaning took out of the revision shown: `place`, `text`, `rule`, `why`."""
    copies: tuple[dict[str, Any], ...]
    """The other articles of its cluster, the first published first."""
    outcomes: tuple[dict[str, Any], ...]
    """What became of its addresses, the newest first."""


def find(database: sqlite3.Connection, wish: Wish) -> Found:
    """A page of the articles asked for."""
    table, where, values = _question(wish)
    total = database.execute(f"SELECT count(*) FROM {table} {where}", values).fetchone()[0]  # noqa: S608 - no value in it
    sort = NEWEST if wish.sort == BEST and "found" not in table else wish.sort
    rows = _dicts(
        database,
        f"SELECT articles.* FROM {table} {where} ORDER BY {_ORDER[sort]} LIMIT ? OFFSET ?",  # noqa: S608 - likewise
        [*values, PAGE_ROWS, (wish.page - 1) * PAGE_ROWS],
    )
    for row in rows:
        row["record"] = _record(database, row["id"], row["shown"])
        row["copies"] = (
            _count(database, "articles WHERE cluster_id = ?", row["cluster_id"]) - 1 if row["cluster_id"] else 0
        )
    return Found(total=total, rows=tuple(rows))


def sources(database: sqlite3.Connection) -> list[tuple[str, int]]:
    """Every source with the number of its articles, by name."""
    return database.execute("SELECT source, count(*) FROM articles GROUP BY 1 ORDER BY 1").fetchall()


def languages(database: sqlite3.Connection) -> list[tuple[str, int]]:
    """Every language with the number of its articles, by tag; "en" counts those of "en-GB", too."""
    query = "SELECT language, count(*) FROM articles WHERE language IS NOT NULL GROUP BY 1"
    counts: Counter[str] = Counter()
    for tag, count in database.execute(query):
        counts.update(dict.fromkeys({tag, tag.partition("-")[0]}, count))
    return sorted(counts.items())


def one(database: sqlite3.Connection, article_id: str, revision: int | None = None) -> Whole | None:
    """An article, its last revision with words unless another is asked for; None when there is no such thing."""
    rows = _dicts(database, "SELECT * FROM articles WHERE id = ?", [article_id])
    if not rows:
        return None
    row = rows[0]
    packed = database.execute("SELECT record FROM revisions WHERE id = ? ORDER BY revision DESC", [article_id])
    revisions = tuple(record_of(each) for (each,) in packed)
    wanted = row["shown"] if revision is None else revision
    record = next((each for each in revisions if each["revision"] == wanted), None)
    if record is None:
        return None
    addresses = sorted({each["url"] for each in revisions})
    return Whole(
        row=row,
        record=record,
        revisions=revisions,
        removed=tuple(
            _dicts(
                database,
                "SELECT place, text, rule, why FROM removed WHERE id = ? AND revision = ? ORDER BY place, rowid",
                [article_id, wanted],
            )
        ),
        copies=tuple(
            _dicts(
                database,
                "SELECT * FROM articles WHERE cluster_id = ? AND id <> ? ORDER BY moment, id LIMIT ?",
                [row["cluster_id"], article_id, MAX_COPIES],
            )
        ),
        outcomes=tuple(
            _dicts(
                database,
                f"SELECT * FROM outcomes JOIN files USING (file) WHERE url IN ({', '.join('?' * len(addresses))})"  # noqa: S608 - likewise
                " ORDER BY day DESC, place DESC, outcomes.rowid DESC LIMIT ?",
                [*addresses, MAX_OUTCOMES],
            )
        ),
    )


def span(database: sqlite3.Connection) -> tuple[int, str | None, str | None]:
    """How many articles there are, and the first and the last day of them."""
    count, first, last = database.execute("SELECT count(*), min(moment), max(moment) FROM articles").fetchone()
    return count, first and first[:10], last and last[:10]


def _question(wish: Wish) -> tuple[str, str, list[Any]]:
    """The tables, the condition and its values."""
    table = "articles"
    conditions: list[str] = []
    values: list[Any] = []
    terms = read_terms(wish.text)
    if asked := " ".join(term.match for term in terms if not term.is_excluded):
        table = "found JOIN articles ON articles.row = found.rowid"
        conditions.append("found MATCH ?")
        values.append(asked)
    for term in terms:
        if term.is_excluded:
            conditions.append("row NOT IN (SELECT rowid FROM found WHERE found MATCH ?)")
            values.append(term.match)
    if wish.source:
        conditions.append("source = ?")
        values.append(wish.source)
    if wish.language:
        # Basic filtering, RFC 4647, 3.3.1.
        conditions.append("(language = ? OR substr(language, 1, ?) = ?)")
        values += [wish.language, len(wish.language) + 1, f"{wish.language}-"]
    if wish.since:
        conditions.append("moment >= ?")
        values.append(wish.since)
    if wish.until:
        conditions.append("moment <= ?")
        values.append(f"{wish.until}T23:59:59Z")
    if wish.show in _SHOWN:
        conditions.append(_SHOWN[wish.show])
    return table, f"WHERE {' AND '.join(conditions)}" if conditions else "", values


def _record(database: sqlite3.Connection, article_id: str, revision: int) -> dict[str, Any]:
    query = "SELECT record FROM revisions WHERE id = ? AND revision = ?"
    return record_of(database.execute(query, [article_id, revision]).fetchone()[0])


def _count(database: sqlite3.Connection, what: str, *values: Any) -> int:
    return int(database.execute(f"SELECT count(*) FROM {what}", values).fetchone()[0])  # noqa: S608 - no value in it


def _dicts(database: sqlite3.Connection, query: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    cursor = database.execute(query, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
