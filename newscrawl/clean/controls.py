"""Lines that are buttons and labels of a page: how the rules that look for them treat short ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.lines import first_prose, last_prose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newscrawl.clean.lines import Line

MAX_WEAK_WORDS = 3
"""As `Line.words` counts them: five letters of a script written without spaces."""


def taken_controls(lines: tuple[Line, ...], whys: Sequence[str | None]) -> dict[int, str]:
    """The lines with a reason, by index, but for single words in the middle of the text that stand alone.

    "Refresh" between two paragraphs may be a heading; beside "Newest first", or outside the text, it is a button.
    """
    start, end = first_prose(lines), last_prose(lines)
    taken = {}
    for index, why in enumerate(whys):
        if why is None:
            continue
        is_beside = any(whys[max(0, index - 1) : index]) or any(whys[index + 1 : index + 2])
        if not is_weak(lines[index]) or is_beside or not start <= index <= end:
            taken[index] = why
    return taken


def is_weak(line: Line) -> bool:
    """Whether the line is a single word, or as short in a script without spaces."""
    return " " not in line.key and line.words <= MAX_WEAK_WORDS
