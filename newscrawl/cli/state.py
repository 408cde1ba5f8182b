"""``newscrawl state``: the crawler's own memory: look at it, copy it, mend it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.cli.answer import add_json, answer
from newscrawl.cli.arguments import add_data
from newscrawl.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
The store is the crawler's own memory: what it fetched, what waits to be published, what the sites print everywhere.
`show` says what it holds, `check` reads all of it and names every fault, `backup FILE` copies it while a run may be
going on, and `rebuild` makes a new one out of the dump when it is damaged or lost; the old one is set aside.

Exit status 0: well; 1: `check` found a fault; 4: a run owns the data directory; 5: the disk refuses, or the dump is
damaged too.
"""
EXAMPLE = """
newscrawl state show
newscrawl state backup /backup/newscrawl.sqlite --force
newscrawl state rebuild --data data
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("action", choices=["show", "check", "backup", "rebuild"], help="what to do")
    parser.add_argument("file", metavar="FILE", type=Path, nargs="?", help="with backup: where the copy goes")
    parser.add_argument("--force", action="store_true", help="with backup: replace a file that is there")
    add_data(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Do it, and say what came of it."""
    from newscrawl.state import backup, rebuild

    if (args.action == "backup") != (args.file is not None):
        raise ConfigError("state backup needs the name of a file, and only that; `newscrawl state --help`")
    if args.action == "backup":
        size = backup.backup(args.data, args.file, force=args.force)
        answer(args, f"{args.file}: {size:,} bytes, whole", {"file": args.file, "bytes": size})
    elif args.action == "rebuild":
        rebuilt = rebuild.rebuild(args.data)
        answer(args, f"rebuilt {rebuilt}", asdict(rebuilt))
    elif args.action == "check":
        problems = backup.check(args.data)
        if args.json or not problems:
            answer(args, "the store is whole", {"problems": problems})
        else:
            for problem in problems:
                print(problem)
        return ExitCode.ERROR if problems else ExitCode.DONE
    else:
        facts = backup.facts(args.data)
        rows = (f"{rows:>12,}  {name}" for name, rows in facts.rows.items())
        head = f"version {facts.version}, {facts.bytes:,} bytes, last run {facts.last_run or 'none'}"
        answer(args, "\n".join((head, *rows)), asdict(facts))
    return ExitCode.DONE
