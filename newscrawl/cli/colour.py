"""Colour where a person looks at a terminal, and nowhere else."""

from __future__ import annotations

import os
from io import TextIOWrapper
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable


def wants_colour(file: TextIO) -> bool:
    """Whether a file is a terminal that shows colour, and nobody has asked for none (``NO_COLOR``)."""
    return file.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_styled(lines: Iterable[tuple[str, str]], file: TextIO | None) -> None:
    """Write lines, each a text and its rich style, never folded; without colour where none is wanted."""
    if isinstance(file, TextIOWrapper):
        file.reconfigure(errors="replace")
    if file is None or not wants_colour(file):
        for text, _ in lines:
            print(text, file=file)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(file=file, highlight=False)
    for text, style in lines:
        console.print(Text(text, style=style), soft_wrap=True)
