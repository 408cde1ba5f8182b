"""``newscrawl outcomes``: what became of each address, and why it gave no article."""

from __future__ import annotations

import sys
from collections import Counter, deque
from typing import TYPE_CHECKING

from newscrawl.cli.answer import add_json, print_json
from newscrawl.cli.arguments import add_data, whole_number
from newscrawl.cli.colour import print_styled
from newscrawl.cli.table import table_lines
from newscrawl.errors import ConfigError, ExitCode, Outcome
from newscrawl.text.terminal import plain

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

DESCRIPTION = """\
Say why addresses gave no article: first how many there are of each outcome, then the newest of those that gave none,
each with its reason and the day. `--why article` shows the articles instead, and a TEXT all that became of the
addresses that hold it.

With --json, one JSON object a line: the outcome line of the dump with its crawl_day; all of them, oldest first.
"""
EXAMPLE = """
newscrawl outcomes
newscrawl outcomes /2026/harbour-reopens
newscrawl outcomes --source harbour-times --why list_page --run last
"""

LAST = "last"
NO_REASON = "-"
MAX_URL_CHARS = 2083
"""An address that is cut leads nowhere."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("text", metavar="TEXT", nargs="?", help="only addresses that hold this text")
    add_data(parser, is_read=True)
    parser.add_argument("--source", metavar="ID", help="only addresses of this source")
    parser.add_argument(
        "--why",
        metavar="OUTCOME",
        choices=[str(outcome) for outcome in Outcome],
        help=f"only this outcome: {', '.join(Outcome)}",
    )
    parser.add_argument("--run", metavar="ID", dest="run_id", help="only what this run decided; last: the newest run")
    parser.add_argument(
        "--rows", metavar="N", type=whole_number, default=50, help="addresses shown at most (default: 50)"
    )
    add_json(parser, "one JSON object a line, all of them")


def run(args: argparse.Namespace) -> int:
    """Print the counts and the table, or the lines."""
    from newscrawl.dump.outcomes import Wanted, known_runs, read_outcomes

    run_id = _run_id(args.run_id, known_runs(args.data), args.data)
    outcomes = read_outcomes(args.data, Wanted(source=args.source, run_id=run_id, text=args.text))
    # Who names an address wants to know what became of it, an article too.
    wanted = {args.why} if args.why else set(Outcome) - (set() if args.text else {Outcome.ARTICLE})
    if args.json:
        for day, line in outcomes:
            if line["outcome"] in wanted:
                print_json({"crawl_day": day, **line})
        return ExitCode.DONE
    counts: Counter[str] = Counter()
    newest: deque[tuple[str, str, str, str]] = deque(maxlen=args.rows)
    shown = 0
    for day, line in outcomes:
        counts[line["outcome"]] += 1
        if line["outcome"] in wanted:
            shown += 1
            newest.append((line["outcome"], day, line["reason"] or NO_REASON, line["url"]))
    if not counts:
        print(f"no address: nothing was decided{_asked(args)}")
        return ExitCode.DONE
    print_styled(_report(counts, tuple(newest), shown), sys.stdout)
    return ExitCode.DONE


def _report(counts: Counter[str], newest: tuple[tuple[str, ...], ...], shown: int) -> Iterator[tuple[str, str]]:
    """The lines, each with its style."""
    for outcome, count in counts.most_common():
        yield f"{count:>8,}  {outcome}", _style(outcome)
    if newest:
        header, *rows = table_lines(("OUTCOME", "DAY", "REASON", "URL"), newest, max_last_chars=MAX_URL_CHARS)
        yield "", ""
        yield header, "bold"
        yield from ((row, _style(outcome)) for row, (outcome, *_) in zip(rows, newest, strict=True))
    if shown > len(newest):
        yield f"… and {shown - len(newest):,} older ones: --rows N or --json shows more", "dim"


def _style(outcome: str) -> str:
    if outcome == Outcome.ERROR:
        return "red"
    return "green" if outcome == Outcome.ARTICLE else ""


def _asked(args: argparse.Namespace) -> str:
    """The choice that nothing answers to, in words."""
    said = [plain(f"--source {args.source}")] if args.source else []
    said += [plain(f"--run {args.run_id}")] if args.run_id else []
    said += [plain(f"an address with {args.text!r}")] if args.text else []
    return f" for {' and '.join(said)}" if said else ""


def _run_id(named: str | None, known: tuple[str, ...], data: Path) -> str | None:
    if named == LAST:
        if not known:
            raise ConfigError(f"{data} holds no run")
        return known[-1]
    if named is not None and named not in known:
        raise ConfigError(f"--run {named}: {data} holds no such run; the newest is {known[-1] if known else 'none'}")
    return named
