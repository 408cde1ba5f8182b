"""Options that several commands share."""

from __future__ import annotations

import os
from argparse import ArgumentTypeError
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def compression() -> str:
    """How files of the dump are packed: the environment's NEWSCRAWL_DUMP_COMPRESSION, else not at all."""
    return os.environ.get("NEWSCRAWL_DUMP_COMPRESSION") or "none"


def add_sources(parser: argparse.ArgumentParser, what: str = "the sources file", *, option: str = "--sources") -> None:
    """``--sources FILE``, or another option: that of $NEWSCRAWL_SOURCES, else ``data/sources.toml``."""
    parser.add_argument(
        option,
        metavar="FILE",
        type=Path,
        default=Path(os.environ.get("NEWSCRAWL_SOURCES") or "data/sources.toml"),
        help=f"{what} (default: $NEWSCRAWL_SOURCES, else data/sources.toml)",
    )


def add_data(parser: argparse.ArgumentParser, what: str = "data directory") -> None:
    """``--data DIR``: the directory of the environment's NEWSCRAWL_DATA, else ``data``."""
    parser.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        default=Path(os.environ.get("NEWSCRAWL_DATA") or "data"),
        help=f"{what} (default: $NEWSCRAWL_DATA, else data)",
    )


def whole_number(text: str) -> int:
    """A whole number above 0, for argparse."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if number < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return number
