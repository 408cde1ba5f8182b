"""fundus' parser with one selector for all sites: what the crawls and archives beside it are worth, not what its own
parsers are, each written for one publisher."""

from __future__ import annotations

from typing import Any

from fundus_publisher import AnySiteParser
from serve import decoded

PARSER = AnySiteParser()


def page(html: bytes, url: str) -> dict[str, Any]:  # noqa: ARG001 - the address says nothing to it
    """What the parser finds."""
    found = PARSER().parse(decoded(html), "suppress")
    body = found.get("body")
    return {
        "text": body.text("\n") if body else "",
        "title": found.get("title"),
        "authors": found.get("authors") or [],
        "published": found.get("publishing_date"),
    }
