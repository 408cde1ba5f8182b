"""The requests of one host: the highest priority first, then the one that was found first."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy import Request

    from newscrawl.schedulers.shelf import Key, Shelf


class RequestHeap:
    """Scrapy's queue keeps a queue a priority, and looks at all priorities when one is empty; here each hour is one."""

    __slots__ = ("_heap", "_host", "_numbers", "_shelf", "_shelved")

    def __init__(self, host: str, shelf: Shelf) -> None:
        """`shelf`: where those wait that are too many for memory."""
        self._host = host
        self._shelf = shelf
        self._shelved = 0
        self._heap: list[tuple[Key, Request]] = []
        self._numbers = count()

    def push(self, request: Request) -> None:
        """Of the same priority, a spider's first requests come after those that answers led to, as in Scrapy."""
        key = -request.priority, bool(request.meta.get("is_start_request")), next(self._numbers)
        if self._shelf.is_wanted(len(self._heap)) and self._shelf.put(self._host, key, request):
            self._shelved += 1
        else:
            self._keep(key, request)

    def pop(self) -> Request | None:
        """The next request; None when there is none."""
        if self._shelved:
            best = self._shelf.best(self._host)
            if best is not None and (not self._heap or best < self._heap[0][0]):
                for key, request in self._shelf.take(self._host):
                    self._shelved -= 1
                    self._keep(key, request)
        if not self._heap:
            return None
        self._shelf.in_memory -= 1
        return heappop(self._heap)[1]

    def _keep(self, key: Key, request: Request) -> None:
        self._shelf.in_memory += 1
        heappush(self._heap, (key, request))

    def close(self) -> list[int]:
        """What is in memory is not kept: the store's frontier has it."""
        return []

    def __len__(self) -> int:
        return len(self._heap) + self._shelved
