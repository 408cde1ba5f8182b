"""Options that several commands share."""

from __future__ import annotations

import os
from argparse import ArgumentTypeError
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.errors import ConfigError

if TYPE_CHECKING:
    import argparse

    from newscrawl.dump.place import Place


def compression() -> str:
    """How files of the dump are packed: the environment's NEWSCRAWL_DUMP_COMPRESSION, else not at all."""
    return os.environ.get("NEWSCRAWL_DUMP_COMPRESSION") or "none"


def dump() -> str:
    """Where the dump is published to: the environment's NEWSCRAWL_DUMP; empty: where it was so far."""
    return os.environ.get("NEWSCRAWL_DUMP") or ""


def add_sources(parser: argparse.ArgumentParser, what: str = "the sources file", *, option: str = "--sources") -> None:
    """``--sources FILE``, or another option: that of $NEWSCRAWL_SOURCES, else ``data/sources.toml``."""
    parser.add_argument(
        option,
        metavar="FILE",
        type=Path,
        default=Path(os.environ.get("NEWSCRAWL_SOURCES") or "data/sources.toml"),
        help=f"{what} (default: $NEWSCRAWL_SOURCES, else data/sources.toml)",
    )


def add_data(parser: argparse.ArgumentParser, what: str = "data directory", *, is_read: bool = False) -> None:
    """``--data DIR``: the directory of the environment's NEWSCRAWL_DATA, else ``data``.

    Args:
        is_read: a command that only reads the dump, wherever it is: an address will do, too.
    """
    parser.add_argument(
        "--data",
        metavar="DIR",
        type=place_of_dump if is_read else directory,
        default=Path(os.environ.get("NEWSCRAWL_DATA") or "data"),
        help=f"{what}{', or the address of a dump' if is_read else ''} (default: $NEWSCRAWL_DATA, else data)",
    )


def place_of_dump(text: str) -> Place:
    """A data directory, or the address of a dump elsewhere.

    Raises:
        ConfigError: no dump can be at such an address.
    """
    from newscrawl.dump.place import place

    return place(text) if "://" in text else Path(text)


def directory(text: str) -> Path:
    """A data directory of this machine.

    Raises:
        ConfigError: it is an address.
    """
    if "://" in text:
        raise ConfigError(
            f"{text} is no directory of this machine, which this command needs; "
            "verify, export, outcomes, diff, explain and report read a dump where it is"
        )
    return Path(text)


def whole_number(text: str) -> int:
    """A whole number above 0, for argparse."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if number < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return number
