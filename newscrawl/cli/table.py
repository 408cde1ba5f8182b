"""Tables of what strangers wrote, for a terminal: nothing in a cell can drive it, and no cell is endless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.text.terminal import columns_of, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_CELL_CHARS = 120
_GAP = "  "


def table_lines(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, max_last_chars: int = MAX_CELL_CHARS
) -> list[str]:
    """The rows below their header, each column as wide as its widest cell; the last one may be given more room."""
    last = len(header) - 1
    cells = [
        [plain(text, max_last_chars if at == last else MAX_CELL_CHARS) for at, text in enumerate(row)]
        for row in (header, *rows)
    ]
    widths = [max(map(columns_of, column)) for column in zip(*cells, strict=True)]
    return [
        _GAP.join(text + " " * (width - columns_of(text)) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
