"""`scrapy crawl` with newscrawl's exit codes, and one sentence for a mistake instead of a traceback."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import crawl
from scrapy.exceptions import UsageError

from newscrawl.errors import ExitCode, NewscrawlError
from newscrawl.extensions.run import EXIT_STAT

if TYPE_CHECKING:
    import argparse

    from scrapy.crawler import Crawler

# What Scrapy says at INFO before every crawl: true, long, and the same every time.
CHATTY = ("scrapy.addons", "scrapy.middleware", "scrapy.crawler", "scrapy.utils.log", "scrapy.extensions.telnet")


class Command(crawl.Command):
    """Scrapy finds commands by this name."""

    default_settings: ClassVar[dict[str, Any]] = {"NEWSCRAWL_OPEN_STORE": True}

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check first, crawl, then exit as the table of exit codes says."""
        if len(args) != 1:
            raise UsageError
        assert self.crawler_process is not None
        assert self.settings is not None
        if self.settings["LOG_LEVEL"] != "DEBUG":
            for name in CHATTY:
                logging.getLogger(name).setLevel(logging.WARNING)
        crawler = self._create_crawler(args[0])
        try:
            if (check := getattr(crawler.spidercls, "check_arguments", None)) is not None:
                check(self.settings, opts.spargs)
        except NewscrawlError as error:
            self._fail(error)
            return
        task = asyncio.ensure_future(self._crawl(crawler, opts.spargs))
        self.crawler_process.start()
        if self.crawler_process.bootstrap_failed and not self.exitcode:
            self.exitcode = ExitCode.ERROR
        del task

    async def _crawl(self, crawler: Crawler, arguments: dict[str, str]) -> None:
        assert self.crawler_process is not None
        try:
            await self.crawler_process.crawl(crawler, **arguments)
        except NewscrawlError as error:
            self._fail(error)
            return
        assert crawler.stats is not None
        # A run that cannot say how it ended did not end well.
        self.exitcode = crawler.stats.get_value(EXIT_STAT, int(ExitCode.ERROR))

    def _fail(self, error: NewscrawlError) -> None:
        sys.stderr.write(f"newscrawl: {error}\n")
        self.exitcode = error.exit_code
