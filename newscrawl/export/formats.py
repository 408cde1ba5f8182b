"""The formats of an export, and what their files are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = {
    "jsonl": (".jsonl", ".jsonl.gz", ".jsonl.zst", ".ndjson"),
    "parquet": (".parquet",),
    "csv": (".csv",),
    "xlsx": (".xlsx",),
    "sqlite": (".sqlite", ".sqlite3", ".db"),
}
"""Formats, and the ends of names that stand for them."""

LINES = frozenset({"jsonl", "csv"})
"""Formats that can be written to standard output."""

PACKAGES = {"parquet": "pyarrow", "xlsx": "xlsxwriter"}
"""What a format needs that newscrawl does not bring; the extra has the format's name."""


def format_of(path: Path) -> str:
    """The format that the end of a file's name stands for.

    Raises:
        ConfigError: it stands for none.
    """
    for name, ends in FORMATS.items():
        if path.name.lower().endswith(ends):
            return name
    known = ", ".join(end for ends in FORMATS.values() for end in ends)
    raise ConfigError(f"{path}: no format has this ending; there are {known}")
