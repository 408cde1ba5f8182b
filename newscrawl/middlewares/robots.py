"""Asks each site's robots.txt before its first page, as RFC 9309 has it.

There is none (4xx): everything is allowed. It cannot be had (5xx, 429, time-out, no such host): nothing is, since
what it forbids is not known; such a host is asked again after 15 minutes. It is longer than 500 KiB: what comes later
is not read. It is HTML: the site answers everything with a page, so there is none.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest, StopDownload
from scrapy.http import TextResponse
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred

from newscrawl.errors import Outcome
from newscrawl.middlewares.guard import RefusedAddress
from newscrawl.middlewares.not_fetched import LeftForLater, NotFetched
from newscrawl.middlewares.wire import host_of, traffic_of
from newscrawl.robots import MAX_BYTES, Robots, cut_body, read_robots

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Response

logger = logging.getLogger(__name__)

KEPT_S = 24 * 3600.0
"""How long an answer counts (RFC 9309: at most a day)."""
UNREACHABLE_KEPT_S = 900.0
MAX_ENCODED_BYTES = 8 * 1024 * 1024
ASKS_FOR_RULES = "newscrawl_asks_for_rules"
"""Key in the meta of a request that wants to read robots.txt: it is not fetched a second time for it."""
_RECEIVED = "newscrawl_robots_bytes"
"""Key in a robots.txt request's meta: the bytes of its body that came so far; its presence marks the request."""


class RobotsForbidden(NotFetched):
    """A rule forbids the address."""

    outcome = Outcome.ROBOTS


class RobotsUnreachable(LeftForLater):
    """The robots.txt cannot be had, so nothing of the site is fetched for now."""

    outcome = Outcome.ROBOTS
    skipped_as = "robots_unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What asking one site for its robots.txt came to."""

    until: float
    """On the monotonic clock: when to ask again."""
    text: str | None = None
    """None: there is no robots.txt, or it cannot be had."""
    robots: Robots = field(default_factory=Robots)
    unreachable: str | None = None
    refused: str | None = None
    """Why the site itself has no address that may be reached."""


class RobotsMiddleware(RobotsTxtMiddleware):
    """Downloader middleware in the place of Scrapy's; needs ROBOTSTXT_OBEY like it, ROBOTSTXT_PARSER does not count.

    A request is let through with ``meta["dont_obey_robotstxt"]``. The fetch of robots.txt follows redirects as any
    (REDIRECT_MAX_TIMES, where RFC 9309 says five).
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._answers: dict[str, _Answer] = {}
        self._waiting: dict[str, list[Deferred[None]]] = {}
        crawler.signals.connect(self._headers_received, signal=signals.headers_received)
        crawler.signals.connect(self._bytes_received, signal=signals.bytes_received)

    async def process_request(  # type: ignore[override]  # Scrapy's answers no request itself
        self,
        request: Request,
        spider: Spider | None = None,  # noqa: ARG002 - Scrapy's
    ) -> Response | None:
        """Let the request through; answer one for the rules themselves (``ASKS_FOR_RULES``) from memory.

        Raises:
            RobotsForbidden: a rule forbids the address.
            RobotsUnreachable: the rules are not known.
            RefusedAddress: the host has no address that may be reached.
        """
        if request.meta.get("dont_obey_robotstxt") or not request.url.startswith(("http://", "https://")):
            return None
        answer = await self._answer(request.url)
        traffic = traffic_of(self.crawler).of(host_of(request.url))
        if answer.refused is not None:
            raise RefusedAddress(request.url, answer.refused)
        if answer.unreachable is not None:
            traffic.unreachable += 1
            raise RobotsUnreachable(f"robots.txt cannot be read: {answer.unreachable}", _site(request.url))
        if request.meta.get(ASKS_FOR_RULES):
            status = 404 if answer.text is None else 200
            return TextResponse(request.url, status=status, body=(answer.text or "").encode(), encoding="utf-8")
        rule = answer.robots.deciding_rule(request.url)
        if rule is not None and not rule.allow:
            self._stats.inc_value("robotstxt/forbidden")
            traffic.forbidden += 1
            raise RobotsForbidden(f"robots.txt forbids it: {rule}")
        traffic.allowed += 1
        if answer.robots.crawl_delay_s:
            traffic.crawl_delay_s = answer.robots.crawl_delay_s
            self._slow_down(request, answer.robots.crawl_delay_s)
        return None

    def rule(self, url: str) -> str | None:
        """The rule that speaks of the address, as ``User-agent: *; Allow: /``; None when no rule does."""
        answer = self._answers.get(_site(url))
        rule = answer.robots.deciding_rule(url) if answer else None
        return str(rule) if rule else None

    def said(self, url: str) -> Robots | None:
        """What the robots.txt of the address's site says; None when it was not asked for."""
        answer = self._answers.get(_site(url))
        return answer.robots if answer else None

    async def _answer(self, url: str) -> _Answer:
        """What is known of the site, asked for once however many requests wait for it."""
        site = _site(url)
        if (known := self._answers.get(site)) and monotonic() < known.until:
            return known
        if (waiting := self._waiting.get(site)) is not None:
            turn: Deferred[None] = Deferred()
            waiting.append(turn)
            await maybe_deferred_to_future(turn)
            return self._answers[site]
        self._waiting[site] = []
        try:
            self._answers[site] = await self._fetch(site)
        finally:
            for turn in self._waiting.pop(site):
                turn.callback(None)
        return self._answers[site]

    async def _fetch(self, site: str) -> _Answer:
        request = Request(
            f"{site}/robots.txt",
            priority=self.DOWNLOAD_PRIORITY,
            callback=NO_CALLBACK,
            # No limit of the length, since reading stops by itself (`_bytes_received`).
            meta={"dont_obey_robotstxt": True, "download_maxsize": 0, _RECEIVED: 0},
        )
        self._stats.inc_value("robotstxt/request_count")
        assert self.crawler.engine is not None
        try:
            response = await self.crawler.engine.download_async(request)
        except RefusedAddress as refused:
            if _site(refused.url) == site:
                return _Answer(until=monotonic() + UNREACHABLE_KEPT_S, refused=refused.reason)
            return self._unreachable(site, f"it leads to an address that is refused ({refused.reason})")
        except IgnoreRequest as ignored:
            if "max redirections" in str(ignored):
                logger.info("%s/robots.txt redirects without end: taken as not there", site)
                return _Answer(until=monotonic() + KEPT_S)
            return self._unreachable(site, str(ignored))
        except Exception as failure:  # whatever a download can raise: the file could not be had
            self._stats.inc_value(f"robotstxt/exception_count/{type(failure).__name__}")
            return self._unreachable(site, f"{type(failure).__name__}: {failure}")
        self._stats.inc_value("robotstxt/response_count")
        self._stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        return self._read(site, response)

    def _read(self, site: str, response: Response) -> _Answer:
        # "Too many requests" is no answer to the question, though a 4xx.
        if response.status == 429 or response.status >= 500:
            return self._unreachable(site, f"status {response.status}")
        if response.status != 200:
            return _Answer(until=monotonic() + KEPT_S)
        body = cut_body(response.body)
        if body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
            logger.info("%s/robots.txt is a page of HTML: taken as not there", site)
            return _Answer(until=monotonic() + KEPT_S)
        text = body.decode("utf-8", errors="replace")
        return _Answer(until=monotonic() + KEPT_S, text=text, robots=read_robots(text, self._agent(), response.url))

    def _agent(self) -> str:
        return self._robotstxt_useragent or self._default_useragent

    def _unreachable(self, site: str, why: str) -> _Answer:
        logger.info("%s/robots.txt cannot be read (%s): the site is left alone for now", site, why)
        return _Answer(until=monotonic() + UNREACHABLE_KEPT_S, unreachable=why)

    def _slow_down(self, request: Request, delay_s: float) -> None:
        """Keep the host's delay at least as long as its Crawl-delay, whatever AutoThrottle makes of its speed."""
        request.meta["autothrottle_dont_adjust_delay"] = True
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        key = downloader.get_slot_key(request)
        # A slot is forgotten after a minute without requests; this is what the next one starts with.
        settings = downloader.per_slot_settings.setdefault(key, {})
        settings["delay"] = max(float(settings.get("delay", 0.0)), delay_s)
        settings["jitter"] = 0.0
        slot = downloader.slots.get(key)
        if slot is not None and slot.delay < delay_s:
            slot.delay = delay_s
            slot.jitter = 0.0  # half of the delay asked for would be too short

    def _headers_received(self, headers: Headers, request: Request) -> None:
        """A compressed robots.txt cannot be cut, so the usual limit holds, before and after decompression."""
        if _RECEIVED in request.meta:
            request.meta[_RECEIVED] = 0  # a retry and a redirect inherit the meta of the request before
            encoded = (headers.get("Content-Encoding") or b"").strip().lower() not in {b"", b"identity"}
            request.meta["download_maxsize"] = MAX_ENCODED_BYTES if encoded else 0

    def _bytes_received(self, data: bytes, request: Request) -> None:
        if _RECEIVED in request.meta:
            request.meta[_RECEIVED] += len(data)
            if request.meta[_RECEIVED] > MAX_BYTES and not request.meta["download_maxsize"]:
                raise StopDownload(fail=False)


def _site(url: str) -> str:
    """Scheme and authority: what a robots.txt speaks for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
