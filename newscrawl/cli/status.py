"""``newscrawl status``: a data directory at a glance."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from newscrawl.cli.arguments import add_data
from newscrawl.cli.table import table_lines
from newscrawl.errors import ExitCode
from newscrawl.text.terminal import plain

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from newscrawl.state.overview import LastRun, Overview, Owner

DESCRIPTION = """\
A data directory at a glance: whether a run is going on, how the last ones went, how many articles there are, what waits
to be published, and how much room is left. It may be asked at any time and changes nothing.

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
    parser.add_argument("--json", action="store_true", help="one JSON object: sizes in bytes, times in UTC")


def run(args: argparse.Namespace) -> int:
    """Print it."""
    from newscrawl.state.overview import overview

    seen = overview(args.data, runs=SHOWN_RUNS)
    if args.json:
        print(json.dumps({"data": str(args.data), **asdict(seen)}))
        return ExitCode.DONE
    for label, words in _facts(seen):
        print(f"{label:<12}{plain(words)}")
    if seen.runs:
        print()
        header = ("RUN", "BEGAN", "ENDED", "EXIT", "ARTICLES", "REVISIONS", "SOURCES FAILED")
        for line in table_lines(header, (_row(run, seen.owner) for run in seen.runs)):
            print(line)
    return ExitCode.DONE


def _facts(seen: Overview) -> Iterator[tuple[str, str]]:
    yield "running", _owner(seen.owner) if seen.owner else "no"
    yield "articles", f"{seen.articles:,} current, {seen.gone:,} gone, {seen.purged:,} purged"
    yield "addresses", f"{seen.addresses:,} known, {seen.open_addresses:,} to be fetched"
    yield "dump", f"{seen.files:,} files, {_size(seen.file_bytes)}; {_days(seen)}"
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


def _size(number: int) -> str:
    """Bytes, in powers of a thousand."""
    size, unit = float(number), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{number:,} bytes" if unit == "bytes" else f"{size:.1f} {unit}"
