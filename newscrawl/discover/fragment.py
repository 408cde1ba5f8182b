"""A fragment of HTML, as feeds put it in titles and summaries, to one line of text."""

from __future__ import annotations

import html
import re

MAX_FRAGMENT_CHARS = 20_000
"""More of a fragment is not read: no summary needs it."""

# Declarations and sections that are no text; a lone one at the end of a cut fragment runs to the end.
_DECLARATION = re.compile(r"<[?!][^>]*>?")


def plain_text(fragment: object, max_chars: int) -> str | None:
    """The text of a title or summary, white space folded, cut at a word's end; None when there is none.

    Markup and character references are resolved once more than the feed's own parser did: many publishers
    escape their titles twice. Anything but a text is None.
    """
    if not isinstance(fragment, str):
        return None
    text = fragment[:MAX_FRAGMENT_CHARS]
    if "<" in text:
        # Imported here: a crawl of sitemaps alone never needs it.
        from bs4 import BeautifulSoup

        text = BeautifulSoup(_DECLARATION.sub(" ", text) or " ", "lxml").get_text(" ") if _marked_up(text) else text
    text = " ".join(html.unescape(text).replace("\0", "").split())
    return _cut(text, max_chars) or None


def _marked_up(text: str) -> bool:
    """Whether a ``<`` begins a tag: "5 < 6" is text."""
    return re.search(r"<[a-zA-Z/!?]", text) is not None


def _cut(text: str, max_chars: int) -> str:
    if len(text) <= max_chars:
        return text
    head = text[:max_chars]
    return head.rpartition(" ")[0] or head
