"""readability-lxml, and the text of the HTML that it makes."""

from __future__ import annotations

from typing import Any

from lxml import html as lxml_html
from readability import Document
from serve import decoded

BLOCKS = ["p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "pre", "tr", "section", "article", "br"]


def page(html: bytes, url: str) -> dict[str, Any]:  # noqa: ARG001 - the address says nothing to it
    """Its summary, one line a block."""
    document = Document(decoded(html))
    tree = lxml_html.fromstring(document.summary())
    for element in tree.iter(*BLOCKS):
        element.text = f"\n{element.text or ''}"
        element.tail = f"\n{element.tail or ''}"
    lines = (" ".join(line.split()) for line in tree.text_content().splitlines())
    return {"text": "\n".join(line for line in lines if line), "title": document.short_title()}
