"""The paragraphs, headings and list items of one element of a page, and what of them a text lacks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from newscrawl.text.fold import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

HEADS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
BLOCKS = HEADS | {
    "address",
    "article",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "figure",
    "hr",
    "li",
    "main",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "td",
    "th",
    "tr",
    "ul",
}
LISTS = frozenset({"ul", "ol", "li"})
ITEMS = frozenset({"li", "dt", "dd"})
TABLES = frozenset({"table", "thead", "tbody", "tfoot"})
MAX_CELL_CHARS = 120
MAX_HEAD_CHARS = 150
MIN_POINT_CHARS = 60
"""A key point is a sentence; labels and links are shorter."""
SILENT = frozenset({"script", "style", "noscript", "template"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One block of text."""

    kind: str
    """``p``, ``head``, ``item`` or ``row``: of a table of values, its cells on one line."""
    text: str
    """With its "- " when it is a list item."""
    is_linked: bool
    """Most of it is a link."""
    element: HtmlElement
    """The element that begins or ends before it."""
    box: HtmlElement
    """The innermost block that it stands in."""

    @property
    def holder(self) -> HtmlElement | None:
        """The element that holds the paragraph, the heading or the list."""
        return _holder(self.element)


def units(top: HtmlElement) -> list[Unit]:
    """Every block of text in an element, in order. Recursion would end on a deep page; this does not recurse."""
    found: list[Unit] = []
    parts: list[str] = []
    linked = 0
    kind, beginning, box = "p", top, top
    item: HtmlElement | None = None  # a list item, or a block at its beginning, that has no text yet
    for text, tag, is_link, element, around in _pieces(top):
        if tag in BLOCKS:
            if joined := " ".join("".join(parts).split()):
                mark = "- " if kind == "item" else ""
                is_linked = 2 * linked > len(joined)
                unit = Unit(kind=kind, text=mark + joined, is_linked=is_linked, element=beginning, box=box)
                found.append(unit)
                item = None
            parts, linked = [], 0
            if element is not around:  # it ends
                kind = "head" if around.tag in HEADS else "p"
            elif tag in ITEMS or (item is not None and tag in {"p", "div"} and item is element.getparent()):
                kind, item = "item", element
            else:
                kind = "row" if tag == "tr" else "head" if tag in HEADS or _in_heading(element) else "p"
            beginning, box = element, around
        if text:
            parts.append(text)
            linked += len(text.strip()) if is_link else 0
    return found


def _in_heading(element: HtmlElement) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag in HEADS


def _pieces(top: HtmlElement) -> Iterator[tuple[str, str, bool, HtmlElement, HtmlElement]]:
    """Pieces of text, each with what begins or ends before it, whether it is inside a link, and what it stands in.

    What begins or ends: the tag ("" where it is none of a block) and the element. What it stands in: a block, which is
    the element itself where one begins. The end of all is one more piece.
    """
    stack: list[tuple[HtmlElement, bool, bool, HtmlElement]] = [(top, False, False, top)]
    row: HtmlElement | None = None
    while stack:
        element, is_end, in_link, box = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag == "tr" and not is_end and row is None and _is_row_of_values(element):
            row = element
        elif element is row and is_end:
            row = None
        gap = " " if row is not None and row is not element and tag in BLOCKS else ""
        tag = "" if gap else tag
        if is_end:
            after = (element.tail or "") if element is not top else ""
            yield gap + after, "div" if element is top else tag, in_link, element, box
            continue
        stack.append((element, True, in_link, box))
        if (tag or gap) and tag not in SILENT:
            inside = in_link or tag == "a"
            box = element if tag in BLOCKS else box
            yield gap + (element.text or ""), tag, inside, element, box
            stack.extend((child, False, inside, box) for child in reversed(element))


def _holder(element: HtmlElement) -> HtmlElement | None:
    """The element that a paragraph, a heading, a whole list or a whole table stands in."""
    within = LISTS if element.tag == "li" else TABLES if element.tag == "tr" else frozenset()
    holder = element.getparent()
    while holder is not None and holder.tag in within:
        holder = holder.getparent()
    return holder


def _is_row_of_values(row: HtmlElement) -> bool:
    """Two short cells or more; tables of long texts, and tables of tables, lay out a page."""
    cells = [cell for cell in row if cell.tag in {"td", "th"}]
    if len(cells) < 2 or next(row.iter("table"), None) is not None:
        return False
    return all(len(cell.text_content() or "") <= MAX_CELL_CHARS for cell in cells)


def completed(found: list[str], own: list[Unit]) -> list[str]:
    """The text with the headings, list items and table rows between its paragraphs on the page that were lost."""
    places: dict[str, list[int]] = {}
    for number, unit in enumerate(own):
        places.setdefault(fold(unit.text), []).append(number)
    result: list[str] = []
    known = {fold(text) for text in found}
    last: int | None = None
    place: int | None
    for text in found:
        place = next((known_at for known_at in places.get(fold(text), ()) if last is None or known_at > last), None)
        if place is not None:
            if last is not None:
                result.extend(_lost(own[last + 1 : place], known, {own[last].holder, own[place].holder}))
            last = place
        result.append(text)
    if last is not None:
        result.extend(_closing_list(own[last + 1 :], known, own[last].holder))
    return result


def _closing_list(behind: list[Unit], known: set[str], holder: HtmlElement | None) -> Iterator[str]:
    """A list of whole sentences right behind the last paragraph: key points, not links or labels."""
    items = list(takewhile(lambda unit: unit.kind == "item" and unit.holder is holder, behind))
    if items and not any(unit.is_linked or len(unit.text) < MIN_POINT_CHARS for unit in items):
        yield from (unit.text for unit in items if fold(unit.text) not in known)


def _lost(between: list[Unit], known: set[str], holders: set[HtmlElement | None]) -> Iterator[str]:
    """Headings that lead what follows, lists and tables; only where the paragraphs around them stand too."""
    for place, unit in enumerate(between):
        if unit.is_linked or unit.holder not in holders or fold(unit.text) in known:
            continue
        leads = unit.kind == "head" and len(unit.text) <= MAX_HEAD_CHARS and place == len(between) - 1
        if leads or unit.kind in {"item", "row"}:
            yield unit.text
