"""Which pages go to the browser, and how many at a time."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from scrapy import Request

from newscrawl.errors import Outcome
from newscrawl.middlewares.rendering import RENDER
from newscrawl.spiders.page import ANSWERED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scrapy.http import Response

    from newscrawl.errors import ArticleRejected
    from newscrawl.sources import Source

MOST_ON_THEIR_WAY = 4
"""A rendering holds a place of the downloader; more of them would keep the pages of other hosts waiting."""


class Renderings:
    """The pages that wait for the browser. What waits here is not decided on: a later run would fetch it again."""

    def __init__(self) -> None:
        self._waiting: deque[Request] = deque()
        self._on_their_way = 0

    def takes(self, rejected: ArticleRejected, response: Response, source: Source | None) -> bool:
        """Whether a page that gave no article is to be rendered: once, and only for a source that asks for it."""
        assert response.request is not None
        is_new = not is_rendered(response)
        return is_new and rejected.outcome is Outcome.NEEDS_JAVASCRIPT and source is not None and source.javascript

    def ask(self, request: Request) -> Iterator[Request]:
        """The request, now or when others have come back."""
        self._waiting.append(request)
        yield from self._next()

    def came_back(self) -> Iterator[Request]:
        """One that was asked for was answered, or failed."""
        self._on_their_way -= 1
        yield from self._next()

    def _next(self) -> Iterator[Request]:
        while self._waiting and self._on_their_way < MOST_ON_THEIR_WAY:
            self._on_their_way += 1
            yield self._waiting.popleft()


def rendering_request(
    response: Response, callback: Callable[..., Any], errback: Callable[..., Any], cb_kwargs: dict[str, Any]
) -> Request:
    """A request for a page that has come, as its scripts make it."""
    plain = response.request
    assert plain is not None
    meta = {"handle_httpstatus_list": ANSWERED, "dont_redirect": True, "dont_retry": True, RENDER: True}
    if "redirect_urls" in plain.meta:  # by the first of them the page is known
        meta["redirect_urls"] = plain.meta["redirect_urls"]
    return Request(
        response.url,
        callback,
        errback=errback,
        cb_kwargs=cb_kwargs,
        priority=plain.priority,
        dont_filter=True,
        meta=meta,
    )


def is_rendered(response: Response) -> bool:
    """Whether a page came from the browser."""
    return response.request is not None and RENDER in response.request.meta
