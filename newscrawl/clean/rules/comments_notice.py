"""Notices of the comment section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import last_prose, read_lines
from newscrawl.clean.wording import wording

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_WORDS = 25


def comments_notice(article: Article) -> Article:
    """Drop lines of the comment section: whole lines anywhere ("Comments are closed"), counts ("12 comments")
    and invitations after the last paragraph of text or in its last line.
    """
    words = wording("comments_notice")
    lines = read_lines(article)
    end = last_prose(lines)
    taken = {}
    for index, line in enumerate(lines):
        if not line.key or line.words > MAX_WORDS or line.is_speech:
            continue
        without_numbers = " ".join(token for token in line.key.split() if not token.isdigit())
        if words.is_line(line.key) or (without_numbers != line.key and without_numbers in words.words):
            taken[index] = f'a notice of the comment section: "{line.key}"'
        elif index >= end and (phrase := words.start_of(line.key)):
            taken[index] = f'an invitation to comment: "{phrase}"'
    return cut(article, taken, "comments_notice")
