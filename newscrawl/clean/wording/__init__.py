"""The words that rules look for: data, one file per language, all languages matched together.

Each ``<language>.toml`` holds a table per rule with lists of phrases in plain words:

- ``lines``: the whole paragraph is the phrase, but for case and punctuation;
- ``starts``: the paragraph begins with the phrase;
- ``labels``: the paragraph begins with the phrase, and a colon, dash, bar or arrow parts it from what follows;
- ``contains``: the phrase stands anywhere in the paragraph, as whole words;
- ``words``: single words that a rule combines by itself.

A page mixes languages (an English share bar under a Kazakh text), so the lists of all files are merged.
Matching looks words up in hash tables: its cost does not grow with the number of phrases.
"""

from __future__ import annotations

import hashlib
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from newscrawl.clean.lines import is_unspaced
from newscrawl.text.fold import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

KINDS = ("lines", "starts", "labels", "contains", "words")
_MARKS = frozenset(":\uff1a|丨/／–—-»›>→►▶👉©")


@dataclass(frozen=True, slots=True)
class Wording:
    """What one rule looks for, in every language. Asked with folded keys (`newscrawl.text.fold`)."""

    lines: frozenset[str]
    words: frozenset[str]
    _starts: Mapping[str, tuple[str, ...]]
    _labels: Mapping[str, tuple[str, ...]]
    _contains: Mapping[str, tuple[str, ...]]
    _contains_unspaced: tuple[str, ...]

    def is_line(self, key: str) -> bool:
        """Whether the whole key is one of the ``lines``."""
        return key in self.lines

    def start_of(self, key: str) -> str | None:
        """The longest of the ``starts`` that the key begins with, ending at the end of a word."""
        return _start_of(key, self._starts)

    def label_of(self, key: str, text: str) -> str | None:
        """The longest of the ``labels`` that the key begins with, when the text has a mark after it.

        ``text`` is what ``key`` was folded from.
        """
        phrase = _start_of(key, self._labels)
        return phrase if phrase and sign_after(text, phrase) in _MARKS else None

    def label_before(self, key: str) -> str | None:
        """The longest of the ``labels`` that the key begins with, whatever follows."""
        return _start_of(key, self._labels)

    def found_in(self, key: str) -> str | None:
        """The first of the ``contains`` in the key, as whole words."""
        words = _words(key)
        if not self._contains.keys().isdisjoint(words):
            padded = f" {key} "
            for word in words:
                for phrase in self._contains.get(word, ()):
                    if f" {phrase} " in padded:
                        return phrase
        return next((phrase for phrase in self._contains_unspaced if phrase in key), None)

    def matches(self, key: str) -> str | None:
        """The phrase by which the key is one of the ``lines``, ``starts`` or ``contains``; None when it is none."""
        return key if key in self.lines else self.start_of(key) or self.found_in(key)


@cache
def wording(rule: str) -> Wording:
    """The phrases of one rule in all languages; empty when no file has any. Read from the package once."""
    found: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for language in _languages():
        for kind, phrases in _tables(language).get(rule, {}).items():
            found[kind].update(filter(None, map(fold, phrases)))
    contains = found["contains"]
    unspaced = {phrase for phrase in contains if is_unspaced(phrase[0])}
    return Wording(
        lines=frozenset(found["lines"]),
        words=frozenset(found["words"]),
        _starts=_index(found["starts"], lambda phrase: phrase[:2]),
        _labels=_index(found["labels"], lambda phrase: phrase[:2]),
        _contains=_index(contains - unspaced, lambda phrase: phrase.split(" ", 1)[0]),
        _contains_unspaced=tuple(sorted(unspaced)),
    )


def wording_digest() -> str:
    """Hex SHA-256 of all phrases: changes when any of them does."""
    digest = hashlib.sha256()
    for language in _languages():
        digest.update((files(__name__) / f"{language}.toml").read_bytes())
    return digest.hexdigest()


def sign_after(text: str, phrase: str) -> str:
    """The first sign after the letters of the phrase that the text begins with; "" when the text ends there."""
    letters = sum(map(_is_letter, phrase))
    for position, sign in enumerate(text):
        if letters <= 0 and not _is_letter(sign):
            return text[position:].lstrip()[:1]
        letters -= _is_letter(sign)
    return ""


@lru_cache(maxsize=2048)
def _words(key: str) -> tuple[str, ...]:
    # Every rule asks for the same lines.
    return tuple(key.split())


def _is_letter(sign: str) -> bool:
    """A letter, a digit or a mark on one, as the signs for vowels are in the scripts of India."""
    return sign.isalnum() or (not sign.isascii() and unicodedata.category(sign).startswith("M"))


def _start_of(key: str, index: Mapping[str, tuple[str, ...]]) -> str | None:
    for phrase in index.get(key[:2], ()):
        if key.startswith(phrase) and _ends_word(key, len(phrase)):
            return phrase
    return None


def _languages() -> tuple[str, ...]:
    names = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def _tables(language: str) -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((files(__name__) / f"{language}.toml").read_text("utf-8"))


def _index(phrases: Iterable[str], by: Callable[[str], str]) -> dict[str, tuple[str, ...]]:
    """The phrases under the part they are looked up by, the longest first."""
    index: dict[str, list[str]] = {}
    for phrase in sorted(phrases, key=lambda phrase: (-len(phrase), phrase)):
        index.setdefault(by(phrase), []).append(phrase)
    return {start: tuple(found) for start, found in index.items()}


def _ends_word(key: str, end: int) -> bool:
    return end == len(key) or key[end] == " " or is_unspaced(key[end - 1])
