"""A folder to the files in it that may hold articles."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIXES = (".html", ".htm", ".xhtml", ".warc", ".jsonl", ".ndjson", ".txt")
"""Names of files to read end so, or so and ``.gz``: beside a saved page lie its scripts and pictures."""


def files_in(folder: Path) -> Iterator[Path]:
    """Files to read in a folder and those below it, by name; the names of one folder are in memory at a time.

    What is hidden is left out, and so are links to folders. A folder that cannot be read is named itself, so that
    whoever reads it says why.
    """
    try:
        with os.scandir(folder) as entries:
            found = sorted((each.name, each.is_dir(follow_symlinks=False)) for each in entries)
    except OSError:
        yield folder
        return
    for name, is_folder in found:
        if name.startswith("."):
            continue
        if is_folder:
            yield from files_in(folder / name)
        elif name.lower().removesuffix(".gz").endswith(SUFFIXES):
            yield folder / name
