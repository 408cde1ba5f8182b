"""What everything around cleaning costs beside it: pickling, pipelines, store, the end of a run and its publication.

``python -m benchmarks.crawling.around BENCH_DIR [PAGES]``: CPU of each step for an article, and as a share of the
cleaning of its page. All in one process, step by step, so that nothing else is in a figure.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any, TypeVar

from scrapy.exceptions import DropItem
from scrapy.utils.test import get_crawler

from benchmarks.replay.edits import retold
from benchmarks.replay.pages import load_bench
from newscrawl.article import Fetch, Page
from newscrawl.batch.prepare import prepared
from newscrawl.batch.settle import settle
from newscrawl.dump.publish import publish
from newscrawl.errors import ArticleRejected
from newscrawl.extensions.run import CrawlRun
from newscrawl.refine import article_from_page, warm_up
from pipelines.check import CheckPipeline
from pipelines.normalise import NormalisePipeline
from pipelines.store import StorePipeline

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

TOGETHER = 4
"""So many articles share a commit: those of `newscrawl.extensions.commits.WAIT_S`, at 80 pages a second."""
WARM = 20
"""The first articles are not measured: they load and compile."""


class Clock:
    """CPU seconds by step."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()

    def run(self, step: str, work: Callable[[], T]) -> T:
        """Do it, and count what it takes."""
        began = process_time()
        try:
            return work()
        finally:
            self.spent[step] += process_time() - began


def main(bench: Path, count: int = 400) -> None:
    """Measure and print."""
    asyncio.run(measure(bench, count))


async def measure(bench: Path, count: int) -> None:
    """Each step in its turn, on one loop."""
    warm_up()
    clock = Clock()
    with tempfile.TemporaryDirectory(prefix="newscrawl-") as folder:
        run, pipeline, steps = pipelines(Path(folder))
        stored, waiting = 0, list[Any]()
        for number, saved in enumerate(retold(load_bench(bench, news_only=True).pages, count)):
            if number == WARM:
                clock.spent.clear()
                stored = 0
            page = Page(url=saved.url, html=saved.html(), date_crawled="2026-03-04T05:06:07Z")
            try:
                article = clock.run("cleaning", lambda page=page: article_from_page(page))
            except ArticleRejected:
                continue
            article = clock.run("preparing", lambda article=article: prepared(article))
            clock.run("pickling", lambda page=page, article=article: (again(page), again(article)))
            item = replace(article, fetch=Fetch(requested_url=page.url, status=200))
            with suppress(DropItem):  # opted out
                for name, step in steps.items():
                    item = clock.run(name, lambda step=step, item=item: step(item))
                waiting.append(item)
                stored += 1
            if len(waiting) == TOGETHER:
                began = process_time()
                await asyncio.gather(*map(pipeline.process_item, waiting))
                clock.spent["store"] += process_time() - began
                waiting.clear()
        assert run.store is not None
        store, data = run.store, run.data
        clock.run(
            "end of the run",
            lambda: settle(store, data, run_id=run.run_id, near_duplicates=run.near_duplicates),
        )
        clock.run("publication", lambda: publish(store, data))
        store.close()
    cleaning = clock.spent.pop("cleaning")
    print(f"{stored} articles; cleaning {1000 * cleaning / stored:.2f} ms")
    for name, spent in clock.spent.items():
        print(f"{name:<16}{1000 * spent / stored:7.3f} ms  {spent / cleaning:6.1%}")
    around = clock.spent.total()
    print(f"{'around cleaning':<16}{1000 * around / stored:7.3f} ms  {around / cleaning:6.1%}")


def pipelines(data: Path) -> tuple[CrawlRun, StorePipeline, dict[str, Callable[..., object]]]:
    """The item pipelines of a crawl whose store is open: the last, and those before it in their order."""
    crawler = get_crawler(None, {"NEWSCRAWL_DATA": str(data), "EXTENSIONS": {}})
    run = CrawlRun(crawler)
    crawler.get_extension = lambda _: run  # type: ignore[method-assign, assignment, return-value]
    run.begin()
    made = {
        "normalise": NormalisePipeline.from_crawler(crawler),
        "check": CheckPipeline.from_crawler(crawler),
    }
    return run, StorePipeline.from_crawler(crawler), {name: each.process_item for name, each in made.items()}


def again(value: T) -> T:
    """The value as it comes out of a pipe."""
    copy: T = pickle.loads(pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL))
    return copy


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
