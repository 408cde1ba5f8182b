"""What a body is, by its first bytes: the name of its root element, whatever its headers say."""

from __future__ import annotations

import codecs
import re

HEAD_BYTES = 16_384
"""The root element is looked for in this much of the body."""

_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_PROLOG = (("<?", "?>"), ("<!--", "-->"), ("<!", ">"))
_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?([\w.-]{1,40})")


def head_text(body: bytes) -> str:
    """The beginning of the body as text, without byte order mark and leading space; good for ASCII names only."""
    head = body[:HEAD_BYTES]
    for mark, encoding in _UTF_16.items():
        if head.startswith(mark):
            return head[2:].decode(encoding, "replace").lstrip()
    return head.removeprefix(codecs.BOM_UTF8).decode("latin-1").lstrip()


def root_name(body: bytes) -> str:
    """The root element's name, lower case and without prefix; "" when the body does not begin as XML or HTML does."""
    rest = head_text(body)
    while rest:
        for opening, closing in _PROLOG:
            if rest.startswith(opening):
                rest = _after(rest, closing).lstrip()
                break
        else:
            match = _ROOT.match(rest)
            return match[1].lower() if match else ""
    return ""


def _after(text: str, closing: str) -> str:
    """The text behind the first `closing`; a document type's own declarations, in brackets, are stepped over."""
    end = text.find(closing)
    bracket = text.find("[", 0, end) if closing == ">" else -1
    if bracket >= 0:
        inner = text.find("]", bracket)
        end = text.find(closing, inner) if inner >= 0 else -1
    return text[end + len(closing) :] if end >= 0 else ""
