"""Where a page prints its date: in short lines between headline and text, or marked as a date around the headline."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from newscrawl.extract.marks import kinds
from newscrawl.extract.printed_dates import MAX_CHARS, PrintedDate, find_dates
from newscrawl.text.language import detect_language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from newscrawl.extract.layout import Layout

ELSEWHERE = frozenset(
    {"aside", "button", "figure", "footer", "form", "nav", "noscript", "picture", "script", "select", "style", "svg"}
)
LINK_CHARS = 25
"""Beside a link with more text, a date is that of the article it leads to."""
PROSE_CHARS = 100
MUCH_PROSE_CHARS = 250
MAX_MARKED = 20
LANGUAGE_CHARS = 2_000
UNKNOWN_LANGUAGE = "en"
SAME = {"no": "nb", "nn": "nb"}


def printed_dates(layout: Layout, language: str | None) -> tuple[PrintedDate, ...]:
    """The dates of the article's head, first those in its lines, then those above the headline.

    ``language`` is the declared one; where none is, that of the text counts.
    """
    if language is None and layout.block is not None:
        language = detect_language((layout.block.text_content() or "")[:LANGUAGE_CHARS])
    spoken = (language or UNKNOWN_LANGUAGE).partition("-")[0].lower()
    spoken = SAME.get(spoken, spoken)
    found: list[PrintedDate] = []
    label = ""
    for text in _texts(layout.opening):
        found += find_dates(text, spoken, label)
        label = text
    if not found:
        for text in _marked(layout.heading):
            found += find_dates(text, spoken)
    return tuple(found)


def _texts(opening: tuple[HtmlElement, ...]) -> Iterator[str]:
    """The texts between headline and prose, in document order, without those of other articles."""
    skipped: set[HtmlElement] = set()
    sentences = 0
    for element in opening:
        if element in skipped:
            continue
        is_elsewhere = _is_elsewhere(element)
        if is_elsewhere:
            skipped.update(element.iter())
        for text in (None if is_elsewhere else _own_text(element), element.tail):
            size = len(text.strip()) if text else 0
            sentences += size >= PROSE_CHARS
            if size >= MUCH_PROSE_CHARS or sentences > 1:
                return
            if text and 0 < size <= MAX_CHARS:
                yield text.strip()


def _own_text(element: HtmlElement) -> str:
    """The text before the first child element; comments in it, as frameworks leave them, part nothing."""
    comments = takewhile(lambda child: not isinstance(child.tag, str), element)
    return "".join([element.text or "", *(comment.tail or "" for comment in comments)])


def _is_elsewhere(element: HtmlElement) -> bool:
    if element.tag in ELSEWHERE or "furniture" in kinds(element) or "caption" in kinds(element):
        return True
    is_small = element.tag in {"a", "li"} or len(element) <= 4
    return is_small and any(len((link.text_content() or "").strip()) >= LINK_CHARS for link in element.iter("a"))


def _marked(heading: HtmlElement | None) -> Iterator[str]:
    """Texts of elements named as a date in the smallest parts of the page around the headline."""
    scope = heading
    for _ in range(3):
        scope = scope.getparent() if scope is not None else None
        if scope is None or scope.tag in {"body", "html"}:
            return
        found = [element for element in scope.iterdescendants() if _is_date(element, scope)]
        if found:
            yield from ((element.text_content() or "").strip() for element in found[:MAX_MARKED])
            return


def _is_date(element: HtmlElement, scope: HtmlElement) -> bool:
    if not isinstance(element.tag, str) or "date" not in kinds(element):
        return False
    for parent in (element, *element.iterancestors()):
        if parent is scope:
            break
        if parent.tag in {"a", "li"} or _is_elsewhere(parent):
            return False
    return 0 < len(element.text_content() or "") <= MAX_CHARS
