"""Options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def compression() -> str:
    """How files of the dump are packed: the environment's NEWSCRAWL_DUMP_COMPRESSION, else not at all."""
    return os.environ.get("NEWSCRAWL_DUMP_COMPRESSION") or "none"


def add_data(parser: argparse.ArgumentParser, what: str = "data directory") -> None:
    """``--data DIR``: the directory of the environment's NEWSCRAWL_DATA, else ``data``."""
    parser.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        default=Path(os.environ.get("NEWSCRAWL_DATA") or "data"),
        help=f"{what} (default: $NEWSCRAWL_DATA, else data)",
    )
