"""The order of requests over hosts: they take turns, and none that is slow, silent or paused holds up another.

Scrapy's queue looks at all hosts for each request, which with 10,000 of them takes milliseconds, and gives out requests
of hosts that have to wait for their gap: these wait in the downloader, in places that others could use.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from scrapy import signals
from scrapy.pqueues import DownloaderAwarePriorityQueue
from scrapy.utils.asyncio import call_later

from newscrawl.schedulers.request_heap import RequestHeap
from newscrawl.schedulers.shelf import MOST_IN_MEMORY, Shelf
from newscrawl.schedulers.turns import Host, Turns

if TYPE_CHECKING:
    from collections.abc import Iterable, KeysView

    from scrapy import Request
    from scrapy.core.downloader import Downloader
    from scrapy.crawler import Crawler

SLOW_S = 2.0
"""A host that takes longer to answer is a slow one."""
SHARE_OF_SLOW = 0.75
"""Of the places (CONCURRENT_REQUESTS), slow hosts and those that never answered yet hold at most so many together."""
HEARTBEAT_S = 5.0
"""So often the engine asks by itself."""
MAX_IDLE_HOSTS = 10_000
"""Of hosts that have nothing to ask for, at least so many are remembered."""


_queues: WeakKeyDictionary[Crawler, HostQueue] = WeakKeyDictionary()


def waiting_hosts(crawler: Crawler) -> KeysView[str]:
    """Hosts that have requests waiting."""
    queue = _queues.get(crawler)
    return queue.pqueues.keys() if queue is not None else {}.keys()


class HostQueue(DownloaderAwarePriorityQueue):
    """SCHEDULER_PRIORITY_QUEUE. `pop` gives None when nothing may be sent now, and sees to it that it is asked again.

    A request takes time logarithmic in the number of hosts and of the host's requests, whatever waits.
    """

    def __init__(self, crawler: Crawler, *arguments: Any, **named: Any) -> None:
        most = crawler.settings.getint("NEWSCRAWL_MAX_QUEUED_IN_MEMORY", MOST_IN_MEMORY)
        self._shelf = Shelf(getattr(crawler.spider, "packing", None), most_in_memory=most)
        crawler.signals.connect(self._shelf.close, signal=signals.spider_closed)
        super().__init__(crawler, *arguments, **named)
        assert crawler.engine is not None
        _queues[crawler] = self
        self._downloader: Downloader = crawler.engine.downloader
        self._turns = Turns()
        self._hosts: dict[str, Host] = {}
        self._flights: dict[Request, tuple[Host, float]] = {}  # the oldest first
        self._too_many = MAX_IDLE_HOSTS
        self._wakes_at: float | None = None
        self._most = max(1, crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"))
        places = crawler.settings.getint("CONCURRENT_REQUESTS")  # 0: no bound
        self._half = max(1, places // 2) if places else float("inf")
        self._most_slow = max(1, int(places * SHARE_OF_SLOW)) if places else float("inf")
        self._count = sum(len(queue) for queue in self.pqueues.values())
        for name in self.pqueues:
            self._turns.come(self._host(name))

    def pqfactory(self, slot: str, startprios: Iterable[int] = ()) -> Any:
        """The queue of one host; with JOBDIR it is Scrapy's, on disk."""
        return super().pqfactory(slot, startprios) if self.key else RequestHeap(slot, self._shelf)

    def push(self, request: Request) -> None:
        """Put a request in the queue of its host."""
        name = self._downloader.get_slot_key(request)
        if (queue := self.pqueues.get(name)) is None:
            queue = self.pqueues[name] = self.pqfactory(name)
        queue.push(request)
        self._count += 1
        if not (host := self._host(name)).entry and host.inside < self._most_of(host):
            self._turns.come(host)

    def pop(self) -> Request | None:
        """The next request of the host whose turn it is."""
        now = monotonic()
        self._land(now)
        slow = sum(not host.is_prompt for host, _ in self._flights.values())
        while (host := self._turns.take(now, prompt_only=slow >= self._most_slow)) is not None:
            if (queue := self.pqueues.get(host.name)) is None or host.inside >= self._most_of(host):
                continue  # it comes back with its next request, or when one of its requests is done
            if (opens := self._opens_at(host, now)) > now:
                self._end_turn(host)
                self._turns.waits(host, opens)
                continue
            return self._take_off(host, queue, now)
        self._wake(now)
        return None

    def __len__(self) -> int:
        return self._count

    def _take_off(self, host: Host, queue: Any, now: float) -> Request | None:
        request: Request | None = queue.pop()
        self._count -= 1
        if not queue:
            del self.pqueues[host.name]
            queue.close()
        if request is not None:
            request.meta.pop("download_latency", None)  # of the answer that redirected to it
            self._flights[request] = (host, now)
            host.inside += 1
            host.asked_at = now
        host.left = host.left or (self._most_of(host) if host.is_prompt else 1)
        if host.left == 1 or not queue:
            self._end_turn(host)
        else:
            host.left -= 1
        if queue:
            self._turns.is_ready(host)
        return request

    @staticmethod
    def _end_turn(host: Host) -> None:
        if host.left:
            host.left = 0
            host.clock += 1

    def _land(self, now: float) -> None:
        """See which requests have come back, and which hosts are silent."""
        active = self._downloader.active
        for request in [request for request in self._flights if request not in active]:
            host, began = self._flights.pop(request)
            host.inside -= 1
            # What was waited for its gap is no sign of a host that is slow.
            latency_s = request.meta.get("download_latency", now - began)
            if latency_s > SLOW_S:
                host.clock += latency_s / SLOW_S
            self._turns.answered(host, is_prompt=latency_s <= SLOW_S)
            if host.name in self.pqueues:
                if not host.entry:
                    self._turns.is_ready(host)
            elif len(self._hosts) > self._too_many:
                self._forget()
        for host, began in self._flights.values():
            if began > now - SLOW_S:
                break
            slot = self._downloader.slots.get(host.name)
            if slot is not None and slot.transferring and slot.lastseen < now - SLOW_S:
                host.is_prompt = False

    def _most_of(self, host: Host) -> int:
        """None waits behind these: that a host says that it is busy is known before its next request leaves."""
        return int(self._downloader.per_slot_settings.get(host.name, {}).get("concurrency", self._most))

    def _opens_at(self, host: Host, now: float) -> float:
        """When a request may leave for a host; it has to wait there no longer than for the random part of the gap.

        Where places are rare, none is to wait in one for any part of the gap. A pause
        (`newscrawl.middlewares.backoff`) lies in the slot's own time.
        """
        # One that was given out may not have been sent yet, for its host's robots.txt comes first.
        last = host.asked_at
        if (slot := self._downloader.slots.get(host.name)) is None:
            own = self._downloader.per_slot_settings.get(host.name, {})
            delay_s, jitter = float(own.get("delay", self._downloader._delay)), self._downloader._jitter
        else:
            delay_s, jitter = slot.delay, slot.jitter
            last = now if slot.queue else max(last, slot.lastseen)
        if not delay_s:
            return now
        is_full = len(self._flights) >= self._half
        return last + delay_s * max(0.0, 1 + jitter if is_full else 1 - jitter)

    def _host(self, name: str) -> Host:
        if (host := self._hosts.get(name)) is None:
            host = self._hosts[name] = Host(name)
        return host

    def _forget(self) -> None:
        """Let go of hosts that are even with the crawl: but for one turn they are no different from new ones."""
        for name, host in list(self._hosts.items()):
            if name not in self.pqueues and not host.inside and not host.entry and host.clock <= self._turns.clock + 1:
                del self._hosts[name]
        self._too_many = max(MAX_IDLE_HOSTS, 2 * len(self._hosts))

    def _wake(self, now: float) -> None:
        """Have the engine ask again when the next host may be asked."""
        at = self._turns.next_at()
        if at is None or at - now >= HEARTBEAT_S or (self._wakes_at is not None and now < self._wakes_at <= at):
            return
        self._wakes_at = at
        call_later(at - now, self._ask_again)

    def _ask_again(self) -> None:
        self._wakes_at = None
        engine = self.crawler.engine
        if engine is not None and engine._slot is not None:
            engine._slot.nextcall.schedule()
