"""newspaper4k."""

from __future__ import annotations

from typing import Any

from newspaper import Article
from serve import decoded


def page(html: bytes, url: str) -> dict[str, Any]:
    """Its `Article`, parsed; nothing of it is downloaded."""
    article = Article(url, fetch_images=False)
    article.download(input_html=decoded(html))
    article.parse()
    return {
        "text": article.text,
        "title": article.title,
        "authors": list(article.authors or []),
        "published": article.publish_date or None,
    }
