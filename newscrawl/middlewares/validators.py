"""Conditional requests (RFC 9110, 13): a page that has not changed is not sent again.

A request that carries `VALIDATORS` in its meta is asked with them. They go to the origin they came from and to no
other, before a redirect and after it. A 304 that nobody asked for is asked again without any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.http import Response

VALIDATORS = "newscrawl_validators"
"""Key in a request's meta: its `Validators`."""
_ASKED_AGAIN = "newscrawl_asked_again"
NOT_MODIFIED = 304


class Validators(NamedTuple):
    """What an answer can be asked about with."""

    etag: str | None
    last_modified: str | None
    answered_by: str
    """The address that sent them."""


class ValidatorsMiddleware:
    """Downloader middleware, behind redirects and robots.txt."""

    def process_request(self, request: Request, spider: Spider | None = None) -> None:  # noqa: ARG002 - Scrapy's
        """Scrapy's hook."""
        for name in ("If-None-Match", "If-Modified-Since"):
            request.headers.pop(name, None)
        validators: Validators | None = request.meta.get(VALIDATORS)
        if validators is None or _origin(validators.answered_by) != _origin(request.url):
            return
        if validators.etag:
            request.headers["If-None-Match"] = validators.etag
        if validators.last_modified:
            request.headers["If-Modified-Since"] = validators.last_modified

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 - Scrapy's
    ) -> Response | Request:
        """Scrapy's hook."""
        was_asked = "If-None-Match" in request.headers or "If-Modified-Since" in request.headers
        if response.status != NOT_MODIFIED or was_asked or request.meta.get(_ASKED_AGAIN):
            return response
        again = request.replace(dont_filter=True)
        again.meta[_ASKED_AGAIN] = True
        again.meta.pop(VALIDATORS, None)
        again.headers["Cache-Control"] = "no-cache"
        return again


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
