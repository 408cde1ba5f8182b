"""How to reach or follow the author or the desk, printed below the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import last_prose, read_lines
from newscrawl.clean.wording import wording

if TYPE_CHECKING:
    from newscrawl.article import Article
    from newscrawl.clean.lines import Line
    from newscrawl.clean.wording import Wording

MAX_WORDS = 35
LAST_LINES = 4
"""So many of the last paragraphs are looked at."""
_ADDRESS = re.compile(
    r"[\w.+-]{1,64}@\w[\w-]{0,62}(?:\.\w[\w-]{0,62}){1,3}|(?<![\w@])@\w{2,30}|(?:https?://|www\.)\S{4,300}"
    r"|(?:twitter|x|facebook|instagram|t|vk|youtube|tiktok|threads)\.(?:com|me|net)/\S{1,200}",
    re.IGNORECASE,
)


def contact_lines(article: Article) -> Article:
    """Drop paragraphs at the very end that are nothing but addresses, or ask the reader to write or follow at one.

    The text ends at the first paragraph from below that is neither; addresses above it stay.
    """
    words = wording("contact_lines")
    lines = read_lines(article)
    end = last_prose(lines)
    taken: dict[int, str] = {}
    for index in range(len(lines) - 1, max(0, len(lines) - 1 - LAST_LINES), -1):
        why = _contact(lines[index], words)
        if why is not None:
            taken[index] = why
        elif index <= end:
            break
    return cut(article, taken, "contact_lines")


def _contact(line: Line, words: Wording) -> str | None:
    if not line.key or line.words > MAX_WORDS or line.is_speech:
        return None
    rest, found = _ADDRESS.subn(" ", line.text)
    if not found and not words.words.intersection(line.key.split()):
        return None
    if found and not any(map(str.isalnum, rest)):
        return "nothing but an address"
    if phrase := words.start_of(line.key):
        return f'how to reach or follow somebody: "{phrase}"'
    return None
