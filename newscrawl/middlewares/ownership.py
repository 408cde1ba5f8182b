"""A worker asks only hosts that are its own: of workers that share a store, no two fetch from one host at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.utils.httpobj import urlparse_cached

from newscrawl.middlewares.not_fetched import LeftForLater

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request, Spider


class HeldElsewhere(LeftForLater):
    """Another worker crawls the host."""

    skipped_as = "held_elsewhere"


def host_asked(request: Request) -> str:
    """The host of a request, as Scrapy's delays know it: without its port."""
    return urlparse_cached(request).hostname or ""


class OwnershipMiddleware:
    """Downloader middleware before all that ask for something themselves, as for robots.txt."""

    def __init__(self) -> None:
        self.may_ask: Callable[[str], bool] | None = None
        """Whether a host is ours; None: there is nobody else."""

    def process_request(self, request: Request, spider: Spider | None = None) -> None:  # noqa: ARG002 - Scrapy's
        """Scrapy's hook.

        Raises:
            HeldElsewhere: the host is another worker's.
        """
        if self.may_ask is not None and not self.may_ask(host := host_asked(request)):
            raise HeldElsewhere(f"{host} is crawled by another worker", host)
