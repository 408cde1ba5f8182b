"""Long crawls: whether memory stays flat, each address gets one outcome, and nothing is doubled.

    python -m benchmarks.soak BENCH_DIR [--pages 20000] [--folder DIR]
    python -m benchmarks.soak BENCH_DIR --runs 50 --pages 400 --layouts 20

The saved pages of a bench are served as their sites, told again and again with other texts, and crawled at full speed
in a process of its own. In several runs the pages appear little by little, and some are edited between two of them.
The exit status is 1 when something was lost or doubled, or when memory grew. Needs Linux (/proc).
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing, nullcontext
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.crawl import cpu_s, resident_mb
from benchmarks.replay.__main__ import sources_toml
from benchmarks.replay.edits import retold
from benchmarks.replay.pages import address_key, load_bench
from benchmarks.replay.server import ReplayServer, Sites
from newscrawl.dump.reader import verify
from newscrawl.errors import ConfigError, ExitCode
from newscrawl.sources import load_sources
from newscrawl.state.store import STORE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from benchmarks.replay.edits import EditedPage

SAMPLE_EVERY_S = 0.5
WARM_PAGES = 2_000
"""After so many pages memory must be flat."""
FLAT = 1.15
"""The last tenth of a crawl may have so many times the memory of the first one that is warm."""
ROWS = 10
SETTINGS = (
    "DOWNLOAD_DELAY=0",
    "AUTOTHROTTLE_ENABLED=False",
    "CONCURRENT_REQUESTS_PER_DOMAIN=8",
    "LOG_LEVEL=WARNING",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One look at a crawl that goes on. Memory is resident, in MB."""

    at_s: float
    pages: int
    """Addresses that were decided on."""
    crawl_mb: float
    workers_mb: float
    """All workers together."""
    store_mb: float
    crawl_s: float
    """CPU seconds of the crawl's own process so far, as the next."""
    workers_s: float


def main(arguments: list[str] | None = None) -> int:
    """Crawl, and print what it came to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("bench", type=Path, help="folder with pages/ and gold/")
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--layouts", type=int, help="so many of the saved pages are told again (default: all)")
    parser.add_argument("--folder", type=Path, help="where the data directory is made (default: a temporary one)")
    args = parser.parse_args(arguments)
    try:
        saved = load_bench(args.bench, news_only=True).pages[: args.layouts]
    except ConfigError as error:
        print(error, file=sys.stderr)
        return ExitCode.USAGE
    place = nullcontext(args.folder) if args.folder else tempfile.TemporaryDirectory(prefix="newscrawl-")
    with place as folder, ReplayServer(Sites(())) as server:
        data, samples, problems = Path(folder) / "data", list[Sample](), list[str]()
        for run in range(args.runs):
            pages = list(retold(saved, args.pages, run=run, runs=args.runs))
            server.sites = Sites(pages)
            samples += (this_run := list(crawl(data, server)))
            if args.runs == 1:
                print("\n".join(memory_table(this_run)))
                problems += memory_grew(this_run)
        problems += said_wrong(data, pages)
        print("\n".join((*totals(data, samples, pages), *problems)))
    return ExitCode.ERROR if problems else ExitCode.DONE


def crawl(data: Path, server: ReplayServer) -> Iterator[Sample]:
    """One crawl of all that is served, looked at while it goes on.

    Raises:
        ChildProcessError: it did not end well.
    """
    data.mkdir(parents=True, exist_ok=True)
    sources, log = data.parent / "sources.toml", data.parent / "log.txt"
    sources.write_text(sources_toml(server.sites.hosts), encoding="utf-8")
    settings = [f"NEWSCRAWL_SOURCES={sources}", f"NEWSCRAWL_DATA={data}", *SETTINGS]
    named = ",".join(source.id for source in load_sources(sources))  # what is named is looked at now, due or not
    command = [
        "scrapy",
        "crawl",
        "news",
        "-a",
        f"source={named}",
        *(part for each in settings for part in ("-s", each)),
    ]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NEWSCRAWL_")}
    kept |= dict.fromkeys(("http_proxy", "https_proxy"), server.proxy_url)
    began = time.monotonic()
    with log.open("wb") as said, subprocess.Popen([sys.executable, "-m", *command], env=kept, stderr=said) as process:
        while process.poll() is None:
            time.sleep(SAMPLE_EVERY_S)
            if (sample := look(process.pid, data, time.monotonic() - began)) is not None:
                yield sample
    if process.returncode != ExitCode.DONE:
        raise ChildProcessError(f"the crawl ended with {process.returncode}: {log.read_text()[-2000:]}")


def look(pid: int, data: Path, at_s: float) -> Sample | None:
    """A sample of a crawl; None before there is a run, and when it is just over."""
    store = data / "state" / STORE_FILE
    try:
        threads = Path(f"/proc/{pid}/task").iterdir()
        children = [child for each in threads for child in (each / "children").read_text().split()]
        with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=10)) as connection:
            query = "SELECT count(*) FROM decisions WHERE run_id = (SELECT id FROM runs ORDER BY sequence DESC LIMIT 1)"
            (pages,) = connection.execute(query).fetchone()
        mine, of_dead = cpu_s(pid)
        return Sample(
            at_s=at_s,
            pages=pages,
            crawl_mb=resident_mb(pid),
            workers_mb=sum(resident_mb(int(child)) for child in children),
            store_mb=sum(file.stat().st_size for file in store.parent.glob(f"{STORE_FILE}*")) / 1e6,
            crawl_s=mine,
            workers_s=of_dead + sum(cpu_s(int(child))[0] for child in children),
        )
    except (OSError, sqlite3.OperationalError):
        return None


def stretches(samples: list[Sample]) -> list[list[Sample]]:
    """The samples of each tenth of the pages, without those of a start and an end, when no page is in work."""
    samples = [each for each in samples if each.workers_mb]
    last = max(each.pages for each in samples) + 1
    parts = [[each for each in samples if each.pages * ROWS // last == row] for row in range(ROWS)]
    return [part for part in parts if part]


def memory_table(samples: list[Sample]) -> Iterator[str]:
    """Rows of a Markdown table: each tenth of the pages; of memory the medians, of CPU milliseconds a page."""
    yield "| pages | seconds | pages a second | crawl, ms | workers, ms | crawl, MB | workers, MB | store, MB |"
    yield "| --: | --: | --: | --: | --: | --: | --: | --: |"
    for part in stretches(samples):
        first, last = part[0], part[-1]
        rate = (last.pages - first.pages) / ((last.at_s - first.at_s) or 1)
        memory = (median(each.crawl_mb for each in part), median(each.workers_mb for each in part))
        pages = (last.pages - first.pages) or 1
        spent = (1000 * (last.crawl_s - first.crawl_s) / pages, 1000 * (last.workers_s - first.workers_s) / pages)
        yield (
            f"| {last.pages:,} | {last.at_s:.0f} | {rate:.0f} | {spent[0]:.1f} | {spent[1]:.1f} "
            f"| {memory[0]:.0f} | {memory[1]:.0f} "
            f"| {last.store_mb:.0f} |"
        )


def memory_grew(samples: list[Sample]) -> Iterator[str]:
    """A sentence when memory was not flat once the crawl was warm."""
    warm = [part for part in stretches(samples) if part[0].pages >= WARM_PAGES]
    if len(warm) < 2:
        return
    for name in ("crawl_mb", "workers_mb"):
        first, last = (median(getattr(each, name) for each in part) for part in (warm[0], warm[-1]))
        if last > first * FLAT:
            yield f"memory grew: {name} from {first:.0f} to {last:.0f}"


def said_wrong(data: Path, pages: list[EditedPage]) -> Iterator[str]:
    """What the dump says twice, or does not say."""
    yield from verify(data)  # (id, revision) once, an address once in a run, the current view as the logs have it
    decided = Counter(address_key(line["url"]) for line in lines(data, "outcomes"))
    lost = [page.url for page in pages if page.key not in decided]
    if lost:
        yield f"{len(lost):,} pages without an outcome, such as {lost[0]}"
    lived_at: dict[str, set[str]] = {}
    texts: dict[str, list[str]] = {}
    for line in sorted(lines(data, "articles"), key=lambda line: line["revision"]):
        lived_at.setdefault(address_key(line["url"]), set()).add(line["id"])
        if line["revision_cause"] != "cleaning":  # what the site prints everywhere was learned
            texts.setdefault(line["id"], []).append(line["text_sha256"])
    for key, ids in lived_at.items():
        if len(ids) > 1:
            yield f"{key} is {len(ids)} articles"
    allowed = {page.key: page.edition for page in pages}
    for key, (article, *_) in lived_at.items():
        versions = texts[article]
        if len(versions) > allowed.get(key, 0):
            yield f"{key} has {len(versions)} revisions of {allowed.get(key, 0)} editions"
        if any(old == new for old, new in pairwise(versions)):
            yield f"{key} has two revisions of one text"


def totals(data: Path, samples: list[Sample], pages: list[EditedPage]) -> Iterator[str]:
    """What there is at the end."""
    outcomes = Counter(line["outcome"] for line in lines(data, "outcomes"))
    articles = sum(1 for _ in lines(data, "current"))
    revisions = sum(1 for _ in lines(data, "articles"))
    edits = sum(page.edition - 1 for page in pages)
    store = (data / "state" / STORE_FILE).stat().st_size
    yield f"{len(pages):,} pages, {edits:,} edits; {articles:,} articles, {revisions - articles:,} revisions of them"
    yield f"outcomes: {', '.join(f'{count:,} {name}' for name, count in outcomes.most_common())}"
    yield (
        f"state: {store / 1e6:.1f} MB, {store / max(articles, 1):,.0f} bytes an article; "
        f"at most {max(each.store_mb for each in samples):,.0f} MB during a run"
    )


def lines(data: Path, stream: str) -> Iterable[dict[str, Any]]:
    """The records of a stream, one in memory at a time."""
    for file in sorted((data / stream).rglob("*.jsonl")):
        with file.open("rb") as held:
            yield from map(json.loads, held)


if __name__ == "__main__":
    sys.exit(main())
