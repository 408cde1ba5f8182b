"""The text of an article: trafilatura on the one parsed tree, its body turned into paragraphs here."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from newscrawl.extract.blocks import completed, units
from newscrawl.extract.clear import clear_units
from newscrawl.extract.jsonld import items
from newscrawl.text.fold import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element
    from lxml.html import HtmlElement
    from trafilatura.settings import Extractor

    from newscrawl.extract.jsonld import JsonLd
    from newscrawl.extract.layout import Layout

ENOUGH_AGREEMENT = 0.4
"""From here on trafilatura's quick way and the page's layout say the same; 0.2 to 0.9 measure alike."""
NO_AGREEMENT = 0.2
ENOUGH_PROSE = 0.3
"""A block with less prose than this share of what was found says nothing of where the article stands."""
MUCH_BYTES = 300
PROSE_CHARS = 40
LITTLE_CHARS = 200
"""With less than this, the page's own block is looked at as well."""
MIN_STATED_WORDS = 50
"""An ``articleBody`` shorter than this is a teaser."""

# trafilatura's duplicate filter is shared by the whole process: off, repeated text is cleaning's business.
SETTINGS = {
    "precision": False,
    "recall": False,
    "comments": False,
    "tables": True,
    "formatting": False,
    "links": False,
    "images": False,
    "dedup": False,
    "with_metadata": False,
}
BLOCKS = frozenset(
    {"body", "p", "head", "list", "item", "quote", "table", "row", "lb", "div", "code", "article", "section", "main"}
)

RUNS = frozenset({"p", "item", "head", "hi", "cell"})
"""Elements whose text runs through what they hold."""


@cache
def config_hash(*, revision: int = 5) -> str:
    """ "c" and eight hex digits: changes when the options or the code that shapes the text do."""
    stated = f"{revision} {sorted(SETTINGS.items())}"
    return "c" + hashlib.sha256(stated.encode()).hexdigest()[:8]


def read_text(root: HtmlElement, layout: Layout, jsonld: JsonLd) -> list[str]:
    """Paragraphs of a pruned tree: trafilatura's; the stated body or the page's own block where it found little.

    Where the page's own block is clearly the whole text, that is it. Else trafilatura's quick way comes first; where
    the page has a block of prose and that way found another text, its thorough way is tried too, and the one that
    agrees more is kept.
    """
    own = [] if layout.block is None else units(layout.block)
    prose = [unit.text for unit in own if unit.kind == "p"]
    stated = stated_body(jsonld)
    is_whole = sum(map(len, stated)) <= 2 * sum(map(len, prose))
    if is_whole and (clear := clear_units(root, layout, own)) is not None:
        return [unit.text for unit in clear]
    found = trafilatura_paragraphs(root, fast=True)
    agreed = agreement(found, prose)
    if agreed < ENOUGH_AGREEMENT and sum(map(len, prose)) > ENOUGH_PROSE * sum(map(len, found)):
        thorough = trafilatura_paragraphs(root, fast=False)
        if (other := agreement(thorough, prose)) >= agreed:
            found, agreed = thorough, other
    size = sum(map(len, found))
    if sum(map(len, stated)) > 2 * size:
        return stated
    if sum(map(len, prose)) > size and size < LITTLE_CHARS:
        return [unit.text for unit in own]
    if agreed < NO_AGREEMENT and _holds(found, prose):
        return [unit.text for unit in own]
    return completed(found, own)


def _holds(found: list[str], prose: list[str]) -> bool:
    """Whether one text holds a long one that is most of it, but run together with other things."""
    whole = fold(" ".join(found))
    inside = sum(len(text) for text in prose if fold(text) in whole)
    return (
        len(whole.encode()) > MUCH_BYTES and inside > 0.8 * sum(map(len, prose)) and inside > 0.5 * sum(map(len, found))
    )


def agreement(found: list[str], own: list[str]) -> float:
    """How much two texts share, 0 to 1: twice the characters of the paragraphs in both over those of both."""
    keys = {fold(text) for text in own if len(text) >= PROSE_CHARS}
    others = {fold(text) for text in found if len(text) >= PROSE_CHARS}
    both = sum(map(len, keys)) + sum(map(len, others))
    return 2 * sum(map(len, keys & others)) / both if both else 0.0


def trafilatura_paragraphs(root: HtmlElement, *, fast: bool) -> list[str]:
    """What trafilatura takes for the article; the tree stays as it is."""
    from trafilatura.core import bare_extraction
    from trafilatura.settings import Document

    try:
        document = bare_extraction(root, options=_options(fast=fast))
    except RecursionError:
        return []
    return list(paragraphs(document.body)) if isinstance(document, Document) else []


@cache
def _options(*, fast: bool) -> Extractor:
    from trafilatura.settings import Extractor

    settings: dict[str, Any] = dict(SETTINGS)  # typed as booleans they fit no other parameter
    # With "txt" it leaves the body as a tree; with "python" it would make a text of it that nobody reads.
    return Extractor(output_format="txt", fast=fast, **settings)


def paragraphs(body: _Element) -> Iterator[str]:
    """The blocks of trafilatura's body in order; list items with "- ", a table row as one line."""
    kept: list[str] = []
    marker = ""
    for text, is_break, mark in _pieces(body):
        if is_break:
            if joined := " ".join("".join(kept).split()):
                yield marker + joined
                marker = ""
            kept = []
            marker = mark or marker
        else:
            kept.append(text)
    if joined := " ".join("".join(kept).split()):
        yield marker + joined


def _pieces(body: _Element) -> Iterator[tuple[str, bool, str]]:
    """Text pieces and breaks of a tree, without recursion: (text, whether it is a break, marker of what follows)."""
    stack: list[tuple[_Element, bool]] = [(body, False)]
    in_row = 0
    while stack:
        element, closing = stack.pop()
        tag = _tag(element)
        if closing:
            if tag == "row":
                in_row -= 1
            if tag == "cell":
                yield " ", False, ""
            elif tag in BLOCKS and not in_row:
                yield "", True, ""
            elif tag in BLOCKS:
                yield " ", False, ""
            if element is not body and element.tail:
                yield element.tail, False, ""
            continue
        if tag == "row":
            yield "", True, ""
            in_row += 1
        elif tag in BLOCKS:
            yield (" ", False, "") if in_row else ("", True, "- " if tag == "item" else "")
        if tag and element.text:
            yield element.text, False, ""
        stack.append((element, True))
        if tag:
            stack.extend((child, False) for child in reversed(element))


def _tag(element: _Element) -> str:
    """Its name; code in a sentence is a word of it, and no listing."""
    tag = element.tag if isinstance(element.tag, str) else ""
    parent = element.getparent()
    return "hi" if tag == "code" and parent is not None and parent.tag in RUNS else tag


def stated_body(jsonld: JsonLd) -> list[str]:
    """The paragraphs of JSON-LD ``articleBody``, when it is long enough to be the article."""
    import html

    for value in items(jsonld.article.get("articleBody")):
        if not isinstance(value, str) or len(value.split()) < MIN_STATED_WORDS:
            continue
        text = html.unescape(value[:1_000_000])
        if "</" in text or "<br" in text or "<p" in text:
            from newscrawl.extract.tree import parse_html

            root = parse_html(f"<html><body><div>{text}</div></body></html>".encode("utf-8", "replace"))
            return [] if root is None else [unit.text for unit in units(root)]
        return [joined for part in text.splitlines() if (joined := " ".join(part.split()))]
    return []
