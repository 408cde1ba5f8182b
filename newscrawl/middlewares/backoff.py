"""Busy hosts are given time, hosts that do not answer are left: `newscrawl.frontier.hosts` says when."""

from __future__ import annotations

import logging
from time import monotonic
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)

from newscrawl.frontier.hosts import BUSY, HostOptions, Hosts, retry_after_s
from newscrawl.middlewares.not_fetched import HostDown
from newscrawl.middlewares.wire import host_of, traffic_of
from newscrawl.options import read_options

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.core.downloader import Downloader
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

REFUSED = (CannotResolveHostError, DownloadConnectionRefusedError)
NO_ANSWER = (*REFUSED, DownloadFailedError, DownloadTimeoutError)
_hosts: WeakKeyDictionary[Crawler, Hosts] = WeakKeyDictionary()


def hosts_of(crawler: Crawler) -> Hosts:
    """How the hosts of a crawl are doing."""
    if (hosts := _hosts.get(crawler)) is None:
        hosts = _hosts[crawler] = Hosts(read_options(HostOptions, crawler.settings, "HOST_"))
    return hosts


class BackoffMiddleware:
    """Downloader middleware between retries and the network: it sees each answer before another try is made of it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._hosts = hosts_of(crawler)
        self._traffic = traffic_of(crawler)
        self._is_throttled = crawler.settings.getbool("AUTOTHROTTLE_ENABLED")
        self._max_delay_s = crawler.settings.getfloat("AUTOTHROTTLE_MAX_DELAY", 60.0)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> BackoffMiddleware:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_request(self, request: Request, spider: Spider | None = None) -> None:  # noqa: ARG002 - Scrapy's
        """Scrapy's hook.

        Raises:
            HostDown: the host is left for a later run.
        """
        host = self._downloader.get_slot_key(request)
        if (why := self._hosts.why_left(host, at_s=monotonic())) is not None:
            raise HostDown(f"{host} is left alone: {why}", host)
        if _is_retry(request):
            self._traffic.of(host_of(request.url)).retries += 1

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 - Scrapy's
    ) -> Response:
        """Scrapy's hook."""
        host = self._downloader.get_slot_key(request)
        self._traffic.answered(host_of(response.url), response.status)
        if response.status not in BUSY:
            if self._hosts.answered(host):
                self._bring_back(host, request)
            return response
        wait_s = retry_after_s(_header(response, "Retry-After"), _header(response, "Date"))
        if wait_s is not None and wait_s > self._hosts.options.max_wait_s:
            request.meta["dont_retry"] = True  # a later run is the better second try
        was_left = self._hosts.why_left(host, at_s=monotonic()) is not None
        pause_s = self._hosts.was_busy(host, wait_s, at_s=monotonic(), is_retry=_is_retry(request))
        if (why := self._hosts.why_left(host, at_s=monotonic())) is not None:
            if not was_left:
                self._leave(host, why)
        elif pause_s:
            logger.info("%s is busy (status %d): nothing for %.0f s", host, response.status, pause_s)
            self._pause(host, pause_s)
        return response

    def process_exception(
        self,
        request: Request,
        exception: Exception,
        spider: Spider | None = None,  # noqa: ARG002 - Scrapy's
    ) -> None:
        """Scrapy's hook."""
        if not isinstance(exception, NO_ANSWER):
            return
        host = self._downloader.get_slot_key(request)
        words = " ".join(str(exception).split())[:200] or type(exception).__name__
        is_refused = isinstance(exception, REFUSED)
        if self._hosts.failed(host, words, at_s=monotonic(), is_refused=is_refused, is_retry=_is_retry(request)):
            self._leave(host, self._hosts.why_left(host, at_s=monotonic()) or words)

    def _leave(self, host: str, why: str) -> None:
        """Say it once, and turn away what already waits in the downloader."""
        logger.info("%s is left alone (%s): a later run fetches its addresses", host, why)
        slot = self._downloader.slots.get(host)
        while slot is not None and slot.queue:
            _, waiting = slot.queue.popleft()
            waiting.errback(HostDown(f"{host} is left alone: {why}", host))

    def _pause(self, host: str, pause_s: float) -> None:
        """Hold back what already waits in the downloader, and go on at half the speed."""
        if (slot := self._downloader.slots.get(host)) is not None:
            slot.delay = min(max(2 * slot.delay, 1.0), self._max_delay_s)
            # The slot sends its next request one delay after this.
            slot.lastseen = max(slot.lastseen, monotonic() + pause_s)

    def _bring_back(self, host: str, request: Request) -> None:
        """AutoThrottle finds the speed again by itself; where it does not adjust, the delay of before comes back."""
        slot = self._downloader.slots.get(host)
        is_adjusted = self._is_throttled and not request.meta.get("autothrottle_dont_adjust_delay")
        if slot is not None and not is_adjusted:
            asked = self._downloader.per_slot_settings.get(host, {}).get("delay")
            slot.delay = float(self._crawler.settings.getfloat("DOWNLOAD_DELAY") if asked is None else asked)

    @property
    def _downloader(self) -> Downloader:
        assert self._crawler.engine is not None
        return self._crawler.engine.downloader


def _is_retry(request: Request) -> bool:
    return bool(request.meta.get("retry_times"))


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value is not None else None
