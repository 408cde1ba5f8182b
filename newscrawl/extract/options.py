"""What an operator may change about extraction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractOptions:
    """Settings ``NEWSCRAWL_EXTRACT_*``. Changing one that shapes the text changes ``extractor.config``."""

    min_text_chars: int = 100
    """A page with less text than this gave no article (`too_short`); the shortest real news have about 180."""
    teaser_chars: int = 1200
    """A paywalled page with less text than this holds the teaser only."""
    max_script_bytes: int = 1_000_000
    """Longer scripts, JSON-LD blocks among them, are cut out before the page is parsed."""
