"""``newscrawl clean``: files to clean article records."""

from __future__ import annotations

import json
import os
import signal
import sys
from argparse import ArgumentTypeError
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from newscrawl.cli import clean_engine
from newscrawl.cli.answer import add_json, print_json
from newscrawl.cli.arguments import compression, dump
from newscrawl.cli.clean_said import Said, shows_progress
from newscrawl.errors import ConfigError, ExitCode, StoreError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from newscrawl.article import Article
    from newscrawl.batch.clean import Decision
    from newscrawl.errors import ArchiveError
    from newscrawl.readers import ReaderItem
    from newscrawl.readers.files import Input

P = TypeVar("P")

DESCRIPTION = """\
Extract and clean the articles of HTML files, WARC archives, and dirty texts (plain, or JSON lines with a "text"
field), gzipped or not. What a file is, its content says; of a folder, files with the names of these are read.
Writes one JSON record a line on standard output, when all was read and what sites repeat is known. With --data the
articles are stored and published there; killed at any moment, the same command goes on, and passes over files that
it is done with until they change. Each page or text ends as a record or with a reason (-v names each).
Exit status 0: done; 1: some of it could not be read; 2: a wrong argument; 4: data directory in use; 5: disk full.
"""
EXAMPLE = """
newscrawl clean page.html --url https://news.example/ferry
newscrawl clean crawl.warc.gz archives/ --data data
zcat texts.jsonl.gz | newscrawl clean - | jq -r .title
"""

FORMATS = ("auto", "html", "warc", "jsonl", "text")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("files", metavar="FILE", nargs="+", help='files and folders to read; "-" is standard input')
    parser.add_argument("--data", metavar="DIR", type=Path, help="store and publish in this data directory")
    parser.add_argument("--format", choices=FORMATS, default="auto", help="what the files are (default: auto)")
    parser.add_argument("--url", help="address of the one page or text")
    parser.add_argument("--source", metavar="ID", help="id of the source they come from (default: the site)")
    parser.add_argument(
        "--page-by-page",
        action="store_true",
        help="write each record at once, not knowing what sites repeat",
    )
    parser.add_argument("--again", action="store_true", help="with --data: files too that it is done with")
    add_json(parser, "the counts as one JSON object")
    parser.add_argument("--workers", metavar="N", type=_workers, help="worker processes (default: one per core)")
    clean_engine.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Clean the files, one decision for each page or text in them."""
    # As Ctrl-C: what was stored is published, and the workers end with us.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if args.engine is not None:
        return clean_engine.run(args)
    _check(args)
    if args.data is not None:
        return _store(args)
    return _write(args)


def _workers(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) <= 1024):
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to 1024")
    return int(text)


def _check(args: argparse.Namespace) -> None:
    """The files, looked at before anything is read, so that a typing error costs nothing."""
    from newscrawl.readers.files import STDIN
    from newscrawl.readers.folders import files_in
    from newscrawl.urls import normalise_url

    if args.again and args.data is None:
        raise ConfigError("--again belongs to --data; without it every file is read anyway")
    if args.url is not None:
        if len(args.files) > 1 or Path(args.files[0]).is_dir():
            raise ConfigError("--url is the address of one page, but there are several files")
        try:
            normalise_url(args.url)
        except ValueError as error:
            raise ConfigError(f"--url: {error}") from error
    if args.files.count(STDIN) > 1:
        raise ConfigError("standard input can be read once only")
    for name in args.files:
        path = Path(name)
        if name == STDIN:
            continue
        if not path.exists():
            raise ConfigError(f"{name}: no such file")
        if not os.access(path, os.R_OK):
            raise ConfigError(f"{name} cannot be read: permission denied")
        if path.is_dir() and next(files_in(path), None) is None:
            raise ConfigError(f"{name}: no file in it is named as pages, archives or texts are")


def _inputs(args: argparse.Namespace) -> Iterator[Input]:
    """The files, those of folders too, listed as they are come to."""
    from newscrawl.readers.detect import Format
    from newscrawl.readers.files import STDIN, Input
    from newscrawl.readers.folders import files_in

    form = None if args.format == "auto" else Format(args.format)
    for name in args.files:
        is_folder = name != STDIN and Path(name).is_dir()
        for each in map(str, files_in(Path(name))) if is_folder else (name,):
            yield Input(name=each, format=form, url=args.url, source=args.source)


def _said(args: argparse.Namespace) -> Said:
    total = None
    if shows_progress(quiet=args.quiet) and "-" not in args.files:
        total = sum(each.size() for each in _inputs(args))
    return Said(verbose=args.verbose, quiet=args.quiet or args.json, total=total)


def _decide(
    args: argparse.Namespace,
    items: Iterator[tuple[P, ReaderItem]],
    finish: Callable[[Article], Article] | None,
) -> Iterator[tuple[P, Decision | ArchiveError]]:
    from newscrawl.batch.clean import decide_placed
    from newscrawl.extract.options import ExtractOptions
    from newscrawl.extract.pool import PoolOptions
    from newscrawl.options import read_options
    from newscrawl.refine import RefineOptions

    pool = read_options(PoolOptions, os.environ, "POOL_")
    if args.workers is not None:
        pool = replace(pool, workers=args.workers)
    return decide_placed(
        items,
        extract=read_options(ExtractOptions, os.environ, "EXTRACT_"),
        refining=read_options(RefineOptions, os.environ, "REFINE_"),
        pool=pool,
        finish=finish,
    )


def _write(args: argparse.Namespace) -> int:
    from newscrawl.batch.output import write_decisions
    from newscrawl.batch.two_passes import in_two_passes, with_lines
    from newscrawl.dates import utc_now
    from newscrawl.readers.files import read_input
    from newscrawl.state.runs import new_run_id

    if sys.stdout is None:
        raise StoreError("standard output is closed")
    with _said(args) as said:
        inputs = said.reading(_inputs(args))
        items = ((None, item) for each, position in inputs for item in read_input(each, position))
        decisions: Iterator[Decision | ArchiveError] = (
            decision for _, decision in _decide(args, items, None if args.page_by_page else with_lines)
        )
        if not args.page_by_page:
            decisions = in_two_passes(decisions)
        for decision in write_decisions(decisions, sys.stdout.buffer, run_id=new_run_id(utc_now())):
            said.hear(decision)
    said.sum_up("")
    if args.json and sys.stderr is not None:
        print(json.dumps(said.values()), file=sys.stderr)
    return said.exit_code()


def _store(args: argparse.Namespace) -> int:
    from importlib.metadata import version

    from newscrawl.batch.output import store_decisions
    from newscrawl.batch.prepare import prepared
    from newscrawl.batch.resume import Ledger
    from newscrawl.batch.settle import settle
    from newscrawl.dump.elsewhere import publish_to
    from newscrawl.dump.publish import publish
    from newscrawl.state.store import open_store

    with open_store(args.data) as store, _said(args) as said:
        publish_to(store.outbox, args.data, dump())
        run_id = store.begin_run(
            why="newscrawl clean",
            arguments={"files": " ".join(args.files), "format": args.format, "source": args.source or ""},
            versions={name: version(name) for name in ("newscrawl", "trafilatura", "lxml")},
        )
        ledger = Ledger(store.inputs, run_id=run_id, again=args.again)
        try:
            decisions = _decide(args, ledger.items(said.reading(_inputs(args))), prepared)
            for decision in store_decisions(decisions, store, run_id=run_id, ledger=ledger):
                said.hear(decision)
            settle(store, args.data, run_id=run_id, since_run=store.inputs.unsettled_since())
            store.inputs.settled()
            said.faults_before = ledger.faults_before
            exit_code = said.exit_code()
        except KeyboardInterrupt:
            exit_code = ExitCode.INTERRUPTED
        store.end_run(run_id, exit_code=exit_code, counts=said.counts())
        published = publish(store, args.data, compression=compression())
    for count, what in ((ledger.passed_over, "done with earlier"), (ledger.continued, "continued")):
        if count and not args.quiet and not args.json:
            said.line(f"{count:,} file{'s' * (count > 1)} {what}")
    said.sum_up(f"; {args.data}/current/articles.jsonl has {published.current_rows}")
    if args.json:
        files = {"files_passed_over": ledger.passed_over, "files_continued": ledger.continued}
        print_json({**said.values(), **files, "run_id": run_id, "exit_code": int(exit_code)})
    return exit_code
