"""Tables of what strangers wrote, for a terminal: nothing in a cell can drive it, and no cell is endless."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

from newscrawl.text.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_CELL_CHARS = 120
_GAP = "  "


def table_lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The rows below their header, each column as wide as its widest cell."""
    cells = [[plain(text, MAX_CELL_CHARS) for text in row] for row in (header, *rows)]
    widths = [max(map(_columns, column)) for column in zip(*cells, strict=True)]
    return [
        _GAP.join(text + " " * (width - _columns(text)) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def _columns(text: str) -> int:
    """Columns of a terminal: wide letters take two, combining marks none."""
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)
