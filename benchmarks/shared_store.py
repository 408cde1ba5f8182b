"""What a store in PostgreSQL costs beside one in a file: articles a second for 1, 2 and 4 writers, and bytes.

    python -m benchmarks.shared_store postgresql://user@host/database

Each writer is a process with a run of its own that stores articles of its own, one commit each, and in groups of ten
as a crawl does. Schemas `bench_1_1`, … are made anew in the database and stay, to be looked at. Wall times mean
something on a quiet machine only.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from newscrawl.article import Article, Fetch, OutcomeLine
from newscrawl.state.store import Store, open_store
from newscrawl.text.digest import text_sha256
from newscrawl.urls import article_id, url_key

WORDS = 400
DAY = "2026-11-24T06:00:00Z"


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", nargs="?", help="address of a PostgreSQL database")
    parser.add_argument("--articles", type=int, default=1500, help="of each writer")
    parser.add_argument("--writers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument(
        "--outcomes", action="store_true", help="of pages that have not changed, which are most of them in a long crawl"
    )
    parser.add_argument("--write", nargs=3, metavar=("DATA", "NAME", "TOGETHER"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.write:
        _write(Path(args.write[0]), args.write[1], args.articles, int(args.write[2]), outcomes=args.outcomes)
        return
    print("| store | writers | articles a commit | articles a second | CPU of a writer, ms | bytes an article |")
    print("| --- | --: | --: | --: | --: | --: |")
    for together in (1, 10):
        print(_row("a file", None, 1, together, args), flush=True)
        for writers in args.writers if args.url else ():
            url = _schema(args.url, f"bench_{writers}_{together}")
            print(_row("PostgreSQL", url, writers, together, args), flush=True)


def _schema(url: str, name: str) -> str:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
        connection.execute(f"CREATE SCHEMA {name}")
    return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{name}"


def _row(kind: str, url: str | None, writers: int, together: int, args: argparse.Namespace) -> str:
    articles = args.articles
    with tempfile.TemporaryDirectory(prefix="newscrawl-bench-") as folder:
        data = Path(folder) / "data"
        environment = {**os.environ, "NEWSCRAWL_STATE": url or ""}
        os.environ["NEWSCRAWL_STATE"] = url or ""
        with open_store(data) as store:
            empty = store._database.bytes()
        command = [sys.executable, "-m", "benchmarks.shared_store", "--articles", str(articles)]
        command += ["--outcomes"] if args.outcomes else []
        running = [
            subprocess.Popen(
                [*command, "--write", data, f"w{number}", str(together)],
                env=environment,
                text=True,
                stdout=subprocess.PIPE,
            )
            for number in range(writers)
        ]
        spans = [tuple(map(float, (each.communicate()[0] or "0 0 0").split())) for each in running]
        seconds = max(end for _, end, _ in spans) - min(start for start, _, _ in spans)
        cpu = sum(spent for *_, spent in spans)
        with open_store(data) as store:
            size = (store._database.bytes() - empty) / (writers * articles)
        rate, each_ms = writers * articles / seconds, 1000 * cpu / (writers * articles)
    return f"| {kind} | {writers} | {together} | {rate:,.0f} | {each_ms:.2f} | {size:,.0f} |"


def _write(data: Path, name: str, articles: int, together: int, *, outcomes: bool) -> None:
    with open_store(data) as store:
        run = store.begin_run(why="bench", arguments={}, versions={}, run_id=f"run_bench{name}")
        made = [_article(f"{name}-{number}") for number in range(articles)]
        if outcomes:
            _put(store, made, run)
        start, spent = time.time(), time.process_time()
        for first in range(0, articles, together):
            _put(store, made[first : first + together], run, outcomes=outcomes)
        print(start, time.time(), time.process_time() - spent)


def _put(store: Store, articles: list[Article], run: str, *, outcomes: bool = False) -> None:
    with store.together():
        for each in articles:
            outcome = OutcomeLine(
                url=each.url,
                source=each.source,
                outcome="unchanged" if outcomes else "article",
                reason=None,
                status=304 if outcomes else 200,
                bytes=1000,
                ms=10,
                via="feed",
                run_id=run,
            )
            fetch = Fetch(requested_url=each.url, status=outcome.status)
            if outcomes:
                store.put_outcome(outcome, fetch=fetch)
            else:
                store.put_article(each, run_id=run, outcome=outcome, fetch=fetch)


def _article(name: str) -> Article:
    dice = random.Random(name)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(dice.choices(letters, k=dice.randrange(2, 11))) for _ in range(WORDS)]
    text = "\n\n".join(" ".join(words[start : start + 40]).capitalize() + "." for start in range(0, WORDS, 40))
    url = f"https://harbour-{dice.randrange(50)}.example/{name}"
    return Article(
        id=article_id(url_key(url)),
        url=url,
        source="harbour",
        site=url.split("/")[2],
        title=" ".join(words[:8]),
        text=text,
        text_sha256=text_sha256(text),
        word_count=WORDS,
        date_crawled=DAY,
    )


if __name__ == "__main__":
    main()
