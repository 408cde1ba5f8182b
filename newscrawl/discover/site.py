"""What to ask a site for next: discovery as a state machine that never touches the network.

The caller asks for what `SiteFinder` wants (`Ask`), hands in each answer or failure, and gets new asks and
hints back, until `SiteFinder.done`. In this order, each address once:

1. robots.txt and the home page, which name feeds and sitemaps;
2. feeds and news sitemaps, where the newest articles are; well-known addresses of them, one at a time, when
   nothing was named;
3. the other sitemaps, newest first;
4. section pages, when feeds and sitemaps gave nothing.

A source whose feeds, sitemaps or sections an operator named starts with those, and goes the way above only when
they give nothing. Only the operator, robots.txt and the home page may name a feed or sitemap of another site.
"""

from __future__ import annotations

from collections import Counter, deque
from enum import IntEnum
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from newscrawl.discover.answers import SITEMAP_ROOTS, Answer, Said, read_answer
from newscrawl.discover.asks import Ask, DiscoverOptions, Found, Kind
from newscrawl.discover.news_sitemaps import Sitemap
from newscrawl.discover.sections import PageLinks
from newscrawl.discover.shapes import is_trap
from newscrawl.discover.sieve import HintSieve, OwnSites
from newscrawl.discover.sitemap_queue import SitemapQueue, names_news
from newscrawl.urls import normalise_url, site_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newscrawl.article import Hint

__all__ = ["PROBED_FEEDS", "PROBED_SITEMAPS", "Ask", "DiscoverOptions", "Found", "SiteFinder"]

PROBED_SITEMAPS = ("/sitemap-news.xml", "/news-sitemap.xml", "/sitemap_news.xml", "/sitemap.xml", "/sitemap_index.xml")
PROBED_FEEDS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")
AT_ONCE = 2
"""Sitemaps and section pages asked for at the same time: what the first ones give may make the rest needless."""


class _Phase(IntEnum):
    LOOK = 1
    NEWS = 2
    ARCHIVE = 3
    SECTIONS = 4
    DONE = 5


class SiteFinder:
    """Finds the articles of one source. Every answer is bytes of a stranger: nothing in here raises on them."""

    def __init__(  # noqa: PLR0913 - one argument for each list of a source
        self,
        *,
        url: str | None,
        feeds: tuple[str, ...] = (),
        news_sitemaps: tuple[str, ...] = (),
        sitemaps: tuple[str, ...] = (),
        sections: tuple[str, ...] = (),
        options: DiscoverOptions | None = None,
        since: str | None = None,
    ) -> None:
        """`since`: UTC ``YYYY-MM-DDTHH:MM:SSZ``; what is older, by the word of feed or sitemap, is dropped."""
        self._options = options or DiscoverOptions()
        self._url = url
        self._base = url or ""
        named = (*feeds, *news_sitemaps, *sitemaps, *sections)
        self._own = OwnSites((url,) if url else named)
        self._sieve = HintSieve(self._own, since, self._options.max_hints)
        self._phase = _Phase.NEWS if named else _Phase.LOOK
        self._has_looked = False
        self._guesses_wanted = False
        self._lists_matter = False
        self._is_one_file = False
        self._was_reached = False
        self._asked: set[str] = set()
        self._asked_of: Counter[str] = Counter()
        self._waiting: set[Ask] = set()
        self._look: deque[Ask] = deque()
        self._news: deque[Ask] = deque()
        self._archive = SitemapQueue(since)
        self._section_pages: deque[Ask] = deque()
        self._probes: dict[Kind, deque[Ask]] = {"sitemap": deque(), "feed": deque()}
        self._home_links = PageLinks()
        self._named_sitemaps: set[str] = set()
        self._hints: list[tuple[Hint, Ask]] = []
        self._named: list[Hint] = []
        self._entries = 0
        self._leads = False
        self._home_ask: Ask | None = None
        self._failures: list[tuple[str, str]] = []
        self.answered = 0
        """Asks whose answer was of use."""
        self._want_feeds(feeds)
        self._want_sitemaps(news_sitemaps, is_news=True)
        self._want_sitemaps(sitemaps, is_news=False)
        # As deep as sections go: what they link to beside articles was not named.
        deepest = self._options.max_section_depth
        self._named_sections = tuple(Ask(kind="section", url=section, depth=deepest) for section in sections)
        if not named:
            self._want_look()

    @property
    def done(self) -> bool:
        """Nothing is asked for any more."""
        return self._phase is _Phase.DONE and not self._waiting

    @property
    def failed(self) -> int:
        """Asks that failed or whose answer was of no use; missing robots.txt and guessed addresses do not count."""
        return len(self._failures)

    @property
    def failures(self) -> tuple[tuple[str, str], ...]:
        """(address, reason in words) of each ask that counts as failed."""
        return tuple(self._failures)

    @property
    def hints_found(self) -> int:
        """Hints given out."""
        return self._sieve.passed

    @property
    def offsite_hints(self) -> int:
        """Hints dropped because they are of another site."""
        return self._sieve.offsite

    @property
    def older_hints(self) -> int:
        """Hints dropped because they are older than `since`."""
        return self._sieve.older

    def start(self) -> Found:
        """The first asks."""
        return self._next()

    def answer(self, ask: Ask, body: bytes, url: str, content_type: str | None = None) -> Found:  # noqa: ARG002
        """The site answered with this body at this final address."""
        answer = Answer(ask=ask, url=url, body=body)
        return self.take(ask, read_answer(answer, self._options.max_entries_per_file), url)

    def take_some(self, ask: Ask, hints: Sequence[Hint], url: str) -> Found:
        """Some of the entries of a sitemap that came; `take` follows with the rest of what it says."""
        if ask not in self._waiting:
            return Found()
        if ask.kind == "home":
            self._find_home(ask, url)
        self._take_hints(hints, ask)
        found, self._hints = self._hints, []
        named, self._named = tuple(self._named), []
        return Found(hints=tuple(hint for hint, _ in found), origins=tuple(ask for _, ask in found), named=named)

    def take(self, ask: Ask, said: Said, url: str) -> Found:
        """The site answered, and said this at this final address."""
        if ask not in self._waiting:
            return Found()
        self._waiting.discard(ask)
        self._was_reached = True
        self._mark_asked(url)
        match ask.kind:
            case "robots":
                why_useless = self._take_robots(said)
            case "home":
                why_useless = self._take_home(ask, said, url)
            case "feed":
                why_useless = self._take_feed(ask, said)
            case "sitemap":
                why_useless = self._take_sitemap(ask, said)
            case "section":
                why_useless = self._take_section(ask, said)
        if why_useless is None:
            self.answered += 1
            if ask.probe:
                self._probes[ask.kind].clear()
        else:
            self._note_failure(ask, why_useless)
        return self._next()

    def pass_over(self, ask: Ask, *, gave_articles: bool) -> Found:
        """It is not asked this time, for it would say what it said the last time, and that leads nowhere else."""
        if ask not in self._waiting:
            return Found()
        self._waiting.discard(ask)
        self._was_reached = True
        self._sieve.own += gave_articles
        self.answered += 1
        if ask.probe:
            self._probes[ask.kind].clear()
        return self._next()

    def fail(self, ask: Ask, reason: str) -> Found:
        """No answer came, or an error: `reason` begins with ``HTTP`` when the site did respond."""
        if ask not in self._waiting:
            return Found()
        self._waiting.discard(ask)
        self._was_reached = self._was_reached or reason.startswith("HTTP")
        self._note_failure(ask, reason)
        return self._next()

    # What to ask for next.

    def _next(self) -> Found:
        asks = self._draw()
        while not asks and not self._waiting and self._phase is not _Phase.DONE:
            self._enter(_Phase(self._phase + 1))
            asks = self._draw()
        found, self._hints = self._hints, []
        entries, self._entries = self._entries, 0
        leads, self._leads = self._leads, False
        named, self._named = tuple(self._named), []
        return Found(
            asks=asks,
            hints=tuple(hint for hint, _ in found),
            origins=tuple(ask for _, ask in found),
            entries=entries,
            leads=leads,
            named=named,
        )

    def _draw(self) -> tuple[Ask, ...]:
        """The asks of this phase that may go out now."""
        drawn: list[Ask] = []
        room = AT_ONCE - len(self._waiting)
        match self._phase:
            case _Phase.LOOK:
                drawn = self._pull(self._look, len(self._look))
            case _Phase.NEWS:
                drawn = self._pull(self._news, len(self._news))
                for kind, probes in self._probes.items():
                    if not any(ask.kind == kind and ask.probe for ask in self._waiting):
                        drawn += self._pull(probes, 1)
            case _Phase.ARCHIVE:
                while len(drawn) < room and not self._sieve.full and (ask := self._pop_sitemap()) is not None:
                    drawn.append(ask)
            case _Phase.SECTIONS:
                drawn = self._pull(self._section_pages, room)
        self._waiting.update(drawn)
        return tuple(drawn)

    def _enter(self, phase: _Phase) -> None:
        self._phase = phase
        nothing_yet = self._sieve.own == 0
        if phase is _Phase.NEWS and self._was_reached and self._guesses_wanted:
            self._guess()
        elif phase is _Phase.SECTIONS:
            self._lists_matter = nothing_yet
            self._section_pages.extend(self._named_sections)
            if nothing_yet and self._home_ask is not None:
                self._take_hints(self._home_links.articles, self._home_ask)
                self._want_list_pages(self._home_links, depth=0)
        elif phase is _Phase.DONE and nothing_yet and not self._has_looked and self._url:
            self._phase = _Phase.LOOK
            self._want_look()

    def _pull(self, queue: deque[Ask], most: int) -> list[Ask]:
        """Up to `most` asks from the queue that are within bounds and were not asked before."""
        pulled: list[Ask] = []
        while queue and len(pulled) < most:
            ask = queue.popleft()
            if self._has_budget(ask) and self._mark_asked(ask.url):
                self._asked_of[ask.kind] += not ask.probe
                pulled.append(ask)
        return pulled

    def _pop_sitemap(self) -> Ask | None:
        while (waiting := self._archive.pop()) is not None:
            url, depth = waiting
            if pulled := self._pull(deque([Ask(kind="sitemap", url=url, depth=depth)]), 1):
                return pulled[0]
        return None

    def _has_budget(self, ask: Ask) -> bool:
        most = {
            "feed": self._options.max_feeds,
            "sitemap": self._options.max_sitemap_files,
            "section": self._options.max_section_pages,
        }.get(ask.kind)
        return ask.probe or most is None or self._asked_of[ask.kind] < most

    def _mark_asked(self, url: str) -> bool:
        """Remember the address; False when it cannot be asked for or was asked for before."""
        try:
            address = normalise_url(url)
        except ValueError:
            return False
        is_new = address not in self._asked
        self._asked.add(address)
        return is_new

    def _want_look(self) -> None:
        assert self._url is not None
        self._has_looked = self._guesses_wanted = True
        self._look.append(Ask(kind="robots", url=urljoin(self._url, "/robots.txt")))
        self._look.append(Ask(kind="home", url=self._url))

    def _guess(self) -> None:
        """Try well-known addresses of what neither robots.txt nor the home page names."""
        named = {ask.kind for ask in self._news} | ({"sitemap"} if self._archive else set())
        guesses: tuple[tuple[Kind, tuple[str, ...]], ...] = (("sitemap", PROBED_SITEMAPS), ("feed", PROBED_FEEDS))
        for kind, paths in guesses:
            if kind not in named:
                urls = (urljoin(self._base, path) for path in paths)
                # What is named as a sitemap is not tried as a feed: it would count as asked for.
                asks = (Ask(kind=kind, url=url, probe=True) for url in urls if url not in self._named_sitemaps)
                self._probes[kind].extend(asks)

    def _want_feeds(self, urls: Iterable[str], depth: int = 0) -> None:
        self._news.extend(Ask(kind="feed", url=url, depth=depth) for url in urls)

    def _want_sitemaps(self, urls: Iterable[str], *, is_news: bool | None = None) -> None:
        """Sitemaps that the operator, robots.txt or the home page names, whatever their site."""
        for url in filter(_is_usable, urls):
            self._named_sitemaps.add(url)
            if names_news(url) if is_news is None else is_news:
                self._news.append(Ask(kind="sitemap", url=url))
            else:
                self._archive.push(url, depth=0)

    def _want_list_pages(self, links: PageLinks, depth: int) -> None:
        """The sections and the next page that a list page at this depth names."""
        if links.next_page is not None and not is_trap(links.next_page):
            self._section_pages.append(Ask(kind="section", url=links.next_page, depth=depth))
        if depth < self._options.max_section_depth:
            self._section_pages.extend(Ask(kind="section", url=url, depth=depth + 1) for url in links.sections)

    # What an answer says: None when it was of use, else why it was not ("": nothing was expected of it).

    def _take_robots(self, said: Said) -> str | None:
        if not self._is_one_file:
            self._want_sitemaps(said.sitemaps)
        return None if said.sitemaps else ""

    def _find_home(self, ask: Ask, url: str) -> None:
        if ask.depth == 0 and not self._own.holds(url):
            self._own.add(url)  # the address the operator gave has moved
        self._base = url

    def _take_home(self, ask: Ask, said: Said, url: str) -> str | None:
        self._find_home(ask, url)
        if (links := said.links) is None:
            self._want_only_this()
            return self._take_feed(ask, said) if said.feed is not None else self._take_sitemap(ask, said)
        self._leads = True
        self._want_feeds(links.feeds)
        self._want_sitemaps(links.sitemaps)
        if ask.depth == 0:
            self._home_links, self._home_ask = links, ask
            if not links.feeds and urlsplit(url).path not in {"", "/"}:
                self._look.append(Ask(kind="home", url=urljoin(url, "/"), depth=1))
        return None if links != PageLinks() else "the page has no links to articles, sections, feeds or sitemaps"

    def _want_only_this(self) -> None:
        """The operator named a feed or sitemap as the site's address: that is what is wanted, not the whole site."""
        self._is_one_file, self._guesses_wanted = True, False
        self._news.clear()
        self._archive.clear()

    def _take_feed(self, ask: Ask, said: Said) -> str | None:
        if (hints := said.feed) is not None:
            self._entries = len(hints)
            if self._url is None:
                self._adopt_site(hints)
            self._take_hints(hints, ask)
            return "the feed is empty" if ask.probe and not hints else None
        # A page that lists the site's feeds often stands where its feed is looked for.
        feeds = said.links.feeds if said.links is not None else ()
        fresh = [feed for feed in feeds if feed not in self._asked and self._own.holds(feed)]
        self._leads = bool(fresh)
        self._want_feeds(fresh, depth=ask.depth + 1)
        return None if fresh else "the answer is not a feed"

    def _take_sitemap(self, ask: Ask, said: Said) -> str | None:
        sitemap = said.sitemap or Sitemap()
        self._entries, self._leads = said.entries, bool(sitemap.children)
        self._take_hints(sitemap.hints, ask)
        self._want_children(ask, sitemap)
        if sitemap == Sitemap() and not said.entries and said.root not in SITEMAP_ROOTS:
            return "the answer is not a sitemap"
        return "the sitemap is empty" if ask.probe and not (said.entries or sitemap.children) else None

    def _want_children(self, ask: Ask, sitemap: Sitemap) -> None:
        depth = ask.depth + 1
        if depth > self._options.max_sitemap_depth:
            return
        named_hosts = {urlsplit(url).netloc for url in self._named_sitemaps}
        for child in sitemap.children:
            if not self._own.holds(child.url) and urlsplit(child.url).netloc not in named_hosts:
                continue
            if self._phase <= _Phase.NEWS and names_news(child.url):
                self._news.append(Ask(kind="sitemap", url=child.url, depth=depth))
            else:
                self._archive.push(child.url, depth=depth, lastmod=child.lastmod)

    def _take_section(self, ask: Ask, said: Said) -> str | None:
        links = said.links or PageLinks()
        self._entries = len(links.articles)
        # A page that shows nothing new is the end of a list, however many pages it says there are.
        if self._take_hints(links.articles, ask) and self._lists_matter:
            self._leads = True
            self._want_list_pages(links, ask.depth)
        if links.articles:
            return None
        return "the page has no links to articles" if ask in self._named_sections else ""

    def _take_hints(self, hints: Sequence[Hint], ask: Ask) -> int:
        """How many passed."""
        self._named.extend(hints)
        passed = self._sieve.take(hints)
        self._hints.extend((hint, ask) for hint in passed)
        return len(passed)

    def _adopt_site(self, hints: tuple[Hint, ...]) -> None:
        """Without a home page, the site that most entries of a named feed are of is the source's own."""
        sites = Counter(site_of(hint.url) for hint in hints)
        if sites:
            site, entries = sites.most_common(1)[0]
            if entries * 2 > len(hints):
                self._own.add(next(hint.url for hint in hints if site_of(hint.url) == site))

    def _note_failure(self, ask: Ask, reason: str) -> None:
        if reason and not ask.probe and ask.kind != "robots":
            self._failures.append((ask.url, reason))


def _is_usable(url: str) -> bool:
    try:
        normalise_url(url)
    except ValueError:
        return False
    return True
