"""Two passes over a batch: what its pages teach of their sites cleans every one of them, the first too.

The first pass decides each page and keeps the decisions in a temporary file; the second hands them on. So the order of
the input makes no difference, and nothing is written before everything was read.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newscrawl.article import Prepared, Removed
from newscrawl.batch.clean import Decision
from newscrawl.dump.record import article_from, record
from newscrawl.errors import ArchiveError, Outcome
from newscrawl.refine import without_site_furniture
from newscrawl.state.site_memory import TABLES, SiteMemory, lines_of
from newscrawl.state.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newscrawl.article import Article
    from newscrawl.state.database import Database

GROUP = 200
"""Decisions a transaction; a crash loses the whole batch anyway."""
_SPOOL = "CREATE TABLE spool (sequence INTEGER PRIMARY KEY, decision TEXT NOT NULL) STRICT"


def in_two_passes(decisions: Iterable[Decision | ArchiveError]) -> Iterator[Decision | ArchiveError]:
    """Yield the decisions in their order, each article without the lines that its site repeats in this batch.

    An ArchiveError passes through at once.

    Raises:
        StoreError: the temporary directory is full.
    """
    with tempfile.TemporaryDirectory(prefix="newscrawl-") as folder:
        database = SqliteDatabase(Path(folder) / "batch.sqlite")
        try:
            for statement in (_SPOOL, *TABLES):
                database.execute(statement)
            memory = SiteMemory(database)
            yield from _spool(decisions, database, memory)
            for site in memory.new_sites():
                memory.learn(site)
            for (kept,) in database.rows("SELECT decision FROM spool ORDER BY sequence"):
                decision = _read(kept)
                if decision.article is not None:
                    article = decision.article
                    cleaned = without_site_furniture(article, memory.patterns(article.site))
                    decision = replace(decision, article=cleaned)
                yield decision
        finally:
            database.close()


def with_lines(article: Article) -> Article:
    """A refined article with what this memory wants to know of its text; it is cheapest right after cleaning."""
    sha256 = article.text_sha256 or ""
    return replace(article, prepared=Prepared(text_sha256=sha256, signature=None, lines=lines_of(article)))


def _spool(
    decisions: Iterable[Decision | ArchiveError], database: Database, memory: SiteMemory
) -> Iterator[ArchiveError]:
    group: list[Decision] = []
    for decision in decisions:
        if isinstance(decision, ArchiveError):
            yield decision
            continue
        group.append(decision)
        if len(group) == GROUP:
            _keep(group, database, memory)
            group = []
    _keep(group, database, memory)


def _keep(group: Iterable[Decision], database: Database, memory: SiteMemory) -> None:
    with database.transaction():
        for decision in group:
            if decision.article is not None:
                memory.observe(decision.article)
            database.execute("INSERT INTO spool (decision) VALUES (?)", (_written(decision),))


def _written(decision: Decision) -> str:
    values: dict[str, Any] = asdict(replace(decision, article=None))
    if (article := decision.article) is not None:
        values["article"] = record(article)
        values["removed"] = [asdict(each) for each in article.removed]
    return json.dumps(values)


def _read(line: str) -> Decision:
    values = json.loads(line)
    removed = tuple(Removed(**each) for each in values.pop("removed", ()))
    article: Article | None = None
    if values["article"] is not None:
        article = replace(article_from(values["article"]), removed=removed)
    return Decision(**{**values, "outcome": Outcome(values["outcome"]), "article": article})
