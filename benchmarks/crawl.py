"""Crawls beside one another: newscrawl, Scrapy with trafilatura in its callback, and a bare aiohttp loop with a pool.

    python -m benchmarks.crawl BENCH_DIR [--pages 1200] [--rounds 3] [--only newscrawl …]

All fetch the same list of real news pages, each told again with other texts, from one proxy on loopback; each in its
turn, several rounds. Figures are of the middle of each crawl (see `WINDOW`): start, robots.txt and publishing are
not in them. The bare loop uses newscrawl's own cleaner. Needs Linux (/proc).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.request import ProxyHandler, build_opener

from benchmarks.crawling.meter import OUT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REPOSITORY = Path(__file__).resolve().parents[1]
WINDOW = (0.4, 0.95)
"""Shares of the pages between whose answers a crawl is measured.

Fetching is up to 160 pages ahead of cleaning: of fewer than 1,000 pages the start of the workers would be in it.
"""
LOOK_EVERY_S = 0.1
SEED = 1
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
NEWSCRAWL, PLAIN, BARE = "newscrawl", "Scrapy, trafilatura inline", "aiohttp and a pool"
QUICK = (
    "DOWNLOAD_DELAY=0",
    "AUTOTHROTTLE_ENABLED=False",
    "CONCURRENT_REQUESTS_PER_DOMAIN=8",
    "LOG_LEVEL=WARNING",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The proxy that all crawl through."""

    pid: int
    proxy: str
    pages: int
    """That it has."""

    def count(self) -> int:
        """How many pages it gave so far."""
        with build_opener(ProxyHandler({})).open(f"{self.proxy}/count", timeout=60) as answered:
            return int(answered.read())


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a crawl that goes on; CPU in seconds, memory resident in MB."""

    at_s: float
    pages: int
    main_s: float
    workers_s: float
    server_s: float
    main_mb: float
    workers_mb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one crawl came to."""

    pages_s: float
    main_ms: float
    """CPU of the main process for a page, as the next two."""
    workers_ms: float
    server_ms: float
    main_mb: float
    """At most."""
    workers_mb: float
    lag_max_ms: float
    lag_p99_ms: float
    seconds: float
    """Wall time from start to end, all in all."""

    @property
    def cpu_ms(self) -> float:
        return self.main_ms + self.workers_ms


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print a table of medians and the ratios of each round."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", type=Path, help="folder with pages/ and gold/")
    parser.add_argument("--pages", type=int, default=1_200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=list(COMMANDS), default=list(COMMANDS))
    args = parser.parse_args(arguments)
    measured: dict[str, list[Figures]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="newscrawl-") as folder:
        listed = Path(folder) / "addresses.txt"
        with serving(args.bench, args.pages, listed) as server:
            for number in range(args.rounds):
                # Not always in the same order: what the first one leaves warm is no merit of the second.
                for name in args.only[number % len(args.only) :] + args.only[: number % len(args.only)]:
                    place = Path(folder) / f"{number}-{args.only.index(name)}"
                    place.mkdir()
                    figures = crawl(name, listed, place, server)
                    measured[name].append(figures)
                    print(f"round {number + 1}: {name}: {figures.pages_s:.1f} pages/s, {figures.seconds:.0f} s in all")
    print("\n".join(("", *table(measured), "", *ratios(measured))))


def newscrawl(listed: Path, place: Path) -> list[str]:
    """As an operator would, politeness apart: nobody is there to be polite to."""
    settings = (f"NEWSCRAWL_DATA={place / 'data'}", *QUICK)
    chosen = (part for each in settings for part in ("-s", each))
    return ["scrapy", "crawl", "news", "-a", f"urls={listed}", *chosen]


COMMANDS = {
    NEWSCRAWL: newscrawl,
    PLAIN: lambda listed, place: ["benchmarks.crawling.plain_list", str(listed), str(place / "out.jsonl")],
    BARE: lambda listed, place: ["benchmarks.crawling.bare_loop", str(listed), str(place / "out.jsonl")],
}


def crawl(name: str, listed: Path, place: Path, server: Server) -> Figures:
    """Run one crawl to its end and look at it while it goes on.

    Raises:
        ChildProcessError: it did not end well.
    """
    lag, log = place / "lag.json", place / "log.txt"
    kept = {key: value for key, value in os.environ.items() if not key.startswith("NEWSCRAWL_")}
    kept |= dict.fromkeys(("http_proxy", "https_proxy"), server.proxy)
    kept |= {OUT: str(lag), "SCRAPY_SETTINGS_MODULE": "benchmarks.crawling.settings"}
    command = [sys.executable, "-m", *COMMANDS[name](listed, place)]
    began, before, looks = time.monotonic(), server.count(), list[Look]()
    with log.open("wb") as said, subprocess.Popen(command, cwd=REPOSITORY, env=kept, stdout=said, stderr=said) as child:
        while child.poll() is None:
            time.sleep(LOOK_EVERY_S)
            with suppress(OSError, IndexError):
                looks.append(look(child.pid, server.pid, server.count() - before))
    if child.returncode:
        raise ChildProcessError(f"{name} ended with {child.returncode}: {log.read_text()[-2000:]}")
    inside = [each for each in looks if WINDOW[0] <= each.pages / server.pages <= WINDOW[1]]
    first, last = inside[0], inside[-1]
    given = last.pages - first.pages
    late = json.loads(lag.read_text(encoding="utf-8"))
    return Figures(
        pages_s=given / (last.at_s - first.at_s),
        main_ms=1000 * (last.main_s - first.main_s) / given,
        workers_ms=1000 * (last.workers_s - first.workers_s) / given,
        server_ms=1000 * (last.server_s - first.server_s) / given,
        main_mb=max(each.main_mb for each in looks),
        workers_mb=max(each.workers_mb for each in looks),
        lag_max_ms=late["max"],
        lag_p99_ms=late["p99"],
        seconds=time.monotonic() - began,
    )


def look(pid: int, server: int, pages: int) -> Look:
    """CPU and memory of a crawl's processes; workers that have ended are in it.

    Raises:
        OSError: one of them is just over.
    """
    mine, of_dead = cpu_s(pid)
    children = [
        int(child) for each in Path(f"/proc/{pid}/task").iterdir() for child in (each / "children").read_text().split()
    ]
    return Look(
        at_s=time.monotonic(),
        pages=pages,
        main_s=mine,
        workers_s=of_dead + sum(cpu_s(child)[0] for child in children),
        server_s=cpu_s(server)[0],
        main_mb=resident_mb(pid),
        workers_mb=sum(map(resident_mb, children)),
    )


def cpu_s(pid: int) -> tuple[float, float]:
    """CPU seconds of a process, and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system, child_user, child_system = (int(each) * TICK_S for each in fields[11:15])
    return user + system, child_user + child_system


def resident_mb(pid: int) -> float:
    """Resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def serving(bench: Path, pages: int, listed: Path) -> Iterator[Server]:
    """The proxy, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.crawling.server", str(bench), str(pages), str(SEED), str(listed)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield Server(pid=server.pid, proxy=f"http://127.0.0.1:{int(server.stdout.readline())}", pages=pages)


def table(measured: dict[str, list[Figures]]) -> Iterator[str]:
    """Rows of a Markdown table: medians over the rounds."""
    yield "| | pages/s | CPU ms a page: main | workers | server | main, MB | workers, MB | lag, ms: worst | p99 |"
    yield "| --- " + "| --: " * 8 + "|"
    for name, rounds in measured.items():
        cells = (
            f"{median(getattr(each, column) for each in rounds):.{digits}f}"
            for column, digits in (
                ("pages_s", 1),
                ("main_ms", 2),
                ("workers_ms", 2),
                ("server_ms", 2),
                ("main_mb", 0),
                ("workers_mb", 0),
                ("lag_max_ms", 0),
                ("lag_p99_ms", 0),
            )
        )
        yield f"| {name} | {' | '.join(cells)} |"


def ratios(measured: dict[str, list[Figures]]) -> Iterator[str]:
    """How many times as fast newscrawl was, by the clock and by the CPU that was spent, in each round."""
    ours = measured.get(NEWSCRAWL, [])
    for name, rounds in measured.items():
        if name == NEWSCRAWL or not ours:
            continue
        clock = [mine.pages_s / theirs.pages_s for mine, theirs in zip(ours, rounds, strict=True)]
        cpu = [theirs.cpu_ms / mine.cpu_ms for mine, theirs in zip(ours, rounds, strict=True)]
        yield f"against {name}: {_each(clock)} times as fast; {_each(cpu)} times by CPU a page"


def _each(values: Sequence[float]) -> str:
    return f"{median(values):.2f} ({', '.join(f'{value:.2f}' for value in values)})"


if __name__ == "__main__":
    main()
