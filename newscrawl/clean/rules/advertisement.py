"""Marks of advertising space: "ADVERTISEMENT", "The story continues below"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import read_lines
from newscrawl.clean.wording import wording

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_WORDS = 12


def advertisement(article: Article) -> Article:
    """Drop short lines that are nothing but a mark of advertising space, alone or several in one line."""
    words = wording("advertisement")
    taken = {}
    for index, line in enumerate(read_lines(article)):
        if not line.key or line.words > MAX_WORDS or line.is_speech:
            continue
        rest, marks = line.key, 0
        while rest and (phrase := words.start_of(rest)):
            rest = rest[len(phrase) :].strip(" 0123456789")  # "Advertisement 2Story continues below"
            marks += 1
        # A list of topics may name it; it does not name it twice.
        if not rest and (marks > 1 or not line.is_item):
            taken[index] = "nothing but a mark of advertising space"
    return cut(article, taken, "advertisement")
