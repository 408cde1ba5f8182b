"""Take out of a tree what is never an article's text: furniture, captions, what is hidden. Changes the tree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newscrawl.extract.asides import asides
from newscrawl.extract.marks import kinds
from newscrawl.extract.parts import join_parts

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from newscrawl.extract.layout import Layout

NEVER_TEXT = frozenset(
    {
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "aside",
        "footer",
        "form",
        "button",
        "input",
        "select",
        "textarea",
        "iframe",
        "object",
        "embed",
        "svg",
        "canvas",
        "audio",
        "video",
        "dialog",
        "menu",
        "figcaption",
    }
)
SILENT = frozenset({"script", "style", "noscript", "template"})
NO_TEXT = frozenset({"furniture", "caption"})
PROSE_BYTES = 80
MOST = 0.35
"""An element with more than this share of the page's prose is not furniture, whatever it is called."""
ROLES = frozenset(
    {
        "navigation",
        "dialog",
        "alertdialog",
        "banner",
        "contentinfo",
        "complementary",
        "search",
        "menu",
        "menubar",
        "toolbar",
        "tooltip",
        "form",
        "alert",
    }
)
HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


def prune(root: HtmlElement, layout: Layout) -> None:
    """Remove furniture, captions and hidden elements; whatever holds the headline or most of the prose stays."""
    safe: set[HtmlElement] = {root}
    for element in (layout.heading, layout.block):
        if element is not None:
            safe |= {element, *element.iterancestors()}
    most = prose_bytes(root) * MOST
    stack = list(root)
    while stack:
        element = stack.pop()
        if not isinstance(element.tag, str):
            continue
        if (
            element in safe
            or not is_furniture(element)
            or (element.tag not in SILENT and 0 < most < prose_bytes(element))
        ):
            stack.extend(element)
        else:
            drop(element)
    if layout.block is not None:
        join_parts(layout.block)
        _drop_asides(root, layout.block, safe, most)


def _drop_asides(root: HtmlElement, block: HtmlElement, safe: set[HtmlElement], most: float) -> None:
    for element in list(asides(root, block)):
        if element not in safe and prose_bytes(element) <= most:
            drop(element)


def prose_bytes(element: HtmlElement) -> int:
    """UTF-8 bytes in paragraphs long enough to be prose; bytes, since a Chinese sentence has few characters."""
    texts = (paragraph.text_content() or "" for paragraph in element.iter("p"))
    lengths = (len(text.encode("utf-8", "replace")) for text in texts)
    return sum(length for length in lengths if length >= PROSE_BYTES)


def is_furniture(element: HtmlElement) -> bool:
    """Whether an element is named or marked as what is never text, whatever it holds."""
    if element.tag in NEVER_TEXT:
        return True
    if element.tag in {"html", "body", "article", "main", "p", "br"}:
        return False
    attributes = element.keys()
    if not attributes:
        return False
    if attributes != ["class"]:  # as most have
        if "role" in attributes and element.get("role", "").lower() in ROLES:
            return True
        if is_hidden(element):
            return True
    return not kinds(element).isdisjoint(NO_TEXT)


def is_hidden(element: HtmlElement) -> bool:
    """Whether a browser would not show it, by its own attributes."""
    attributes = element.keys()
    if "hidden" in attributes or ("aria-hidden" in attributes and element.get("aria-hidden") == "true"):
        return True
    return "style" in attributes and HIDDEN_STYLE.search(element.get("style", "")[:500]) is not None


def drop(element: HtmlElement) -> None:
    """Remove one element; the text after it stays."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail and element.tail.strip():
        previous = element.getprevious()
        tail = f" {element.tail}"
        if previous is not None:
            previous.tail = (previous.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
    parent.remove(element)
