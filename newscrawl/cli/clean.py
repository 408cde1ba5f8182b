"""``newscrawl clean``: files to clean article records."""

from __future__ import annotations

import os
import signal
import sys
import time
from argparse import ArgumentTypeError
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.cli.arguments import compression
from newscrawl.errors import ArchiveError, ConfigError, ExitCode, Outcome, StoreError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from newscrawl.batch.clean import Decision
    from newscrawl.readers import ReaderItem
    from newscrawl.readers.files import Input

DESCRIPTION = """\
Extract and clean the articles of HTML files, WARC archives (.warc, .warc.gz), and dirty texts (plain text, or
JSON lines with a "text" field); all but archives may be compressed with gzip. What a file is, its content says.

Writes one JSON record a line on standard output, in the order of the input, the first of each id. With --data
the articles are stored and published in that data directory instead, with revisions, outcomes and a manifest.

Lines that a site repeats in its pages are learned from all of the input first, so records are written when all of
it was read; --page-by-page writes each at once.

Every page or text ends as a record or with a reason: counted on standard error, named one by one with -v.
An HTML file has the address of --url, else the one it names itself, else one made of its digest.

Exit status 0: done; 1: parts of the input could not be read, the rest is done; 2: a wrong argument or a missing
file; 4: another run owns the data directory; 5: the disk is full or refuses.
"""
EXAMPLE = """
newscrawl clean page.html --url https://news.example/ferry
newscrawl clean crawl.warc.gz old.warc.gz --data data
zcat texts.jsonl.gz | newscrawl clean - | jq -r .title
"""

FORMATS = ("auto", "html", "warc", "jsonl", "text")
PROGRESS_EVERY_S = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("files", metavar="FILE", nargs="+", help='files to read; "-" is standard input')
    parser.add_argument("--data", metavar="DIR", type=Path, help="store and publish in this data directory")
    parser.add_argument("--format", choices=FORMATS, default="auto", help="what the files are (default: auto)")
    parser.add_argument("--url", help="address of the one page or text")
    parser.add_argument("--source", metavar="ID", help="id of the source they come from (default: the site)")
    parser.add_argument(
        "--page-by-page",
        action="store_true",
        help="write each record at once, without what the other pages of its site would teach",
    )
    parser.add_argument("--workers", metavar="N", type=_workers, help="worker processes (default: one per core)")


def run(args: argparse.Namespace) -> int:
    """Clean the files, one decision for each page or text in them."""
    inputs = _inputs(args)
    # As Ctrl-C: what was stored is published, and the workers end with us.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if args.data is not None:
        return _store(args, inputs)
    return _write(args, inputs)


def _workers(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) <= 1024):
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to 1024")
    return int(text)


def _inputs(args: argparse.Namespace) -> list[Input]:
    """The files, checked before anything is read, so that a typing error costs nothing."""
    from newscrawl.readers.detect import Format
    from newscrawl.readers.files import STDIN, Input
    from newscrawl.urls import normalise_url

    if args.url is not None:
        if len(args.files) > 1:
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
        if path.is_dir():
            raise ConfigError(f"{name} is a directory; name the files in it")
        if not os.access(path, os.R_OK):
            raise ConfigError(f"{name} cannot be read: permission denied")
    form = None if args.format == "auto" else Format(args.format)
    return [Input(name=name, format=form, url=args.url, source=args.source) for name in args.files]


def _decide(args: argparse.Namespace, inputs: list[Input]) -> Iterator[Decision | ArchiveError]:
    from newscrawl.batch.clean import decide
    from newscrawl.extract.options import ExtractOptions
    from newscrawl.extract.pool import PoolOptions
    from newscrawl.options import read_options
    from newscrawl.readers.files import read_input
    from newscrawl.refine import RefineOptions

    def items() -> Iterator[ReaderItem]:
        for each in inputs:
            yield from read_input(each)

    pool = read_options(PoolOptions, os.environ, "POOL_")
    if args.workers is not None:
        pool = replace(pool, workers=args.workers)
    return decide(
        items(),
        extract=read_options(ExtractOptions, os.environ, "EXTRACT_"),
        refining=read_options(RefineOptions, os.environ, "REFINE_"),
        pool=pool,
    )


def _write(args: argparse.Namespace, inputs: list[Input]) -> int:
    from newscrawl.batch.output import write_decisions
    from newscrawl.batch.two_passes import in_two_passes
    from newscrawl.dates import utc_now
    from newscrawl.state.runs import new_run_id

    if sys.stdout is None:
        raise StoreError("standard output is closed")
    said = _Said(verbose=args.verbose, quiet=args.quiet)
    decisions = _decide(args, inputs)
    if not args.page_by_page:
        decisions = in_two_passes(decisions)
    decided = write_decisions(decisions, sys.stdout.buffer, run_id=new_run_id(utc_now()))
    for decision in decided:
        said.hear(decision)
    said.sum_up("")
    return said.exit_code()


def _store(args: argparse.Namespace, inputs: list[Input]) -> int:
    from importlib.metadata import version

    from newscrawl.batch.output import store_decisions
    from newscrawl.batch.settle import settle
    from newscrawl.dump.publish import publish
    from newscrawl.state.store import open_store

    said = _Said(verbose=args.verbose, quiet=args.quiet)
    with open_store(args.data) as store:
        run_id = store.begin_run(
            why="newscrawl clean",
            arguments={"files": " ".join(args.files), "format": args.format, "source": args.source or ""},
            versions={name: version(name) for name in ("newscrawl", "trafilatura", "lxml")},
        )
        try:
            for decision in store_decisions(_decide(args, inputs), store, run_id=run_id):
                said.hear(decision)
            settle(store, args.data, run_id=run_id)
            exit_code = said.exit_code()
        except KeyboardInterrupt:
            exit_code = ExitCode.INTERRUPTED
        store.end_run(run_id, exit_code=exit_code, counts=said.counts())
        published = publish(store, args.data, compression=compression())
    said.sum_up(f"; {args.data}/current/articles.jsonl has {published.current_rows}")
    return exit_code


class _Said:
    """Counts decisions as they come, and says on stderr what a user wants to know of them."""

    def __init__(self, *, verbose: int, quiet: bool) -> None:
        self.outcomes: Counter[str] = Counter()
        self.examples: dict[str, str] = {}
        self.unread = 0
        self.bugs = 0
        self._verbose = verbose
        self._quiet = quiet
        self._progress = sys.stderr is not None and sys.stderr.isatty() and not quiet
        self._began = time.monotonic()
        self._said_at = self._began

    def hear(self, decision: Decision | ArchiveError) -> None:
        """One more page or text is decided, or a record cannot be read."""
        if isinstance(decision, ArchiveError):
            self.unread += 1
            self._line(f"newscrawl: {decision}")
        else:
            outcome = str(decision.outcome)
            self.outcomes[outcome] += 1
            self.bugs += decision.is_bug
            if decision.reason is not None:
                self.examples.setdefault(outcome, f"{decision.reason}: {decision.url}")
                if self._verbose:
                    self._line(f"{outcome}: {decision.reason}: {decision.url}")
        now = time.monotonic()
        if self._progress and now - self._said_at > PROGRESS_EVERY_S:
            self._said_at = now
            print(f"\r{self._counted()}\x1b[K", end="", file=sys.stderr, flush=True)

    def sum_up(self, where: str) -> None:
        """What came, and what did not with an example of why."""
        if self._quiet:
            return
        self._line(f"{self._counted()} in {time.monotonic() - self._began:.1f} s{where}")
        for outcome, count in self.outcomes.most_common():
            if outcome != Outcome.ARTICLE:
                self._line(f"{count:>8}  {outcome:<17} e.g. {self.examples.get(outcome, '')[:160]}")
        if self.unread:
            self._line(f"{self.unread:>8}  could not be read, see above")

    def counts(self) -> dict[str, int]:
        """The flat form that the manifest keeps."""
        counts = {f"outcome_{name}": count for name, count in sorted(self.outcomes.items())}
        return {**counts, "unread": self.unread, "bugs": self.bugs}

    def exit_code(self) -> ExitCode:
        """Rejections are expected; input that cannot be read and bugs are not."""
        return ExitCode.ERROR if self.unread or self.bugs else ExitCode.DONE

    def _counted(self) -> str:
        total, articles = self.outcomes.total(), self.outcomes[str(Outcome.ARTICLE)]
        what = "page or text" if total == 1 else "pages or texts"
        return f"{total:,} {what}: {articles:,} article" + ("" if articles == 1 else "s")

    def _line(self, text: str) -> None:
        """A line on stderr. It quotes strangers: nothing in it may drive the terminal."""
        if sys.stderr is None:
            return
        clean = "".join(character if character.isprintable() else " " for character in text)
        with suppress(OSError):  # what cannot be said must not cost what was done
            print(f"\r\x1b[K{clean}" if self._progress else clean, file=sys.stderr, flush=True)
