"""newscrawl: extraction, cleaning, language, flags, hashes; in the project's own environment."""

from benchmarks.extraction import page

__all__ = ["page"]
