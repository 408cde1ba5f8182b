"""Run by `loopback.crawl` in a process of its own: fetches what it is told and prints what came of each request."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.resolver import CachingThreadedResolver
from twisted.internet import defer

from newscrawl.middlewares.robots import RobotsMiddleware

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

RESULTS: dict[str, dict[str, Any]] = {}
LOOKUPS: dict[str, int] = {}


def own_peak_mb() -> float:
    """The most memory of this process; ``ru_maxrss`` begins with what the parent had when it forked."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))


class FlippingResolver(CachingThreadedResolver):
    """``flip.example`` is 127.0.0.1 the first time and 127.0.0.2 ever after: DNS rebinding."""

    def getHostByName(self, name: str, timeout: Any = ()) -> Any:  # noqa: N802 - Twisted's name
        if name != "flip.example":
            return super().getHostByName(name, timeout)
        LOOKUPS[name] = LOOKUPS.get(name, 0) + 1
        return defer.succeed("127.0.0.1" if LOOKUPS[name] == 1 else "127.0.0.2")


class SlotPerSite:
    """Gives each port a download slot of its own, as each host has one."""

    def process_request(self, request: scrapy.Request) -> None:
        request.meta.setdefault("download_slot", urlsplit(request.url).netloc)


class SmallSpider(scrapy.Spider):
    name = "small"
    wanted: list[dict[str, Any]]

    async def start(self) -> AsyncIterator[scrapy.Request]:
        for number, wanted in enumerate(self.wanted):
            yield scrapy.Request(
                wanted["url"],
                self.parse,
                errback=self.failed,
                priority=-number,
                dont_filter=True,
                meta=wanted.get("meta", {}),
                headers=wanted.get("headers"),
                cb_kwargs={"asked": wanted["url"]},
            )

    def parse(self, response: scrapy.http.Response, asked: str) -> None:
        downloader = self.crawler.engine.downloader
        slot = downloader.slots[downloader.get_slot_key(response.request)]
        result = {"status": response.status, "url": response.url, "delay": slot.delay, "lookups": dict(LOOKUPS)}
        result |= {"bytes": len(response.body), "retries": response.meta.get("retry_times", 0)}
        if robots := self.crawler.get_downloader_middleware(RobotsMiddleware):
            result |= {"rule": robots.rule(response.url)}
        self.keep(asked, result)

    def failed(self, failure: Any) -> None:
        error = failure.value
        result = {
            "error": type(error).__name__,
            "reason": getattr(error, "reason", str(error)),
            "outcome": getattr(error, "outcome", None),
            "retries": failure.request.meta.get("retry_times", 0),
        }
        self.keep(failure.request.cb_kwargs["asked"], result)

    @staticmethod
    def keep(asked: str, result: dict[str, Any]) -> None:
        RESULTS.setdefault(asked, result)


if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    process = CrawlerProcess(
        {
            "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https"), "newscrawl.middlewares.guard.GuardedHandler")
            | dict.fromkeys(("data", "file", "ftp", "s3")),
            "DOWNLOADER_MIDDLEWARES": {
                "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
                "newscrawl.middlewares.robots.RobotsMiddleware": 100,
            },
            "USER_AGENT": "newscrawl/1.0",
            "REDIRECT_MAX_TIMES": 5,
            "RETRY_TIMES": 1,
            "DOWNLOAD_DELAY": 0,
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
            "LOG_LEVEL": "INFO",
        }
        | told["settings"]
    )
    process.crawl(SmallSpider, wanted=told["requests"])
    process.start()
    peak_mb = own_peak_mb()
    print(json.dumps({"results": RESULTS, "peak_mb": peak_mb}))  # noqa: T201 - it is the answer
