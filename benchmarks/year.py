"""A crawl every ten minutes: what a data directory and the end of a run come to, day after day.

    python -m benchmarks.year [--days 14] [--runs 144] [--articles 5] [--say-every 1] [--folder DIR]
    python -m benchmarks.year --days 365 --runs 4 --articles 1 --say-every 30    # a year, in minutes
    python -m benchmarks.year --sizes 1000,10000,100000

The runs go through the store, publishing and retention as a crawl's do; nothing is fetched. Every run stores new
articles, and decides on addresses that gave none. The days are made up, so an hour shows what a year comes to.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import newscrawl
from newscrawl.article import Article, OutcomeLine
from newscrawl.dump.current import CURRENT
from newscrawl.dump.publish import publish
from newscrawl.dump.retain import Retention, retain
from newscrawl.state.store import STORE_FILE, Store, open_store
from newscrawl.text.digest import text_sha256
from newscrawl.urls import article_id, url_key

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
OUTCOMES_A_RUN = 20
WORDS = tuple(
    f"{a}{b}{c}" for a in ("har", "fer", "min", "cou") for b in "aeiou" for c in ("bour", "ry", "ister", "ncil")
)
WORDS_A_TEXT = 400


def main() -> None:
    """Measure, and print one line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--runs", type=int, default=144, help="runs a day")
    parser.add_argument("--articles", type=int, default=5, help="new articles a run")
    parser.add_argument("--say-every", type=int, default=1, metavar="DAYS")
    parser.add_argument("--sizes", help="instead: publishing one article more, by articles of the current view")
    parser.add_argument("--folder", type=Path, help="where the data directory is made (default: a temporary one)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder, prefix="newscrawl-") as folder:
        if arguments.sizes:
            publishing(Path(folder), sorted(int(each) for each in arguments.sizes.split(",")))
        else:
            year(Path(folder), arguments.days, arguments.runs, arguments.articles, arguments.say_every)


def year(data: Path, days: int, runs: int, articles: int, say_every: int) -> None:
    """Crawl day after day, and say now and then what there is."""
    for day in range(days):
        spent = []
        for number in range(runs):
            at = FIRST_DAY + timedelta(days=day, minutes=number * 1440 // runs)
            with open_store(data) as store:
                crawl(store, at, articles)
                began = time.perf_counter()
                publish(store, data)
                retain(store, data, Retention())
                spent.append(1000 * (time.perf_counter() - began))
        if (day + 1) % say_every and day + 1 < days:
            continue
        print(
            f"day {day + 1}: {sum(1 for _ in data.rglob('crawl_day=*/*.jsonl')):,} files; {_manifest(data)}; "
            f"publishing {median(spent):.0f} ms a run, at most {max(spent):.0f}; {_read(data)}; {_sizes(data)}",
            flush=True,
        )


def publishing(data: Path, sizes: list[int]) -> None:
    """The end of a run that brought one article, where there are many already."""
    at, count = FIRST_DAY, 0
    for size in sizes:
        with open_store(data) as store:
            crawl(store, at, size - count)
            publish(store, data)
            count, spent = size, []
            for _ in range(3):
                at += timedelta(minutes=10)
                crawl(store, at, 1, outcomes=0)
                began = time.perf_counter()
                publish(store, data)
                spent.append(1000 * (time.perf_counter() - began))
                count += 1
        view = (data / CURRENT).stat().st_size / 1e6
        print(f"{size:,} articles, a current view of {view:.0f} MB: {median(spent):.0f} ms; {_read(data)}", flush=True)


def crawl(store: Store, at: datetime, articles: int, *, outcomes: int = OUTCOMES_A_RUN) -> None:
    """A run that stores articles nobody has seen, and decides on addresses that everybody has."""
    moment = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    chance = random.Random(moment)
    run_id = store.begin_run(
        why="benchmark",
        arguments={"source": "harbour-times"},
        versions={"newscrawl": newscrawl.__version__, "scrapy": "2.19.0", "trafilatura": "2.3.1", "lxml": "6.1.3"},
        run_id=f"run_{at:%Y%m%dt%H%M%Sz}_aaaaaa",
        started=moment,
    )
    for number in range(articles):
        url = f"https://www.harbour-times.example/{at:%Y/%m/%d/%H%M}-{number}.html"
        text = " ".join(chance.choices(WORDS, k=WORDS_A_TEXT))
        item = Article(
            id=article_id(url_key(url)),
            url=url,
            source="harbour-times",
            site="",  # what the site's memory costs is another benchmark's
            title=text[:60],
            text=text,
            text_sha256=text_sha256(text),
            word_count=WORDS_A_TEXT,
            date_published=moment,
            date_precision="minute",
            date_source="jsonld",
            date_crawled=moment,
        )
        store.put_article(item, run_id=run_id, outcome=_line(url, run_id, "article"))
    for number in range(outcomes):
        url = f"https://www.harbour-times.example/known/{number}.html"
        store.put_outcome(_line(url, run_id, "unchanged"), at=moment)
    counts = {"outcome_article": articles, "outcome_unchanged": outcomes, "revisions": 0, "sources_failed": 0}
    store.end_run(run_id, exit_code=0, counts=counts, ended=moment)


def _line(url: str, run_id: str, outcome: str) -> OutcomeLine:
    reason = None if outcome == "article" else "as in revision 1"
    return OutcomeLine(
        url=url, source="harbour-times", outcome=outcome, reason=reason, status=200, bytes=48_000, ms=180, via="feed",
        run_id=run_id,
    )  # fmt: skip


def _manifest(data: Path) -> str:
    held = (data / "manifest.json").read_bytes()
    manifest = json.loads(held)
    return f"manifest {len(held) / 1e3:.0f} kB, {len(manifest['runs']):,} runs and {len(manifest['files']):,} files"


def _read(data: Path) -> str:
    began = time.perf_counter()
    rows = len(newscrawl.read(data))
    return f"newscrawl.read {rows:,} rows in {time.perf_counter() - began:.1f} s"


def _sizes(data: Path) -> str:
    return f"store {(data / 'state' / STORE_FILE).stat().st_size / 1e6:.1f} MB"


if __name__ == "__main__":
    main()
