"""What the store costs: bytes and microseconds an address, and articles a second by how many share a commit.

    python -m benchmarks.state [--addresses 1000000] [--articles 500] [--folder DIR]

The folder's disk decides what a commit costs; the rows are made up, as long as real ones.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

from newscrawl.article import Article, Fetch, OutcomeLine
from newscrawl.state.addresses import find_address, remember
from newscrawl.state.store import STORE_FILE, Store, open_store
from newscrawl.text.digest import text_sha256
from newscrawl.urls import article_id, url_key

AT = "2026-11-24T06:00:00Z"
GROUP = 5_000
LOOKUPS = 20_000
PARAGRAPH = "The harbour authority said on Monday that the ferry would sail again from the new pier. " * 3


def main() -> None:
    """Measure, and print one line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--addresses", type=int, default=1_000_000)
    parser.add_argument("--articles", type=int, default=500)
    parser.add_argument("--folder", type=Path, help="where the stores are made (default: a temporary one)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder, prefix="newscrawl-") as folder:
        for size in (1, 10, 50):
            articles_per_second(Path(folder) / f"group{size}", arguments.articles, size)
        addresses(Path(folder) / "addresses", arguments.addresses)


def addresses(data: Path, count: int) -> None:
    """Fill a store with addresses, and look some of them up in no order."""
    with open_store(data) as store:
        run_id = begin(store)
        database = store._database
        began = time.perf_counter()
        for first in range(0, count, GROUP):
            with database.transaction():
                for number in range(first, min(first + GROUP, count)):
                    url = address(number)
                    line = outcome(url, run_id)
                    fetch = Fetch(requested_url=url, etag=f'W/"{number:x}-5e8d1c2b7a9f0"', lastmod=AT)
                    remember(database, url_key(url), url, line=line, fetch=fetch, at=AT, article_id=None)
        database.shrink()
        filled = time.perf_counter() - began
        size = (data / "state" / STORE_FILE).stat().st_size
        print(f"addresses: {count:,}; {size / count:.0f} bytes each; {1e6 * filled / count:.0f} µs to remember one")
        wanted = [url_key(address(random.randrange(count))) for _ in range(LOOKUPS)]
        for state in ("cold", "warm"):
            began = time.perf_counter()
            for key in wanted:
                assert find_address(database, key) is not None
            print(f"lookup, {state}: {1e6 * (time.perf_counter() - began) / LOOKUPS:.0f} µs each")


def articles_per_second(data: Path, count: int, size: int) -> None:
    """Store articles, so many in one commit."""
    with open_store(data) as store:
        run_id = begin(store)
        began = time.perf_counter()
        for first in range(0, count, size):
            with Group(store) if size > 1 else nullcontext():
                for number in range(first, min(first + size, count)):
                    put(store, number, run_id)
        took = time.perf_counter() - began
    print(f"articles, {size} in a commit: {count / took:,.0f} a second, {1000 * took / count:.2f} ms each")


class Group:
    """Makes one commit of all that is stored within: what the store does not offer, for comparison only."""

    def __init__(self, store: Store) -> None:
        self._database = store._database

    def __enter__(self) -> None:
        self._outer = self._database.transaction()
        self._outer.__enter__()
        self._database.transaction = nullcontext  # type: ignore[method-assign]

    def __exit__(self, *error: object) -> None:
        del self._database.transaction
        self._outer.__exit__(None, None, None)


def begin(store: Store) -> str:
    """A run."""
    return store.begin_run(why="benchmark", arguments={}, versions={})


def put(store: Store, number: int, run_id: str) -> None:
    """Store one made-up article of ten paragraphs."""
    url = address(number)
    text = "\n\n".join(f"{PARAGRAPH} Part {part} of number {number}." for part in range(10))
    article = Article(
        id=article_id(url_key(url)),
        url=url,
        source="harbour-times",
        site="harbour-times.example",
        title=f"Ferry number {number} sails again",
        text=text,
        text_sha256=text_sha256(text),
        date_crawled=AT,
    )
    store.put_article(article, run_id=run_id, outcome=outcome(url, run_id))


def outcome(url: str, run_id: str) -> OutcomeLine:
    """The outcome line of an article."""
    return OutcomeLine(
        url=url,
        source="harbour-times",
        outcome="article",
        reason=None,
        status=200,
        bytes=98_304,
        ms=120,
        via="feed",
        run_id=run_id,
    )


def address(number: int) -> str:
    """An address as long as most are (some 80 characters), spread over a thousand hosts."""
    return (
        f"https://www.paper-{number * 7919 % 1000}.example/2026/11/24/the-ferry-returns-to-the-old-harbour-{number:08d}"
    )


if __name__ == "__main__":
    main()
