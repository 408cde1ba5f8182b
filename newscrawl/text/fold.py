"""Texts as keys for comparison: what differs only in case, punctuation or spacing is equal."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from itertools import pairwise

from newscrawl.text.scripts import SPACELESS

MAX_COMPARED_CHARS = 20_000
"""`similarity` looks at no more of either text: enough for any title, teaser or paragraph."""
_SHORT_CHARS, _LONG_CHARS = 500, 5_000  # two caches, so that paragraphs do not drive out lines

_NOT_WORD = re.compile(r"[^\w\s]|_")
# What always parts words: one replacement for all of it, where `_NOT_WORD` has to ask for each.
_PLAIN_SIGNS = re.compile("[!-/:-@\\[-`{-~\xa1\xab\xb7\xbb\xbf\u2010-\u2027\u2030-\u205e\u3001-\u3003\u3008-\u3011]+")
_ASCII_FOLDED = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
_DOTTED_I = "i\N{COMBINING DOT ABOVE}"
"""What case folding makes of the Turkish capital of "i"."""
_SPACELESS_RUN = re.compile(f"({SPACELESS}+)")


def fold(text: str | None) -> str:
    """The comparison key: NFKC, case folded, letters, marks and digits only, single spaces; None is "".

    For comparing only, never for storing: it cannot be turned back.
    """
    if not text:
        return ""
    if len(text) <= _SHORT_CHARS:
        return _fold_short(text)
    return _fold_long(text) if len(text) <= _LONG_CHARS else _fold(text)


def similarity(a: str, b: str) -> float:
    """How alike two texts are, 0 to 1: the Jaccard index of their folded words, each counted as often as it occurs.

    Runs of a script without spaces count as pairs of neighbouring characters. The order of words does not count.
    Two texts without words are not alike (0).
    """
    left, right = tokens(a), tokens(b)
    shared = (left & right).total()
    either = left.total() + right.total() - shared
    return shared / either if either else 0.0


@lru_cache(maxsize=4096)
def _fold_short(text: str) -> str:
    return _fold(text)


@lru_cache(maxsize=256)
def _fold_long(text: str) -> str:
    return _fold(text)


def _fold(text: str) -> str:
    if text.isascii():
        return " ".join(text.translate(_ASCII_FOLDED).split())
    text = _folded(text)
    if not _is_folded(text):  # case folding can undo the composition, and NFKC can bring punctuation
        text = _words_only(_folded(text))
    return " ".join(text.split())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", _words_only(text).casefold().replace(_DOTTED_I, "i"))


def _is_folded(text: str) -> bool:
    return _NOT_WORD.search(text) is None and text.casefold() == text and _DOTTED_I not in text


def _words_only(text: str) -> str:
    return _NOT_WORD.sub(_replacement, _PLAIN_SIGNS.sub(" ", text))


def _replacement(match: re.Match[str]) -> str:
    return _kept(match[0])


@lru_cache(maxsize=4096)
def _kept(char: str) -> str:
    """What stands for a character that is no letter or digit: marks stay, invisible ones vanish, the rest separates."""
    category = unicodedata.category(char)
    if category.startswith("M"):
        return char
    return "" if category == "Cf" else " "


def tokens(text: str) -> Counter[str]:
    """The folded words of a text's beginning; a run of a script without spaces as pairs of neighbouring characters."""
    found: Counter[str] = Counter()
    for piece in _SPACELESS_RUN.split(fold(text[:MAX_COMPARED_CHARS])):
        if _SPACELESS_RUN.match(piece):
            found.update([piece] if len(piece) == 1 else map("".join, pairwise(piece)))
        else:
            found.update(piece.split())
    return found
