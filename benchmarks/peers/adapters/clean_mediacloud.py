"""mediacloud-metadata: trafilatura first, five further extractors where it fails."""

from __future__ import annotations

from typing import Any

from mcmetadata import extract
from serve import decoded


def page(html: bytes, url: str) -> dict[str, Any]:
    """What its `extract` finds, authors asked for."""
    found = extract(url=url, html_text=decoded(html), include_other_metadata=True)
    authors = (found.get("other") or {}).get("authors") or []
    return {
        "text": found.get("text_content"),
        "title": found.get("article_title"),
        "authors": authors if isinstance(authors, list) else [authors],
        "published": found.get("publication_date"),
    }
