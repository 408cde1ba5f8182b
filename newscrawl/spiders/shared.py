"""Sources one after another; where several workers share a store, those that no other worker has."""

from __future__ import annotations

import asyncio
from collections import deque
from secrets import randbelow
from typing import TYPE_CHECKING, Any

from newscrawl.spiders.finding import FindingSpider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from scrapy import Request

    from newscrawl.sources import Source

AT_ONCE = 64
"""Sources that are looked at in one go."""
AGAIN_S = 1.0
"""So long a worker with nothing to begin waits until it looks what the others have given back."""


class SharedSpider(FindingSpider):
    """Begins with sources. None stands for addresses that belong to no source."""

    def begin_source(self, source: Source | None) -> AsyncIterator[Request]:
        """The first requests of a source."""
        raise NotImplementedError

    async def begin_sources(self, sources: Sequence[Source | None]) -> AsyncIterator[Any]:
        """The first requests of all sources."""
        self.claims.begin(lambda source_id: not self.is_looking(source_id))
        if self.claims.is_shared:
            async for request in self._begin_as_they_are_free(deque(sources)):
                yield request
            return
        for source in sources:
            async for request in self.begin_source(source):
                yield request

    async def _begin_as_they_are_free(self, sources: deque[Source | None]) -> AsyncIterator[Any]:
        """The first requests of the sources that no other worker has, until each was crawled by somebody.

        So those who live go on with what one that died had: its leases lapse.
        """
        sources.rotate(randbelow(len(sources)) if sources else 0)  # not all begin with the same
        while sources or self.claims.waits:
            elsewhere, is_idle = self.claims.elsewhere(), True
            for _ in range(min(len(sources), AT_ONCE)):
                source = sources.popleft()
                if _id_of(source) in elsewhere or not self.claims.has_room:
                    sources.append(source)
                    continue
                if not self._has_work(source):
                    continue  # somebody has done it
                if not self.claims.claim_source(source):
                    sources.append(source)
                    continue
                is_idle = False
                async for request in self.begin_source(source):
                    yield request
            for request in self.claims.hosts_now_ours():
                hint = request.cb_kwargs.get("hint")
                if hint is None or self.run.told(hint.url) is not None:  # else somebody has decided on it
                    is_idle = False
                    yield request
            await asyncio.sleep(AGAIN_S if is_idle else 0)

    def _has_work(self, source: Source | None) -> bool:
        """Whether anything of a source is to be fetched now."""
        if source is not None and self._looks.is_source_due(source):
            return True
        waiting = (self.run.wanted(_id_of(source)), self.run.due_revisits(_id_of(source)))
        return any(True for each in waiting for _ in each)


def _id_of(source: Source | None) -> str:
    return source.id if source is not None else ""
