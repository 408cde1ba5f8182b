"""Who else worked on the story, printed below it: "(Reporting by A; Editing by B)", "C contributed to this report"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import read_lines
from newscrawl.clean.wording import wording

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_WORDS = 60
LAST_LINES = 4
"""So many of the last paragraphs are looked at."""


def reporting_credits(article: Article) -> Article:
    """Drop the credits at the very end; the first paragraph from below that is none ends the search."""
    words = wording("reporting_credits")
    lines = read_lines(article)
    taken: dict[int, str] = {}
    for index in range(len(lines) - 1, max(0, len(lines) - 1 - LAST_LINES), -1):
        line = lines[index]
        if not line.key or line.words > MAX_WORDS or line.is_speech or not (phrase := words.matches(line.key)):
            break
        taken[index] = f'credits below the text: "{phrase}"'
    return cut(article, taken, "reporting_credits")
