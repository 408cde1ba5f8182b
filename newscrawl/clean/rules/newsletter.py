"""Invitations to subscribe: newsletters, apps, channels, subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import read_lines
from newscrawl.clean.wording import wording

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_WORDS = 45


def newsletter(article: Article) -> Article:
    """Drop short paragraphs that ask the reader to sign up, subscribe, or get an app or a channel.

    The phrases are requests to the reader at the beginning of a paragraph, or promises ("to your inbox");
    speech and long paragraphs stay.
    """
    words = wording("newsletter")
    taken = {
        index: f'an invitation to subscribe: "{phrase}"'
        for index, line in enumerate(read_lines(article))
        if line.key and line.words <= MAX_WORDS and not line.is_speech and (phrase := words.matches(line.key))
    }
    return cut(article, taken, "newsletter")
