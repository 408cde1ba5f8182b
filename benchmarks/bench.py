"""Measure newscrawl and its peers on real pages, side by side, in one sitting, and write the tables.

    python -m benchmarks.bench DIR [--pages N] [--deadline S] [--parts PART …] [--only NAME …] [--out FILE]

DIR holds ``score.py``, ``pages/`` and ``gold/``. The pages are other people's: nothing of them is copied, the tables
have numbers only. Each peer gets an environment of its own below ``.bench/``, made when it is run for the first time.
Needs Linux (/proc).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.peers import archives, cleaning, crawling, report
from benchmarks.peers.environments import OWN, UnavailableError, versions
from benchmarks.replay.pages import load_bench
from newscrawl import __version__
from newscrawl.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from benchmarks.peers.processes import Peer
    from benchmarks.replay.pages import SavedPage

ROOT = Path(__file__).parent.parent
PARTS = {"cleaning": cleaning.PEERS, "crawling": crawling.PEERS, "archives": archives.PEERS}
PLAN = crawling.Plan(pages=600, rounds=2, deadline_s=40.0)
VERSIONS = {
    OWN: ("scrapy", "trafilatura", "lxml", "aiohttp"),
    "trafilatura": ("trafilatura", "lxml"),
    "resiliparse": ("resiliparse",),
    "readability-lxml": ("readability-lxml",),
    "newspaper4k": ("newspaper4k",),
    "mediacloud-metadata": ("mediacloud-metadata", "trafilatura"),
    "news-please": ("news-please", "newspaper4k", "scrapy"),
    "crawlee": ("crawlee", "trafilatura"),
    "fundus": ("fundus", "lxml"),
}
SEED = 1
SCORER = "score.py"


def main(arguments: list[str] | None = None) -> int:
    """Measure what is asked for, and write the Markdown file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("bench", type=Path, help="folder with score.py, pages/ and gold/")
    parser.add_argument("--pages", type=int, help="in each part; jobs are run once then (default: all, 600 for jobs)")
    parser.add_argument("--deadline", type=float, default=PLAN.deadline_s, help="seconds for a job (default: 40)")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--only", nargs="+", metavar="NAME", help="peers with this in their names, beside newscrawl")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks.md")
    args = parser.parse_args(arguments)
    bench = args.bench.resolve()
    if not (bench / SCORER).is_file():
        print(f"{bench / SCORER}: there is no such file", file=sys.stderr)
        return ExitCode.USAGE
    try:
        saved = list(load_bench(bench, news_only=True).pages)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return ExitCode.USAGE
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that no peer goes on alone
    chosen = {part: those_named(PARTS[part], args.only) for part in args.parts}
    random.Random(SEED).shuffle(saved)
    pages, rounds = (PLAN.pages, PLAN.rounds) if args.pages is None else (args.pages, 1)
    plan = crawling.Plan(pages=pages, rounds=rounds, deadline_s=args.deadline)
    began, load = time.monotonic(), os.getloadavg()[0]
    made_with = list(_versions(chosen))  # environments are made here, and not while another peer is measured
    parts: list[str] = []
    with tempfile.TemporaryDirectory(prefix="newscrawl-") as folder:
        for part, peers in chosen.items():
            parts += _measured(part, peers, bench, saved[: args.pages], plan, Path(folder))
            head = [report.INTRODUCTION, "", *_machine(load, time.monotonic() - began), *made_with]
            args.out.write_text("\n".join(head + parts) + "\n", encoding="utf-8")  # what there is so far
    print(f"wrote {args.out}")
    return ExitCode.DONE


def those_named(peers: Sequence[Peer], names: Sequence[str] | None) -> list[Peer]:
    """Those with one of the names in theirs, the first of all always; all, when there are no names."""
    return [peer for peer in peers if names is None or peer is peers[0] or any(name in peer.name for name in names)]


def _measured(  # noqa: PLR0913, PLR0917 - what a part is made of
    part: str, peers: Sequence[Peer], bench: Path, saved: Sequence[SavedPage], plan: crawling.Plan, folder: Path
) -> Iterator[str]:
    """One part of the report."""
    (folder / part).mkdir()
    match part:
        case "cleaning":
            results = cleaning.measure(saved, peers)
            scores = scored(bench, saved, results, folder / part)
            yield from ("", report.CLEANING, "", f"{len(saved)} pages.", "", *report.cleaning(results, scores))
            yield from ("", report.SCORES, *report.of_each_set(results, scores))
            if lines := paired(bench, results, folder / part):
                yield from ("", report.PAIRED.format(name=results[1].peer.name), "", "```", *lines, "```")
        case "crawling":
            crawled = crawling.measure(bench, plan, folder / part, peers)
            yield from ("", report.CRAWLING.format(rounds=plan.rounds), "", *report.jobs(crawled, plan.pages))
        case "archives":
            read = archives.measure(bench, plan, folder / part, peers)
            said = report.ARCHIVES.format(pages=plan.pages, rounds=plan.rounds)
            yield from ("", said, "", *report.jobs(read, plan.pages))


def scored(
    bench: Path, pages: Sequence[SavedPage], results: Iterable[cleaning.Cleaned], folder: Path
) -> dict[str, dict[str, Any]]:
    """What the folder's own ``score.py`` says of each peer's texts, of the pages that it was given."""
    given = {(page.dataset, page.id) for page in pages}
    gold = folder / "gold"
    gold.mkdir()
    for file in sorted((bench / "gold").glob("*.jsonl")):
        lines = file.read_bytes().splitlines(keepends=True)  # of bytes: a text may hold U+2028
        kept = [line for line in lines if (file.stem, json.loads(line)["id"]) in given]
        if kept:
            (gold / file.name).write_bytes(b"".join(kept))
    scores: dict[str, dict[str, Any]] = {}
    for result in results:
        if result.outputs:
            cleaning.write_outputs(result, _outputs(result, folder))
            _score(bench, folder, _outputs(result, folder), "--json", str(folder / "scores.json"))
            scores[result.peer.name] = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    return scores


def paired(bench: Path, results: Sequence[cleaning.Cleaned], folder: Path) -> list[str]:
    """What ``score.py`` says of the first one's texts beside the second's, page by page; nothing if there are none."""
    if len(results) < 2:
        return []
    ours, theirs = (_outputs(result, folder) for result in results[:2])
    if not (ours.is_file() and theirs.is_file()):
        return []
    said = _score(bench, folder, ours, "--vs", str(theirs)).splitlines()
    return said[-len(list((folder / "gold").iterdir())) :]


def _outputs(result: cleaning.Cleaned, folder: Path) -> Path:
    return folder / f"{result.peer.adapter}.jsonl"


def _score(bench: Path, gold: Path, outputs: Path, *options: str) -> str:
    command = [sys.executable, str(bench / SCORER), str(outputs), "--root", str(gold), "--no-rouge", *options]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def _machine(load: float, seconds: float) -> Iterator[str]:
    """What it was measured on, and with."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    named = (line.partition(": ")[2] for line in _lines(Path("/proc/cpuinfo")) if line.startswith("model name"))
    yield (
        f"{os.cpu_count()} cores ({next(named, '?')}), {memory_gb:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}; load {load:.1f} when it began, {os.getloadavg()[0]:.1f} "
        f"now; {seconds / 60:.0f} minutes. "
        f"newscrawl {__version__}."
    )


def _versions(chosen: dict[str, list[Peer]]) -> Iterator[str]:
    """What is in the environments that were used."""
    yield ""
    for environment in dict.fromkeys(peer.environment for peers in chosen.values() for peer in peers):
        try:
            found = versions(environment, VERSIONS[environment])
        except UnavailableError as error:
            yield f"- {environment}: {error}"
            continue
        yield f"- {environment or 'newscrawl'}: {', '.join(f'{name} {number}' for name, number in found.items())}"


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.is_file() else []


if __name__ == "__main__":
    sys.exit(main())
