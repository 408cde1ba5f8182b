"""news-please: newspaper4k, readability-lxml, a date finder and a language detector on each page."""

from __future__ import annotations

from typing import Any

from newsplease import NewsPlease
from serve import decoded


def page(html: bytes, url: str) -> dict[str, Any]:
    """What its `from_html` finds."""
    found = NewsPlease.from_html(decoded(html), url=url, fetch_images=False)
    values = found if isinstance(found, dict) else found.get_dict()
    return {
        "text": values.get("maintext"),
        "title": values.get("title"),
        "authors": values.get("authors") or [],
        "published": values.get("date_publish"),
    }
