"""As little as a crawler can be: aiohttp, a process pool with newscrawl's cleaner, JSON lines out.

``python -m benchmarks.crawling.bare_loop LIST OUT``: no robots.txt, no pace, no store, no retries, no deadline.
"""

from __future__ import annotations

import asyncio
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import aiohttp

from benchmarks.crawling.meter import Meter
from newscrawl.article import Page
from newscrawl.dates import utc_now
from newscrawl.dump.record import record, to_line
from newscrawl.errors import ArticleRejected
from newscrawl.extract.pool import usable_cpus
from newscrawl.refine import article_from_page, warm_up

AT_ONCE = 32


async def crawl(addresses: list[str], out: Path) -> None:
    """Fetch, clean and write all of them, so many at once."""
    meter = Meter()
    loop, waiting = asyncio.get_running_loop(), iter(addresses)
    with out.open("wb") as file, ProcessPoolExecutor(usable_cpus(), initializer=warm_up) as pool:
        async with aiohttp.ClientSession(trust_env=True) as session:

            async def go_on() -> None:
                for address in waiting:
                    async with session.get(address) as response:
                        page = Page(url=str(response.url), html=await response.read(), date_crawled=utc_now())
                    try:
                        article = await loop.run_in_executor(pool, article_from_page, page)
                    except ArticleRejected:
                        continue
                    file.write(to_line(record(article)))

            await asyncio.gather(*(go_on() for _ in range(AT_ONCE)))
    meter.stop()


if __name__ == "__main__":
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    asyncio.run(crawl(Path(sys.argv[1]).read_text(encoding="utf-8").split(), Path(sys.argv[2])))
