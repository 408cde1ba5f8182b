"""``newscrawl workers``: who crawls what, where several workers share a store."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newscrawl.cli.answer import add_json, print_json
from newscrawl.cli.arguments import add_data
from newscrawl.cli.table import table_lines
from newscrawl.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    import argparse

    from newscrawl.state.leases import Worker

DESCRIPTION = """\
The workers that share a store in PostgreSQL: on which machine each runs, since when, when it last renewed itself, and
how many sources and hosts it has. One that is gone without a word keeps what it had until its lease is over; then the
others take it. Nothing is changed.
"""
EXAMPLE = """
newscrawl workers
newscrawl workers --hosts
newscrawl workers --json | jq '.workers[] | select(.is_alive | not)'
"""
HEADER = ("WORKER", "MACHINE", "PROCESS", "SINCE", "RENEWED", "SOURCES", "HOSTS", "STATE")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_data(parser)
    parser.add_argument("--hosts", action="store_true", help="name the hosts and sources of each")
    add_json(parser, "one JSON object: every worker with its hosts and sources, times in UTC")


def run(args: argparse.Namespace) -> int:
    """Print the table."""
    from newscrawl.state.leases import all_workers
    from newscrawl.state.where import reader

    with reader(args.data) as database:
        if not database.is_shared:
            raise ConfigError(
                f"the store of {args.data} is a file, which one run at a time has: see `newscrawl status`; "
                "several workers share one in PostgreSQL (NEWSCRAWL_STATE)"
            )
        workers = all_workers(database)
    if args.json:
        print_json({"workers": [_values(each) for each in workers]})
        return ExitCode.DONE
    if not workers:
        print("no worker")
    for line in table_lines(HEADER, [_row(each) for each in workers]) if workers else ():
        print(line)
    for each in workers if args.hosts else ():
        print(f"\n{each.id}\n  sources: {_listed(each.sources)}\n  hosts: {_listed(each.hosts)}")
    return ExitCode.DONE


def _row(worker: Worker) -> tuple[str, ...]:
    return (
        worker.id,
        worker.machine,
        str(worker.pid),
        _time(worker.began),
        _time(worker.renewed),
        f"{len(worker.sources):,}",
        f"{len(worker.hosts):,}",
        "at work" if worker.is_alive else "silent, its lease is over",
    )


def _values(worker: Worker) -> dict[str, object]:
    return asdict(worker) | {name: _time(getattr(worker, name)) for name in ("began", "renewed", "until")}


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(name or "addresses without a source" for name in names) or "none"


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
