"""Keywords of the article, printed as a line: "Tags: harbour, storm"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import Line, first_prose, last_prose, read_lines
from newscrawl.clean.wording import wording
from newscrawl.text.fold import fold

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_WORDS = 40
MAX_TAG_WORDS = 4
MIN_KNOWN_TAGS = 2


def tag_lines(article: Article) -> Article:
    """Drop lines above and below the text that begin with "Tags:" and the like, and a closing list of keywords.

    Below the text, what follows the bare word goes with it. Items are keywords where some of them are stated as such.
    """
    words = wording("tag_lines")
    lines = read_lines(article)
    start, end = first_prose(lines), last_prose(lines)
    taken: dict[int, str] = {}
    for index, line in enumerate(lines):
        if start <= index < end or index in taken or not line.key or line.words > MAX_WORDS or line.is_speech:
            continue
        if label := words.label_of(line.key, line.text):
            taken[index] = f'keywords after "{label}"'
        elif words.is_line(line.key) and index > end >= 0:
            taken[index] = f'the label of keywords: "{line.key}"'
            taken.update(dict.fromkeys(range(index + 1, len(lines)), f'stands under "{line.key}"'))
    taken |= {index: why for index, why in _closing_list(article, lines).items() if index not in taken}
    return cut(article, taken, "tag_lines")


def _closing_list(article: Article, lines: tuple[Line, ...]) -> dict[int, str]:
    """The list of short items that ends the text, when its page states some of them as keywords or section."""
    start = len(lines)
    while start and (line := lines[start - 1]).is_item and line.words <= MAX_TAG_WORDS and not line.is_sentence:
        start -= 1
    stated = {*map(fold, article.tags), fold(article.section)} - {""}
    is_led = start == 0 or lines[start - 1].is_label
    if is_led or sum(line.key in stated for line in lines[start:]) < MIN_KNOWN_TAGS:
        return {}
    return dict.fromkeys(range(start, len(lines)), "a closing list with keywords of the article")
