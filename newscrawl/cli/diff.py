"""``newscrawl diff``: two revisions of an article side by side."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Any

from newscrawl.cli.answer import add_json, print_json
from newscrawl.cli.arguments import add_data
from newscrawl.cli.colour import print_styled
from newscrawl.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

DESCRIPTION = """\
Show two revisions of an article side by side: fields that differ, and paragraphs with the words that went [-so-] and
those that came {+so+}. Without revisions, the last two; with one, that one against the newest.

With --json, one JSON object: before, after, cause, the fields with both values, and the paragraphs that differ.
"""
EXAMPLE = """
newscrawl diff nc_abcdefghijklmnopqrstuvwxyz
newscrawl diff nc_abcdefghijklmnopqrstuvwxyz 1 3
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("id", metavar="ID", help="id of the article")
    parser.add_argument("before", metavar="R1", nargs="?", type=int, help="the earlier revision")
    parser.add_argument("after", metavar="R2", nargs="?", type=int, help="the later revision (default: the newest)")
    add_json(parser)
    add_data(parser, is_read=True)


def run(args: argparse.Namespace) -> int:
    """Print the difference."""
    from newscrawl.dump.find import find_revisions
    from newscrawl.report.diff import diff
    from newscrawl.report.diff_text import diff_lines

    revisions = find_revisions(args.data, args.id)
    found = diff(*_chosen(revisions, args.id, args.before, args.after))
    if args.json:
        from dataclasses import asdict

        changed = [row for row in found.text if row.is_changed]
        text = [{side: "".join(p.text for p in getattr(row, side)) for side in ("before", "after")} for row in changed]
        print_json(asdict(found) | {"text": text})
        return ExitCode.DONE
    print_styled(diff_lines(found, shutil.get_terminal_size((100, 24)).columns), sys.stdout)
    return ExitCode.DONE


def _chosen(
    revisions: Mapping[int, dict[str, Any]], article: str, before: int | None, after: int | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    numbers = sorted(revisions)
    for number in (before, after):
        if number is not None and number not in revisions:
            raise ConfigError(f"{article} has no revision {number}; it has {', '.join(map(str, numbers))}")
    if len(numbers) < 2:
        raise ConfigError(f"{article} has only one revision; there is nothing to compare it with")
    after = numbers[-1] if after is None else after
    before = numbers[-2] if before is None else before
    return revisions[before], revisions[after]
