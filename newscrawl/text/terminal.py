"""Text of strangers made fit for a terminal or a page of ours: nothing in it drives either."""

from __future__ import annotations

from unicodedata import category, east_asian_width

# C0 and C1 controls, line separators, and what turns the direction of everything that follows it.
_SCARY = dict.fromkeys((*range(32), *range(127, 160), 8232, 8233), " ")
_TURNING = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "")
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_TABLE = {**_SCARY, **_TURNING, **_SURROGATES}
_NO_COLUMN = frozenset({"Mn", "Me", "Cf"})
"""Categories of characters that stand on the one before them, or are not seen."""


def plain(text: str, max_chars: int | None = None) -> str:
    """One line without control characters, direction overrides and lone surrogates; cut with "…" where too long."""
    if max_chars is not None and len(text) > max_chars:
        text = f"{text[: max_chars - 1]}…"
    return text.translate(_TABLE)


def columns_of(text: str) -> int:
    """Columns of a terminal: wide letters take two, marks on other letters none."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def cut(text: str, columns: int) -> str:
    """`plain`, in at most so many columns; cut with "…" where too wide."""
    text = plain(text[: 4 * columns + 4])
    if columns_of(text) <= columns:
        return text
    room = columns - 1
    for at, char in enumerate(text):
        room -= _columns(char)
        if room < 0:
            return f"{text[:at]}…"
    return text


def fit(text: str, columns: int) -> str:
    """`cut`, and padded to exactly so many columns."""
    text = cut(text, columns)
    return text + " " * (columns - columns_of(text))


def _columns(char: str) -> int:
    return 0 if category(char) in _NO_COLUMN else 2 if east_asian_width(char) in "WF" else 1
