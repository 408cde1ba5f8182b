"""Walls and offers for readers who have not paid: "This article is for subscribers", "Unlock unlimited access"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.controls import taken_controls
from newscrawl.clean.cut import cut
from newscrawl.clean.lines import read_lines
from newscrawl.clean.wording import wording

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_WORDS = 60


def subscription_offers(article: Article) -> Article:
    """Drop short paragraphs that ask the reader to pay, register or sign in, and labels of paid articles.

    The phrases speak to the reader of this article; news about subscriptions speaks of them in other words.
    """
    words = wording("subscription_offers")
    lines = read_lines(article)
    whys = [
        f'an offer to subscribe: "{phrase}"'
        if line.key and line.words <= MAX_WORDS and not line.is_speech and (phrase := words.matches(line.key))
        else None
        for line in lines
    ]
    return cut(article, taken_controls(lines, whys), "subscription_offers")
