"""``newscrawl verify``: prove that a dump is whole."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newscrawl.cli.answer import add_json, answer, print_json
from newscrawl.cli.arguments import place_of_dump
from newscrawl.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    import argparse

    from newscrawl.dump.place import Place

DESCRIPTION = """\
Check a dump against its manifest: that every file is there with its size, rows and checksum and nothing else is,
that each line holds to its schema, that (id, revision) is unique, and that the digest is right. Prints "ok" with
the digest and the counts, or one problem a line.

Exit status 0: the dump is whole; 1: it is not; 2: there is no such directory; 5: the store that it lies in cannot be
read.
"""
EXAMPLE = """
newscrawl verify data
newscrawl verify data --json | jq .digest
newscrawl verify s3://bucket/news
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("path", metavar="DIR", type=place_of_dump, help="the data directory, or the address of a dump")
    add_json(parser, "one JSON object: problems, none when it is whole, and what the dump holds")


def run(args: argparse.Namespace) -> int:
    """Print every problem of the dump, or what it holds."""
    from newscrawl.dump.place import place
    from newscrawl.dump.reader import verify

    path = place(args.path)
    if not path.is_dir():
        raise ConfigError(f"{path} is not a directory" if isinstance(path, Path) else f"there is no dump at {path}")

    if problems := verify(path):
        if args.json:
            print_json({"problems": problems})
        else:
            for problem in problems:
                print(problem)
        return ExitCode.ERROR
    holds = _contents(path)
    answer(args, _sentences(holds), {"problems": [], **holds})
    return ExitCode.DONE


def _contents(path: Place) -> dict[str, Any]:
    """What a dump that is whole holds."""
    from newscrawl.dump.streams import read_manifest

    manifest = read_manifest(path)
    rows: Counter[str] = Counter()
    for file in manifest["files"]:
        rows[file["stream"]] += file["rows"]
    return {
        "digest": manifest["digest"],
        "articles": manifest["articles"],
        "rows": dict(sorted(rows.items())),
        "files": len(manifest["files"]),
        "bytes": sum(file["bytes"] for file in manifest["files"]),
        "runs": len(manifest["runs"]),
    }


def _sentences(holds: dict[str, Any]) -> str:
    rows = ", ".join(f"{count:,} {stream}" for stream, count in holds["rows"].items())
    return (
        f"ok {holds['digest']}\n{holds['articles']:,} articles; rows: {rows or 'none'}; "
        f"{holds['files']:,} files, {holds['bytes']:,} bytes; runs: {holds['runs']:,}"
    )
