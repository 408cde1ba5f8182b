"""What the body of an answer says, before anybody asks what it means for its site: pure, and the whole of the work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from newscrawl.discover.asks import Found
from newscrawl.discover.feeds import feed_hints, is_feed
from newscrawl.discover.news_sitemaps import Sitemap, read_sitemap
from newscrawl.discover.sections import PageLinks, page_links
from newscrawl.discover.sniff import root_name
from newscrawl.robots import cut_body, read_robots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.article import Hint
    from newscrawl.discover.asks import Ask

SITEMAP_ROOTS = frozenset({"urlset", "sitemapindex"})
AT_A_TIME = 100
"""Entries of a sitemap that are looked at in one turn; each takes some 0.3 ms to be judged and queued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came for an ask."""

    ask: Ask
    url: str
    """The final address."""
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a body says; it is judged by what it contains, for the content type is often wrong."""

    root: str = ""
    """Name of its root element."""
    feed: tuple[Hint, ...] | None = None
    """The entries of a feed; None: it is none."""
    sitemap: Sitemap | None = None
    links: PageLinks | None = None
    """Of a page that was to have links."""
    sitemaps: tuple[str, ...] = ()
    """Those that a robots.txt names."""
    entries: int = 0
    """Of its sitemap."""

    def as_found(self) -> Found:
        """Of a sitemap, what a finder will find when it has taken all of it: how much, not what."""
        return Found(entries=self.entries, leads=self.sitemap is not None and bool(self.sitemap.children))

    def without_hints(self) -> Said:
        """The same without the entries of its sitemap, which were taken before."""
        return replace(self, sitemap=replace(self.sitemap, hints=())) if self.sitemap is not None else self

    def slices(self) -> Iterator[tuple[Hint, ...]]:
        """The entries of its sitemap, `AT_A_TIME`."""
        hints = self.sitemap.hints if self.sitemap is not None else ()
        for start in range(0, len(hints), AT_A_TIME):
            yield hints[start : start + AT_A_TIME]


def read_answer(answer: Answer, max_entries: int) -> Said:
    """Read an answer. Never raises, but may take seconds and a hundred megabytes.

    Args:
        max_entries: of a sitemap.
    """
    body, url, kind = answer.body, answer.url, answer.ask.kind
    if kind == "robots":
        is_page = root_name(body) in {"html", "head"}
        text = cut_body(body).decode("utf-8", "replace")
        return Said(sitemaps=() if is_page else read_robots(text, "*", url).sitemaps)
    root = root_name(body)
    if kind == "sitemap" or (kind == "home" and root in SITEMAP_ROOTS and not is_feed(body)):
        sitemap = read_sitemap(body, url, max_entries=max_entries)
        return Said(root=root, sitemap=sitemap, entries=len(sitemap.hints))
    if kind != "section" and is_feed(body):
        return Said(root=root, feed=feed_hints(body, url))
    if kind == "feed" and answer.ask.depth > 0:
        return Said(root=root)
    return Said(root=root, links=page_links(body, url))
