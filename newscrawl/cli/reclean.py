"""``newscrawl reclean``: articles made anew from their raw pages."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

from newscrawl.cli.answer import add_json, print_json
from newscrawl.cli.arguments import add_data, compression
from newscrawl.errors import ArchiveError, ConfigError, ExitCode, StoreError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

    from newscrawl.batch.reclean import Remade
    from newscrawl.report.diff import Diff
    from newscrawl.state.store import Store

DESCRIPTION = """\
Make the stored articles anew from their pages in raw/ (kept by crawls with NEWSCRAWL_RAW=warc), with today's code and
what is known of the sites today, and show what would change: how many articles, in which fields, and some of them side
by side. Nothing is changed until --apply, which publishes a revision with the cause `cleaning` for each.

An article is made anew from the very page that its newest revision was made of. One whose page is not there stays as
it is, and so does one whose page would give no article today. What is gone or purged stays so. It may be interrupted
at any moment: what was stored is published then or by the next run, and running it again does the rest.

Exit status 0: done; 1: parts of an archive could not be read, or newscrawl failed on a page; 2: a wrong argument; 4: a
run owns the data directory; 5: the disk is full or refuses.
"""
EXAMPLE = """
newscrawl reclean
newscrawl reclean --source harbour-times --since 2026-11-01 --apply
"""
SAMPLES = 3
PROGRESS_EVERY_S = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--apply", action="store_true", help="store and publish what changes")
    parser.add_argument("--source", metavar="ID", help="only articles of this source")
    parser.add_argument("--since", metavar="DAY", help="only articles crawled on this day (2026-11-23) or later")
    parser.add_argument("--samples", metavar="N", type=int, default=SAMPLES, help=f"so many side by side ({SAMPLES})")
    add_json(parser)
    add_data(parser)


def run(args: argparse.Namespace) -> int:
    """Make them anew, and say what came of it."""
    from newscrawl.dump.purge_raw import take_in
    from newscrawl.dump.raw import archives
    from newscrawl.state.store import open_store

    since = _day(args.since)
    if sys.stdout is None:
        raise StoreError("standard output is closed")
    # As Ctrl-C: what was stored is published, and the workers end with us.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with open_store(args.data, create=False) as store:
        take_in(store, args.data)
        if not any(True for _ in archives(args.data)):
            raise ConfigError(f"{args.data}/raw holds no pages; crawls keep them with NEWSCRAWL_RAW=warc")
        articles = store.count_articles(source=args.source, since=since)
        seen = _Seen(args.samples, articles=articles, quiet=args.quiet)
        remade = _remade(store, args.data, args.source, since)
        code = _apply(store, args, remade, seen) if args.apply else _look(remade, seen)
        diffs = list(_diffs(args.data, seen.samples))
    _say(args, seen, diffs)
    return code


def _day(text: str | None) -> str | None:
    try:
        return date.fromisoformat(text).isoformat() if text is not None else None
    except ValueError:
        raise ConfigError(f"--since {text}: not a day such as 2026-11-23") from None


def _remade(store: Store, data: Path, source: str | None, since: str | None) -> Iterator[Remade | ArchiveError]:
    from newscrawl.batch.reclean import Wanted, remake
    from newscrawl.extract.options import ExtractOptions
    from newscrawl.extract.pool import PoolOptions
    from newscrawl.options import read_options
    from newscrawl.refine import RefineOptions

    return remake(
        store,
        data,
        Wanted(source=source, since=since),
        extract=read_options(ExtractOptions, os.environ, "EXTRACT_"),
        refining=read_options(RefineOptions, os.environ, "REFINE_"),
        pool=read_options(PoolOptions, os.environ, "POOL_"),
    )


def _look(remade: Iterator[Remade | ArchiveError], seen: _Seen) -> ExitCode:
    for each in remade:
        seen.see(each)
    return seen.exit_code


def _apply(store: Store, args: argparse.Namespace, remade: Iterator[Remade | ArchiveError], seen: _Seen) -> ExitCode:
    from importlib.metadata import version

    from newscrawl.dump.publish import publish

    run_id = store.begin_run(
        why="newscrawl reclean",
        arguments={"source": args.source or "", "since": args.since or ""},
        versions={name: version(name) for name in ("newscrawl", "trafilatura", "lxml")},
    )
    try:
        for each in remade:
            seen.see(each)
            if not isinstance(each, ArchiveError) and each.is_revision and each.article is not None:
                seen.stored += store.put_cleaning(each.article, run_id=run_id) is not None
        code = seen.exit_code
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    store.end_run(run_id, exit_code=code, counts={"pages": seen.pages, "revisions": seen.stored})
    publish(store, args.data, compression=compression())
    return code


class _Seen:
    """What came of the pages so far."""

    def __init__(self, samples: int, *, articles: int, quiet: bool) -> None:
        self.articles = articles
        """Stored articles that were asked for."""
        self.pages = 0
        self.changed = 0
        self.stored = 0
        self.fields: Counter[str] = Counter()
        self.sources: Counter[str] = Counter()
        self.no_article: Counter[str] = Counter()
        self.examples: dict[str, str] = {}
        self.samples: list[Remade] = []
        self.unread = 0
        self.bugs = 0
        self._max_samples = samples
        self._tells = sys.stderr is not None and sys.stderr.isatty() and not quiet
        self._told_at = time.monotonic()

    def see(self, each: Remade | ArchiveError) -> None:
        """One more."""
        if isinstance(each, ArchiveError):
            self.unread += 1
            _warn(str(each))
            return
        self.pages += 1
        self.bugs += each.is_bug
        self._tell()
        if each.article is None:
            outcome = str(each.outcome)
            self.no_article[outcome] += 1
            self.examples.setdefault(outcome, f"{each.reason}: {each.url}")
        elif each.is_revision:
            self.changed += 1
            self.fields.update(each.changes)
            self.sources[each.article.source] += 1
            if len(self.samples) < self._max_samples:
                self.samples.append(each)

    def _tell(self) -> None:
        """How far it is, on a terminal."""
        if self._tells and time.monotonic() - self._told_at > PROGRESS_EVERY_S:
            self._told_at = time.monotonic()
            line = f"{self.pages:,} of at most {self.articles:,} articles, {self.changed:,} differ"
            print(f"\r{line}\x1b[K", end="", file=sys.stderr, flush=True)

    def end_telling(self) -> None:
        """Clear the line."""
        if self._tells:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    @property
    def exit_code(self) -> ExitCode:
        """What cannot be read and bugs are not expected; all else is."""
        return ExitCode.ERROR if self.unread or self.bugs else ExitCode.DONE

    def values(self) -> dict[str, Any]:
        """For a script."""
        return {
            "articles": self.articles,
            "without_page": self.articles - self.pages,
            "same": self.pages - self.changed - self.no_article.total(),
            "changed": self.changed,
            "stored": self.stored,
            "fields": dict(self.fields.most_common()),
            "sources": dict(self.sources.most_common()),
            "no_article": dict(self.no_article.most_common()),
            "unread": self.unread,
            "bugs": self.bugs,
        }


def _diffs(data: Path, samples: list[Remade]) -> Iterator[Diff]:
    """Samples held against what is published; one that waits to be published is left out."""
    from dataclasses import replace

    from newscrawl.dump.find import find_revisions
    from newscrawl.dump.record import record
    from newscrawl.report.diff import diff

    for each in samples:
        assert each.article is not None
        try:
            before = find_revisions(data, each.id).get(each.article.revision)
        except ConfigError:
            continue
        if before is not None:
            after = replace(each.article, revision=before["revision"] + 1, revision_cause="cleaning")
            yield diff(before, json.loads(json.dumps(record(after))) | {"run_id": before["run_id"]})


def _say(args: argparse.Namespace, seen: _Seen, diffs: list[Diff]) -> None:
    from newscrawl.cli.colour import print_styled
    from newscrawl.cli.table import table_lines
    from newscrawl.report.diff_text import diff_lines

    if args.json:
        print_json(seen.values() | {"applied": args.apply, "samples": [_sample(each) for each in diffs]})
        return
    if args.quiet:
        return
    seen.end_telling()
    for each in diffs:
        print_styled(diff_lines(each, shutil.get_terminal_size((100, 24)).columns), sys.stdout)
        print()
    values = seen.values()
    verb = "changed" if args.apply else "would change"
    print(f"{seen.articles:,} articles; {values['without_page']:,} without their page in raw/")
    print(f"{values['same']:,} the same, {seen.changed:,} {verb}, {seen.no_article.total():,} give no article today")
    rows = [(name, f"{count:,}") for name, count in seen.fields.most_common()]
    for line in table_lines(("field", "articles"), rows) if rows else ():
        print(line)
    why = [(outcome, f"{count:,}", seen.examples[outcome]) for outcome, count in seen.no_article.most_common()]
    for line in table_lines(("no article", "pages", "e.g."), why) if why else ():
        print(line)
    if seen.changed and not args.apply:
        print("nothing was changed; --apply publishes it")


def _sample(diff: Diff) -> dict[str, Any]:
    from dataclasses import asdict

    changed = [row for row in diff.text if row.is_changed]
    text = [{side: "".join(p.text for p in getattr(row, side)) for side in ("before", "after")} for row in changed]
    return {"id": diff.id, "url": diff.url, "fields": [asdict(each) for each in diff.fields], "text": text}


def _warn(sentence: str) -> None:
    from newscrawl.text.terminal import plain

    print(f"newscrawl: {plain(sentence)}", file=sys.stderr)
