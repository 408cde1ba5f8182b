"""``newscrawl coverage``: how many articles of each source were probably missed."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING

from newscrawl.cli.arguments import add_data, whole_number
from newscrawl.cli.table import table_lines
from newscrawl.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from newscrawl.report.coverage import Coverage

DESCRIPTION = """\
Estimate, for each source, how many articles there were beside those that were found: from what its feeds, sitemaps and
section pages have in common (capture-recapture), with an interval of 95 %. Lists of one site know of each other, which
makes the estimate low: it is a hint, not a count, and where nothing can be said, that is said. Days without an article
are named. The last day is the one before the newest; days are of publication, in UTC.

With --json, one JSON object a line and source, with its days one by one.
"""
EXAMPLE = """
newscrawl coverage
newscrawl coverage --days 14 --source harbour-times --by-day
"""
SHOWN_GAPS = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_data(parser)
    parser.add_argument("--days", metavar="N", type=whole_number, default=7, help="so many days (default: 7)")
    parser.add_argument("--source", metavar="ID", help="only this source")
    parser.add_argument("--by-day", action="store_true", help="a row a day")
    parser.add_argument("--json", action="store_true", help="one JSON object a line and source")


def run(args: argparse.Namespace) -> int:
    """Estimate and print."""
    from newscrawl.report.coverage import coverage
    from newscrawl.state.sightings import read_catches

    catches = read_catches(args.data)
    if args.source:
        catches = tuple(catch for catch in catches if catch.source == args.source)
        if not catches:
            raise ConfigError(f"{args.data} holds no article of {args.source} that was seen lately")
    if not catches:
        if not args.json:
            print("no article was seen lately")
        return ExitCode.DONE
    newest = max(catch.seen for catch in catches)
    last_day = (date.fromisoformat(newest) - timedelta(days=1)).isoformat()
    sources = list(coverage(catches, last_day=last_day, days=args.days))
    if args.json:
        for whole, days in sources:
            print(json.dumps({**asdict(whole), "days": [asdict(day) for day in days]}))
    elif not sources:
        print(f"nothing was seen before {newest}, and that day is not over")
    else:
        rows = (each for whole, days in sources for each in (days if args.by_day else (whole,)))
        for line in _table(rows, by_day=args.by_day):
            print(line)
    return ExitCode.DONE


def _table(rows: Iterable[Coverage], *, by_day: bool) -> list[str]:
    header = ("SOURCE", "DAY" if by_day else "DAYS", "FOUND", "LISTS", "ESTIMATE", "DAYS WITHOUT")
    return table_lines(header, [_row(each, by_day=by_day) for each in rows])


def _row(each: Coverage, *, by_day: bool) -> tuple[str, ...]:
    lists = ", ".join(f"{name} {articles:,}" for name, articles in each.lists.items())
    days = each.first_day if by_day else f"{each.first_day} to {each.last_day}"
    return each.source, days, f"{each.found:,}", lists, _estimate(each), _gaps(each.gaps)


def _estimate(each: Coverage) -> str:
    if each.estimate is None or each.low is None or each.high is None:
        return f"cannot say: {each.cannot_say}"
    about = "at least about" if each.is_lower_bound else "about"
    return f"{about} {each.estimate:,.0f} [{each.low:,.0f} to {each.high:,.0f}]"


def _gaps(gaps: tuple[str, ...]) -> str:
    more = f" and {len(gaps) - SHOWN_GAPS} more" if len(gaps) > SHOWN_GAPS else ""
    return ", ".join(gaps[:SHOWN_GAPS]) + more if gaps else "-"
