"""The word or two over a headline or before the first sentence: a topic, a section, a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import read_lines

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_WORDS = 2


def kicker(article: Article) -> Article:
    """Drop a first line of a word or two right over a paragraph of text that has its headline elsewhere.

    Questions, speech, lists and figures stay.
    """
    lines = read_lines(article)
    if not article.title or len(lines) < 2 or not lines[1].is_prose or lines[1].is_item:
        return article
    first = lines[0]
    is_short = bool(first.key) and first.words <= MAX_WORDS and not any(map(str.isdigit, first.key))
    is_place = first.text.endswith((".", "·")) and first.text[0].isupper()
    is_speaker = first.text.endswith(",") or (first.is_label and first.words > 1)
    if not is_short or is_speaker or first.is_item or first.is_speech or (first.is_sentence and not is_place):
        return article
    return cut(article, {0: "a word or two over the text"}, "kicker")
