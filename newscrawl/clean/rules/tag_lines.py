"""Keywords of the article, printed as a line: "Tags: harbour, storm"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import first_prose, last_prose, read_lines
from newscrawl.clean.wording import wording

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_WORDS = 40


def tag_lines(article: Article) -> Article:
    """Drop lines above and below the text that begin with "Tags:" and the like.

    Below the text, what follows the bare word goes with it.
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
    return cut(article, taken, "tag_lines")
