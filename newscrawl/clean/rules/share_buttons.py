"""Buttons that share, save or print the page, and the follow bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import Line, is_unspaced, read_lines
from newscrawl.clean.wording import Wording, wording

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_WORDS = 15
MIN_TELLING_CHARS = 4


def share_buttons(article: Article) -> Article:
    """Drop lines made of nothing but names of networks and words of share buttons, and invitations to share or follow.

    A single word ("Facebook") goes only beside another such line: alone it may be a heading.
    """
    words = wording("share_buttons")
    lines = read_lines(article)
    single = [line.words == 1 and line.key in words.words and not words.is_line(line.key) for line in lines]
    button = [one or words.is_line(line.key) for one, line in zip(single, lines, strict=True)]
    taken = {}
    for index, line in enumerate(lines):
        if single[index]:
            if any(button[max(0, index - 1) : index]) or any(button[index + 1 : index + 2]):
                taken[index] = "a share button beside another"
        elif why := _is_share_bar(line, words):
            taken[index] = why
    return cut(article, taken, "share_buttons")


def _is_share_bar(line: Line, words: Wording) -> str | None:
    if not line.key or line.words > MAX_WORDS or line.is_speech:
        return None
    if words.is_line(line.key):
        return f'a share button: "{line.key}"'
    if words.start_of(line.key):
        return "an invitation to share or follow"
    tokens = line.key.split()
    named = {token for token in tokens if token in words.words}
    # Short words of the list ("on", "x") also stand in headings: two longer ones make a bar.
    telling = [token for token in named if len(token) >= MIN_TELLING_CHARS or is_unspaced(token[0])]
    if len(telling) > 1 and not line.is_sentence and all(token in named or token.isdigit() for token in tokens):
        return "nothing but share buttons"
    return None
