"""``newscrawl compact``: few files where there were many."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from newscrawl.cli.arguments import add_data
from newscrawl.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Merge the files of each stream and crawl day into few, under new names. No line changes, nor does the digest. The
manifest no longer names the old files, then they go; a reader who has one open keeps it.

It may be interrupted at any moment, and run as often as one likes.
"""
EXAMPLE = """
newscrawl compact
newscrawl compact --before 2026-11-01
newscrawl compact --day 2026-11-23 --data data
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--day", metavar="DAY", help="only this crawl day (2026-11-23)")
    which.add_argument("--before", metavar="DAY", help="only crawl days before this one")
    add_data(parser)


def run(args: argparse.Namespace) -> int:
    """Compact, and say what it came to."""
    from newscrawl.dump.compact import compact
    from newscrawl.state.store import open_store

    day, before = _day("--day", args.day), _day("--before", args.before)
    with open_store(args.data, create=False) as store:
        days = None
        if day or before:
            known = {each.crawl_day for each in store.outbox.files() if each.crawl_day}
            days = frozenset(each for each in known if (each == day if day else each < str(before)))
        compacted = compact(store, args.data, days=days)
    if not args.quiet:
        print(compacted if compacted.merged else "nothing to merge")
    return ExitCode.DONE


def _day(option: str, text: str | None) -> str | None:
    try:
        return date.fromisoformat(text).isoformat() if text is not None else None
    except ValueError:
        raise ConfigError(f"{option} {text}: not a day such as 2026-11-23") from None
