"""What comes over the wire goes into WARC files in raw/, before anything looks at it (``NEWSCRAWL_RAW=warc``).

A downloader middleware, the nearest to the wire: it sees each answer under its content coding, redirects and errors
too. It stands among the extensions because it knows the run. The spider gets an answer when it is on the disk, so no
article is stored whose page is not. Compressing and writing happen in a thread of their own.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from newscrawl.article import OPT_OUT_HEADERS
from newscrawl.dates import utc_now
from newscrawl.dump.purge_raw import take_in, take_out_opted_out
from newscrawl.dump.raw import note
from newscrawl.dump.raw_archive import RawArchive, RawOptions
from newscrawl.dump.raw_context import PageContext
from newscrawl.dump.raw_records import Exchange, exchange_records, opening
from newscrawl.errors import Outcome, StoreError
from newscrawl.extensions.run import run_of
from newscrawl.middlewares.declarations import DeclarationsMiddleware
from newscrawl.middlewares.guard import StoppedError
from newscrawl.middlewares.robots import RobotsMiddleware
from newscrawl.options import read_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Headers

    from newscrawl.extensions.run import CrawlRun
    from newscrawl.sources import Source
    from newscrawl.state.outbox import DumpFile

ARRIVED = "newscrawl_arrived"
"""Key in a request's meta: when its answer had arrived, as the archive has it."""
_TRUNCATED = {"download_stopped": "length", "dataloss": "disconnect"}
"""Flags of Scrapy's responses, and WARC's words for them."""


class RawPages:
    """Keeps every exchange of a crawl that has a store; `scrapy shell` and its like have none."""

    def __init__(self, crawler: Crawler, options: RawOptions) -> None:
        self._crawler = crawler
        self._run = run_of(crawler)
        self._run.before_publishing.append(self._finish)
        self._max_bytes = int(options.raw_max_mb * 1_000_000)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="raw")
        self._archive: RawArchive | None = None
        self._written: list[str] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RawPages:
        """Scrapy's constructor."""
        options = read_options(RawOptions, crawler.settings, "")
        if not options.raw:
            raise NotConfigured
        return cls(crawler, options)

    async def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 - Scrapy's
    ) -> Response:
        """Scrapy's hook.

        Raises:
            StoppedError: it could not be kept; the crawl ends, and the address is not decided on.
        """
        run = self._run
        # Without a protocol it did not come over the wire. What was purged is not kept, wherever it turns up.
        if run.store is None or response.protocol is None or run.is_blocked(response.url):
            return response
        request.meta[ARRIVED] = at = utc_now()
        exchange = self._exchange(request, response, at)
        try:
            archive = self._archive = self._archive or self._open(run)
            full = await asyncio.get_running_loop().run_in_executor(self._thread, _write, archive, exchange)
            self._note(full)
        except StoreError as error:
            run.storage_failed(error)
            raise StoppedError from error
        return response

    def _open(self, run: CrawlRun) -> RawArchive:
        assert run.store is not None
        take_in(run.store, run.data)
        # The agent names the program, its version and whom to turn to.
        first = partial(opening, run_id=run.run_id, software=str(self._crawler.settings["USER_AGENT"]))
        return RawArchive(run.data, run.run_id, max_bytes=self._max_bytes, opening=first)

    def _note(self, full: DumpFile | None) -> None:
        if full is not None:
            assert self._run.store is not None
            note(self._run.store.outbox, self._run.data, full)
            self._written.append(full.path)

    def _finish(self) -> None:
        store = self._run.store
        if self._archive is not None and store is not None:
            self._note(self._thread.submit(self._archive.finish).result())
            if store.counts(self._run.run_id).get(Outcome.OPTED_OUT):
                take_out_opted_out(store, self._run.data, self._written)
        self._thread.shutdown()

    def _exchange(self, request: Request, response: Response, at: str) -> Exchange:
        latency = request.meta.get("download_latency")
        truncated = next((_TRUNCATED[flag] for flag in response.flags if flag in _TRUNCATED), None)
        return Exchange(
            url=request.url,
            at=at,
            method=request.method,
            request_fields=tuple(_fields(request.headers)),
            status=response.status,
            protocol=response.protocol or "HTTP/1.1",
            fields=tuple(_fields(response.headers)),
            body=response.body,
            ip=None if request.meta.get("proxy") or response.ip_address is None else str(response.ip_address),
            truncated=truncated,
            took_ms=round(latency * 1000) if latency is not None else None,
            context=self._context(request, response),
        )

    def _context(self, request: Request, response: Response) -> PageContext:
        told = request.cb_kwargs
        source: Source | None = told["parts"].of if "parts" in told else told.get("of")
        robots = self._crawler.get_downloader_middleware(RobotsMiddleware)
        return PageContext(
            role=_role(request),
            run_id=self._run.run_id,
            source=source.id if source is not None else None,
            hint=told.get("hint"),
            time_zone=source.time_zone if source is not None else None,
            languages=source.languages if source is not None else (),
            robots_rule=robots.rule(request.url) if robots is not None else None,
            declared=self._declared(request, response),
        )

    def _declared(self, request: Request, response: Response) -> tuple[str, ...]:
        """The headers that a site's declarations are going to add to the answer."""
        declarations = self._crawler.get_downloader_middleware(DeclarationsMiddleware)
        if declarations is None:
            return ()
        head = declarations.process_response(request, Response(response.url, headers=response.headers.copy())).headers
        return tuple(
            f"{name}: {value.decode('latin-1').strip()}"
            for name in OPT_OUT_HEADERS
            if head.getlist(name) != response.headers.getlist(name)
            for value in head.getlist(name)
        )


def _write(archive: RawArchive, exchange: Exchange) -> DumpFile | None:
    return archive.append(exchange_records(exchange), at=exchange.at, source=exchange.context.source)


def _role(request: Request) -> str:
    told = request.cb_kwargs
    if "ask" in told:
        return str(told["ask"].kind)
    if "parts" in told:
        return "part"
    if "hint" in told:
        return "page"
    return "robots" if request.url.endswith("/robots.txt") else "other"


def _fields(headers: Headers) -> Iterator[tuple[bytes, bytes]]:
    for name, values in headers.items():
        for value in values:
            yield name, value
