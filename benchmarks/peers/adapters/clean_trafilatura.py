"""trafilatura, from the bytes of the page."""

from __future__ import annotations

from typing import Any

from trafilatura import bare_extraction, extract


def with_metadata(html: bytes, url: str) -> dict[str, Any]:
    """Text, title, authors and date: what newscrawl is compared with."""
    found = bare_extraction(html, url=url, with_metadata=True, include_comments=False)
    if found is None:
        return {}
    authors = [each.strip() for each in (found.author or "").split(";") if each.strip()]
    return {"text": found.text, "title": found.title, "authors": authors, "published": found.date}


def text_only(html: bytes, url: str) -> dict[str, Any]:
    """The text, and nothing else."""
    return {"text": extract(html, url=url, include_comments=False)}
