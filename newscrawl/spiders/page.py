"""Scrapy's responses and failures in newscrawl's words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, cast

from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.spidermiddlewares.httperror import HttpError
from w3lib.encoding import http_content_type_encoding

from newscrawl.article import OPT_OUT_HEADERS, Fetch, Page
from newscrawl.dates import parse_moment, utc_now
from newscrawl.errors import ArticleRejected, Outcome, outcome_of_status
from newscrawl.extensions.raw import ARRIVED
from newscrawl.middlewares.not_fetched import NotFetched
from newscrawl.middlewares.validators import NOT_MODIFIED
from newscrawl.state.asked import Asked
from newscrawl.urls import same_site

if TYPE_CHECKING:
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from newscrawl.article import Hint
    from newscrawl.sources import Source

# These responses come to the callback, which knows what they mean for the address.
ANSWERED = [NOT_MODIFIED, *range(400, 600)]
HTML_TYPES = ("text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain", "")


def fetch_of(request: Request, response: Response | None = None, *, lastmod: str | None = None) -> Fetch:
    """How a page came, or did not."""
    redirects = request.meta.get("redirect_urls")
    latency = request.meta.get("download_latency")
    return Fetch(
        requested_url=redirects[0] if redirects else request.url,
        status=response.status if response is not None else None,
        bytes=len(response.body) if response is not None else None,
        ms=round(latency * 1000) if latency is not None else None,
        etag=_header(response, "ETag"),
        last_modified=_header(response, "Last-Modified"),
        lastmod=lastmod,
    )


def answer_of(response: Response) -> Asked:
    """The answer of a feed, sitemap, section or home page, to be asked about again."""
    return Asked(
        etag=_header(response, "ETag"),
        last_modified=_header(response, "Last-Modified"),
        answered_by=response.url,
        body=response.body,
        at=utc_now(),
        checks=0,
    )


def page_of(response: Response, *, hint: Hint, source: Source | None, robots_rule: str | None) -> Page:
    """A response as a `Page`.

    Raises:
        ArticleRejected: the response can be no article: its status, type or address says so.
    """
    url = response.url
    if response.status != 200:
        raise ArticleRejected(outcome_of_status(response.status), url, f"HTTP {response.status}")
    if source is not None and source.url and not same_site(url, source.url) and not same_site(url, hint.url):
        raise ArticleRejected(Outcome.OFFSITE, url, f"redirected away from {hint.url}")
    content_type = (_header(response, "Content-Type") or "").split(";")[0].strip().lower()
    if content_type not in HTML_TYPES:
        raise ArticleRejected(Outcome.NOT_HTML, url, f"Content-Type {content_type}")
    return Page(
        url=url,
        html=response.body,
        # The same second as in the archive: by it the page of an article is found there.
        date_crawled=(response.request.meta.get(ARRIVED) if response.request else None) or utc_now(),
        charset=http_content_type_encoding(_header(response, "Content-Type")),
        headers=tuple(
            (name, value.decode("latin-1").strip())
            for name in OPT_OUT_HEADERS
            for value in response.headers.getlist(name)
        ),
        source=source.id if source else None,
        discovered_via=hint.via,
        hint=hint,
        time_zone=source.time_zone if source else None,
        languages=source.languages if source else (),
        robots_rule=robots_rule,
    )


def failed_request(failure: Failure) -> tuple[Request, BaseException]:
    """What Scrapy's errback is told: the request that failed, and why."""
    assert failure.value is not None
    return cast(Request, failure.request), failure.value  # type: ignore[attr-defined]  # Scrapy adds it


def rejection(error: BaseException, url: str) -> ArticleRejected:
    """What a failed download means for the address."""
    words = str(error) or type(error).__name__
    match error:
        case NotFetched():
            outcome, words = error.outcome, error.reason
        case DownloadTimeoutError():
            outcome = Outcome.TIMEOUT
        case DownloadCancelledError():
            outcome, words = Outcome.TOO_LARGE, "larger than the download limit"
        case IgnoreRequest() if "max redirections" in words:
            outcome, words = Outcome.ERROR, "more redirects than are followed"
        case HttpError():
            outcome, words = Outcome.ERROR, f"HTTP {error.response.status}, and it leads to no web page"
        case CannotResolveHostError():
            outcome, words = Outcome.ERROR, f"host name not found: {words}"
        case DownloadConnectionRefusedError():
            outcome, words = Outcome.ERROR, f"connection refused: {words}"
        case ResponseDataLossError():
            outcome, words = Outcome.ERROR, "connection lost in the middle of the page"
        case _:
            outcome, words = Outcome.ERROR, f"{type(error).__name__}: {words}"
    return ArticleRejected(outcome, url, " ".join(words.split())[:300])


def priority_of(hint: Hint) -> int:
    """Newest first: hours since 1970; the news sitemap's and feeds' word before the sitemap's."""
    moment = parse_moment(hint.date_published or hint.date_modified or "", "UTC")
    if moment is None:
        return 0
    return int(datetime.fromisoformat(moment.value).timestamp() // 3600)


def _header(response: Response | None, name: str) -> str | None:
    value = response.headers.get(name) if response is not None else None
    return value.decode("latin-1").strip() if value is not None else None
