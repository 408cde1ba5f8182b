"""No record leaves that a reader of the dump could not rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import DropItem

from newscrawl.errors import ArticleRejected
from newscrawl.extensions.run import run_of
from newscrawl.refine import check

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from newscrawl.article import Article
    from newscrawl.extensions.run import CrawlRun


class CheckPipeline:
    """Checks each article against the schema and the record's own promises."""

    def __init__(self, run: CrawlRun) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CheckPipeline:
        """Scrapy's constructor."""
        return cls(run_of(crawler))

    def process_item(self, item: Article) -> Article:
        """Scrapy's hook."""
        try:
            check(item)
        except ArticleRejected as rejected:
            self.run.reject(rejected, item)
            raise DropItem(str(rejected)) from rejected
        return item
