"""A `Diff` for a terminal: two columns, changed words marked."""

from __future__ import annotations

import json
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from newscrawl.text.terminal import columns_of, fit, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newscrawl.report.diff import Diff, Piece, Row

MIN_COLUMNS = 40
GONE, NEW = ("[-", "-]"), ("{+", "+}")
"""How words that went and words that came are marked, with colour or without."""


def diff_lines(diff: Diff, columns: int) -> Iterator[tuple[str, str]]:
    """The lines, each with its rich style; none is wider than so many columns (`MIN_COLUMNS` at least)."""
    columns = max(columns, MIN_COLUMNS)
    side = (columns - 5) // 2
    yield fit(diff.url, columns).rstrip(), "bold"
    yield f"revision {diff.before} → {diff.after} ({diff.cause})", "dim"
    for change in diff.fields:
        yield "", ""
        yield plain(change.name), "cyan"
        yield from _side_by_side(_value(change.before), _value(change.after), side, is_changed=True)
    if any(row.is_changed for row in diff.text):
        yield "", ""
        yield "text", "cyan"
        yield from _text(diff.text, side)


def _text(rows: Sequence[Row], side: int) -> Iterator[tuple[str, str]]:
    same = 0
    for row in rows:
        if not row.is_changed:
            same += 1
            continue
        if same:
            yield f"  … {same} equal", "dim"
        same = 0
        yield from _side_by_side(_marked(row.before, GONE), _marked(row.after, NEW), side, is_changed=True)
    if same:
        yield f"  … {same} equal", "dim"


def _side_by_side(before: str, after: str, side: int, *, is_changed: bool) -> Iterator[tuple[str, str]]:
    style = "yellow" if before and after else "red" if before else "green"
    mark = "~" if before and after else "-" if before else "+"
    for left, right in zip_longest(_folded(before, side), _folded(after, side), fillvalue=""):
        yield f"{mark} {fit(left, side)} │ {right}".rstrip(), style if is_changed else ""


def _marked(pieces: Sequence[Piece], marks: tuple[str, str]) -> str:
    if all(piece.is_changed for piece in pieces):
        return "".join(piece.text for piece in pieces)
    return "".join(
        f"{_lead(piece.text)}{marks[0]}{piece.text.lstrip()}{marks[1]}" if piece.is_changed else piece.text
        for piece in pieces
    )


def _lead(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]


def _value(value: Any) -> str:
    if value is None or value == []:
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _folded(text: str, columns: int) -> list[str]:
    """The text in lines of at most so many columns, between words where it can be."""
    lines: list[str] = []
    line = ""
    for word in plain(text).split(" "):
        rest = word
        if line and columns_of(line) + 1 + columns_of(rest) <= columns:
            line = f"{line} {rest}"
            continue
        if line:
            lines.append(line)
        while columns_of(rest) > columns:
            at = next(n for n in range(len(rest), 0, -1) if columns_of(rest[:n]) <= columns)
            lines.append(rest[:at])
            rest = rest[at:]
        line = rest
    return [*lines, line] if line else lines
