"""What the letters of a text say: their scripts, words that mix two, and how many words there are."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

SPACELESS = (
    "[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d"
    "\U00020000-\U0003ffff\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0edc-\u0edf\u1000-\u103f\u1050-\u109f\u1780-\u17d3]"
)
"""Regular expression class: letters and marks of Han, Kana, Thai, Lao, Burmese and Khmer, which write no spaces."""

MAX_MIXED_WORDS = 100

_SPACELESS = re.compile(SPACELESS)
_SPACELESS_RUNS = re.compile(f"{SPACELESS}+")
_LETTERS = re.compile(r"[^\W\d_]+")
_MAY_BE_SPACELESS = re.compile("[\u0e01-\u17d3\u3005-\U0003ffff]")
# Marks and invisible characters are among these, but not the signs of ASCII, dashes and quotation marks.
_SIGNS = re.compile(r"[^\w\s\x00-\x7f\xa1\xab\xb7\xbb\xbf\u2010-\u2027\u2030-\u205e]")
_WORDS = re.compile(r"\w+(?:['’]\w+|(?<=\d)[.,](?=\d)\w+)*")
# A Latin acronym with a Cyrillic ending is good Russian: "SMSки", "PRом".
_ACRONYM_WITH_ENDING = re.compile(r"[A-Z]{2,}[а-яёіїєґ]{1,4}\Z")
# Greek letters that stand in units, formulas and names of particles and that no Latin letter looks like.
_SYMBOLS = frozenset("αβγδεζηθλμπρσφψωΓΔΘΛΞΠΣΦΨΩ")
_CYRILLIC_OR_GREEK = re.compile("[\u0370-\u052f\u1c80-\u1c8f\u1d26-\u1d2b\u1f00-\u1fff\u2de0-\u2dff\ua640-\ua69f]")
_MIXED = ({"LATIN", "CYRILLIC"}, {"LATIN", "GREEK"}, {"CYRILLIC", "GREEK"}, {"LATIN", "CYRILLIC", "GREEK"})


@lru_cache(maxsize=8192)
def script_of(char: str) -> str:
    """The script of a letter, by the first word of its Unicode name (``LATIN``, ``CJK``); "" for other characters."""
    if not char.isalpha():
        return ""
    first = unicodedata.name(char, "").partition(" ")[0]
    return "LATIN" if first in {"FULLWIDTH", "FEMININE", "MASCULINE"} else first


def script_counts(text: str) -> Counter[str]:
    """How many letters of each script there are."""
    counts: Counter[str] = Counter()
    for char, number in Counter(text).items():
        if script := script_of(char):
            counts[script] += number
    return counts


def mixed_script_words(text: str) -> tuple[str, ...]:
    """Words with letters of two of Latin, Cyrillic and Greek in one run of letters, each once, in order, at most 100.

    Such words come from look-alike letters (a Latin "a" in a Cyrillic word). No such words are compounds with a
    hyphen ("IT-компания"), Latin acronyms with a Cyrillic ending ("SMSки"), units and symbols ("kΩ", "μm").
    """
    if text.isascii() or _CYRILLIC_OR_GREEK.search(text) is None:
        return ()
    found: dict[str, None] = {}
    for word in _LETTERS.findall(text):
        if not word.isascii() and _is_mixed(word):
            found.setdefault(word)
            if len(found) == MAX_MIXED_WORDS:
                break
    return tuple(found)


def word_count(text: str) -> int:
    """How many words: runs of letters and digits, and half the characters of scripts without spaces, rounded up."""
    may_be = not text.isascii() and _MAY_BE_SPACELESS.search(text) is not None  # sooner than the whole class
    characters = len(_SPACELESS.findall(text)) if may_be else 0
    rest = _SPACELESS_RUNS.sub(" ", text) if characters else text
    if not rest.isascii():
        rest = _SIGNS.sub(_joined, rest)
    words = len(_WORDS.findall(rest))
    return words + (characters + 1) // 2


def _is_mixed(word: str) -> bool:
    scripts = {script_of(char) for char in word}
    if scripts not in _MIXED or _ACRONYM_WITH_ENDING.match(word):
        return False
    greek = [char for char in word if script_of(char) == "GREEK"]
    return not (len(greek) == 1 and greek[0] in _SYMBOLS and (word[0] == greek[0] or word[-1] == greek[0]))


def _joined(match: re.Match[str]) -> str:
    return _within_word(match[0])


@lru_cache(maxsize=4096)
def _within_word(char: str) -> str:
    """Marks and invisible characters do not end a word; every other sign stays."""
    category = unicodedata.category(char)
    return "" if category in {"Mn", "Mc", "Me", "Cf"} else char
