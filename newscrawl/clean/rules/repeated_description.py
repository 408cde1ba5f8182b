"""The standfirst, printed again at the beginning of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import read_lines
from newscrawl.text.fold import fold

if TYPE_CHECKING:
    from newscrawl.article import Article

HEAD_PARAGRAPHS = 4
"""A standfirst stands above the text; equal words further down are the text's own."""


def repeated_description(article: Article) -> Article:
    """Drop a paragraph among the first that equals the description, as long as text remains without it.

    A news flash of one paragraph, which sites hand out as its own description, keeps its text.
    """
    if not article.description:
        return article
    key = fold(article.description)
    lines = read_lines(article)
    taken = {
        index: "equals the description"
        for index, paragraph in enumerate(article.paragraphs[:HEAD_PARAGRAPHS])
        if key and (lines[index].key or fold(paragraph)) == key
    }
    if not any(line.is_prose for index, line in enumerate(lines) if index not in taken):
        return article
    return cut(article, taken, "repeated_description")
