"""What stands in a data directory, follows from the dump alone, and may be deleted at any time."""

from __future__ import annotations

from pathlib import Path

SEARCH_INDEX = Path("state", "browse.sqlite")
"""The index of `newscrawl browse`, in a data directory. It holds texts: a purge deletes it."""


def forget_caches(data: Path) -> None:
    """Delete them.

    Raises:
        OSError: one of them cannot be deleted.
    """
    for end in ("", "-journal"):
        (data / f"{SEARCH_INDEX}{end}").unlink(missing_ok=True)
