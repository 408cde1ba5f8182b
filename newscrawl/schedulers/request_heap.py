"""The requests of one host in memory: the highest priority first, then the one that was found first."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy import Request


class RequestHeap:
    """Scrapy's queue keeps a queue a priority, and looks at all priorities when one is empty; here each hour is one."""

    __slots__ = ("_heap", "_numbers")

    def __init__(self) -> None:
        self._heap: list[tuple[int, bool, int, Request]] = []
        self._numbers = count()

    def push(self, request: Request) -> None:
        """Of the same priority, a spider's first requests come after those that answers led to, as in Scrapy."""
        is_start = bool(request.meta.get("is_start_request"))
        heappush(self._heap, (-request.priority, is_start, next(self._numbers), request))

    def pop(self) -> Request | None:
        """The next request; None when there is none."""
        return heappop(self._heap)[-1] if self._heap else None

    def peek(self) -> Request | None:
        """The same, but it stays."""
        return self._heap[0][-1] if self._heap else None

    def close(self) -> list[int]:
        """What is in memory is not kept: the store's frontier has it."""
        return []

    def __len__(self) -> int:
        return len(self._heap)
