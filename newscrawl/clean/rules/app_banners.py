"""Banners for the publisher's own app: "Open in app", "Get it on Google Play"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.controls import taken_controls
from newscrawl.clean.cut import cut
from newscrawl.clean.lines import read_lines
from newscrawl.clean.wording import wording

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_WORDS = 30
MAX_MENTION_WORDS = 18
"""A paragraph of more words that names a shop of apps somewhere reports about one."""


def app_banners(article: Article) -> Article:
    """Drop short lines that ask the reader to open, install or scan something for the publisher's app."""
    words = wording("app_banners")
    lines = read_lines(article)
    whys: list[str | None] = []
    for line in lines:
        phrase = None
        if line.key and line.words <= MAX_WORDS and not line.is_speech:
            phrase = line.key if words.is_line(line.key) else words.start_of(line.key)
            if phrase is None and line.words <= MAX_MENTION_WORDS and not line.is_sentence:
                phrase = words.found_in(line.key)
        whys.append(phrase and f'a banner for an app: "{phrase}"')
    return cut(article, taken_controls(lines, whys), "app_banners")
