"""From a site's address to those of its articles: what its finder wants to see is asked for, read and followed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scrapy import Request

from newscrawl.article import Hint
from newscrawl.batch.prepare import read_list
from newscrawl.discover.answers import AT_A_TIME, Answer, read_answer
from newscrawl.errors import ArticleRejected
from newscrawl.frontier.revisit import is_stale
from newscrawl.middlewares.guard import StoppedError
from newscrawl.middlewares.ownership import HeldElsewhere
from newscrawl.middlewares.robots import ASKS_FOR_RULES
from newscrawl.middlewares.validators import NOT_MODIFIED, VALIDATORS, Validators
from newscrawl.spiders.articles import ArticleSpider
from newscrawl.spiders.page import ANSWERED, answer_of, failed_request, rejection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from newscrawl.discover.answers import Said
    from newscrawl.discover.site import Ask, DiscoverOptions, Found, SiteFinder
    from newscrawl.sources import Source
    from newscrawl.spiders.looks import Looks
    from newscrawl.state.asked import Asked

# Feeds and sitemaps before articles: what is newest is known only when they are read.
ASK_PRIORITY = 10_000_000
READ_AT_ONCE_BYTES = 4 * 1024
"""A longer feed, sitemap or page of links is read by a worker: 4 KB of a feed take some 5 ms."""
LIST_DEADLINES = 6.0
"""Times as long as for a page: a sitemap of 50,000 entries takes two seconds."""


class FindingSpider(ArticleSpider):
    """Requests for feeds, sitemaps, home and section pages, and what their answers mean."""

    discover_options: DiscoverOptions
    _looks: Looks

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._finders: dict[str, SiteFinder] = {}

    def is_looking(self, source_id: str) -> bool:
        """Whether more pages of a source may yet be found."""
        finder = self._finders.get(source_id)
        return finder is not None and not finder.done

    async def follow(self, found: Found, source: Source) -> AsyncIterator[Request]:
        """Requests for what the finder wants to see and for the articles it found; the network has its turn meanwhile.

        An ask of which nothing else is known is sent before its articles are looked at: there may be thousands.
        """
        waiting = [found]
        while waiting:
            found = waiting.pop()
            for ask in found.asks:
                if (known := await self._without_asking(ask, source)) is not None:
                    waiting.append(known)
                else:
                    yield self._asking(ask, source)
            for start in range(0, len(found.hints), AT_A_TIME):
                hints, origins = found.hints[start : start + AT_A_TIME], found.origins[start : start + AT_A_TIME]
                self._looks.brought(source, self._new(hints, origins))
                for request in self._wanted(hints, source):
                    yield request
                await asyncio.sleep(0)
        if self._finders[source.id].done:
            self._looks.finished(source)

    def _asking(self, ask: Ask, source: Source) -> Request:
        request = Request(
            ask.url,
            self.parse_ask,
            errback=self.ask_failed,
            cb_kwargs={"ask": ask, "of": source},
            priority=ASK_PRIORITY,
            dont_filter=True,  # the finder asks once, and its answers may redirect
            meta={
                "handle_httpstatus_list": ANSWERED,
                ASKS_FOR_RULES: ask.kind == "robots",
                VALIDATORS: self._validators_of(ask),
            },
        )
        return self._paced(request, source)

    async def _without_asking(self, ask: Ask, source: Source) -> Found | None:
        """What the finder makes of an address that is not to be asked for now; None: it is."""
        finder = self._finders[source.id]
        if ask.probe and not self.plan.refresh and self.run.is_missing(ask.url):
            return finder.fail(ask, "HTTP 404 lately")
        if self._looks.is_due(ask, source):
            return None
        last = self._looks.last(ask, source)
        assert last is not None
        if last.looked and not last.leads:
            return finder.pass_over(ask, gave_articles=last.entries > 0)
        if (asked := self.run.asked(ask.url)) is not None:
            said = await self._read(Answer(ask=ask, url=asked.answered_by, body=asked.body))
            found = finder.take(ask, said, asked.answered_by)
            # Its articles are known, or wait with what is left over: they are not to be judged a second time.
            others = [(hint, origin) for hint, origin in zip(found.hints, found.origins, strict=True) if origin != ask]
            return replace(
                found, hints=tuple(hint for hint, _ in others), origins=tuple(origin for _, origin in others)
            )
        # What a home page or an index that is not kept leads to cannot be guessed.
        return None if last.looked else finder.fail(ask, "it did not answer lately")

    async def _read(self, answer: Answer) -> Said:
        """What an answer says; large ones are read by a worker, within a deadline and a bound of memory.

        Raises:
            ArticleRejected: it is over one of these.
            CancelledError: the run ends.
        """
        most = self.discover_options.max_entries_per_file
        if len(answer.body) <= READ_AT_ONCE_BYTES or answer.ask.kind == "robots":
            return read_answer(answer, most)
        reading = self.pool.submit(read_list, answer, most, deadline_s=LIST_DEADLINES * self.pool.options.deadline_s)
        return await asyncio.wrap_future(reading)

    def _new(self, hints: Sequence[Hint], origins: Sequence[Ask]) -> list[tuple[Hint, Ask]]:
        """The articles that nobody knew, each with the ask whose answer held it."""
        return [
            (hint, ask)
            for hint, ask in zip(hints, origins, strict=True)
            if self.run.address(hint.url) is None and self.run.told(hint.url) is None
        ]

    def _validators_of(self, ask: Ask) -> Validators | None:
        """What the last answer came with; None now and then, for a site may say "not modified" when it is not so."""
        if self.plan.refresh or ask.kind == "robots" or (ask.kind == "home" and _names_a_page(ask.url)):
            return None
        if (asked := self.run.asked(ask.url)) is None or not (asked.etag or asked.last_modified):
            return None
        if asked.checks >= self.full_fetch_every - 1 or is_stale(asked.at):
            return None
        return Validators(asked.etag, asked.last_modified, asked.answered_by)

    async def parse_ask(self, response: Response, ask: Ask, of: Source) -> AsyncIterator[Any]:
        """A feed, sitemap, section or robots.txt came."""
        asked = self.run.asked(ask.url) if response.status == NOT_MODIFIED else None
        if asked is None and (response.status >= 400 or response.status == NOT_MODIFIED):
            if ask.probe and response.status in {404, 410}:
                self.run.keep_missing(ask.url)
            async for request in self._go_on_without(ask, of, f"HTTP {response.status}", response):
                yield request
            return
        url, body = (asked.answered_by, asked.body) if asked is not None else (response.url, response.body)
        try:
            said = await self._read(Answer(ask=ask, url=url, body=body))
        except asyncio.CancelledError:
            return  # the run is stopped: the next one asks again
        except ArticleRejected as rejected:
            async for request in self._go_on_without(ask, of, f"{rejected.outcome}: {rejected.reason}", response):
                yield request
            return
        async for request in self._take(said, response, ask, of, asked):
            yield request
        if ask.kind != "robots":  # it counts as read when all that it names is noted
            self.run.keep_asked(ask.url, None if asked is not None else answer_of(response))
        if asked is None and ask.kind == "home" and _names_a_page(ask.url):
            # The operator named a page, not a site: it may be an article itself.
            async for item in self.parse_article(response, Hint(url=response.url, via="url"), of.id, of):
                yield item

    async def _take(
        self, said: Said, response: Response, ask: Ask, of: Source, asked: Asked | None
    ) -> AsyncIterator[Request]:
        """Hand the finder what an answer says, the entries of a sitemap slice by slice, and follow where it leads."""
        finder, url = self._finders[of.id], response.url if asked is None else asked.answered_by
        if asked is not None or said.sitemap is not None:  # what it brings comes slice by slice, and belongs to it
            self._looks.answered(ask, of, response, None if asked is not None else said.as_found())
        for hints in said.slices():
            some = finder.take_some(ask, hints, url)
            self.run.looked(of, some.named)
            async for request in self.follow(some, of):
                yield request
        found = finder.take(ask, said.without_hints(), url)
        if ask.kind != "robots":
            self.run.looked(of, found.named)
        if asked is None and said.sitemap is None:
            self._looks.answered(ask, of, response, found)
        async for request in self.follow(found, of):
            yield request

    async def _go_on_without(
        self, ask: Ask, of: Source, reason: str, response: Response | None = None
    ) -> AsyncIterator[Request]:
        """An ask failed: what the finder makes of it."""
        self._looks.failed(ask, of, response)
        async for request in self.follow(self._finders[of.id].fail(ask, reason), of):
            yield request

    async def ask_failed(self, failure: Failure) -> AsyncIterator[Request]:
        """A feed, sitemap, section or robots.txt did not come."""
        request, error = failed_request(failure)
        if isinstance(error, StoppedError):
            return
        if isinstance(error, HeldElsewhere) and self.claims.put_off(request):
            return
        ask, source = request.cb_kwargs["ask"], request.cb_kwargs["of"]
        reason = rejection(error, ask.url)
        async for following in self._go_on_without(ask, source, f"{reason.outcome}: {reason.reason}"):
            yield following


def _names_a_page(url: str) -> bool:
    """Whether an address has more than a host."""
    return url.split("/", 3)[3:] not in ([], [""])
