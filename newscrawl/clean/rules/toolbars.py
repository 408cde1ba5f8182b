"""Buttons of players and reading tools: "Listen to this article", "Font size", "5 min read", "0:00 / 3:12"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newscrawl.clean.controls import taken_controls
from newscrawl.clean.cut import cut
from newscrawl.clean.lines import Line, read_lines
from newscrawl.clean.wording import Wording, wording

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_WORDS = 12
_CLOCK = re.compile(r"\A\d{1,2}:\d\d(?::\d\d)?(?:\s?[/–-]\s?\d{1,2}:\d\d(?::\d\d)?)?\Z|\A\d(?:[.,]\d{1,2})?\s?[x×]\Z")
_DIGITS = re.compile(r"\d{1,20}")


def toolbars(article: Article) -> Article:
    """Drop lines that are nothing but a button, a setting or the reading time, and clocks of a player beside them.

    A clock alone stays: it may head an entry of a live blog.
    """
    words = wording("toolbars")
    lines = read_lines(article)
    whys = [_toolbar(line, words) for line in lines]
    for index, line in enumerate(lines):
        beside = (*whys[max(0, index - 1) : index], *whys[index + 1 : index + 2])
        if whys[index] is None and any(beside) and _CLOCK.match(line.text):
            whys[index] = "the clock or speed of a player"
    return cut(article, taken_controls(lines, whys), "toolbars")


def _toolbar(line: Line, words: Wording) -> str | None:
    if not line.key or line.words > MAX_WORDS or line.is_speech:
        return None
    if words.is_line(line.key):
        return f'a button or setting: "{line.key}"'
    without_digits = " ".join(_DIGITS.sub(" ", line.key).split())
    if without_digits != line.key and {without_digits, without_digits.replace(" ", "")} & words.words:
        return f'the reading time: "{line.key}"'
    if not line.is_sentence and (phrase := words.start_of(line.key)):
        return f'a button or the reading time: "{phrase}"'
    return None
