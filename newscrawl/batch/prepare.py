"""All that a worker process does with what was fetched, so that little is left to do in its parent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from newscrawl.article import Article, Prepared
from newscrawl.dedup.minhash import sign
from newscrawl.discover.answers import read_answer
from newscrawl.extract.further_pages import next_page
from newscrawl.refine import (
    article_from_page,
    warm_up,  # noqa: F401 - what a worker runs that begins here
)
from newscrawl.state.site_memory import lines_of
from newscrawl.urls import normalise_url

if TYPE_CHECKING:
    from newscrawl.article import Page
    from newscrawl.discover.answers import Answer, Said
    from newscrawl.extract.options import ExtractOptions
    from newscrawl.refine import RefineOptions


def read_fetched(page: Page, extract: ExtractOptions, options: RefineOptions) -> tuple[Article, str | None]:
    """The article of a page, prepared for the store; and the address of its second page, for nearly every one None.

    Raises:
        ArticleRejected: the page holds no article; says why.
    """
    article = prepared(article_from_page(page, extract, options))
    is_list = "list_like" in article.flags
    return article, None if is_list else next_page(page, normalise_url(page.url), 1)


def read_list(answer: Answer, max_entries: int) -> Said:
    """What a feed, sitemap, home or section page says: `read_answer`, in a worker that is ready for articles too."""
    return read_answer(answer, max_entries)


def prepared(article: Article) -> Article:
    """A refined article, with what the store would otherwise work out of its text."""
    if article.text is None or article.text_sha256 is None:
        return article
    signature = sign(article.text)
    return replace(
        article,
        prepared=Prepared(
            text_sha256=article.text_sha256,
            signature=signature.pack() if signature is not None else None,
            lines=lines_of(article),
        ),
    )
