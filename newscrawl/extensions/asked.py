"""Writes down what the spider asks a site for before any article: where feeds, sitemaps and sections are.

For `newscrawl sources check`, which adds it to ``EXTENSIONS`` and names the file in `ASKED_FILE`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import NotConfigured

from newscrawl.discover.feeds import feed_hints, is_feed
from newscrawl.discover.news_sitemaps import read_sitemap
from newscrawl.discover.sections import page_links
from newscrawl.robots import cut_body, read_robots

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from newscrawl.discover.asks import Ask

ASKED_FILE = "ASKED_FILE"


class AskedLog:
    """One JSON object a line and answer: kind, url, probe, status, holds."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AskedLog:
        """Scrapy's constructor."""
        path = crawler.settings.get(ASKED_FILE)
        if not path:
            raise NotConfigured(f"{ASKED_FILE} names no file")
        log = cls(Path(path))
        crawler.signals.connect(log.response_received, signal=signals.response_received)
        return log

    def response_received(self, response: Response, request: Request) -> None:
        """An answer came, redirects followed."""
        ask: Ask | None = request.cb_kwargs.get("ask")
        if ask is None:
            return
        holds = what_it_holds(ask, response.body, response.url) if response.status < 400 else ""
        line = {"kind": ask.kind, "url": response.url, "probe": ask.probe, "status": response.status, "holds": holds}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def what_it_holds(ask: Ask, body: bytes, url: str) -> str:
    """In words, what an answer leads to."""
    if ask.kind == "robots":
        robots = read_robots(cut_body(body).decode("utf-8", "replace"), "*", url)
        return _many(len(robots.sitemaps), "sitemap")
    if is_feed(body):
        return _many(len(feed_hints(body, url)), "article")
    if ask.kind == "sitemap":
        sitemap = read_sitemap(body, url)
        return f"{_many(len(sitemap.hints), 'article')}, {_many(len(sitemap.children), 'sitemap')}"
    if ask.kind == "feed":
        return "no feed"
    links = page_links(body, url)
    counts = ((links.feeds, "feed"), (links.sitemaps, "sitemap"), (links.articles, "article"))
    return ", ".join(_many(len(found), noun) for found, noun in counts)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
