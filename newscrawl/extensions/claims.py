"""What this worker crawls, of all that share a store: sources and hosts are claimed, kept, and given back."""

from __future__ import annotations

import os
import socket
from collections import deque
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.utils.asyncio import create_looping_call

from newscrawl.errors import ConfigError, StoreError
from newscrawl.extensions.run import run_of
from newscrawl.middlewares.ownership import OwnershipMiddleware, host_asked
from newscrawl.schedulers.host_queue import waiting_hosts
from newscrawl.state.leases import LEASE_S, RENEWALS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.utils.asyncio import AsyncioLoopingCall
    from twisted.internet.task import LoopingCall

    from newscrawl.sources import Source
    from newscrawl.state.leases import Leases

MOST_SOURCES = 64
IDLE_S = 5.0
"""A host that nothing was to be asked of for so long is given back."""
GIVE_BACK_EVERY_S = 1.0
JITTER = 1.5
"""Scrapy varies a gap by half."""
MOST_PUT_OFF = 10_000
"""Requests to hosts of others that are kept; the addresses of more are fetched by a later run."""


class Claims:
    """The leases of one run. Where the store is a file there are none, and everything is its own."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._lease_s = crawler.settings.getfloat("NEWSCRAWL_LEASE_S", LEASE_S)
        self._most = crawler.settings.getint("NEWSCRAWL_SOURCES_PER_WORKER", MOST_SOURCES)
        self._leases: Leases | None = None
        self._held: set[str] = set()
        self._until = 0.0
        self._sources: dict[str, set[str]] = {}  # with the hosts that are named for each
        self._used: dict[str, float] = {}  # hosts, and when something was last to be asked of them
        self._gaps_s: dict[str, float] = {}
        self._put_off: deque[Request] = deque()
        self._repeated: list[AsyncioLoopingCall | LoopingCall] = []
        self._is_done: Callable[[str], bool] = lambda _: False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Claims:
        """Scrapy's constructor."""
        return cls(crawler)

    @property
    def is_shared(self) -> bool:
        """Whether there may be other workers."""
        return self._leases is not None

    @property
    def has_room(self) -> bool:
        """Whether this worker may begin with another source."""
        return len(self._sources) < self._most

    def begin(self, is_done: Callable[[str], bool]) -> None:
        """The run has its store now.

        Args:
            is_done: whether all that a source leads to was found.
        """
        run = run_of(self._crawler)
        if self._leases is not None or run.store is None or (leases := run.store.leases) is None:
            return
        leases.begin(run.run_id, machine=socket.gethostname(), pid=os.getpid(), lease_s=self._lease_s)
        self._leases, self._is_done = leases, is_done
        middleware = self._crawler.get_downloader_middleware(OwnershipMiddleware)
        if middleware is None:
            raise ConfigError(
                f'DOWNLOADER_MIDDLEWARES has no "{OwnershipMiddleware.__module__}.{OwnershipMiddleware.__qualname__}"; '
                "workers that share a store need it"
            )
        middleware.may_ask = self.may_ask
        run.before_publishing.append(self.end)
        self._until = monotonic() + self._lease_s / 2
        for work, every_s in ((self.renew, self._lease_s / RENEWALS), (self.give_back, GIVE_BACK_EVERY_S)):
            call = create_looping_call(work)
            call.start(every_s, now=False)
            self._repeated.append(call)

    def end(self) -> None:
        """The crawl is over: others may have what this worker held."""
        for call in self._repeated:
            if call.running:
                call.stop()
        if self._leases is not None:
            self._held.clear()
            self._leases.end()

    def renew(self) -> None:
        """Stay the owner of what is held; now and then."""
        assert self._leases is not None
        began = monotonic()
        gaps_s = {name: gap for name in self._held if (gap := self._gap_s(name)) != self._gaps_s.get(name)}
        with self._stopping_on_failure():
            self._held = set(self._leases.renew(gaps_s))
            self._gaps_s = {name: self._gap_s(name) for name in self._held}
            # Somewhat sooner than others may have it: a request that is let through now leaves a moment later.
            self._until = began + self._lease_s * (1 - 1 / RENEWALS)
        self._sources = {each: hosts for each, hosts in self._sources.items() if f"source/{each}" in self._held}

    def may_ask(self, host: str) -> bool:
        """Whether a host is this worker's, or nobody's until now."""
        if self._leases is None:
            return True
        if monotonic() > self._until:
            self.renew()
        name = f"host/{host}"
        if name not in self._held and not self._claim([name]):
            return False
        self._used[host] = monotonic()
        return True

    def claim_source(self, source: Source | None) -> bool:
        """Whether a source is this worker's from now on, with the hosts that the operator names for it.

        Args:
            source: None: addresses that belong to none.
        """
        source_id, hosts = _named(source)
        if not self._claim([f"source/{source_id}", *(f"host/{host}" for host in hosts)]):
            return False
        self._sources[source_id] = hosts
        self._used.update(dict.fromkeys(hosts, monotonic()))
        return True

    def put_off(self, request: Request) -> bool:
        """Keep a request to a host of another worker; whether there was room."""
        if len(self._put_off) >= MOST_PUT_OFF:
            return False
        self._put_off.append(request)
        return True

    def hosts_now_ours(self) -> Iterator[Request]:
        """Requests that were put off and whose hosts this worker has got since."""
        tried: dict[str, bool] = {}
        for _ in range(len(self._put_off)):
            request = self._put_off.popleft()
            host = host_asked(request)
            if host not in tried:
                tried[host] = self.may_ask(host)
            if tried[host]:
                yield request.replace(dont_filter=True)
            else:
                self._put_off.append(request)

    @property
    def waits(self) -> bool:
        """Whether requests wait for hosts of others."""
        return bool(self._put_off)

    def elsewhere(self) -> frozenset[str]:
        """Ids of the sources that other workers have."""
        assert self._leases is not None
        names: tuple[str, ...] = ()
        with self._stopping_on_failure():
            names = self._leases.elsewhere("source/")
        return frozenset(name.removeprefix("source/") for name in names)

    def give_back(self) -> None:
        """Give back hosts that nothing is to be asked of, and sources that are done; now and then."""
        assert self._leases is not None
        now, engine = monotonic(), self._crawler.engine
        assert engine is not None
        busy = {*waiting_hosts(self._crawler), *(host_asked(request) for request in engine.downloader.active)}
        self._used.update(dict.fromkeys(busy, now))
        idle = {host for host, used in self._used.items() if now - used > IDLE_S}
        done = {
            each
            for each, hosts in self._sources.items()
            if self._is_done(each) and not hosts & (self._used.keys() - idle)
        }
        names = {f"host/{host}" for host in idle} | {f"source/{each}" for each in done}
        for host in idle:
            del self._used[host]
        for each in done:
            del self._sources[each]
        if names := names & self._held:
            self._held -= names
            with self._stopping_on_failure():
                self._leases.release(names)

    def _claim(self, names: list[str]) -> bool:
        assert self._leases is not None
        is_ours = False
        with self._stopping_on_failure():
            if is_ours := self._leases.claim(names, gap_s=max(map(self._gap_s, names))):
                self._held.update(names)
        return is_ours

    def _gap_s(self, name: str) -> float:
        """The longest gap that this worker leaves between two requests to a host."""
        kind, _, host = name.partition("/")
        engine = self._crawler.engine
        if kind == "source" or engine is None:
            return 0.0
        downloader = engine.downloader
        if (slot := downloader.slots.get(host)) is not None:
            return round(JITTER * slot.delay, 1)
        own = downloader.per_slot_settings.get(host, {}).get("delay")
        return JITTER * float(self._crawler.settings.getfloat("DOWNLOAD_DELAY") if own is None else own)

    @contextmanager
    def _stopping_on_failure(self) -> Iterator[None]:
        try:
            yield
        except StoreError as error:
            run_of(self._crawler).storage_failed(error)


def _named(source: Source | None) -> tuple[str, set[str]]:
    """The id of a source and the hosts of all that is named for it."""
    if source is None:
        return "", set()
    named = (source.url, *source.feeds, *source.news_sitemaps, *source.sitemaps, *source.sections)
    return source.id, {host for each in named if each and (host := urlsplit(each).hostname)}
