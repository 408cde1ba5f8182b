"""OPML, the file in which feed readers keep what they follow, to the feeds and sources it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.parsers import expat

from newscrawl.errors import ConfigError
from newscrawl.sources import Source, new_source
from newscrawl.urls import normalise_url, site_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_OPML_BYTES = 16 * 1024 * 1024
MAX_FEEDS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedFeed:
    """One feed that somebody follows."""

    feed: str
    """Its address, as written."""
    page: str | None
    """The page it is the feed of, as written; None where there is no usable address."""
    name: str
    """As written; may be empty."""
    language: str | None
    """As written."""


def feeds_from_opml(data: bytes) -> tuple[FollowedFeed, ...]:
    """The feeds, in the order of the file, whatever folders they are in; what has no usable address is left out.

    A document type is refused, for it can define entities, and OPML has no use for either.

    Raises:
        ConfigError: says why the file cannot be read, without naming it.
    """
    if len(data) > MAX_OPML_BYTES:
        raise ConfigError(f"larger than {MAX_OPML_BYTES} bytes")
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise ConfigError(f"not well-formed XML: {error}") from None
    if reader.root != "opml":
        raise ConfigError(f"not OPML: its root element is {reader.root[:40]!r}")
    return tuple(reader.feeds)


def sources_from_feeds(feeds: Iterable[FollowedFeed], *, enabled: bool = False) -> tuple[Source, ...]:
    """One source for each site, in the order of its first feed, with all feeds of that site.

    The site is that of the page that a feed is of, else that of the feed itself: many feeds are served by others.
    """
    by_site: dict[str, list[FollowedFeed]] = {}
    for followed in feeds:
        by_site.setdefault(site_of(followed.page or followed.feed), []).append(followed)
    sources: dict[str, Source] = {}
    for group in by_site.values():
        first = group[0]
        source = new_source(
            first.page or _front_page(first.feed),
            name=first.name,
            feeds=tuple(dict.fromkeys(followed.feed for followed in group)),
            language=first.language,
            enabled=enabled,
        )
        sources.setdefault(source.id, source)
    return tuple(sources.values())


class _Reader:
    """Takes the parser's events; no tree is built, however deep or large the file is."""

    def __init__(self) -> None:
        self.root = ""
        self.feeds: list[FollowedFeed] = []

    def doctype(self, *_: object) -> None:
        raise ConfigError("a document type declaration is not accepted")

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.root = self.root or tag.lower()
        if tag.lower() != "outline":
            return
        named = {name.lower(): value.strip() for name, value in attributes.items()}
        if not _is_address(named.get("xmlurl")):
            return
        if len(self.feeds) >= MAX_FEEDS:
            raise ConfigError(f"more than {MAX_FEEDS} feeds; split it")
        page = named.get("htmlurl")
        self.feeds.append(
            FollowedFeed(
                feed=named["xmlurl"],
                page=page if _is_address(page) else None,
                name=named.get("title") or named.get("text") or "",
                language=named.get("language") or None,
            )
        )


def _is_address(text: str | None) -> bool:
    try:
        normalise_url(text or "")
    except ValueError:
        return False
    return text is not None and text.isprintable()


def _front_page(feed: str) -> str:
    return "/".join(normalise_url(feed).split("/", 3)[:3]) + "/"
