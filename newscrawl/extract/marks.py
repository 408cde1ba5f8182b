"""What an element is, by the words of its class, id and itemprop."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from newscrawl.extract.wording import wording

if TYPE_CHECKING:
    from lxml.html import HtmlElement

WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]{2,}")
MAX_VALUE_CHARS = 500
UTILITY = frozenset(":[]!@")


LETTERS = bytes(char if chr(char).islower() else 32 for char in range(128)).ljust(256)
KINDS = ("standfirst", "byline", "date", "caption", "furniture")
NONE: frozenset[str] = frozenset()


@lru_cache(maxsize=20_000)
def _kinds(*names: str | None) -> frozenset[str]:
    value = " ".join(filter(None, names))[:MAX_VALUE_CHARS]
    if not UTILITY.isdisjoint(value):
        # Utility classes ("print:hidden", "w-[3px]") say how an element looks, not what it is.
        value = " ".join(token for token in value.split() if UTILITY.isdisjoint(token))
    marks = _marks()
    if value.islower():
        words = value.encode("ascii", "replace").translate(LETTERS).decode().split()  # what WORD finds, sooner
    else:
        words = [word.lower() for word in WORD.findall(value)]
    found = marks.keys() & {*words, *value.lower().split()}
    return NONE.union(*map(marks.__getitem__, found)) if found else NONE


@cache
def _marks() -> dict[str, frozenset[str]]:
    """The kinds that each word says."""
    words = {kind: wording("structure")[kind]["marks"] for kind in KINDS}
    return {
        mark: frozenset(kind for kind in KINDS if mark in words[kind]) for marks in words.values() for mark in marks
    }


def kinds(element: HtmlElement) -> frozenset[str]:
    """``standfirst``, ``byline``, ``date``, ``caption``, ``furniture``: what the element's names say it is."""
    if not element.keys():  # as most paragraphs
        return NONE
    get = element.get
    return _kinds(get("class"), get("id"), get("itemprop"), get("data-testid"))
