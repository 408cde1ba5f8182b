"""The bytes of a page -> one lxml tree, with the sizes and depths that a hostile page may have held down."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree, html

from newscrawl.errors import ArticleRejected, Outcome
from newscrawl.text.decode import decode_html

if TYPE_CHECKING:
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

_OPENING = re.compile("<[a-zA-Z]")
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{10000,}>")
_ATTRIBUTE = re.compile(r"""[^\s"'<>=/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+))?""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A parsed page. The tree belongs to its reader: a step that changes it says so."""

    root: HtmlElement
    repaired: bool
    """The declared encoding was wrong, and another one was found."""


def parse_page(page: Page, options: ExtractOptions) -> Tree | None:
    """The page as a tree; None when nothing in it is an element.

    Raises:
        ArticleRejected: it has more elements than any page has (`too_large`).
    """
    text, repaired = decode_html(page.html, page.charset)
    text = cut_long_scripts(text, options.max_script_bytes)
    if text.count("<") > MAX_ELEMENTS and (count := sum(1 for _ in _OPENING.finditer(text))) > MAX_ELEMENTS:
        raise ArticleRejected(Outcome.TOO_LARGE, page.url, f"{count} elements, limit {MAX_ELEMENTS}")
    root = parse_html(cut_many_attributes(text))
    return None if root is None else Tree(root=root, repaired=repaired)


def parse_html(text: str) -> HtmlElement | None:
    """One parse; another one, of a flattened page, only where libxml2 gave up on the depth of the first."""
    root, too_deep = _parse(text)
    for max_depth in MAX_DEPTHS:
        if not too_deep:
            break
        root, too_deep = _parse(flatten(text, max_depth))
    return root


def _parse(text: str) -> tuple[HtmlElement | None, bool]:
    # Bytes and a named encoding: lxml refuses a str that begins with an XML declaration.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    parser.set_element_class_lookup(_CLASSES)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError):
        return None, False
    # Frameworks put style sheets into headings and paragraphs: no step wants them, and to libxml2 they are text.
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


def cut_many_attributes(text: str) -> str:
    """The page with at most `MAX_ATTRIBUTES` of each element. Linear in the length of the page."""
    return _LONG_TAG.sub(_first_attributes, text)


def _first_attributes(tag: re.Match[str]) -> str:
    for count, attribute in enumerate(_ATTRIBUTE.finditer(tag[0])):
        if count > MAX_ATTRIBUTES:  # the first one is the name
            return f"{tag[0][: attribute.start()]}>"
    return tag[0]


def cut_long_scripts(text: str, max_bytes: int) -> str:
    """The page without its scripts of more than ``max_bytes`` characters."""
    if len(text) <= max_bytes:
        return text
    lower = text.lower()
    if len(lower) != len(text):  # a letter whose lower case is longer: positions would be off
        lower = text
    kept: list[str] = []
    end = 0
    start = lower.find("<script")
    while start >= 0:
        close = lower.find("</script", start)
        close = len(text) if close < 0 else close
        if close - start > max_bytes:
            kept.append(text[end:start])
            after = text.find(">", close)
            end = len(text) if after < 0 else after + 1
        start = lower.find("<script", close)
    kept.append(text[end:])
    return "".join(kept)
