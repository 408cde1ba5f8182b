"""What a word is when a dump is searched: one definition for the index, for what is asked, and for what is marked.

Words are compared by `fold` (NFKC, case folded) and without accents, vowel points and stretched letters, so "cafe"
finds "café", "елка" finds "ёлка", and Arabic is found with and without its marks. In scripts that write no spaces each
character is a word and a run of them is a phrase: 港口 is found wherever 港 is followed by 口. Trigrams, the usual way,
find nothing shorter than three characters, and most Chinese words have two.

It cannot find other forms of a word ("harbours" for "harbour"; a beginning with a star can: ``harbour*``), nor cut
Chinese or Thai into words: 京都 is found in 東京都, too.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from newscrawl.text.fold import fold
from newscrawl.text.scripts import SPACELESS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_TERMS = 32
"""What is asked beyond these is not looked at."""

_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u065f\u0670]")
_SPACELESS = re.compile(SPACELESS)
_TERM = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Words in a row that an article must have, or must not."""

    words: tuple[str, ...]
    is_beginning: bool = False
    """Of the last word only the beginning is named."""
    is_excluded: bool = False

    @property
    def match(self) -> str:
        """The same in the language of SQLite's FTS5. Words hold letters, marks and digits only: nothing to escape."""
        return f'"{" ".join(self.words)}"{" *" if self.is_beginning else ""}'


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, and whether it is what was asked for."""

    text: str
    is_hit: bool = False


def searchable(text: str | None) -> str:
    """The words of a text as they are compared, a space between them."""
    folded = fold(text)
    if folded.isascii():
        return folded
    plain = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", folded)))
    return " ".join(_SPACELESS.sub(r" \g<0> ", plain).split())


def read_terms(asked: str) -> tuple[Term, ...]:
    """What a person types: ``harbour "reopens after" -strike port*``. What holds no word is passed over."""
    terms = []
    for minus, quoted, word in _TERM.findall(asked):
        if words := searchable(quoted or word).split():
            is_beginning = word.endswith("*")
            terms.append(Term(words=tuple(words), is_beginning=is_beginning, is_excluded=bool(minus)))
    return tuple(terms[:MAX_TERMS])


def marked(text: str, terms: Sequence[Term]) -> tuple[Piece, ...]:
    """The text in pieces; those that a term asks for are hits."""
    pieces: list[Piece] = []
    at = 0
    for start, end in hits(text, terms):
        if start > at:
            pieces.append(Piece(text[at:start]))
        pieces.append(Piece(text[start:end], is_hit=True))
        at = end
    return (*pieces, Piece(text[at:])) if at < len(text) else tuple(pieces)


def hits(text: str, terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Where what is asked for stands in a text: (start, end), in order, none over another."""
    asked = [term for term in terms if not term.is_excluded]
    words = list(_words(text)) if asked else []
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(words):
        length = max((len(term.words) for term in asked if _stands_at(term, words, at)), default=0)
        if length:
            found.append((words[at][1], words[at + length - 1][2]))
        at += length or 1
    return found


def excerpt(text: str, terms: Sequence[Term], max_chars: int) -> str:
    """So many characters around the first hit; the beginning where there is none. Cut between words where it can be."""
    first = next(iter(hits(text, terms)), (0, 0))[0]
    start = 0 if first < max_chars // 2 else text.rfind(" ", 0, first - max_chars // 4) + 1
    if first - start > max_chars // 2:
        start = first - max_chars // 4
    end = min(len(text), start + max_chars)
    if end < len(text) and (space := text.rfind(" ", start, end)) > start + max_chars // 2:
        end = space
    return f"{'…' if start else ''}{' '.join(text[start:end].split())}{'…' if end < len(text) else ''}"


def _stands_at(term: Term, words: Sequence[tuple[str, int, int]], at: int) -> bool:
    there = words[at : at + len(term.words)]
    if len(there) < len(term.words):
        return False
    *before, last = (word for word, _, _ in there)
    return tuple(before) == term.words[:-1] and (
        last.startswith(term.words[-1]) if term.is_beginning else last == term.words[-1]
    )


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word as it is compared, with its start and end in the text."""
    start = None
    for at, char in enumerate(text):
        kind = _kind(char)
        if kind != "letter" and start is not None:
            yield from ((word, start, at) for word in searchable(text[start:at]).split())
            start = None
        if kind == "letter" and start is None:
            start = at
        elif kind == "spaceless":
            yield from ((word, at, at + 1) for word in searchable(char).split())
    if start is not None:
        yield from ((word, start, len(text)) for word in searchable(text[start:]).split())


@lru_cache(maxsize=8192)
def _kind(char: str) -> str:
    if _SPACELESS.match(char):
        return "spaceless"
    return "letter" if unicodedata.category(char)[0] in "LMN" else ""
