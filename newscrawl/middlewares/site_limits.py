"""What a run may ask of one site, and addresses that are traps: neither is fetched."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING

from newscrawl.frontier.traps import Patterns, trap_by_form
from newscrawl.middlewares.not_fetched import OverBudget, Trapped
from newscrawl.urls import site_of

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from newscrawl.errors import Outcome

logger = logging.getLogger(__name__)

CRAWLED = frozenset({"page", "sitemap"})
"""Where loops of links come from; feeds and news sitemaps are made by editors, whatever others of a form gave."""
DAY_S = 24 * 3600.0


class SiteLimitsMiddleware:
    """Downloader middleware behind robots.txt: it counts each request that is sent, for robots.txt and retries too.

    Addresses that an operator named are no traps; what feeds, sitemaps, pages and redirects name may be.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._max_requests = settings.getint("NEWSCRAWL_MAX_REQUESTS_PER_SITE")
        self._max_bytes = settings.getfloat("NEWSCRAWL_MAX_MB_PER_SITE") * 1e6
        self._requests: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._told: set[str] = set()
        self._since = monotonic()
        self._patterns = Patterns()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SiteLimitsMiddleware:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_request(self, request: Request, spider: Spider | None = None) -> None:  # noqa: ARG002 - Scrapy's
        """Scrapy's hook.

        Raises:
            Trapped: the address looks made by a loop of links.
            OverBudget: the site has had what a run may ask of it.
        """
        hint = request.cb_kwargs.get("hint")
        if hint is not None and hint.via != "url":
            why = trap_by_form(request.url, today=datetime.now(UTC).date())
            if why is None and hint.via in CRAWLED:
                why = self._patterns.trap(request.url)
            if why is not None:
                raise Trapped(why)
        self._begin_a_day()
        site = site_of(request.url)
        if (why := self._over(site)) is not None:
            if site not in self._told:
                self._told.add(site)
                logger.warning("%s is over its budget (%s): a later run goes on", site, why)
            raise OverBudget(why, site)
        self._requests[site] += 1

    def process_response(
        self,
        request: Request,  # noqa: ARG002 - Scrapy's
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002
    ) -> Response:
        """Scrapy's hook."""
        self._bytes[site_of(response.url)] += len(response.body)
        return response

    def _begin_a_day(self) -> None:
        """A run without an end has its budgets anew each day."""
        if monotonic() - self._since > DAY_S:
            self._since = monotonic()
            for memory in (self._requests, self._bytes, self._told):
                memory.clear()

    def _over(self, site: str) -> str | None:
        if self._max_requests and self._requests[site] >= self._max_requests:
            return f"{self._requests[site]:,} requests: NEWSCRAWL_MAX_REQUESTS_PER_SITE"
        if self._max_bytes and self._bytes[site] >= self._max_bytes:
            return f"{self._bytes[site] / 1e6:,.0f} MB: NEWSCRAWL_MAX_MB_PER_SITE"
        return None

    def decided(self, url: str, outcome: Outcome) -> None:
        """An address was decided on."""
        self._patterns.learn(url, outcome)
