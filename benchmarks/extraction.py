"""The whole way from a page to a clean article as one function, for the extraction benchmark.

Nothing is cached, nothing is skipped: a page that the product rejects has no text here either.
"""

from __future__ import annotations

from typing import Any

from newscrawl.article import Page
from newscrawl.dates import utc_now
from newscrawl.errors import ArticleRejected
from newscrawl.extract.article import read_page
from newscrawl.refine import refine


def page(html: bytes, url: str) -> dict[str, Any]:
    """Title, authors, publication date, printed standfirst and text of one page; ``error`` when it was rejected."""
    fetched = Page(url=url, html=html, date_crawled=utc_now())
    try:
        reading = read_page(fetched)
        article = refine(reading.article)
    except ArticleRejected as rejected:
        return {"text": "", "error": str(rejected)}
    return {
        "title": article.title,
        "authors": [author.name for author in article.authors],
        "published": article.date_published,
        "standfirst": reading.standfirst,
        "text": (article.text or "").replace("\n\n", "\n"),
    }
