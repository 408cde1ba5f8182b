"""A value of a page -> one clean line. Every metadata field goes through here."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_LINE_CHARS = 5_000
MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")


def line(value: object) -> str | None:
    """The value as one line: entities resolved, doubled ones too, markup gone, white space single; None when empty."""
    if not isinstance(value, str):
        return None
    text = value[:MAX_LINE_CHARS]
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = MARKUP.sub(" ", text)
    text = " ".join(text.split())
    if not text.isprintable():
        text = " ".join("".join(c for c in text if c.isprintable() or c in " \u200c\u200d").split())
    return text or None


def lines(values: Iterable[object]) -> tuple[str, ...]:
    """Every value that is one, in order, each once."""
    return tuple(dict.fromkeys(text for value in values if (text := line(value))))


def address(value: object, base: str) -> str | None:
    """The value as an absolute http(s) URL; None when it is none."""
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_LINE_CHARS:
        return None
    try:
        url = urljoin(base, value.strip())
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.netloc or any(c in url for c in ' \t\r\n"<>\\'):
        return None
    return url
