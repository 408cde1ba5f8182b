"""The title, printed again in the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import Line, first_prose, read_line, read_lines
from newscrawl.text.fold import fold, similarity

if TYPE_CHECKING:
    from newscrawl.article import Article

MIN_SIMILARITY = 0.85
"""Of a line in the head to the title, for it to be the title in slightly other words."""
MIN_TITLE_SHARE = 0.5
"""How much of the title a cut-off title must hold."""
MIN_TITLE_WORDS = 3
"""A shorter title ("Ukraine") may well be a heading of its own further down."""
MAX_SITE_WORDS = 5
MAX_KICKER_WORDS = 8
_HEAD_LINES = 8
_SITE_MARK = re.compile(r"\s+[|–—•·»:-]+\s+")


def repeated_title(article: Article) -> Article:
    """Drop lines that repeat the title: anywhere when equal but for case and punctuation; in the head also when
    cut off, under a kicker, followed by the name of the site, or in nearly the same words.
    """
    if not article.title:
        return article
    title = read_line(article.title)
    if not title.key:
        return article
    lines = read_lines(article)
    start = first_prose(lines)
    # A title of a word or two is a likely heading: it is the title again only above the text.
    head_end = start if title.words < MIN_TITLE_WORDS else max(start, min(_HEAD_LINES, len(lines)))
    sites = {fold(name) for name in (article.publisher, article.site, article.source) if name} - {""}
    taken = {}
    for index, line in enumerate(lines):
        in_head = index < head_end
        if (why := _repeats(line, title, sites, in_head=in_head)) is not None:
            taken[index] = why
    return cut(article, taken, "repeated_title")


def _repeats(line: Line, title: Line, sites: set[str], *, in_head: bool) -> str | None:
    """How the line repeats the title; None when it does not, or says more."""
    if not line.key:
        return None
    if line.key == title.key:
        return "equals the title" if in_head or _is_heading_like(line, title) else None
    if not in_head or title.words < MIN_TITLE_WORDS:
        return None
    if line.key.startswith(title.key):
        rest = line.key[len(title.key) :].strip()
        if rest in sites:
            return "the title and the name of the site"
        parts = _SITE_MARK.split(line.text)
        if len(parts) > 1 and len(rest.split()) <= MAX_SITE_WORDS and fold(" ".join(parts[:-1])) == title.key:
            return "the title and a short suffix"
        return None
    is_shaped_alike = line.is_sentence == title.is_sentence and line.is_speech == title.is_speech
    if line.key.endswith(f" {title.key}") and line.words - title.words <= MAX_KICKER_WORDS and is_shaped_alike:
        return "the title under a kicker"
    if title.key.startswith(line.key) and len(line.key) >= MIN_TITLE_SHARE * len(title.key) and not line.is_sentence:
        return "the beginning of the title"
    if line.is_sentence and not title.is_sentence:
        return None
    if line.words <= title.words + 3 and similarity(line.key, title.key) >= MIN_SIMILARITY:
        return "the title in nearly the same words"
    return None


def _is_heading_like(line: Line, title: Line) -> bool:
    """Whether a line of the body that equals the title is a line like it, not a sentence or speech of the text."""
    return (
        title.words >= MIN_TITLE_WORDS and line.is_sentence == title.is_sentence and line.is_speech == title.is_speech
    )
