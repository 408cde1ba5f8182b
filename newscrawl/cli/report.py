"""``newscrawl report``: what a crawl brought, as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.cli.answer import add_json, print_json
from newscrawl.cli.arguments import add_data, whole_number
from newscrawl.errors import ConfigError, ExitCode
from newscrawl.text.terminal import plain

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Write a report of a dump as one HTML file that opens offline, prints, and fits a phone: what came in, what did not and
why, how good it is, what changed, how stories travel, how polite it was, and ten articles drawn at random with what
cleaning kept and removed.

It is about the newest 30 days of the dump, or as --days or --run say. The same dump gives the same report.

With --json, its figures as one JSON object on standard output, and no file.
"""
EXAMPLE = """
newscrawl report
newscrawl report --data data/demo --days 7 -o week.html
newscrawl report --run last --json
"""
LAST = "last"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_data(parser, is_read=True)
    about = parser.add_mutually_exclusive_group()
    about.add_argument("--days", metavar="N", type=whole_number, default=30, help="newest crawl days (default: 30)")
    about.add_argument("--run", metavar="ID", dest="run_id", help="one run alone; last: the newest")
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=Path, default=Path("report.html"), help="default: report.html"
    )
    add_json(parser, "the figures as one JSON object, and no file")


def run(args: argparse.Namespace) -> int:
    """Read the dump and write the file, or print the figures."""
    from newscrawl.dump.outcomes import known_runs
    from newscrawl.dump.selection import read_whole
    from newscrawl.report.html.figures import as_values
    from newscrawl.report.html.gather import gather

    run_id = args.run_id
    if run_id == LAST:
        runs = known_runs(args.data)
        if not runs:
            raise ConfigError(f"{args.data} holds no run")
        run_id = runs[-1]
    report = read_whole(args.data, lambda: gather(args.data, days=args.days, run_id=run_id))
    if args.json:
        print_json(as_values(report))
        return ExitCode.DONE
    from newscrawl.report.html.page import write_page

    size = write_page(report, args.output)
    if not args.quiet:
        articles = sum(each.total for each in report.sources)
        print(
            plain(
                f"{args.output}: {articles:,} new articles of {len(report.sources):,} sources, "
                f"{report.first_day} to {report.last_day} ({size / 1000:,.0f} KB)"
            )
        )
    return ExitCode.DONE
