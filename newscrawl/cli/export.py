"""``newscrawl export``: the dump, or a part of it, as a file for other tools."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.cli.arguments import add_data
from newscrawl.dump.schema import STREAMS_FOR_READERS
from newscrawl.errors import ConfigError, ExitCode
from newscrawl.export.formats import FORMATS, LINES, format_of
from newscrawl.text.terminal import plain

if TYPE_CHECKING:
    import argparse

    from newscrawl.export.export import Exported, Wanted

DESCRIPTION = """\
Write articles, or another stream, as JSON lines (.jsonl, .jsonl.gz, .jsonl.zst), Parquet, CSV, XLSX or SQLite. The end
of FILE says which; it is there whole or not at all. Without -o, `jsonl` and `csv` go to standard output.

Days are of publication (of streams without: crawl days), whole ones. Several IDs, TAGs and NAMEs stand with commas.
"""
EXAMPLE = """
newscrawl export -o articles.parquet
newscrawl export csv --minimal --source harbour-times --since 7d
newscrawl export -o german.xlsx --language de --since 2026-11-01 --until 2026-11-30
newscrawl export -o increment.jsonl --since-run run_20261124t060000z_abcdef
"""

PROGRESS_EVERY_S = 0.5
RUN_PREFIX = "run_"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "format", metavar="FORMAT", nargs="?", choices=tuple(FORMATS), help=f"one of {', '.join(FORMATS)}"
    )
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="the file to write")
    parser.add_argument("--force", action="store_true", help="in place of a file that is there")
    parser.add_argument(
        "--stream",
        metavar="STREAM",
        choices=STREAMS_FOR_READERS,
        help=f"one of {', '.join(STREAMS_FOR_READERS)}",
    )
    parser.add_argument("--source", metavar="ID", type=_names, help="only these sources")
    parser.add_argument("--language", metavar="TAG", type=_names, help="only these; zh takes zh-CN too")
    parser.add_argument("--since", metavar="DAY", help="not before: 2026-11-01, a UTC time, 7d; or a run")
    parser.add_argument("--until", metavar="DAY", help="not after")
    parser.add_argument("--since-run", metavar="RUN", help="new revisions and withdrawals after this run")
    columns = parser.add_mutually_exclusive_group()
    columns.add_argument("--columns", metavar="NAME", type=_names, help="only these fields, in this order")
    columns.add_argument("--minimal", action="store_true", help="only id, url, source, day, language, title, text")
    columns.add_argument("--profile", metavar="NAME", help="the columns of another data set: cc_news")
    parser.add_argument("--include-gone", action="store_true", help="articles that were withdrawn, too")
    parser.add_argument("--allow", metavar="USE", help="only what the opt-outs allow: train-ai")
    parser.add_argument("--raw-cells", action="store_true", help="CSV, XLSX: no apostrophe before formulas")
    parser.add_argument("--json", action="store_true", help="say what was written as JSON")
    add_data(parser, is_read=True)


def run(args: argparse.Namespace) -> int:
    """Export, and say what it came to."""
    from newscrawl.dump.place import place
    from newscrawl.dump.selection import most_rows
    from newscrawl.export.export import export, export_lines

    format_name = _format(args)
    args.data = place(args.data)
    wanted = _wanted(args)
    if args.json and args.output is None:
        raise ConfigError("--json needs -o FILE: the records go to standard output")
    if args.output is not None and not args.force and args.output.exists():
        raise ConfigError(f"{args.output} is there already; --force replaces it")
    total = most_rows(args.data, wanted.stream, wanted.where, include_gone=wanted.include_gone)
    with _Progress(total, is_shown=sys.stderr is not None and sys.stderr.isatty() and not args.quiet) as progress:
        if args.output is not None:
            exported = export(args.data, wanted, format_name, args.output, progress.hear)
        else:
            exported, lines = export_lines(args.data, wanted, format_name, progress.hear)
            for each in lines:
                sys.stdout.buffer.write(each)
            sys.stdout.buffer.flush()
    if args.json:
        from dataclasses import asdict

        print(json.dumps(asdict(exported)))
    elif not args.quiet:
        for line in _said(exported):
            print(plain(line), file=sys.stderr if args.output is None else sys.stdout)
    return ExitCode.DONE


def _format(args: argparse.Namespace) -> str:
    if args.output is None:
        if args.format is None:
            raise ConfigError("name a FORMAT, or a file with -o")
        if args.format not in LINES:
            raise ConfigError(f"{args.format} needs -o FILE")
        return str(args.format)
    if args.output.is_dir():
        raise ConfigError(f"-o {args.output} is a folder")
    if not args.output.absolute().parent.is_dir():
        raise ConfigError(f"-o {args.output}: there is no folder {args.output.parent}")
    by_name = format_of(args.output)
    if args.format not in {None, by_name}:
        raise ConfigError(f"-o {args.output} is {by_name} by its name, and {args.format} was asked for")
    return by_name


def _wanted(args: argparse.Namespace) -> Wanted:
    from newscrawl.dump.selection import read_where
    from newscrawl.export.export import Wanted
    from newscrawl.export.table import MINIMAL, table_of

    since, after_run = args.since, args.since_run
    if since is not None and since.startswith(RUN_PREFIX):
        since, after_run = None, since
    stream = args.stream or ("current" if after_run is None else "articles")
    if after_run is not None and stream == "current":
        raise ConfigError("--since-run is for the streams articles, outcomes and links; current knows no withdrawals")
    where = {
        "source": args.source,
        "language": args.language,
        "since": since,
        "until": args.until,
        "after_run": after_run,
    }
    return Wanted(
        stream=stream,
        where=read_where(args.data, stream, where),
        table=table_of(stream, MINIMAL if args.minimal else args.columns, profile=args.profile),
        include_gone=args.include_gone or after_run is not None,
        allow=args.allow,
        raw_cells=args.raw_cells,
    )


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


class _Progress:
    """Says on a terminal how far it is."""

    def __init__(self, total: int | None, *, is_shown: bool) -> None:
        self._of = "" if total is None else f" of at most {total:,}"
        self._is_shown = is_shown
        self._said_at = time.monotonic()

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def hear(self, rows: int) -> None:
        """One more record is written."""
        now = time.monotonic()
        if self._is_shown and now - self._said_at > PROGRESS_EVERY_S:
            self._said_at = now
            print(f"\r{rows:,}{self._of} records\x1b[K", end="", file=sys.stderr, flush=True)


def _said(exported: Exported) -> list[str]:
    where = "" if exported.path is None else f" written to {exported.path} ({exported.bytes:,} bytes)"
    lines = [f"{exported.rows:,} {'record' if exported.rows == 1 else 'records'}{where}"]
    if exported.opted_out:
        lines.append(f"{exported.opted_out:,} left out: their publishers do not allow it")
    if exported.cells_cut:
        lines.append(f"{exported.cells_cut:,} cells cut: a spreadsheet's cell holds 32,767 characters")
    if exported.through_run and exported.stream == "articles":
        lines.append(f"what comes next: --since-run {exported.through_run}")
    return lines
