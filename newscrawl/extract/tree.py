"""The bytes of a page -> one lxml tree, with the sizes and depths that a hostile page may have held down."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree, html

from newscrawl.errors import ArticleRejected, Outcome
from newscrawl.text.decode import utf8_html

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from newscrawl.article import Page
    from newscrawl.extract.options import ExtractOptions

MAX_DEPTHS = (150, 50)
"""Wrappers nested deeper than this are taken out; libxml2 stops at 256. A table is three elements deep: the second."""

MAX_ELEMENTS = 150_000
"""A page with more is refused before it is parsed: the largest of a thousand real pages has 8,000."""
MAX_ATTRIBUTES = 1_000
"""Of one element. libxml2 compares each one with all before it."""

# One class for every element: lxml.html's own lookup asks Python anew for each element that is touched.
_CLASSES = etree.ElementDefaultClassLookup(
    element=html.HtmlElement, comment=html.HtmlComment, pi=html.HtmlProcessingInstruction, entity=html.HtmlEntity
)

# Elements that only wrap: taking one out loses no paragraph.
WRAPPER_TAG = re.compile(
    r"<(/?)(div|span|section|article|main|center|font|b|i|u|em|strong|small|big|a|table|tbody|tr|td|th|ul|ol|li|dl|dd|dt"
    r"|blockquote|p|h[1-6]|form|fieldset|header|footer|nav|aside|label|ins|del|sup|sub|code|pre|button|figure"
    r"|[a-z][a-z0-9]*-[a-z0-9-]+)"
    r"(?=[\s/>])[^<>]{0,10000}>",
    re.IGNORECASE,
)
# A tag that may stay open closes by itself when the next one opens; it does not nest.
SELF_CLOSING = frozenset({"p", "li", "tr", "td", "th", "dd", "dt"})

MAX_TAG_BYTES = 10_000
"""A longer tag may have more than `MAX_ATTRIBUTES`."""

_OPENING = re.compile(b"<[a-zA-Z]")
_ATTRIBUTE = re.compile(rb"""[^\s"'<>=/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+))?""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A parsed page. The tree belongs to its reader: a step that changes it says so."""

    root: HtmlElement
    elements: tuple[HtmlElement, ...]
    """Every element, held: one that nobody holds is made anew by lxml each time that a step comes by."""
    repaired: bool
    """The declared encoding was wrong, and another one was found."""


def parse_page(page: Page, options: ExtractOptions) -> Tree | None:
    """The page as a tree; None when nothing in it is an element.

    Raises:
        ArticleRejected: it has more elements than any page has (`too_large`).
    """
    text, repaired = utf8_html(page.html, page.charset)
    text = cut_long_scripts(text, options.max_script_bytes)
    if text.count(b"<") > MAX_ELEMENTS and (count := sum(1 for _ in _OPENING.finditer(text))) > MAX_ELEMENTS:
        raise ArticleRejected(Outcome.TOO_LARGE, page.url, f"{count} elements, limit {MAX_ELEMENTS}")
    root = parse_html(cut_many_attributes(text))
    return None if root is None else Tree(root=root, elements=tuple(root.iter()), repaired=repaired)


def parse_html(text: bytes) -> HtmlElement | None:
    """One parse of UTF-8; another one, of a flattened page, only where libxml2 gave up on the depth of the first."""
    root, too_deep = _parse(text)
    for max_depth in MAX_DEPTHS:
        if not too_deep:
            break
        root, too_deep = _parse(flatten(text.decode("utf-8", "replace"), max_depth).encode("utf-8", "replace"))
    return root


def _parse(text: bytes) -> tuple[HtmlElement | None, bool]:
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    parser.set_element_class_lookup(_CLASSES)
    try:
        root = html.document_fromstring(text, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError):
        return None, False
    if next(root.iter("style"), None) is not None:
        # Frameworks put them into headings and paragraphs: no step wants them, and to libxml2 they are text.
        etree.strip_elements(root, "style", with_tail=False)
    for element in root.iter("span"):
        # A line break that the style sheet makes of an empty element.
        if len(element) == 0 and not element.text and "br" in (element.get("class") or "").split():
            element.tag = "br"
    too_deep = any("Excessive depth" in entry.message for entry in parser.error_log)
    return root, too_deep


def flatten(text: str, max_depth: int) -> str:
    """The page without the wrappers that are nested deeper than ``max_depth``. Linear in the length of the page."""
    kept: list[str] = []
    open_tags: list[tuple[str, bool]] = []
    depth = 0
    end = 0
    for tag in WRAPPER_TAG.finditer(text):
        name = tag[2].lower()
        keep = True
        if name in SELF_CLOSING:
            keep = depth <= max_depth or name == "p"
        elif not tag[1]:
            keep = depth < max_depth
            open_tags.append((name, keep))
            depth += keep
        elif open_tags:
            _, keep = open_tags.pop()
            depth -= keep
        if not keep:
            kept.append(text[end : tag.start()])
            end = tag.end()
    kept.append(text[end:])
    return " ".join(kept)


def cut_many_attributes(text: bytes) -> bytes:
    """The page with at most `MAX_ATTRIBUTES` of each element. Linear in the length of the page."""
    kept: list[bytes] = []
    end = 0
    for start, close in long_tags(text):
        for count, attribute in enumerate(_ATTRIBUTE.finditer(text, start, close)):
            if count > MAX_ATTRIBUTES:  # the first one is the name
                kept.append(text[end : attribute.start()])
                end = close
                break
    kept.append(text[end:])
    return b"".join(kept)


def long_tags(text: bytes) -> Iterator[tuple[int, int]]:
    """Where tags of more than `MAX_TAG_BYTES` begin, and where the sign is that closes each.

    Such a tag spans a whole stride without another sign: where each stride has one, no other look is needed.
    """
    stride = MAX_TAG_BYTES // 2
    read = place = 0
    while place < len(text):
        after = place + stride
        if text.find(b"<", place, after) >= 0 or text.find(b">", place, after) >= 0:
            place = after
            continue
        start = text.rfind(b"<", read, place)
        close = text.find(b">", after)
        if close < 0:
            return
        opened = text.find(b"<", after, close)
        is_open = start >= 0 > text.find(b">", start, place)
        if is_open and opened < 0 and close - start > MAX_TAG_BYTES and text[start + 1 : start + 2].isalpha():
            yield start, close
        read = place = close if opened < 0 else opened


def cut_long_scripts(text: bytes, max_bytes: int) -> bytes:
    """The page without its scripts of more than ``max_bytes``."""
    if len(text) <= max_bytes:
        return text
    lower = text.lower()
    kept: list[bytes] = []
    end = 0
    start = lower.find(b"<script")
    while start >= 0:
        close = lower.find(b"</script", start)
        close = len(text) if close < 0 else close
        if close - start > max_bytes:
            kept.append(text[end:start])
            after = text.find(b">", close)
            end = len(text) if after < 0 else after + 1
        start = lower.find(b"<script", close)
    kept.append(text[end:])
    return b"".join(kept)
