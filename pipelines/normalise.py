"""Any item in, a clean article out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from itemadapter import ItemAdapter
from scrapy.exceptions import DropItem

from newscrawl.article import Article
from newscrawl.dump.record import article_from
from newscrawl.errors import ArticleRejected
from newscrawl.extensions.run import run_of
from newscrawl.refine import is_refined, refine

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from newscrawl.extensions.run import CrawlRun


class NormalisePipeline:
    """Turns an item into an `Article` and refines it.

    Takes an `Article`, or any item whose fields have the record's names (``url``, ``title``, ``text``, …),
    so that it can stand in a project with spiders of its own. Articles that the workers refined pass.
    """

    def __init__(self, run: CrawlRun) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> NormalisePipeline:
        """Scrapy's constructor."""
        return cls(run_of(crawler))

    def process_item(self, item: Any) -> Article:
        """Scrapy's hook."""
        article = item if isinstance(item, Article) else article_from(ItemAdapter(item).asdict())
        if not is_refined(article):
            try:
                article = refine(article)
            except ArticleRejected as rejected:
                self.run.reject(rejected, article)
                raise DropItem(str(rejected)) from rejected
        self.run.count_removed(article.removed)
        return article
