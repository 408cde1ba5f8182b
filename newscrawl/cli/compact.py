"""``newscrawl compact``: few files where there were many."""

from __future__ import annotations

import argparse
import os
from dataclasses import asdict
from datetime import date

from newscrawl.cli.answer import add_json, answer
from newscrawl.cli.arguments import add_data
from newscrawl.errors import ConfigError, ExitCode

DESCRIPTION = """\
Merge the files of each stream and crawl day into few, under new names. No line changes, nor does the digest. The
manifest no longer names the old files, then they go; a reader who has one open keeps it.

With --keep-…-days, what is older is let go, too, as at the end of a crawl. Without, or where the environment has no
NEWSCRAWL_KEEP_…_DAYS, nothing is: a crawl may have been told otherwise in a settings file.

It may be interrupted at any moment, and run as often as one likes.
"""
KEPT = {
    "outcomes": "outcomes of addresses",
    "runs": "what the manifest tells of each run (they are summed up by day)",
    "raw": "raw pages",
}
EXAMPLE = """
newscrawl compact
newscrawl compact --before 2026-11-01
newscrawl compact --day 2026-11-23 --data data
newscrawl compact --keep-outcomes-days 90 --keep-runs-days 30
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--day", metavar="DAY", help="only this crawl day (2026-11-23)")
    which.add_argument("--before", metavar="DAY", help="only crawl days before this one")
    for what, told in KEPT.items():
        parser.add_argument(
            f"--keep-{what}-days",
            metavar="N",
            type=_count,
            default=os.environ.get(f"NEWSCRAWL_KEEP_{what.upper()}_DAYS") or "0",
            help=f"let go of {told} but for the newest N days that have any; 0: keep all",
        )
    add_data(parser)
    add_json(parser, "one JSON object: files that were merged and written")


def run(args: argparse.Namespace) -> int:
    """Compact, and say what it came to."""
    from newscrawl.dump.compact import compact
    from newscrawl.dump.retain import Retention, retain
    from newscrawl.state.store import open_store

    retention = Retention(
        outcomes_days=args.keep_outcomes_days, runs_days=args.keep_runs_days, raw_days=args.keep_raw_days, over_files=0
    )
    day, before = _day("--day", args.day), _day("--before", args.before)
    with open_store(args.data, create=False) as store:
        days = None
        if day or before:
            known = {each.crawl_day for each in store.outbox.files() if each.crawl_day}
            days = frozenset(each for each in known if (each == day if day else each < str(before)))
        compacted = compact(store, args.data, days=days)
        retain(store, args.data, retention)
    answer(args, compacted if compacted.merged else "nothing to merge", asdict(compacted))
    return ExitCode.DONE


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text}: not a number of days")
    return int(text)


def _day(option: str, text: str | None) -> str | None:
    try:
        return date.fromisoformat(text).isoformat() if text is not None else None
    except ValueError:
        raise ConfigError(f"{option} {text}: not a day such as 2026-11-23") from None
