"""The whole way from a page to a clean article as one function, for the extraction benchmark.

Nothing is cached, nothing is skipped: a page that the product rejects has no text here either.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from newscrawl.article import Article, Page
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
        "published": _as_printed(article),
        "standfirst": reading.standfirst,
        "text": (article.text or "").replace("\n\n", "\n"),
    }


def _as_printed(article: Article) -> str | None:
    """The publication time with its own offset: the record has UTC, and what was printed as evidence."""
    _, _, raw = (article.date_evidence or "").partition(": ")
    try:
        printed = datetime.fromisoformat(raw)
    except ValueError:
        return article.date_published
    return article.date_published if printed.tzinfo is None else printed.isoformat()
