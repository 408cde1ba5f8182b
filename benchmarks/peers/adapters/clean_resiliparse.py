"""resiliparse: its parser and its plain text of the main content, in C++."""

from __future__ import annotations

from typing import Any

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree
from serve import decoded


def page(html: bytes, url: str) -> dict[str, Any]:  # noqa: ARG001 - the address says nothing to it
    """Main text and title element."""
    tree = HTMLTree.parse(decoded(html))
    text = extract_plain_text(tree, main_content=True, alt_texts=False, preserve_formatting=True)
    return {"text": text, "title": tree.title}
