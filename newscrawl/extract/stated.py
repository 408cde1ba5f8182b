"""What a page and its feed state, in one value: every field is read from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newscrawl.article import Hint
    from newscrawl.extract.head import Head
    from newscrawl.extract.jsonld import JsonLd


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """The statements about one page."""

    url: str
    """Its final address, normalised."""
    head: Head
    jsonld: JsonLd
    hint: Hint | None
