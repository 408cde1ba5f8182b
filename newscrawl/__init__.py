"""newscrawl: from a news site's address to clean articles with reasons."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newscrawl.dump.frame import read, read_chunks

try:
    __version__ = version("newscrawl")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0.0.0"

__all__ = ["__version__", "read", "read_chunks"]


def __getattr__(name: str) -> Any:
    # pandas takes a second to import: only those who read a dump pay for it.
    if name in {"read", "read_chunks"}:
        from newscrawl.dump import frame

        return getattr(frame, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
