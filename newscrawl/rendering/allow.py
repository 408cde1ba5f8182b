"""What a page may ask for while it is rendered: what scripts need to bring its text, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newscrawl.urls import same_site

if TYPE_CHECKING:
    from collections.abc import Callable

NEEDED = frozenset({"Script", "XHR", "Fetch"})
"""Kinds that may come from any public host: a site's code and data often lie elsewhere. All others but documents are
refused: pictures, media, fonts, beacons."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request of a page."""

    url: str
    kind: str
    """DevTools' ``Network.ResourceType``."""
    method: str
    accept: str = ""


def why_not(asked: Asked, page_url: str, robots: Callable[[str], str | None]) -> str | None:
    """Why a page at `page_url` may not make this request; None: it may.

    Args:
        robots: the rule that forbids an address, in words, as far as the rules of its host are known.
    """
    if not asked.url.startswith(("http://", "https://")):
        return "neither http nor https"
    is_own = same_site(asked.url, page_url)
    if asked.kind == "Document":
        if not is_own:
            return "a document of another site"
    elif asked.kind == "Preflight":
        return None  # the browser's own question before a request that was let through
    elif asked.accept == "text/event-stream":
        return "an event stream: it has no end"
    elif asked.kind not in NEEDED:
        return f"{asked.kind.lower()}: no text comes of it"
    if asked.method not in READING and not is_own:
        return f"{asked.method} to another site"
    if (rule := robots(asked.url)) is not None:
        return f"robots.txt forbids it: {rule}"
    return None
