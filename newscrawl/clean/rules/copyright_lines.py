"""Copyright notices: "© 2026 The Harbour Times. All rights reserved."."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import Line, last_prose, read_lines
from newscrawl.clean.wording import Wording, wording

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_WORDS = 60
SHORT_WORDS = 20
_SIGN = re.compile(r"\A\W{0,3}(?:©|\(c\))\s?", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def copyright_lines(article: Article) -> Article:
    """Drop notices of copyright: they begin with the sign, or with the word and a year, or reserve all rights.

    In the middle of the text only short ones go; at the end also a notice of some sentences.
    """
    words = wording("copyright_lines")
    lines = read_lines(article)
    end = last_prose(lines)
    taken = {
        index: why
        for index, line in enumerate(lines)
        if line.key and line.words <= (MAX_WORDS if index >= end else SHORT_WORDS) and (why := _notice(line, words))
    }
    return cut(article, taken, "copyright_lines")


def _notice(line: Line, words: Wording) -> str | None:
    if line.is_speech:
        return None
    if _SIGN.match(line.text):
        return "begins with the copyright sign"
    if phrase := words.found_in(line.key):
        return f'a copyright notice: "{phrase}"'
    if (phrase := words.start_of(line.key)) and _YEAR.search(line.text[: len(phrase) + 12]):
        return f'a copyright notice: "{phrase}" and a year'
    return None
