"""What a Scrapy user writes first: each page of a list given to trafilatura in the callback, JSON lines out.

``python -m benchmarks.crawling.plain_list LIST OUT``
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trafilatura
from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response


class ListSpider(Spider):
    """The addresses of a list."""

    name = "plain"

    def __init__(self, listed: Path) -> None:
        super().__init__()
        self.addresses = listed.read_text(encoding="utf-8").split()

    async def start(self) -> AsyncIterator[Any]:
        """All of them."""
        for address in self.addresses:
            yield Request(address)

    def parse(self, response: Response) -> Iterator[Any]:
        """The text of a page."""
        found = trafilatura.bare_extraction(response.text, url=response.url, with_metadata=True)
        if found is not None and found.text:
            yield {"url": response.url, "title": found.title, "date": found.date, "text": found.text}


if __name__ == "__main__":
    process = CrawlerProcess(
        {
            "ROBOTSTXT_OBEY": True,
            "DOWNLOAD_DELAY": 0,
            "CONCURRENT_REQUESTS": 32,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
            "FEEDS": {sys.argv[2]: {"format": "jsonlines"}},
            "EXTENSIONS": {"benchmarks.crawling.meter.MeterExtension": 0},
            "LOG_LEVEL": "ERROR",
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
        }
    )
    process.crawl(ListSpider, listed=Path(sys.argv[1]))
    process.start()
