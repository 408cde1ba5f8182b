"""What the finder asks a site for, what an answer leads to, and how far to look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from newscrawl.article import Hint

Kind = Literal["robots", "home", "feed", "sitemap", "section"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One address to ask a site for."""

    kind: Kind
    url: str
    depth: int = 0
    """Sitemaps: indexes above it. Sections: links from the home page. Home: 1 for the host's own, asked for feeds."""
    probe: bool = False
    """A guessed well-known address: that it is missing is no news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an answer led to."""

    asks: tuple[Ask, ...] = ()
    hints: tuple[Hint, ...] = ()
    origins: tuple[Ask, ...] = ()
    """The ask whose answer held each hint."""
    entries: int = 0
    """Articles that the answer held, known ones too."""
    leads: bool = False
    """The answer named feeds, sitemaps or sections: without it they would not be asked for."""
    named: tuple[Hint, ...] = ()
    """All that the answer names, what was named before and what is not wanted included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverOptions:
    """How far to look, per source."""

    max_sitemap_depth: int = 3
    """Indexes above a sitemap."""
    max_sitemap_files: int = 50
    max_entries_per_file: int = 50_000
    """The newest of a sitemap; a feed gives 500 at most."""
    max_feeds: int = 20
    max_section_pages: int = 30
    max_section_depth: int = 2
    """Links from the home page to a section page."""
    max_hints: int = 200_000
    """Addresses of likely articles."""
