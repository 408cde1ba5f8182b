"""The description of an article, and the lines above the text that say again what other fields say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newscrawl.extract.lines import line
from newscrawl.text.fold import fold

if TYPE_CHECKING:
    from newscrawl.article import Author, Hint
    from newscrawl.extract.head import Head
    from newscrawl.extract.jsonld import JsonLd

LONG_CHARS = 30
LEADING = 4
"""How many paragraphs at the top may repeat title, standfirst and byline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """The text without its repeated top, and what stood there."""

    text: list[str]
    description: str | None
    standfirst: str | None
    """The description, when it is printed above the text."""


def stated_descriptions(head: Head, jsonld: JsonLd, hint: Hint | None) -> tuple[str, ...]:
    """Every description the page and its feed state, best first."""
    stated = [
        jsonld.line("description"),
        jsonld.line("alternativeHeadline"),
        head.first("og:description", "twitter:description", "dc.description", "sailthru.description"),
        head.first("description"),
        line(hint.description) if hint else None,
    ]
    return tuple(dict.fromkeys(text for text in stated if text))


def describe(
    text: list[str],
    titles: tuple[str, ...],
    printed: str | None,
    stated: tuple[str, ...],
    authors: tuple[Author, ...],
) -> Described:
    """Take title, standfirst and bare bylines off the top; choose the description."""
    text = _without_top(text, titles, printed, authors)
    if printed:
        return Described(text=text, description=printed, standfirst=printed)
    start = fold(" ".join(text[:6])[:2_000])
    description = next((one for one in stated if fold(one) not in map(fold, titles)), None)
    if description and repeats(fold(description), start):
        description = None
    return Described(text=text, description=description, standfirst=None)


def repeats(key: str, start: str) -> bool:
    """Whether a folded description says only what the text begins with; its last words may be cut off."""
    if not key:
        return True
    words = key.split()
    whole = " ".join(words[:-1]) if len(words) > 8 else key
    return start.startswith(whole) or (len(whole) > LONG_CHARS and whole in start)


def _without_top(
    text: list[str], titles: tuple[str, ...], printed: str | None, authors: tuple[Author, ...]
) -> list[str]:
    says = {*map(fold, titles), fold(printed), *(fold(author.name) for author in authors)} - {""}
    top = [paragraph for paragraph in text[:LEADING] if fold(paragraph) not in says]
    return [*top, *text[LEADING:]]
