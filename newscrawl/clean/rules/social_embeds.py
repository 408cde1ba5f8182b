"""What surrounds an embedded post: "View this post on Instagram", its sender and date, the address of its picture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import Line, read_lines
from newscrawl.clean.wording import Wording, wording

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_WORDS = 25
_SENDER = re.compile(r"\A[—–-]{1,2}\s?\S[^()]{0,80}\(@\w{1,30}\)\s?[^()]{0,30}\d{1,4}[^()]{0,15}\Z")
_PICTURE = re.compile(r"\A(?:(?:https?://)?(?:pic\.(?:twitter|x)\.com|t\.co)/\w{1,30}\s{0,3})+\Z")


def social_embeds(article: Article) -> Article:
    """Drop lines that are nothing but the frame of an embedded post.

    The words of the post stay, and so does the line that says whose they are; under no words it goes.
    """
    words = wording("social_embeds")
    taken: dict[int, str] = {}
    for index, (line, paragraph) in enumerate(zip(read_lines(article), article.paragraphs, strict=True)):
        if (why := _frame(line, words)) is not None:
            taken[index] = why
        elif line.words <= MAX_WORDS and _SENDER.match(paragraph) and (index == 0 or index - 1 in taken):
            taken[index] = "the sender and date of an embedded post"
    return cut(article, taken, "social_embeds")


def _frame(line: Line, words: Wording) -> str | None:
    if not line.key or line.words > MAX_WORDS:
        return None
    if _PICTURE.match(line.text):
        return "the address of an embedded picture"
    if line.is_speech:
        return None
    phrase = words.matches(line.key)
    return f'the frame of an embedded post: "{phrase}"' if phrase else None
