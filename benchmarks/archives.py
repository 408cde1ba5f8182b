"""`newscrawl clean` on an archive of real pages beside a plain pool of processes of the same cleaner, in one sitting.

    python -m benchmarks.archives BENCH_DIR [--pages 2000] [--rounds 3]
    python -m benchmarks.archives BENCH_DIR --growth --pages 20000 --max-kb 60

The saved pages of a bench are told again with other texts and written as one WARC file, which each reads in a process
of its own, another one first in each round. With --growth, newscrawl reads a tenth of the pages and all of them: what
a page costs and how much memory it takes should not grow; small pages keep that short. Needs Linux (/proc).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.peers.archives import write_archive
from benchmarks.replay.edits import retold
from benchmarks.replay.pages import load_bench
from benchmarks.soak import resident_mb
from newscrawl.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LOOK_EVERY_S = 0.1
POOL = """from sys import argv
from benchmarks.peers.adapters.archive_pool import read
read({"archive": argv[1], "out": argv[2]})
"""
NEWSCRAWL = (sys.executable, "-m", "newscrawl", "clean", "--quiet")
PLAIN, STREAMED, STORED = "a plain pool", "newscrawl clean", "newscrawl clean --data"
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run over an archive cost. Memory is resident, in MB, at its peak."""

    pages: int
    wall_s: float
    cpu_s: float
    """Of all its processes."""
    main_cpu_s: float
    """Of the process that reads and writes."""
    main_mb: float
    tree_mb: float
    """All processes together; what they share is counted for each."""


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print Markdown tables."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.archives", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("bench", type=Path, help="folder with pages/ and gold/")
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--max-kb", type=int, help="only saved pages that are no larger, compressed")
    parser.add_argument("--growth", action="store_true", help="a tenth of the pages beside all of them")
    args = parser.parse_args(arguments)
    try:
        saved = load_bench(args.bench, news_only=True).pages
    except ConfigError as error:
        print(error, file=sys.stderr)
        return ExitCode.USAGE
    if args.max_kb is not None:
        saved = tuple(page for page in saved if page.file.stat().st_size <= args.max_kb * 1000)
    with tempfile.TemporaryDirectory(prefix="newscrawl-") as made:
        folder = Path(made)
        counts = (args.pages // 10, args.pages) if args.growth else (args.pages,)
        archives = {count: folder / f"{count}.warc.gz" for count in counts}
        for count, archive in archives.items():
            write_archive(retold(saved, count), archive)
        if args.growth:
            lines = growth(archives, folder)
        else:
            lines = beside(archives[args.pages], args.pages, args.rounds, folder)
        for line in lines:
            print(line, flush=True)
    return ExitCode.DONE


def beside(archive: Path, pages: int, rounds: int, folder: Path) -> Iterator[str]:
    """A table of medians, and how many pages newscrawl does while the pool does one."""
    commands = {name: command(name, archive, folder) for name in (PLAIN, STREAMED, STORED)}
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for number in range(rounds):
        names = list(commands)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            costs[name].append(run(commands[name], pages, folder))
    yield f"{pages:,} pages, {archive.stat().st_size / 1e6:,.0f} MB, {rounds} rounds; medians"
    yield ""
    yield from table({name: middle(each) for name, each in costs.items()}, costs)


def growth(archives: Mapping[int, Path], folder: Path) -> Iterator[str]:
    """A table of both sizes, and their ratios."""
    costs = {
        f"{name}, {count:,} pages": run(command(name, archive, folder), count, folder)
        for name in (STREAMED, STORED)
        for count, archive in archives.items()
    }
    yield from table(costs, {})
    yield ""
    for less, more in zip(list(costs)[::2], list(costs)[1::2], strict=True):
        a, b = costs[less], costs[more]
        dearer, larger = b.cpu_s / b.pages / (a.cpu_s / a.pages), b.main_mb / a.main_mb
        yield f"{more}: CPU a page x {dearer:.3f}, memory of the main process x {larger:.3f}"


def table(costs: Mapping[str, Cost], rounds: Mapping[str, Sequence[Cost]]) -> Iterator[str]:
    """Rows of a Markdown table."""
    yield "| | pages/s | CPU, ms a page | of it main process | main, MB | all, MB | pages/s : pool | CPU, pool : it |"
    yield "| --- | --: | --: | --: | --: | --: | --: | --: |"
    for name, cost in costs.items():
        wall, cpu = (ratio(rounds, name, figure) for figure in ("wall_s", "cpu_s"))
        yield (
            f"| {name} | {cost.pages / cost.wall_s:.1f} | {1000 * cost.cpu_s / cost.pages:.2f} "
            f"| {1000 * cost.main_cpu_s / cost.pages:.2f} | {cost.main_mb:.0f} | {cost.tree_mb:.0f} | {wall} | {cpu} |"
        )


def ratio(rounds: Mapping[str, Sequence[Cost]], name: str, figure: str) -> str:
    """The pool's figure by another's, median of the rounds: each is compared with what ran beside it."""
    if name not in rounds or name == PLAIN:
        return ""
    pairs = zip(rounds[PLAIN], rounds[name], strict=True)
    return f"{median(getattr(pool, figure) / getattr(other, figure) for pool, other in pairs):.3f}"


def middle(costs: Sequence[Cost]) -> Cost:
    """The medians."""
    names = ("wall_s", "cpu_s", "main_cpu_s", "main_mb", "tree_mb")
    return Cost(pages=costs[0].pages, **{name: median(getattr(each, name) for each in costs) for name in names})


def command(name: str, archive: Path, folder: Path) -> tuple[str, ...]:
    """A command line."""
    if name == PLAIN:
        return (sys.executable, "-c", POOL, str(archive), str(folder / "pool.jsonl"))
    return (*NEWSCRAWL, str(archive), *(("--data", str(folder / "data")) if name == STORED else ()))


def run(command: Sequence[str], pages: int, folder: Path) -> Cost:
    """Run it to its end, and look at it while it runs.

    Raises:
        ChildProcessError: it did not end well.
    """
    subprocess.run(["rm", "-rf", str(folder / "data")], check=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NEWSCRAWL_")}
    began = time.monotonic()
    main_cpu_s = main_mb = tree_mb = 0.0
    with (folder / "out.jsonl").open("wb") as out, subprocess.Popen(command, stdout=out, env=kept) as process:
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            main_cpu_s, mine, all_of_it = look(process.pid) or (main_cpu_s, 0.0, 0.0)
            main_mb, tree_mb = max(main_mb, mine), max(tree_mb, all_of_it)
            time.sleep(LOOK_EVERY_S)
        wall_s = time.monotonic() - began
        _, status, used = ended
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != ExitCode.DONE:
        raise ChildProcessError(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(
        pages=pages,
        wall_s=wall_s,
        cpu_s=used.ru_utime + used.ru_stime,
        main_cpu_s=main_cpu_s,
        main_mb=main_mb,
        tree_mb=tree_mb,
    )


def look(pid: int) -> tuple[float, float, float] | None:
    """CPU seconds and memory of a process, and memory of it with its children; None when it has just ended."""
    try:
        values = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        threads = Path(f"/proc/{pid}/task").iterdir()
        children = {int(child) for each in threads for child in (each / "children").read_text().split()}
        mine = resident_mb(pid)
        return (int(values[11]) + int(values[12])) * _TICK_S, mine, mine + sum(map(resident_mb, children))
    except OSError:
        return None


if __name__ == "__main__":
    sys.exit(main())
