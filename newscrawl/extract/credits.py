"""Where a page prints more of its authors than it states: a desk for a person, its editor, one name of two."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from newscrawl.extract.bylines import BAR, MAX_LINE_CHARS, spaced_text
from newscrawl.extract.people import MAX_NAME_CHARS, SEPARATOR, after_by, between, is_person, split_names
from newscrawl.extract.wording import words
from newscrawl.text.fold import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from newscrawl.article import Author


def is_desk(name: str) -> bool:
    """Whether this is what an editorial office calls itself when it names nobody: "Redacción", "News Desk"."""
    return fold(name) in _folded("desks")


def edited_by(root: HtmlElement) -> frozenset[str]:
    """Folded names that the page prints behind a label of their own, "Editor: Jane Roe"."""
    found = set()
    for text in root.xpath(f"//body//text()[contains(., ':') and string-length(.) <= {MAX_LINE_CHARS}]"):
        label = fold(text.partition(":")[0])
        if label not in _folded("editors"):
            continue
        # The parent of a tail is the element it follows.
        owner = text.getparent().getparent() if text.is_tail else text.getparent()
        if fold(owner.text_content()) == label and owner.getparent() is not None:
            owner = owner.getparent()
        said = owner.text_content() or ""
        if len(said) <= MAX_LINE_CHARS and len(key := fold(said)) <= MAX_NAME_CHARS and key.startswith(label):
            found.add(key.removeprefix(label).strip())
    return frozenset(found - {""})


def printed_beside(stated: tuple[Author, ...], bylines: tuple[HtmlElement, ...]) -> Iterator[str]:
    """All names of the byline that has the stated ones and more; nothing where it does not have them all.

    Names count that stand in one breath with a stated one, "By A, B and C", or alone in an element beside its own.
    """
    keys = {fold(author.name) for author in stated}
    named: dict[str, str] = {}
    alone: dict[object, dict[str, str]] = {}
    for element in bylines:
        text = spaced_text(element)
        for part in BAR.split(text):
            names = _in_one_breath(part)
            if keys & names.keys():
                named |= names
        name = after_by().sub("", text, count=1)
        if split_names(name) == (name,) and is_person(name):
            alone.setdefault((element.getparent(), element.get("class")), {})[fold(name)] = name
    for names in alone.values():
        if keys & names.keys():
            named |= names
    if keys < named.keys():
        yield from named.values()


def _in_one_breath(part: str) -> dict[str, str]:
    """The names up to the one behind the last "and"; what follows that one is said of it. None if one is no name."""
    joined = list(between().finditer(part))
    if not joined:
        return {}
    last = joined[-1].end()
    names = split_names(part[:last] + SEPARATOR.split(part[last:])[0])
    return {fold(name): name for name in names} if all(map(is_person, names)) else {}


@cache
def _folded(key: str) -> frozenset[str]:
    return frozenset(fold(word) for word in words("byline", key))
