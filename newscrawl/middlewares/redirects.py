"""Where a redirect may lead, and what goes along: Scrapy's middlewares with an address that is read with care.

Both kinds (status and meta refresh) count towards the same REDIRECT_MAX_TIMES. User info in an address (``user:word@``)
is taken out before anything stores or logs it. To another origin than the one that was asked first only the headers of
`TO_ANY_ORIGIN` go: what an operator gave one site is for that site.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.redirect import BaseRedirectMiddleware, MetaRefreshMiddleware, RedirectMiddleware

from newscrawl.middlewares.not_fetched import NotFetched
from newscrawl.urls import MAX_URL_CHARS

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.http import Response

TO_ANY_ORIGIN = frozenset(
    {
        b"Accept",
        b"Accept-Encoding",
        b"Accept-Language",
        b"Cache-Control",
        b"If-Modified-Since",  # with If-None-Match: `validators` sees to it that they go to their own origin alone
        b"If-None-Match",
        b"Proxy-Authorization",  # for the proxy; Scrapy takes it off when there is none
        b"Referer",  # as REFERRER_POLICY has it
        b"User-Agent",
    }
)


REFRESH_WITHIN_BYTES = 4 * 4_096
"""The letters that Scrapy looks at, in the longest of encodings."""


class _CarefulRedirect(BaseRedirectMiddleware):
    def _build_redirect_request(
        self, source_request: Request, response: Response, *, url: str, **kwargs: Any
    ) -> Request:
        if len(url) > MAX_URL_CHARS:
            raise NotFetched(f"redirected to an address of more than {MAX_URL_CHARS:,} characters")
        return super()._build_redirect_request(source_request, response, url=without_user_info(url), **kwargs)


class CarefulRedirectMiddleware(_CarefulRedirect, RedirectMiddleware):
    """In the place of Scrapy's."""


class CarefulMetaRefreshMiddleware(_CarefulRedirect, MetaRefreshMiddleware):
    """In the place of Scrapy's, which decodes every page as a whole to look at its beginning."""

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 - Scrapy's
    ) -> Request | Response:
        """Scrapy's hook."""
        head = response.body[:REFRESH_WITHIN_BYTES]
        if b"refresh" not in head.lower() and b"\0" not in head:  # in UTF-16 its letters have NULs between them
            return response
        return super().process_response(request, response)


class NoUserInfoMiddleware:
    """Downloader middleware before all that read the address: feeds and sitemaps may name one with user info too."""

    def process_request(self, request: Request, spider: Spider | None = None) -> Request | None:  # noqa: ARG002
        """Scrapy's hook."""
        bare = without_user_info(request.url)
        return None if bare == request.url else request.replace(url=bare, dont_filter=True)


class OriginHeadersMiddleware:
    """Downloader middleware behind all that add headers."""

    def process_request(self, request: Request, spider: Spider | None = None) -> None:  # noqa: ARG002
        """Scrapy's hook."""
        first = request.meta.get("redirect_urls", [request.url])[0]
        if _origin(first) != _origin(request.url):
            for name in set(request.headers) - TO_ANY_ORIGIN:
                del request.headers[name]


def without_user_info(url: str) -> str:
    """The address without ``user:word@``."""
    scheme, colon, rest = url.partition("://")
    end = min((place for mark in "/?#" if (place := rest.find(mark)) >= 0), default=len(rest))
    return f"{scheme}{colon}{rest[:end].rpartition('@')[2]}{rest[end:]}" if "@" in rest[:end] else url


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
