"""What an element is, by the words of its class, id and itemprop."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from newscrawl.extract.wording import wording

if TYPE_CHECKING:
    from lxml.html import HtmlElement

WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]{2,}")
MAX_VALUE_CHARS = 500
UTILITY = frozenset(":[]!@")


@lru_cache(maxsize=20_000)
def _kinds(*names: str | None) -> frozenset[str]:
    value = " ".join(filter(None, names))[:MAX_VALUE_CHARS]
    # Utility classes ("print:hidden", "w-[3px]") say how an element looks, not what it is.
    tokens = [token for token in value.split() if not set(token) & UTILITY]
    found = {word.lower() for token in tokens for word in WORD.findall(token)}
    found |= {token.lower() for token in tokens}
    return frozenset(kind for kind in ("standfirst", "byline", "date", "caption", "furniture") if found & _marks(kind))


@lru_cache(maxsize=16)
def _marks(kind: str) -> frozenset[str]:
    return frozenset(wording("structure")[kind]["marks"])


def kinds(element: HtmlElement) -> frozenset[str]:
    """``standfirst``, ``byline``, ``date``, ``caption``, ``furniture``: what the element's names say it is."""
    get = element.get
    return _kinds(get("class"), get("id"), get("itemprop"), get("data-testid"))
