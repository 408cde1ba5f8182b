"""Cookie and consent notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import read_lines
from newscrawl.clean.wording import wording

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_WORDS = 70


def consent(article: Article) -> Article:
    """Drop notices that ask the reader to accept cookies or data processing.

    They speak to the reader of "this site" and "your" choice, which the phrases hold; an article about cookies
    speaks of them in other words.
    """
    words = wording("consent")
    taken = {
        index: f'a consent notice: "{phrase}"'
        for index, line in enumerate(read_lines(article))
        if line.key and line.words <= MAX_WORDS and not line.is_speech and (phrase := words.matches(line.key))
    }
    return cut(article, taken, "consent")
