"""``newscrawl verify``: prove that a dump is whole."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Check a dump against its manifest: that every file is there with its size, rows and checksum and nothing else is,
that each line holds to its schema, that (id, revision) is unique, and that the digest is right. Prints "ok" with
the digest and the counts, or one problem a line.

Exit status 0: the dump is whole; 1: it is not; 2: there is no such directory.
"""
EXAMPLE = "newscrawl verify data"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("path", metavar="DIR", type=Path, help="the data directory")


def run(args: argparse.Namespace) -> int:
    """Print every problem of the dump, or what it holds."""
    path: Path = args.path
    if not path.is_dir():
        raise ConfigError(f"{path} is not a directory")
    from newscrawl.dump.reader import verify

    if problems := verify(path):
        for problem in problems:
            print(problem)
        return ExitCode.ERROR
    if not args.quiet:
        print(_contents(path))
    return ExitCode.DONE


def _contents(path: Path) -> str:
    """What a dump that is whole holds, in two lines."""
    from newscrawl.dump.manifest import MANIFEST

    manifest = json.loads((path / MANIFEST).read_bytes())
    rows: Counter[str] = Counter()
    for file in manifest["files"]:
        rows[file["stream"]] += file["rows"]
    counts = ", ".join(f"{count:,} {stream}" for stream, count in sorted(rows.items()))
    size = sum(file["bytes"] for file in manifest["files"])
    return (
        f"ok {manifest['digest']}\n"
        f"{manifest['articles']:,} articles; rows: {counts or 'none'}; {len(manifest['files']):,} files, "
        f"{size:,} bytes; runs: {len(manifest['runs']):,}"
    )
