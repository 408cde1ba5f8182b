"""What a paragraph looks like: the structure that cleaning rules judge by before they look at any wording."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from newscrawl.article import PARAGRAPH_BREAK
from newscrawl.text.fold import fold
from newscrawl.text.scripts import SPACELESS

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_LINE_CHARS = 400
"""A longer paragraph is prose whatever it says: rules that read wording leave it alone, unread."""
MIN_PROSE_WORDS = 8
"""A paragraph of fewer words that ends like a sentence may be a teaser; with these it counts as text."""
_CHARS_A_WORD_UNSPACED = 2
_UNSPACED = re.compile(SPACELESS)

ITEM_MARK = "- "
_SENTENCE_ENDS = (".", "!", "?", "。", "!", "?", "؟", "۔", "।", "։", "…")
_ELLIPSES = ("...", "…")
_CLOSERS = "\"'»”’“‘›)]}」』】》› "
OPENING_QUOTES = ('"', "“", "„", "«", "»", "‘", "‚", "‹", "「", "『", "《", "–", "—")
_COLONS = (":", "\uff1a")


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph, read once: its folded key and its shape."""

    text: str
    """Without list mark and surrounding spaces."""
    key: str
    """Folded; empty for a paragraph longer than `MAX_LINE_CHARS` and for one without letters and digits."""
    words: int
    is_item: bool
    """A list item."""
    is_label: bool
    """Ends in a colon."""
    is_sentence: bool
    """Ends as a sentence does (an ellipsis is a cut, not an end)."""
    is_speech: bool
    """Begins with a quotation mark or a dash: somebody says it, so its wording proves nothing."""

    @property
    def is_prose(self) -> bool:
        """Text beyond doubt: a whole sentence of some length, or a long paragraph."""
        return not self.key or self.words > 40 or (self.is_sentence and self.words >= MIN_PROSE_WORDS)


def read_line(paragraph: str) -> Line:
    """The shape of a paragraph. Remembered for short ones, as every rule asks again."""
    if len(paragraph) <= MAX_LINE_CHARS:
        return _read_short(paragraph)
    return Line(
        text=paragraph,
        key="",
        words=MAX_LINE_CHARS,
        is_item=paragraph.startswith(ITEM_MARK),
        is_label=False,
        is_sentence=True,
        is_speech=paragraph.startswith(OPENING_QUOTES),
    )


def read_lines(article: Article) -> tuple[Line, ...]:
    """The shape of every paragraph of the text."""
    return _read_text(article.text) if article.text else ()


# Each rule asks for the lines of the text that the one before it left, mostly the same.
@lru_cache(maxsize=4)
def _read_text(text: str) -> tuple[Line, ...]:
    return tuple(map(read_line, text.split(PARAGRAPH_BREAK)))


def first_prose(lines: tuple[Line, ...]) -> int:
    """Index of the first paragraph that is text beyond doubt; the number of lines when none is."""
    return next((index for index, line in enumerate(lines) if line.is_prose), len(lines))


def last_prose(lines: tuple[Line, ...]) -> int:
    """Index of the last paragraph that is text beyond doubt; -1 when none is."""
    return next((index for index in range(len(lines) - 1, -1, -1) if lines[index].is_prose), -1)


@lru_cache(maxsize=2048)
def _read_short(paragraph: str) -> Line:
    is_item = paragraph.startswith(ITEM_MARK)
    text = (paragraph[len(ITEM_MARK) :] if is_item else paragraph).strip()
    key = fold(text)
    bare = text.rstrip(_CLOSERS)
    return Line(
        text=text,
        key=key,
        words=_count_words(key),
        is_item=is_item,
        is_label=text.endswith(_COLONS),
        is_sentence=bare.endswith(_SENTENCE_ENDS) and not bare.endswith(_ELLIPSES),
        is_speech=text.startswith(OPENING_QUOTES),
    )


def _count_words(key: str) -> int:
    """Words of a folded key; letters of scripts written without spaces count half a word each."""
    unspaced = 0 if key.isascii() else len(_UNSPACED.findall(key))
    return key.count(" ") + bool(key) + unspaced // _CHARS_A_WORD_UNSPACED


def is_unspaced(letter: str) -> bool:
    """Whether a letter is of a script that writes no spaces between words: Han, kana, Thai, Khmer."""
    return _UNSPACED.match(letter) is not None
