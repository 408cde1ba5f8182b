"""From an address that may be an article's to the article, or the reason why there is none."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scrapy import Request

from newscrawl.article import Hint
from newscrawl.batch.prepare import read_fetched
from newscrawl.dates import parse_moment
from newscrawl.errors import ArticleRejected, Outcome
from newscrawl.extract.article import extract_article
from newscrawl.extract.further_pages import first_page
from newscrawl.frontier.revisit import is_due, is_stale
from newscrawl.middlewares.guard import StoppedError
from newscrawl.middlewares.not_fetched import LeftForLater
from newscrawl.middlewares.ownership import HeldElsewhere
from newscrawl.middlewares.validators import NOT_MODIFIED, VALIDATORS, Validators
from newscrawl.sources import wants
from newscrawl.spiders.packing import ArticlePacking
from newscrawl.spiders.page import ANSWERED, failed_request, fetch_of, page_of, priority_of, rejection
from newscrawl.spiders.rendering import Renderings, is_rendered, rendering_request
from newscrawl.spiders.several_pages import Parts, SeveralPagesSpider
from newscrawl.text.language import same_language
from newscrawl.urls import normalise_url, site_of, url_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from newscrawl.article import Article, Fetch
    from newscrawl.sources import Source
    from newscrawl.state.store import Address

STORED = frozenset({Outcome.ARTICLE, Outcome.UNCHANGED, Outcome.SAME_KEY})


class ArticleSpider(SeveralPagesSpider):
    """Requests for articles, and what their answers mean."""

    full_fetch_every: int

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.found = 0
        self.packing = ArticlePacking(self.parse_article, self.article_failed)
        self.renderings = Renderings()

    def _wanted(self, hints: Iterable[Hint], source: Source | None, *, look_again: bool = False) -> Iterator[Request]:
        """Requests for what of these the run wants, once the store knows that it is going to fetch them."""
        requests = [
            (hint, request)
            for hint in hints
            if (request := self.article_request(hint, source, look_again=look_again)) is not None
        ]
        if requests:
            self.run.want((hint for hint, _ in requests), source.id if source else "")
        yield from (request for _, request in requests)

    def article_request(
        self, hint: Hint, source: Source | None, *, look_again: bool = False, is_whole: bool = False
    ) -> Request | None:
        """A request for a likely article; None when the run does not want it or knows it already.

        Args:
            look_again: whatever is known of it.
            is_whole: even if it has not changed.
        """
        if not self._requested.add(url_key(hint.url)):
            return None
        self.found += 1
        if (unwanted := self._unwanted(self._told_before(hint))) is not None:
            self.run.skip("other_language" if unwanted.startswith("language") else "too_old")
            return None
        if source is not None and not wants(source, hint.url):
            self.run.skip("left_by_its_path")
            return None
        if self.run.is_blocked(hint.url):  # whoever asks for it
            self.run.skip("purged")
            return None
        known = None if self.plan.refresh else self.run.address(hint.url)
        if not self.plan.is_named and not look_again and self.run.is_paused(hint.url):
            self.run.skip("failed_lately")
            return None
        if (
            known
            and not look_again
            and not is_due(outcome=known.outcome, seen_lastmod=known.lastmod, lastmod=hint.date_modified)
        ):
            self.run.skip("known_already")
            return None
        request = Request(
            hint.url,
            self.parse_article,
            errback=self.article_failed,
            cb_kwargs={"hint": hint, "source": source.id if source else site_of(hint.url), "of": source},
            priority=priority_of(hint),
            # `_requested` keeps count; Scrapy's filter would drop, without a word, a redirect to a page already seen.
            dont_filter=True,
            meta={
                "handle_httpstatus_list": ANSWERED,
                VALIDATORS: None if is_whole else self._validators_of_known(known),
            },
        )
        return self._paced(request, source)

    def _validators_of_known(self, known: Address | None) -> Validators | None:
        """Validators of an article that is stored, but for each `full_fetch_every`-th time, or after a week."""
        if known is None or known.id is None or known.fetches % self.full_fetch_every == 0:
            return None
        if is_stale(known.last_fetched):
            return None
        # Of an article that is gone, or whose server was busy, they say nothing.
        return Validators(known.etag, known.last_modified, known.url) if known.outcome in STORED else None

    async def parse(self, response: Response, **_: Any) -> AsyncIterator[Any]:
        """`scrapy parse URL`: read one page as if somebody had named it."""
        async for article in self.parse_article(response, Hint(url=response.url, via="url"), site_of(response.url)):
            yield article

    async def parse_article(
        self, response: Response, hint: Hint, source: str, of: Source | None = None
    ) -> AsyncIterator[Any]:
        """A page came: an article, the request for its next page, or the reason why not."""
        assert response.request is not None
        assert self.crawler.stats is not None
        if not is_rendered(response):
            self.crawler.stats.inc_value("newscrawl/pages")
        fetch = fetch_of(response.request, response, lastmod=hint.date_modified)
        if response.status == NOT_MODIFIED:
            was_asked = response.request.meta.get(VALIDATORS) is not None
            outcome = Outcome.UNCHANGED if was_asked else Outcome.ERROR
            why = "the site says that it has not changed" if was_asked else "HTTP 304, which nobody asked for"
            self.run.decide(outcome, why, url=response.url, source=source, via=hint.via, fetch=fetch)
            return
        try:
            page = page_of(response, hint=hint, source=of, robots_rule=self._robots_rule(response.url))
            if (begin := first_page(page)) is not None:
                for request in self._begin_of(begin, hint, source, of, fetch):
                    yield request
                return
            reading = self.pool.submit(read_fetched, page, self.extract_options, self.refine_options)
            article, further = await asyncio.wrap_future(reading)
            article = _marked(article, response)
            if (unwanted := self._unwanted(article)) is not None:
                self.run.decide(
                    Outcome.OVER_BUDGET, unwanted, url=response.url, source=source, via=hint.via, fetch=fetch
                )
                # Another run may want it; this one's like now know without a request.
                told = replace(
                    hint, date_published=article.date_published or hint.date_published, language=article.language
                )
                self.run.want([told], of.id if of else "")
                return
            if further is not None:
                work = self.pool.submit(extract_article, page, self.extract_options)
                first = _marked(await asyncio.wrap_future(work), response)
                parts = Parts(begin=normalise_url(page.url), articles=(first,), fetch=fetch, source=source, of=of)
                yield self._part_request(further, parts, hint)
                return
        except asyncio.CancelledError:
            return  # the run is stopped: the next one fetches the page again
        except ArticleRejected as rejected:
            if self.renderings.takes(rejected, response, of):
                for request in self._rendering(response, hint, source, of):
                    yield request
                return
            reason = f"{rejected.reason}, rendered" if is_rendered(response) else rejected.reason
            self.run.decide(rejected.outcome, reason, url=response.url, source=source, via=hint.via, fetch=fetch)
            return
        for item in self._accept(article, fetch):
            yield item

    def _rendering(self, response: Response, hint: Hint, source: str, of: Source | None) -> Iterator[Request]:
        """Only scripts fill the page, and its source asks for a browser."""
        request = rendering_request(
            response,
            self.parse_rendered,
            self.rendering_failed,
            cb_kwargs={"hint": hint, "source": source, "of": of},
        )
        yield from self.renderings.ask(self._paced(request, of))

    async def parse_rendered(self, response: Response, **about: Any) -> AsyncIterator[Any]:
        """A page came from the browser."""
        self.run.tally.renderings += 1
        for request in self.renderings.came_back():
            yield request
        async for each in self.parse_article(response, **about):
            yield each

    def rendering_failed(self, failure: Failure) -> Iterator[Request]:
        """A page did not come from the browser."""
        self.article_failed(failure)
        yield from self.renderings.came_back()

    def _begin_of(
        self, begin: tuple[str, int], hint: Hint, source: str, of: Source | None, fetch: Fetch
    ) -> Iterator[Request]:
        """A further page of an article was found alone: the article is fetched from its first page on."""
        first, number = begin
        yield from self._wanted([Hint(url=first, via="page")], of)
        self.run.decide(
            Outcome.SAME_KEY,
            f"page {number} of the article at {first}",
            url=fetch.requested_url,
            source=source,
            via=hint.via,
            fetch=fetch,
        )

    def article_failed(self, failure: Failure) -> None:
        """The page did not come."""
        request, error = failed_request(failure)
        if isinstance(error, StoppedError):
            return  # not decided: the next run fetches it
        if isinstance(error, HeldElsewhere) and self.claims.put_off(request):
            return
        hint, source = request.cb_kwargs["hint"], request.cb_kwargs["source"]
        if isinstance(error, LeftForLater) and hint.via != "url":
            of = request.cb_kwargs["of"]
            self.run.leave(error, hint, source=source, of=of.id if of else "", fetch=fetch_of(request))
            return
        rejected = rejection(error, request.url)
        self.run.decide(
            rejected.outcome,
            rejected.reason,
            url=request.url,
            source=source,
            via=hint.via,
            fetch=fetch_of(request, lastmod=hint.date_modified),
        )

    def _unwanted(self, of: Article | Hint) -> str | None:
        """Why the run does not want an article; None when it does, or when nothing is known that speaks against it."""
        published = parse_moment(of.date_published or "", "UTC")
        if self.plan.since and published is not None and published.value < self.plan.since:
            return f"published {published.value}, before -a since"
        if self.plan.languages and of.language and not self._wants(of.language):
            return f"language {of.language} is not among -a lang"
        return None

    def _told_before(self, hint: Hint) -> Hint:
        """The hint, or what an earlier run read on the page itself."""
        if not self.plan.since and not self.plan.languages:
            return hint
        return self.run.told(hint.url) or hint

    def _wants(self, language: str) -> bool:
        return any(same_language(language, wanted) for wanted in self.plan.languages)


def _marked(article: Article, response: Response) -> Article:
    return article.with_flags("rendered") if is_rendered(response) else article
