"""Who else worked on the story, printed below it: "(Reporting by A; Editing by B)", "C contributed to this report"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import last_prose, read_lines
from newscrawl.clean.wording import wording

if TYPE_CHECKING:
    from newscrawl.article import Article

SIGN_OFF = re.compile(
    r"[^\W\d_]{2,8}(?:/[^\W\d_]{2,8}){1,3}|(?:[^\W\d_]+ )?\([^\W\d_]{2,12}(?:[/,] ?[^\W\d_]{2,12}){0,3}\)"
    r"|[A-Z]{2,6} \([^\W\d_][^()\d]{1,60}\)"
)
"""wt/jh, (dpa), MDR (dst), MDR (Ruth Amberly, Dan Okoro)"""
MAX_WORDS = 60
LAST_LINES = 4
"""So many of the last paragraphs are looked at."""


def reporting_credits(article: Article) -> Article:
    """Drop the credits at the very end; the first paragraph from below that is none ends the search."""
    words = wording("reporting_credits")
    lines = read_lines(article)
    end = last_prose(lines)
    taken: dict[int, str] = {}
    for index in range(len(lines) - 1, max(0, len(lines) - 1 - LAST_LINES), -1):
        line = lines[index]
        if not line.key or line.words > MAX_WORDS or line.is_speech:
            break
        if phrase := words.matches(line.key):
            taken[index] = f'credits below the text: "{phrase}"'
        elif SIGN_OFF.fullmatch(line.text) and index > end:
            taken[index] = "initials or an agency below the text"
        else:
            break
    return cut(article, taken, "reporting_credits")
