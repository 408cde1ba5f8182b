"""The links of a home or section page: feeds, sitemaps, likely articles in page order, sections, the next page."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urljoin, urlsplit

from lxml import etree

from newscrawl.article import Hint
from newscrawl.discover.shapes import (
    ASSET_EXTENSIONS,
    is_trap,
    looks_like_article_url,
    looks_like_list_url,
    page_number,
    stem_address,
)
from newscrawl.text.decode import decode_html
from newscrawl.text.scripts import word_count
from newscrawl.urls import normalise_url, same_site

__all__ = ["PageLinks", "is_trap", "looks_like_article_url", "looks_like_list_url", "page_links"]

MAX_LINKS = 5_000
MAX_TITLE_CHARS = 300
MIN_TITLE_WORDS = 3
MIN_LONE_TITLE_WORDS = 6
"""Words that a link outside headings and article elements needs when its address does not tell."""
MAX_SECTIONS = 200

_ANCESTORS_SEEN = 12
_TEXTS_READ = 50
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_MENUS = frozenset({"nav", "header", "menu"})
_FEED_PATH = re.compile(
    r"(?:/(?:rss|feeds?|atom)(?:/\w{1,40})?/?|[./](?:rss|atom)(?:\.xml)?|/feed\.(?:xml|json))\Z", re.IGNORECASE
)
_COMMENTS = re.compile(r"\bcomments?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLinks:
    """What one page links to; all addresses absolute and normalised, without repeats."""

    feeds: tuple[str, ...] = ()
    """Those the page's head declares come first."""
    sitemaps: tuple[str, ...] = ()
    articles: tuple[Hint, ...] = ()
    """In page order: on a front page that is the order of importance."""
    sections: tuple[str, ...] = ()
    """Those in menus come first."""
    next_page: str | None = None
    """The next page of this list, when it has pages."""


def page_links(html: bytes | str, url: str, *, max_links: int = MAX_LINKS) -> PageLinks:
    """Read the first `max_links` links of a page. Never raises; a page that is no HTML has none.

    A link is taken for an article's by its address's form and, where that does not tell, by its place (in a
    heading or an article element) and the length of its text; never by its words.
    """
    root = _parse(html)
    if root is None:
        return PageLinks()
    collector = _Collector(url=url, base=_base(root, url))
    for element in islice(root.iter("link", "a", "area"), max_links):
        collector.take(element)
    return collector.links()


class _Collector:
    """Sorts the links of one page as they come."""

    def __init__(self, url: str, base: str) -> None:
        self._url = _absolute(url, url) or url
        self._base = base
        self._feeds: dict[str, None] = {}
        self._more_feeds: dict[str, None] = {}
        self._sitemaps: dict[str, None] = {}
        self._articles: dict[str, Hint] = {}
        self._menu: dict[str, None] = {}
        self._other_sections: dict[str, None] = {}
        self._next: str | None = None
        self._page = page_number(self._url) or (stem_address(self._url), 1)

    def take(self, element: etree._Element) -> None:
        href = element.get("href")
        address = _absolute(self._base, href) if href else None
        if address is None:
            return
        relations = frozenset((element.get("rel") or "").lower().split())
        if "next" in relations and self._is_near(address):
            self._next = self._next or address
        if element.tag == "link":
            self._declared(address, relations, (element.get("type") or "").partition(";")[0].strip().lower())
        elif same_site(address, self._url):
            self._linked(address, element)

    def links(self) -> PageLinks:
        feeds = {**self._feeds, **self._more_feeds}
        sections = {**self._menu, **self._other_sections}
        return PageLinks(
            feeds=tuple(feeds),
            sitemaps=tuple(self._sitemaps),
            articles=tuple(self._articles.values()),
            sections=tuple(islice(sections, MAX_SECTIONS)),
            next_page=self._next,
        )

    def _declared(self, address: str, relations: frozenset[str], kind: str) -> None:
        is_feed = kind in _FEED_TYPES or (kind == "application/json" and _FEED_PATH.search(urlsplit(address).path))
        if is_feed and relations & {"alternate", "feed", "service.feed"} and not _COMMENTS.search(address):
            self._feeds[address] = None
        elif "sitemap" in relations:
            self._sitemaps[address] = None

    def _linked(self, address: str, element: etree._Element) -> None:
        path = urlsplit(address).path
        if _FEED_PATH.search(path) and not _COMMENTS.search(path):
            self._more_feeds[address] = None
            return
        if self._is_next(address):
            self._next = self._next or address
        if address == self._url or is_trap(address):
            return
        form = looks_like_article_url(address)
        if form is not True and self._is_section(address):
            area = self._menu if _within(element, _MENUS) else self._other_sections
            area[address] = None
        if form is False:
            return
        title, stands_out = _title(element)
        words = word_count(title) if title else 0
        if form or words >= (MIN_TITLE_WORDS if stands_out else MIN_LONE_TITLE_WORDS):
            self._add(Hint(url=address, via="page", title=title if stands_out or words >= MIN_TITLE_WORDS else None))

    def _add(self, hint: Hint) -> None:
        """Keep the first place of an address and the first title any of its links has."""
        known = self._articles.setdefault(hint.url, hint)
        if known.title is None and hint.title is not None:
            self._articles[hint.url] = replace(known, title=hint.title)

    def _is_near(self, address: str) -> bool:
        return same_site(address, self._url) and address != self._url and not is_trap(address)

    def _is_next(self, address: str) -> bool:
        numbered = page_number(address)
        return numbered is not None and numbered[0] == self._page[0] and numbered[1] == self._page[1] + 1

    def _is_section(self, address: str) -> bool:
        here, there = urlsplit(self._url), urlsplit(address)
        segments = [segment for segment in there.path.split("/") if segment]
        return (
            _host(here.netloc) == _host(there.netloc)
            and 1 <= len(segments) <= 2
            and _names_a_list(there.query, segments)
            and segments[-1].rpartition(".")[2].lower() not in ASSET_EXTENSIONS
            and not any(segment.isdecimal() for segment in segments)
            and not looks_like_list_url(address)
        )


def _parse(html: bytes | str) -> etree._Element | None:
    text = decode_html(html, None)[0] if isinstance(html, bytes) else html.replace("\0", "")
    data = text.encode("utf-8", "replace")
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        return etree.fromstring(data, parser) if data.strip() else None
    except etree.XMLSyntaxError:
        return None


def _base(root: etree._Element, url: str) -> str:
    for element in root.iter("base"):
        if href := element.get("href"):
            return _absolute(url, href) or url
    return url


def _absolute(base: str, href: str) -> str | None:
    """The normalised address of a link; None for mailto:, javascript:, a place within the page, and nonsense."""
    href = href.strip()
    if not href or href.startswith("#"):
        return None
    try:
        return normalise_url(urljoin(base, href))
    except ValueError:
        return None


def _title(link: etree._Element) -> tuple[str | None, bool]:
    """The title a link shows, and whether it stands out: in a heading, around one, or in an article element."""
    heading = next((element for element in islice(link.iter(), _TEXTS_READ) if element.tag in _HEADINGS), None)
    text = _text(heading if heading is not None else link)
    if not text:
        text = " ".join((link.get("aria-label") or link.get("title") or "").split())[:MAX_TITLE_CHARS]
    return text or None, heading is not None or _within(link, _HEADINGS | {"article"})


def _text(element: etree._Element) -> str:
    pieces = (str(piece)[: MAX_TITLE_CHARS * 4] for piece in islice(element.itertext(), _TEXTS_READ))
    return " ".join(" ".join(pieces).split())[:MAX_TITLE_CHARS]


def _within(element: etree._Element, tags: frozenset[str]) -> bool:
    ancestors = islice(element.iterancestors(), _ANCESTORS_SEEN)
    return any(
        ancestor.tag in tags or (tags is _MENUS and ancestor.get("role") == "navigation") for ancestor in ancestors
    )


def _names_a_list(query: str, segments: list[str]) -> bool:
    """No query at all, or, on sites of scripts, one parameter: /list.php?section=sea."""
    return not query or (query.count("=") == 1 and len(segments) == 1 and "." in segments[0])


def _host(netloc: str) -> str:
    return netloc.removeprefix("www.")
