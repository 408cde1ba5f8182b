"""``newscrawl status``: a data directory at a glance."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING

from newscrawl.cli.answer import add_json, print_json
from newscrawl.cli.arguments import add_data, add_sources
from newscrawl.cli.table import table_lines
from newscrawl.errors import ExitCode, StoreError
from newscrawl.text.terminal import plain

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

    from newscrawl.state.overview import LastRun, Overview, Owner
    from newscrawl.state.upcoming import Upcoming

DESCRIPTION = """\
A data directory at a glance: whether a run is going on, how the last ones went, how many articles there are, what waits
to be published, when the next source is due, which alarms stand, and how much room is left. It may be asked at any time
and changes nothing.

Exit status 0 whatever it says; `newscrawl health` is the one to alarm.
"""
EXAMPLE = """
newscrawl status --data data
newscrawl status --json | jq .free_bytes
"""

SHOWN_RUNS = 5
WORDS = {
    ExitCode.DONE: "done",
    ExitCode.ERROR: "errors",
    ExitCode.USAGE: "mistaken",
    ExitCode.SOURCES_FAILED: "sources failed",
    ExitCode.LOCKED: "locked",
    ExitCode.STORAGE: "storage failed",
    ExitCode.INTERRUPTED: "interrupted",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_data(parser)
    add_sources(parser, "the sources file, for what is due")
    add_json(parser, "one JSON object: sizes in bytes, times in UTC")


def run(args: argparse.Namespace) -> int:
    """Print it."""
    from newscrawl.dump.place import elsewhere
    from newscrawl.state.overview import overview

    seen = overview(args.data, runs=SHOWN_RUNS)
    due = _next_due(args.data, args.sources)
    if args.json:
        next_due = {"source": due.source, "due": _time(due)} if due else None
        print_json({"data": args.data, "dump": elsewhere(args.data), **asdict(seen), "next": next_due})
        return ExitCode.DONE
    for label, words in _facts(seen, due, elsewhere(args.data)):
        print(f"{label:<12}{plain(words)}")
    if seen.runs:
        print()
        header = ("RUN", "BEGAN", "ENDED", "EXIT", "ARTICLES", "REVISIONS", "SOURCES FAILED")
        for line in table_lines(header, (_row(run, seen.owner) for run in seen.runs)):
            print(line)
    return ExitCode.DONE


def _next_due(data: Path, sources_file: Path) -> Upcoming | None:
    """The source that is due first; None where nobody can tell: no sources file, or a store of an older newscrawl."""
    import time

    from newscrawl.dates import utc_now
    from newscrawl.frontier.revisit import ArticleOptions
    from newscrawl.frontier.schedule import RevisitOptions
    from newscrawl.options import read_options
    from newscrawl.sources import is_paused, load_sources
    from newscrawl.state.upcoming import upcoming

    if not sources_file.exists():
        return None
    at = utc_now()
    sources = [each for each in load_sources(sources_file) if each.enabled and not is_paused(each, at)]
    longest_look_s = read_options(RevisitOptions, os.environ, "REVISIT_").max_s
    longest_age_s = max(read_options(ArticleOptions, os.environ, "ARTICLE_").ages_s, default=0.0)
    try:
        each = upcoming(data, sources, now=time.time(), longest_look_s=longest_look_s, longest_age_s=longest_age_s)
    except StoreError:
        return None
    return min(each, key=lambda source: source.due, default=None)


def _facts(seen: Overview, due: Upcoming | None, dump: str | None) -> Iterator[tuple[str, str]]:
    yield "running", _owner(seen.owner) if seen.owner else "no"
    if due is not None:
        yield "next", f"{_time(due) or 'now'}: {due.source}"
    for each in seen.alarms:
        yield "ALARM", f"{each.source}: {each.what.replace('_', ' ')} since {each.since}"
    yield "articles", f"{seen.articles:,} current, {seen.gone:,} gone, {seen.purged:,} purged"
    yield "addresses", f"{seen.addresses:,} known, {seen.open_addresses:,} to be fetched"
    yield "dump", f"{f'{dump}: ' if dump else ''}{seen.files:,} files, {_size(seen.file_bytes)}; {_days(seen)}"
    when = f" lines, published when {'the' if seen.owner else 'the next'} run ends" if seen.waiting_lines else " lines"
    yield "waiting", f"{seen.waiting_lines:,}{when}"
    yield "store", _size(seen.store_bytes)
    yield "disk", f"{_size(seen.free_bytes)} free of {_size(seen.disk_bytes)}"


def _owner(owner: Owner) -> str:
    run = f", {owner.run_id}" if owner.run_id else ""
    return f"process {owner.pid or '?'} on {owner.host or '?'} since {owner.since or '?'}{run}"


def _days(seen: Overview) -> str:
    if seen.first_crawl_day is None:
        return "nothing crawled yet"
    return f"crawled from {seen.first_crawl_day} to {seen.last_crawl_day}"


def _row(run: LastRun, owner: Owner | None) -> tuple[str, ...]:
    if run.exit_code is not None:
        how = f"{run.exit_code} {WORDS[ExitCode(run.exit_code)]}" if run.exit_code in set(ExitCode) else "?"
    else:
        # Who is killed cannot say so: the next run that begins writes it down.
        how = "goes on" if owner is not None and owner.run_id == run.id else "killed"
    counts = (run.articles, run.revisions, run.sources_failed)
    return (run.id, run.started, run.ended or "-", how, *(f"{count:,}" for count in counts))


def _time(due: Upcoming) -> str | None:
    """UTC; None: now."""
    from datetime import UTC, datetime

    from newscrawl.dates import format_utc

    return format_utc(datetime.fromtimestamp(due.due, UTC)) if due.due else None


def _size(number: int) -> str:
    """Bytes, in powers of a thousand."""
    size, unit = float(number), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{number:,} bytes" if unit == "bytes" else f"{size:.1f} {unit}"
