"""Authors as the page prints them: in bylines, in lines that begin with "by", below the text."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from newscrawl.article import Author
from newscrawl.extract.lines import address
from newscrawl.extract.marks import kinds
from newscrawl.extract.people import (
    DIGIT,
    MAX_NAME_CHARS,
    MAX_PRINTED_WORDS,
    after_by,
    is_full_name,
    is_person,
    split_names,
)
from newscrawl.extract.wording import words
from newscrawl.text.fold import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

MAX_LINE_CHARS = 200
"""No printed line of names is longer."""
MAX_PLACE_WORDS = 3
DATE = re.compile(r"(?:19|20)\d\d|\d{1,2}[.:/]\d\d")
BAR = re.compile(r"\s*[|•·\n]\s*")
NOT_BYLINE = re.compile(r"quote|comment|follow|btn|button", re.IGNORECASE)
LINES = frozenset(
    {"p", "div", "li", "ul", "ol", "td", "tr", "section", "address", "dd", "dt", "h2", "h3", "h4", "h5", "h6"}
)
AUTHOR_LINK = re.compile(
    r"/(?:authors?|autor(?:en|es|i|a|em|zy)?|auteurs?|profil\w*|people|person|reporters?|journalists?|by|staff|contributors?|redaktion)/",
    re.IGNORECASE,
)


def is_aside(element: HtmlElement) -> bool:
    """Whether a byline is that of a picture or a quotation, or a button to follow somebody."""
    marks = NOT_BYLINE.search(f"{element.get('class') or ''} {element.get('id') or ''}")
    return element.tag == "button" or marks is not None or "caption" in kinds(element)


def introduced(opening: tuple[HtmlElement, ...]) -> Iterator[Author]:
    """Full names after "by" in a short line between headline and text, whatever the line is called."""
    for element in opening:
        if element.tag not in LINES or next(element.iter("p", "li"), element) is not element:
            continue
        text = element.text_content() or ""
        if len(text) > MAX_LINE_CHARS:
            continue
        for part in BAR.split(spaced_text(element)):
            if (by := after_by().match(part)) and all(map(is_full_name, found := split_names(part[by.end() :]))):
                yield from (Author(name=name) for name in found)


def dated(opening: tuple[HtmlElement, ...]) -> Iterator[Author]:
    """The full name that shares a line between headline and text with nothing but dates: "Jane Roe | 20.11.2026"."""
    for element in _lines(opening):
        parts = [part for part in BAR.split(spaced_text(element)) if part]
        people = [part for part in parts if not DATE.search(part)]
        if len(people) == 1 < len(parts) and is_person(people[0]):
            yield Author(name=people[0])


def credited(opening: tuple[HtmlElement, ...]) -> Iterator[Author]:
    """The news agency that begins a line between headline and text, alone or with a place: "AFP, Manila"."""
    for element in _lines(opening):
        name, _, place = spaced_text(element).strip("()[] ").partition(",")
        if fold(name) in _agencies() and len(place.split()) <= MAX_PLACE_WORDS and not DIGIT.search(place):
            yield Author(name=name.strip())
            return  # the next line spells it out


def _lines(opening: tuple[HtmlElement, ...]) -> Iterator[HtmlElement]:
    """The short elements that begin a line and have no line in them."""
    for element in opening:
        if element.tag not in LINES or len(element.text_content() or "") > MAX_LINE_CHARS:
            continue
        if not any(inner.tag in LINES for inner in element.iterdescendants()):
            yield element


@cache
def _agencies() -> frozenset[str]:
    return frozenset(fold(word) for word in words("byline", "agencies"))


def signed(block: HtmlElement | None) -> Iterator[Author]:
    """The full name that is all of the last paragraph, set apart by bold, italic or right-aligned letters."""
    paragraphs = [] if block is None else [one for one in block.iter("p") if (one.text_content() or "").strip()]
    if len(paragraphs) < 2:
        return
    last = paragraphs[-1]
    text = " ".join((last.text_content() or "").split())
    is_apart = "right" in (last.get("style") or "") + (last.get("align") or "") or any(
        " ".join((element.text_content() or "").split()) == text for element in last.iter("strong", "b", "em", "i")
    )
    if is_apart and is_full_name(text) and text[-1].isalpha():
        yield Author(name=text)


def linked(bylines: tuple[HtmlElement, ...], url: str) -> Iterator[Author]:
    """Names in byline elements that link to an author's page."""
    for element in bylines:
        links = [link for link in [element, *element.iter("a")] if link.tag == "a" and _is_author_link(link)]
        for link in dict.fromkeys(links):
            if (name := spaced_text(link)) != name.lower() or name == name.upper():  # "jroe" is an account
                yield Author(name=name, url=address(link.get("href"), url))


def printed(bylines: tuple[HtmlElement, ...]) -> Iterator[Author]:
    """Names in the text of byline elements: nothing with a digit, in lower case or on a button."""
    for element in bylines:
        text = spaced_text(element)
        fewest = 2 if DIGIT.search(text) else 1  # beside a date, a single word is a day or a month
        for name in split_names(text):
            has_case = any(c.lower() != c.upper() for c in name)
            is_plain = fewest <= len(name.split()) <= MAX_PRINTED_WORDS and not DIGIT.search(name)
            if is_plain and ":" not in name and (name != name.lower() or not has_case):
                yield Author(name=name)


IS_SHORT = "string-length(.) < 400"


def labelled(root: HtmlElement) -> Iterator[Author]:
    """The name in the one element of the page whose whole text is a label and a name, as "Author: Jane Roe".

    Pages that say it of several people list articles, or comments.
    """
    found: dict[str, Author] = {}
    # A label and a name are short; scripts, which are not, would take most of the time.
    for text in root.xpath(f"//body//text()[{IS_SHORT} and (contains(., ':') or contains(., '\uff1a'))]"):
        said = " ".join(text.split())
        label, _, name = said.replace("：", ":").partition(":")
        is_label = len(said) <= MAX_NAME_CHARS and fold(label) in _labels()
        if is_label and len(name.split()) <= MAX_PRINTED_WORDS and not DIGIT.search(name) and name != name.lower():
            found[fold(name)] = Author(name=name.strip())
    if len(found) == 1:
        yield from found.values()


@cache
def _labels() -> frozenset[str]:
    return frozenset(fold(word) for word in words("byline", "before"))


def spaced_text(element: HtmlElement) -> str:
    """The text of an element, with a separator where two parts touch that the page shows apart."""
    parts: list[str] = []
    before: HtmlElement | None = None
    for part in element.xpath("descendant-or-self::text()"):
        # The parent of a tail is the element it follows.
        owner = part.getparent().getparent() if part.is_tail else part.getparent()
        if _on_button(owner, element):
            continue
        block = _line_of(owner, element)
        is_apart = block is not before and before is not None
        if parts and part.strip() and (is_apart or _touch(parts[-1], part)):
            parts.append(" | ")
        if part.strip():
            before = block
        if part:
            parts.append(part)
    return " ".join("".join(parts).split())


def _touch(one: str, other: str) -> bool:
    return not one[-1].isspace() and not other[0].isspace() and other[0].isalnum()


def _line_of(element: HtmlElement, top: HtmlElement) -> HtmlElement:
    """The element, at or above this one, that begins a line of its own."""
    while element is not top and element.tag not in LINES:
        element = element.getparent()
    return element


def _on_button(element: HtmlElement, top: HtmlElement) -> bool:
    for parent in (element, *element.iterancestors()):
        if parent.tag in {"button", "script", "style", "time", "svg", "figure"}:
            return True
        if parent is top:
            return False
    return False


def _is_author_link(link: HtmlElement) -> bool:
    return "author" in (link.get("rel") or "") or bool(AUTHOR_LINK.search(link.get("href") or ""))
