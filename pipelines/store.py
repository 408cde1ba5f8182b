"""From here on an article is safe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.exceptions import DropItem

from newscrawl.dump.record import record
from newscrawl.errors import Outcome, StoreError
from newscrawl.extensions.run import run_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from newscrawl.article import Article
    from newscrawl.extensions.run import CrawlRun


class StorePipeline:
    """Commits each article with its outcome, and hands on its record.

    The record is what the dump will hold, so ``-O out.jsonl`` has the same fields in the same order.
    What is stored already is dropped: an exported file holds what is new in this run.
    """

    def __init__(self, run: CrawlRun) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StorePipeline:
        """Scrapy's constructor."""
        return cls(run_of(crawler))

    async def process_item(self, item: Article) -> dict[str, Any]:
        """Scrapy's hook; waits until the article is committed."""
        try:
            stored = await self.run.put_article(item)
        except StoreError as error:
            # The run has taken note and ends; its address is not marked as done.
            raise DropItem(f"not stored: {item.url}") from error
        if stored.outcome is not Outcome.ARTICLE:
            raise DropItem(f"{stored.outcome}: {item.url}")
        return record(stored.article)
