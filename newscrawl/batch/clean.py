"""Pages and dirty texts to decisions: each one ends as an article or with the reason why not.

The expensive and dangerous part, extraction and cleaning, runs in worker processes with a deadline and a memory limit.
Decisions come in the order of the input, and only a window of it is in memory; an article that stands on several pages
is decided where the last of them came.
"""

from __future__ import annotations

import logging
from collections import deque
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeVar

from newscrawl.article import Article, Page
from newscrawl.batch.several_pages import PrintedPages, Whole, article_of_pages, with_pages_together
from newscrawl.errors import ArchiveError, ArticleRejected, Outcome
from newscrawl.extract.article import extract_article
from newscrawl.extract.pool import PagePool
from newscrawl.readers import NoPage
from newscrawl.refine import (
    URN_PREFIX,
    article_from_page,
    check,
    refine,
    warm_up,  # noqa: F401 - what a worker runs that begins here
)
from newscrawl.urls import site_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from newscrawl.extract.options import ExtractOptions
    from newscrawl.extract.pool import HasUrl, PoolOptions
    from newscrawl.readers import ReaderItem
    from newscrawl.refine import RefineOptions

logger = logging.getLogger(__name__)

P = TypeVar("P")
T = TypeVar("T")

NOWHERE = "https://page.invalid/"

WINDOW_PER_WORKER = 4
"""Items in memory for each worker: enough that none waits for input while a slow page holds up the order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What became of one page or text."""

    url: str
    source: str
    via: str
    """One of `DISCOVERED_VIA`."""
    outcome: Outcome
    reason: str | None = None
    """What was seen; None for an article."""
    article: Article | None = None
    """The refined article, when there is one."""
    date_crawled: str | None = None
    """When the bytes arrived, UTC; None: not known."""
    status: int | None = None
    """HTTP status, of an archived response."""
    bytes: int | None = None
    """Length of the page."""
    is_bug: bool = False
    """newscrawl failed here, not the page."""


def decide(
    items: Iterable[ReaderItem],
    *,
    extract: ExtractOptions,
    refining: RefineOptions,
    pool: PoolOptions,
    confined: bool = False,
) -> Iterator[Decision | ArchiveError]:
    """Yield what every item came to, in order; an ArchiveError passes through. Pages of one article are made one.

    A page or text that comes alone is done in this process: starting workers would take longer.

    Args:
        confined: no page is done in this process, not even one that comes alone.
    """
    placed = decide_placed(
        ((None, item) for item in items), extract=extract, refining=refining, pool=pool, confined=confined
    )
    return (decision for _, decision in placed)


def decide_placed(  # noqa: PLR0913 - the options of every step
    items: Iterable[tuple[P, ReaderItem]],
    *,
    extract: ExtractOptions,
    refining: RefineOptions,
    pool: PoolOptions,
    finish: Callable[[Article], Article] | None = None,
    confined: bool = False,
) -> Iterator[tuple[P, Decision | ArchiveError]]:
    """As `decide`; each decision comes with the place that its caller gave to its item: exactly one for each item.

    Args:
        finish: what a worker does last with an article, as `newscrawl.batch.prepare.prepared`; a function of a module.
    """
    iterator = iter(with_pages_together(items))
    first = list(islice(iterator, 2))
    window: deque[tuple[tuple[P, ...], ReaderItem | PrintedPages, Future[Any] | None]] = deque()
    with ExitStack() as stack:
        is_alone = len(first) == 1 and not isinstance(first[0][1], (PrintedPages, Page) if confined else PrintedPages)
        submit = _run_here if is_alone else stack.enter_context(PagePool(pool)).submit

        def begun(item: ReaderItem | PrintedPages) -> Future[Any] | None:
            if isinstance(item, ArchiveError | NoPage):
                return None
            return submit(made_of, item, extract, refining, finish)

        def decided() -> Iterator[tuple[P, Decision | ArchiveError]]:
            places, item, future = window.popleft()
            if not isinstance(item, PrintedPages):
                yield places[0], _decided(item, future)
                return
            decisions, others = _of_pages(item, future)
            used = len(decisions)
            window.extendleft(
                reversed([((place,), page, begun(page)) for place, page in zip(places[used:], others, strict=True)])
            )
            yield from zip(places, decisions, strict=False)

        for places, item in chain(first, iterator):
            window.append((places, item, begun(item)))
            while window and (len(window) >= WINDOW_PER_WORKER * pool.workers or _is_done(window[0][2])):
                yield from decided()
        while window:
            yield from decided()


def made_of(
    item: Page | Article | PrintedPages,
    extract: ExtractOptions,
    refining: RefineOptions,
    finish: Callable[[Article], Article] | None,
) -> Article | Whole:
    """The refined article of a page, of a text, or of several pages: all that a worker process does.

    Raises:
        ArticleRejected: there is none.
    """
    if isinstance(item, PrintedPages):
        whole = article_of_pages(item, extract, refining)
        return whole if finish is None else replace(whole, article=finish(whole.article))
    article = article_of(item, extract, refining) if isinstance(item, Page) else refine(item, refining)
    return article if finish is None else finish(article)


def article_of(page: Page, extract: ExtractOptions, refining: RefineOptions) -> Article:
    """The refined article of a page; of a saved one too whose address nobody knows.

    Raises:
        ArticleRejected: the page holds no article.
    """
    if not page.url.startswith(URN_PREFIX):
        return article_from_page(page, extract, refining)
    # Read as if it came from nowhere: what it names by a relative address is nowhere too, and is left out.
    article = extract_article(replace(page, url=f"{NOWHERE}saved.html"), extract)
    authors = (replace(author, url=None) if _is_nowhere(author.url) else author for author in article.authors)
    return refine(
        replace(
            article,
            url=page.url,
            url_canonical=None,
            source=page.source or "",
            site="",
            authors=tuple(authors),
            images=tuple(image for image in article.images if not _is_nowhere(image.url)),
            license=None if _is_nowhere(article.license) else article.license,
        ),
        refining,
    )


def _is_nowhere(address: str | None) -> bool:
    return address is not None and address.startswith(NOWHERE)


def _of_pages(
    printed: PrintedPages, future: Future[Whole] | None
) -> tuple[list[Decision | ArchiveError], tuple[Page, ...]]:
    """The decisions on an article over several pages and on its further pages; and the pages that are none of it."""
    assert future is not None
    first: Future[Article] = Future()
    used = 1
    try:
        whole = future.result()
    except Exception as error:
        first.set_exception(error)
    else:
        first.set_result(whole.article)
        used = whole.used
    further = (
        Decision(
            url=page.url,
            source=page.source or site_of(page.url),
            via=page.discovered_via,
            outcome=Outcome.SAME_KEY,
            reason=f"page {number} of the article at {printed.url}",
            date_crawled=page.date_crawled,
            status=_status(page.discovered_via),
            bytes=len(page.html),
        )
        for number, page in enumerate(printed.pages[1:used], start=2)
    )
    return [_decided(printed.pages[0], first), *further], printed.pages[used:]


def _status(via: str) -> int | None:
    return 200 if via == "warc" else None


def _is_done(future: Future[Any] | None) -> bool:
    return future is None or future.done()


def _run_here(function: Callable[..., T], page: HasUrl, *arguments: object) -> Future[T]:
    """As the pool's `submit`, but at once and in this process."""
    future: Future[T] = Future()
    try:
        future.set_result(function(page, *arguments))
    except Exception as error:
        future.set_exception(error)  # raised again where the result is asked for
    return future


def _decided(item: ReaderItem, future: Future[Article] | None) -> Decision | ArchiveError:
    """The decision on one item, once its worker is done."""
    if isinstance(item, ArchiveError):
        return item
    if isinstance(item, NoPage):
        return Decision(
            url=item.url,
            source=item.source or site_of(item.url),
            via=item.via,
            outcome=item.outcome,
            reason=item.reason,
            date_crawled=item.date_crawled,
            status=item.status,
            bytes=item.bytes,
        )
    assert future is not None
    url, via = item.url, item.discovered_via
    source = item.source or ("text" if url.startswith(URN_PREFIX) else site_of(url))
    size = len(item.html) if isinstance(item, Page) else None
    status = _status(via)
    article: Article | None = None
    reason: str | None
    try:
        refined = future.result()
        check(refined)
    except ArticleRejected as rejected:
        outcome, reason, is_bug = rejected.outcome, rejected.reason, False
    except Exception as error:
        # The pages after it are still wanted. It is no silent loss: an outcome, a traceback, and the exit code.
        logger.exception("bug in newscrawl, met with %s", url)
        outcome, reason, is_bug = Outcome.ERROR, f"bug in newscrawl: {type(error).__name__}: {error}"[:300], True
    else:
        article, source = refined, refined.source
        outcome, reason, is_bug = Outcome.ARTICLE, None, False
    return Decision(
        url=url,
        source=source,
        via=via,
        outcome=outcome,
        reason=reason,
        article=article,
        date_crawled=item.date_crawled,
        status=status,
        bytes=size,
        is_bug=is_bug,
    )
