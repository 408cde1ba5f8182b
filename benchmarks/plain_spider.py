"""Scrapy and trafilatura as their documentation shows them: what `benchmarks.hostile` compares with.

``python plain_spider.py OUT SITE...`` crawls the sites (their robots.txt obeyed, sitemaps, feeds, links of their own
hosts followed), gives each page to trafilatura, and writes JSON lines to OUT. Nothing but that is set.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import trafilatura
from scrapy import Request
from scrapy.crawler import CrawlerProcess
from scrapy.http import HtmlResponse
from scrapy.linkextractors import LinkExtractor
from scrapy.spiders import SitemapSpider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response


class PlainSpider(SitemapSpider):
    """Sitemaps of robots.txt, the feed, and links."""

    name = "plain"

    def __init__(self, sites: list[str]) -> None:
        super().__init__()
        self.sites = sites
        self.sitemap_urls = [f"{site}/robots.txt" for site in sites]
        self.allowed_domains = [urlsplit(site).hostname or "" for site in sites]
        self.links = LinkExtractor()

    async def start(self) -> AsyncIterator[Any]:
        """The feed and the home page of each site, then the sitemaps."""
        for site in self.sites:
            yield Request(f"{site}/rss.xml", self.parse_feed)
            yield Request(f"{site}/")
        async for request in super().start():
            yield request

    def parse_feed(self, response: Response) -> Iterator[Request]:
        """What the feed lists."""
        for link in response.xpath("//item/link/text()").getall():
            yield Request(link.strip())

    def parse(self, response: Response) -> Iterator[Any]:
        """The text of a page, and where its links lead."""
        if not isinstance(response, HtmlResponse):
            return
        found = trafilatura.bare_extraction(response.text, url=response.url, with_metadata=True)
        if found is not None and found.text:
            yield {"url": found.url, "page": response.url, "title": found.title, "date": found.date, "text": found.text}
        for link in self.links.extract_links(response):
            yield Request(link.url)


if __name__ == "__main__":
    out, *given = sys.argv[1:]
    process = CrawlerProcess(
        {
            "ROBOTSTXT_OBEY": True,
            "FEEDS": {out: {"format": "jsonlines"}},
            "LOG_LEVEL": "ERROR",
            "REMOTE_CONTROL_ENABLED": False,
        }
    )
    process.crawl(PlainSpider, sites=given)
    process.start()
