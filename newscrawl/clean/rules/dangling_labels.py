"""A label that ends the text and leads to nothing: "More on this topic:"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import last_prose, read_lines

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_WORDS = 6


def dangling_labels(article: Article) -> Article:
    """Drop short lines that end in a colon below the last sentence, when nothing follows: what they led to is gone."""
    lines = read_lines(article)
    end = last_prose(lines)
    start = len(lines)
    while start > end + 1 and lines[start - 1].is_label and lines[start - 1].words <= MAX_WORDS:
        start -= 1
    taken = range(start, len(lines)) if end >= 0 else ()
    return cut(article, dict.fromkeys(taken, "a label at the end of the text that leads to nothing"), "dangling_labels")
