"""No record leaves that a reader of the dump could not rely on."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from scrapy.exceptions import DropItem

from newscrawl.article import Article
from newscrawl.errors import ArticleRejected, Outcome
from newscrawl.extensions.run import run_of
from newscrawl.optout import DEFAULT_HONOUR, opted_out, read_honour
from newscrawl.refine import check
from newscrawl.robots import product_tokens

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from newscrawl.extensions.run import CrawlRun


class CheckPipeline:
    """Checks each article against its publisher's opt-outs, the schema, and the record's own promises."""

    def __init__(self, run: CrawlRun, honour: frozenset[str], agents: frozenset[str]) -> None:
        self.run = run
        self.honour = honour
        self.agents = agents

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CheckPipeline:
        """Scrapy's constructor."""
        with suppress(ArticleRejected):
            check(Article())  # compiles the schema while nobody waits for the network yet
        settings = crawler.settings
        honour = settings.get("NEWSCRAWL_HONOUR", DEFAULT_HONOUR)
        return cls(run_of(crawler), read_honour(honour or ""), product_tokens(settings.get("USER_AGENT") or ""))

    def process_item(self, item: Article) -> Article:
        """Scrapy's hook."""
        try:
            self._respect(item)
            check(item)
        except ArticleRejected as rejected:
            self.run.reject(rejected, item)
            raise DropItem(str(rejected)) from rejected
        return item

    def _respect(self, article: Article) -> None:
        """Raise ArticleRejected when the publisher reserves what a run honours."""
        why = opted_out(article.optout, self.honour, agents=self.agents, at=article.date_crawled)
        if why is not None:
            raise ArticleRejected(Outcome.OPTED_OUT, article.url, why)
