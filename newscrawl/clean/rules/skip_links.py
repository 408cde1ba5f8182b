"""Links that jump over the navigation: "Skip to content"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import read_lines
from newscrawl.clean.wording import wording

if TYPE_CHECKING:
    from newscrawl.article import Article

HEAD_LINES = 12
"""Skip links open a page; further down the same words are a heading."""


def skip_links(article: Article) -> Article:
    """Drop lines near the top that are nothing but a link past the navigation."""
    words = wording("skip_links")
    taken = {
        index: f'a link past the navigation: "{line.key}"'
        for index, line in enumerate(read_lines(article)[:HEAD_LINES])
        if not line.is_sentence and words.is_line(line.key)
    }
    return cut(article, taken, "skip_links")
