"""``newscrawl politeness``: how a run treated each host, from what was really sent."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from newscrawl.cli.arguments import add_data
from newscrawl.cli.table import table_lines
from newscrawl.errors import ExitCode

if TYPE_CHECKING:
    import argparse

    from newscrawl.report.politeness import HostTraffic

DESCRIPTION = """\
Prove how politely a run treated each host: its requests (robots.txt, feeds, pages, redirects and retries alike), the
smallest and the mean time between two of them, the Crawl-delay that its robots.txt asks for, what robots.txt allowed
and forbade, and how the host answered. It is counted where requests are written to the network, not from plans.

Without RUN, the newest run that sent something; the newest 200 are kept.
"""
EXAMPLE = """
newscrawl politeness
newscrawl politeness run_20261124t061500z_k3f7qa --json
"""
HEADER = ("HOST", "REQUESTS", "SMALLEST GAP", "MEAN GAP", "ASKED FOR", "ROBOTS", "304", "BUSY", "RETRIES", "NOTE")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("run_id", metavar="RUN", nargs="?", help="id of a run, as the manifest names it")
    add_data(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line, one line a host")


def run(args: argparse.Namespace) -> int:
    """Print the table, or the lines."""
    from newscrawl.report.politeness import read_rows
    from newscrawl.state.politeness import read_traffic

    run_id, stored = read_traffic(args.data, args.run_id)
    hosts = read_rows(stored)
    if args.json:
        for host in hosts:
            values = asdict(host) | {"mean_gap_s": _rounded(host.mean_gap_s), "keeps_delay": host.keeps_delay}
            print(json.dumps({"run_id": run_id, **values}))
        return ExitCode.DONE
    print(f"{run_id}: {sum(host.requests for host in hosts):,} requests to {len(hosts):,} hosts")
    for line in table_lines(HEADER, [_row(host) for host in hosts]):
        print(line)
    return ExitCode.DONE


def _row(host: HostTraffic) -> tuple[str, ...]:
    robots = f"{host.allowed} allowed, {host.forbidden} forbidden"
    if host.unreachable:
        robots += f", {host.unreachable} not known"
    notes = [] if host.robots_first or not host.requests else ["robots.txt was not asked for first"]
    notes += [] if host.keeps_delay else ["a gap was shorter than asked for"]
    notes += [f"{host.by_scripts} more by scripts of rendered pages"] if host.by_scripts else []
    return (
        host.host,
        f"{host.requests:,}",
        _seconds(host.smallest_gap_s),
        _seconds(host.mean_gap_s),
        _seconds(host.crawl_delay_s),
        robots,
        str(host.not_modified),
        str(host.busy),
        str(host.retries),
        "; ".join(notes) or "-",
    )


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} s"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
