"""``newscrawl outcomes``: what became of each address, and why it gave no article."""

from __future__ import annotations

import json
from collections import Counter, deque
from typing import TYPE_CHECKING

from newscrawl.cli.arguments import add_data
from newscrawl.cli.table import table_lines
from newscrawl.errors import ConfigError, ExitCode, Outcome

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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("text", metavar="TEXT", nargs="?", help="only addresses that hold this text")
    add_data(parser)
    parser.add_argument("--source", metavar="ID", help="only addresses of this source")
    parser.add_argument(
        "--why",
        metavar="OUTCOME",
        choices=[str(outcome) for outcome in Outcome],
        help=f"only this outcome: {', '.join(Outcome)}",
    )
    parser.add_argument("--run", metavar="ID", dest="run_id", help="only what this run decided; last: the newest run")
    parser.add_argument("--rows", metavar="N", type=_count, default=50, help="addresses shown at most (default: 50)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, all of them")


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
                print(json.dumps({"crawl_day": day, **line}))
        return ExitCode.DONE
    counts: Counter[str] = Counter()
    newest: deque[tuple[str, str, str, str]] = deque(maxlen=args.rows)
    shown = 0
    for day, line in outcomes:
        counts[line["outcome"]] += 1
        if line["outcome"] in wanted:
            shown += 1
            newest.append((line["outcome"], line["reason"] or NO_REASON, line["url"], day))
    for text in _report(counts, tuple(newest), shown):
        print(text)
    return ExitCode.DONE


def _report(counts: Counter[str], newest: tuple[tuple[str, str, str, str], ...], shown: int) -> Iterator[str]:
    if not counts:
        yield "no address: nothing was decided"
        return
    yield from (f"{count:>8,}  {outcome}" for outcome, count in counts.most_common())
    if newest:
        yield ""
        yield from table_lines(("OUTCOME", "REASON", "URL", "DAY"), newest)
    if shown > len(newest):
        yield f"… and {shown - len(newest):,} older ones: --rows N or --json shows more"


def _run_id(named: str | None, known: tuple[str, ...], data: Path) -> str | None:
    if named == LAST:
        if not known:
            raise ConfigError(f"{data} holds no run")
        return known[-1]
    if named is not None and named not in known:
        raise ConfigError(f"--run {named}: {data} holds no such run; the newest is {known[-1] if known else 'none'}")
    return named


def _count(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if number < 1:
        from argparse import ArgumentTypeError

        raise ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return number
