"""`scrapy crawl` with newscrawl's exit codes, and one sentence for a mistake instead of a traceback."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import crawl
from scrapy.exceptions import UsageError

from newscrawl.commands.continuous import keep_crawling
from newscrawl.commands.idle import first_due, nothing_is_due
from newscrawl.errors import ConfigError, ExitCode, NewscrawlError
from newscrawl.extensions.logs import tell, write_logs
from newscrawl.extensions.run import EXIT_STAT, OPEN_STORE

if TYPE_CHECKING:
    import argparse

    from scrapy.crawler import Crawler

    from newscrawl.frontier.plan import Plan

logger = logging.getLogger(__name__)

# What Scrapy says at INFO before every crawl: true, long, and the same every time.
CHATTY = ("scrapy.addons", "scrapy.middleware", "scrapy.crawler", "scrapy.extensions.memusage", "scrapy.utils.log")


def _apply(plan: Plan | None, crawler: Crawler) -> None:
    """What the run's own arguments say of settings; a spider of somebody else's may say nothing."""
    if plan is None:
        return
    if plan.wait_s is not None:
        crawler.settings.set("NEWSCRAWL_WAIT_S", plan.wait_s, priority="cmdline")
    if plan.max_time_s is not None:
        crawler.settings.set("NEWSCRAWL_MAX_TIME_S", plan.max_time_s, priority="cmdline")


class Command(crawl.Command):
    """Scrapy finds commands by this name."""

    default_settings: ClassVar[dict[str, Any]] = {OPEN_STORE: True}
    _is_ours_to_log = True

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's; the log handler that it would make is made by `run`, in our own form."""
        super().process_options(args, opts)
        assert self.settings is not None
        self._is_ours_to_log = self.settings.getbool("LOG_INSTALL_ROOT_HANDLER")
        self.settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")

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
            if self._is_ours_to_log:
                write_logs(crawler.settings)
        except NewscrawlError as error:
            self._fail(error)
            return
        try:
            self._crawl(crawler, opts)
        except KeyboardInterrupt:  # before Scrapy has its own handler in place
            tell("newscrawl: interrupted before the crawl began; nothing was stored")
            self.exitcode = ExitCode.INTERRUPTED

    def _crawl(self, crawler: Crawler, opts: argparse.Namespace) -> None:
        assert self.crawler_process is not None
        assert self.settings is not None
        try:
            if (check := getattr(crawler.spidercls, "check_arguments", None)) is not None:
                plan: Plan | None = check(self.settings, opts.spargs)
                _apply(plan, crawler)
                if plan is not None and self._goes_another_way(plan, crawler, opts):
                    return
        except NewscrawlError as error:
            self._fail(error)
            return
        task = self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        self.exitcode = self._how_it_ended(crawler, task)

    def _goes_another_way(self, plan: Plan, crawler: Crawler, opts: argparse.Namespace) -> bool:
        """Whether there is nothing to do yet, or each round of a crawl that goes on is a process of its own."""
        if plan.is_continuous:
            if opts.output or opts.overwrite_output:
                raise ConfigError("-a continuous=true writes the dump alone; -o and -O cannot be given with it")
            self.exitcode = keep_crawling(plan, crawler.settings)
            return True
        if (first := first_due(plan, crawler.settings)) is None:
            return False
        logger.info("%s", nothing_is_due(first))
        return True

    def _how_it_ended(self, crawler: Crawler, task: Any) -> int:
        error = task.exception() if isinstance(task, asyncio.Task) and task.done() else None
        if isinstance(error, NewscrawlError):
            return self._fail(error)
        if error is not None:
            raise error
        # A run that cannot say how it ended did not end well.
        return int(crawler.stats.get_value(EXIT_STAT, int(ExitCode.ERROR))) if crawler.stats else ExitCode.ERROR

    def _fail(self, error: NewscrawlError) -> int:
        tell(f"newscrawl: {error}")
        self.exitcode = error.exit_code
        return self.exitcode
