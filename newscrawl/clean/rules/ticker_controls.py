"""Buttons of a live ticker: "Newest first", "Show more updates", "3 new posts"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.controls import taken_controls
from newscrawl.clean.cut import cut
from newscrawl.clean.lines import Line, read_lines
from newscrawl.clean.wording import Wording, wording

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_WORDS = 10


def ticker_controls(article: Article) -> Article:
    """Drop lines that are nothing but a button of a ticker, or say how many entries are new."""
    words = wording("ticker_controls")
    lines = read_lines(article)
    return cut(article, taken_controls(lines, [_control(line, words) for line in lines]), "ticker_controls")


def _control(line: Line, words: Wording) -> str | None:
    if not line.key or line.words > MAX_WORDS or line.is_speech or line.is_sentence:
        return None
    if words.is_line(line.key):
        return f'a button of the ticker: "{line.key}"'
    without_digits = " ".join("".join(sign if not sign.isdigit() else " " for sign in line.key).split())
    if without_digits != line.key and without_digits in words.words:
        return f'the number of new entries: "{line.key}"'
    return None
