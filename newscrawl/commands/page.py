"""`scrapy page`: one page, fetched as politely as a crawl fetches it, as one line of JSON.

What a program without Scrapy asks for a page through; `newscrawl explain` does. robots.txt is obeyed, private
addresses are refused, the size is limited. The line has the fields of a `Page`, its ``html`` in base64, or the
``outcome`` and the ``reason`` of having none.
"""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from w3lib.url import is_url

from newscrawl.addresses import AllowedAddresses
from newscrawl.article import Hint
from newscrawl.errors import ArticleRejected, NewscrawlError
from newscrawl.middlewares.robots import RobotsMiddleware
from newscrawl.spiders.news import NewsSpider
from newscrawl.spiders.page import ANSWERED, page_of, rejection

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator

    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure


class Command(ScrapyCommand):
    """Scrapy finds commands by this name."""

    requires_project = True

    def syntax(self) -> str:
        """For the help text."""
        return "<url>"

    def short_desc(self) -> str:
        """For the help text."""
        return "Fetch one page politely and print it as a line of JSON"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002 - Scrapy's
        """Fetch the page and print what came of it."""
        if len(args) != 1 or not is_url(args[0]):
            raise UsageError
        assert self.crawler_process is not None
        assert self.settings is not None
        try:
            AllowedAddresses.parse(self.settings.get("NEWSCRAWL_ALLOW_ADDRESSES") or "")
        except NewscrawlError as error:
            sys.stderr.write(f"newscrawl: {error}\n")
            self.exitcode = error.exit_code
            return
        said: list[dict[str, Any]] = []
        self.crawler_process.crawl(_PageSpider, url=args[0], said=said)
        self.crawler_process.start()
        if said:
            sys.stdout.write(f"{json.dumps(said[0])}\n")
        else:
            self.exitcode = 1


class _PageSpider(Spider):
    """One request under the news spider's name and manners."""

    name = "page"

    def __init__(self, *, url: str, said: list[dict[str, Any]]) -> None:
        super().__init__()
        self.asked = url
        self.said = said

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Name the project and its operator to the site."""
        super().update_settings(settings)
        NewsSpider.update_settings(settings)

    async def start(self) -> AsyncIterator[Any]:
        """Ask for the page."""
        meta = {"handle_httpstatus_list": ANSWERED}
        yield Request(self.asked, self.came, errback=self.failed, dont_filter=True, meta=meta)

    def came(self, response: Response) -> None:
        """There is an answer, but it may be no page."""
        robots = self.crawler.get_downloader_middleware(RobotsMiddleware)
        rule = robots.rule(response.url) if robots else None
        try:
            page = page_of(response, hint=Hint(url=self.asked, via="url"), source=None, robots_rule=rule)
        except ArticleRejected as rejected:
            self._refuse(rejected)
            return
        self.said.append(
            {
                "url": page.url,
                "html": b64encode(page.html).decode(),
                "date_crawled": page.date_crawled,
                "charset": page.charset,
                "headers": page.headers,
                "robots_rule": page.robots_rule,
            }
        )

    def failed(self, failure: Failure) -> None:
        """There is no answer."""
        assert failure.value is not None
        self._refuse(rejection(failure.value, self.asked))

    def _refuse(self, rejected: ArticleRejected) -> None:
        self.said.append({"url": rejected.url, "outcome": str(rejected.outcome), "reason": rejected.reason})
