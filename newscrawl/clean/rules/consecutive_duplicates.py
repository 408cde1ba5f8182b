"""A paragraph printed again right after itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import MAX_LINE_CHARS, MIN_PROSE_WORDS, read_line
from newscrawl.text.fold import fold

if TYPE_CHECKING:
    from newscrawl.article import Article

WINDOW = 3
"""Whole sentences also count as repeated this many paragraphs later: a teaser box shows the paragraph below it.
Further apart a repeated paragraph is a refrain, and stays."""


def consecutive_duplicates(article: Article) -> Article:
    """Drop the later copy of a paragraph that equals the one before it, or a whole sentence just before it."""
    recent: list[str] = []
    taken = {}
    for index, paragraph in enumerate(article.paragraphs):
        line = read_line(paragraph)
        key = line.key or (paragraph if len(paragraph) > MAX_LINE_CHARS else fold(paragraph))
        if key and recent and key == recent[-1]:
            taken[index] = "equals the paragraph before it"
            continue
        if key in recent and line.is_sentence and line.words >= MIN_PROSE_WORDS:
            taken[index] = "equals a paragraph just before it"
            continue
        recent = [*recent[1 - WINDOW :], key]
    return cut(article, taken, "consecutive_duplicates")
