"""Stored articles made anew from their raw pages, with today's code.

Through the same functions as a crawl: a page, the article of it, the lines its site repeats taken out. What comes out
is held against the newest revision, by the hashes of its fields that the store keeps; nothing of the old text is read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from newscrawl.article import Page
from newscrawl.batch.clean import decide
from newscrawl.dump.raw import archives
from newscrawl.errors import ArchiveError, Outcome
from newscrawl.extract.further_pages import next_page
from newscrawl.readers.files import Input, read_input
from newscrawl.refine import without_site_furniture
from newscrawl.state.content import REVISING, differences, field_hashes
from newscrawl.urls import normalise_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newscrawl.article import Article
    from newscrawl.batch.clean import Decision
    from newscrawl.extract.options import ExtractOptions
    from newscrawl.extract.pool import PoolOptions
    from newscrawl.refine import RefineOptions
    from newscrawl.state.articles import Known
    from newscrawl.state.store import Store

CUT = "truncated_page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remade:
    """A stored article and what today's code makes of its page."""

    id: str
    url: str
    article: Article | None
    """With the id and the revision that are stored; None: the page gives no article today."""
    changes: tuple[str, ...] = ()
    """Names of the fields that differ."""
    outcome: Outcome = Outcome.ARTICLE
    reason: str | None = None
    """Why there is no article."""
    is_bug: bool = False

    @property
    def is_revision(self) -> bool:
        """Whether it differs in a field that makes a revision."""
        return self.article is not None and not REVISING.isdisjoint(self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which articles to make anew."""

    source: str | None = None
    """Id of their source."""
    since: str | None = None
    """UTC day or time: crawled then or later."""

    def takes(self, known: Known) -> bool:
        """Whether a stored article is one of them."""
        article = known.withdrawn
        return (self.source is None or article.source == self.source) and article.date_crawled >= (self.since or "")


def remake(  # noqa: PLR0913 - the options of every step
    store: Store,
    data: Path,
    wanted: Wanted,
    *,
    extract: ExtractOptions,
    refining: RefineOptions,
    pool: PoolOptions,
) -> Iterator[Remade | ArchiveError]:
    """Yield what today's code makes of every stored article whose page is in raw/, one in memory at a time.

    The store is not changed; the caller may put an article into it before asking for the next. What of an archive
    cannot be read is an ArchiveError.
    """
    pages = _pages(store, data, wanted)
    for decision in decide(pages, extract=extract, refining=refining, pool=pool):
        if isinstance(decision, ArchiveError):
            yield decision
        elif (known := _known(store, decision.url, decision.date_crawled, wanted)) is not None:
            yield _remade(store, known, decision)


def _pages(store: Store, data: Path, wanted: Wanted) -> Iterator[Page | ArchiveError]:
    """Pages that stored articles were made of, and their further pages, which `decide` joins with the first."""
    further: dict[str, tuple[str, int]] = {}
    """Address → first page of its article, and its number."""
    taken: set[str] = set()
    """Ids of articles; a page may have been fetched twice in one second."""
    for path in archives(data):
        for item in read_input(Input(name=str(path))):
            if isinstance(item, ArchiveError):
                yield item
            if not isinstance(item, Page):
                continue
            url = normalise_url(item.url)
            begin, number = further.pop(url, (url, 1))
            if number == 1:
                known = _known(store, url, item.date_crawled, wanted)
                if known is None or known.id in taken:
                    continue
                taken.add(known.id)
            yield item
            if (following := next_page(item, begin, number)) is not None:
                further[following] = (begin, number + 1)


def _known(store: Store, url: str, at: str | None, wanted: Wanted) -> Known | None:
    known = store.made_of(url, at) if at is not None else None
    return known if known is not None and wanted.takes(known) else None


def _remade(store: Store, known: Known, decision: Decision) -> Remade:
    url = known.withdrawn.url
    if decision.article is None:
        return Remade(
            id=known.id,
            url=url,
            article=None,
            outcome=decision.outcome,
            reason=decision.reason,
            is_bug=decision.is_bug,
        )
    if CUT in decision.article.flags:
        # Of an article over several pages, some may not be there any more.
        return Remade(id=known.id, url=url, article=None, outcome=Outcome.ERROR, reason="its page is not whole")
    article = without_site_furniture(decision.article, store.memory.patterns(decision.article.site))
    article = replace(article, id=known.id, revision=known.revision, status=known.status)
    return Remade(id=known.id, url=url, article=article, changes=differences(known.fields, field_hashes(article)))
