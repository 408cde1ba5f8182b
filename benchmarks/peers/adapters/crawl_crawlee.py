"""crawlee's HttpCrawler, each page given to trafilatura in its handler."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from crawlee import ConcurrencySettings
from crawlee.crawlers import HttpCrawler, HttpCrawlingContext
from crawlee.proxy_configuration import ProxyConfiguration
from crawlee.storage_clients import MemoryStorageClient
from serve import write_article
from trafilatura import bare_extraction

AT_ONCE = 32


def crawl(job: dict[str, Any]) -> None:
    """The list, robots.txt obeyed, everything in memory."""
    asyncio.run(_crawl(job))


async def _crawl(job: dict[str, Any]) -> None:
    crawler = HttpCrawler(
        proxy_configuration=ProxyConfiguration(proxy_urls=[job["proxy"]]),
        concurrency_settings=ConcurrencySettings(max_concurrency=AT_ONCE, desired_concurrency=AT_ONCE),
        storage_client=MemoryStorageClient(),
        respect_robots_txt_file=True,
        configure_logging=False,
    )
    with Path(job["out"]).open("w", encoding="utf-8", buffering=1) as out:

        @crawler.router.default_handler
        async def handle(context: HttpCrawlingContext) -> None:
            page = await context.http_response.read()
            found = bare_extraction(page, url=context.request.url, with_metadata=True)
            if found is not None:
                write_article(out, context.request.url, found.text)

        await crawler.run(Path(job["list"]).read_text(encoding="utf-8").split())
