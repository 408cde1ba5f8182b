"""Articles that are printed on several pages, which stand anywhere in a batch: brought together and made one.

As a live crawl does it (`newscrawl.extract.further_pages`); what it would fetch is waited for here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from newscrawl.article import Page
from newscrawl.errors import ArticleRejected
from newscrawl.extract.article import extract_article
from newscrawl.extract.further_pages import MAX_PAGES, adds, first_page, joined, next_page, read_further
from newscrawl.refine import (
    URN_PREFIX,
    refine,
    warm_up,  # noqa: F401 - what a worker runs that begins here
)
from newscrawl.urls import normalise_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newscrawl.article import Article
    from newscrawl.extract.options import ExtractOptions
    from newscrawl.readers import ReaderItem
    from newscrawl.refine import RefineOptions

P = TypeVar("P")

HEAD_BYTES = 64 * 1024
"""Pages in capitals are old and small: further down nobody looks for their relations."""
_RELATION = re.compile(rb"""rel\s*=\s*["']?[^"'<>]{0,80}(?:next|prev)""")

MAX_HELD = 200
"""Pages that wait for others of their article; with more, the article that has waited longest is made of what came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedPages:
    """The pages of one article, in their order."""

    pages: tuple[Page, ...]
    is_cut: bool
    """The last of them names another one, which is not in the batch."""

    @property
    def url(self) -> str:
        """The address of the first."""
        return self.pages[0].url


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The article of several pages."""

    article: Article
    used: int
    """How many of the pages, from the first, it was made of: what follows is none of it."""


@dataclass(slots=True)
class _Group(Generic[P]):
    begin: str
    pages: dict[int, tuple[P, Page]] = field(default_factory=dict)

    def run(self) -> tuple[list[tuple[P, Page]], bool]:
        """The pages from the first without a gap, and whether the last of them names another one."""
        run: list[tuple[P, Page]] = []
        while (page := self.pages.get(len(run) + 1)) is not None and len(run) < MAX_PAGES:
            run.append(page)
        return run, bool(run) and next_page(run[-1][1], self.begin, len(run)) is not None

    def released(self) -> Iterator[tuple[tuple[P, ...], Page | PrintedPages]]:
        """What came of it: the pages from the first as one, and each that stands alone."""
        run, is_cut = self.run()
        if run:
            pages = PrintedPages(pages=tuple(page for _, page in run), is_cut=is_cut)
            yield tuple(place for place, _ in run), pages
        yield from (((place,), page) for number, (place, page) in sorted(self.pages.items()) if number > len(run))


def with_pages_together(
    items: Iterable[tuple[P, ReaderItem]],
) -> Iterator[tuple[tuple[P, ...], ReaderItem | PrintedPages]]:
    """The items in their order, but for pages of one article, which come when the last of them came.

    Each comes with the places that its caller gave to what it is made of. At most `MAX_HELD` pages are in memory. A
    further page without the first is a page like any other.
    """
    groups: dict[str, _Group[P]] = {}
    # Address where an article goes on → its place in it: the page itself need not state that it is a further one.
    awaited: dict[str, tuple[str, int]] = {}
    held = 0
    for place, item in items:
        part = (awaited.pop(_address(item), None) or _part_of(item)) if isinstance(item, Page) else None
        if part is None or not isinstance(item, Page):
            yield (place,), item
            continue
        begin, number = part
        if begin in groups and number in groups[begin].pages:  # the archive has it twice
            held -= len(groups[begin].pages)
            yield from groups.pop(begin).released()
        group = groups.setdefault(begin, _Group(begin))
        group.pages[number] = (place, item)
        held += 1
        run, names_more = group.run()
        if names_more and (following := next_page(run[-1][1], begin, len(run))) is not None:
            awaited[following] = (begin, len(run) + 1)
        is_whole = len(run) == len(group.pages) and not names_more
        for done in [begin] if is_whole else list(groups)[:1] if held > MAX_HELD else []:
            held -= len(groups[done].pages)
            yield from groups.pop(done).released()
    for group in groups.values():
        yield from group.released()


def _address(page: Page) -> str:
    try:
        return normalise_url(page.url)
    except ValueError:
        return page.url


def _part_of(page: Page) -> tuple[str, int] | None:
    """The address of the first page of an article over several, and which of its pages this is; None for others."""
    if page.url.startswith(URN_PREFIX) or not _may_name_others(page.html):
        return None
    try:
        url = normalise_url(page.url)
    except ValueError:
        return None
    if (place := first_page(page)) is not None:
        return place
    return (url, 1) if next_page(page, url, 1) is not None else None


def _may_name_others(html: bytes) -> bool:
    """Whether a relation to a next or previous page may stand in it; looking at every link takes much longer."""
    return _RELATION.search(html) is not None or b"REL=" in html[:HEAD_BYTES]


def article_of_pages(printed: PrintedPages, extract: ExtractOptions, refining: RefineOptions) -> Whole:
    """The refined article of all pages that belong to it.

    Raises:
        ArticleRejected: the first page holds no article.
    """
    parts = [extract_article(printed.pages[0], extract)]
    is_cut = False
    if "list_like" not in parts[0].flags:
        is_cut = printed.is_cut
        for page in printed.pages[1:]:
            try:
                part = read_further(page, extract)
            except ArticleRejected:
                is_cut = True
                break
            if not adds(part, parts):
                is_cut = False
                break
            parts.append(part)
    article = joined(parts)
    if is_cut:
        article = article.with_flags("truncated_page")
    return Whole(article=refine(article, refining), used=len(parts))
