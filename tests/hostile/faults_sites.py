"""Faults of whole sites: robots.txt, feeds and sitemaps that lie, loop or explode, and pages without end."""

from __future__ import annotations

import gzip
import itertools
from functools import cache
from typing import TYPE_CHECKING

import honest
from fault import FOLDER, site_fault
from faults_network import article, redirect
from hostile_server import CANARY, HTML, XML, Answer

if TYPE_CHECKING:
    from hostile_server import Asked

BARE = {"/rss.xml": Answer(status=404), "/": Answer(body=b"<!doctype html><title>News</title><h1>News</h1>")}
TEXT = "text/plain"


def _robots(body: str) -> Answer:
    return Answer(body=body.encode(), type=TEXT)


site_fault(
    "robots_500",
    "robots.txt answers 500: the site is closed (RFC 9309)",
    {"/robots.txt": Answer(status=500)},
    keeps_neighbours=False,
    exit_codes=frozenset({3}),
)
site_fault(
    "robots_silent",
    "robots.txt is never answered",
    {"/robots.txt": Answer(silent=True)},
    keeps_neighbours=False,
    exit_codes=frozenset({3}),
)
site_fault("robots_page", "robots.txt is a web page", {"/robots.txt": Answer(body=article("robots"), type=HTML)})
site_fault(
    "robots_52mb",
    "52 MB of robots.txt; what counts stands at its beginning",
    {"/robots.txt": lambda _: _robots("User-agent: *\nDisallow: /login\n" + "Disallow: /nowhere/\n" * 2_600_000)},
    "robots",
    listed=("/login",),
    exit_codes=frozenset({0, 3}),
    keeps_neighbours=False,
)
site_fault(
    "robots_escapes",
    "robots.txt forbids an address to an agent whose name drives a terminal",
    {"/robots.txt": _robots(f"User-agent: newscrawl \x1b[2J\x07\u202e\nDisallow: {FOLDER}a-story-of-the-night\n")},
    "robots",
    listed=(f"{FOLDER}a-story-of-the-night-watch",),
)
site_fault(
    "robots_inside",
    "robots.txt is a redirect to a service inside",
    {"/robots.txt": redirect(f"http://{CANARY}:{{port}}/robots.txt")},
    exit_codes=frozenset({0, 3}),
    keeps_neighbours=False,
)


def _sitemap(*locations: str) -> bytes:
    rows = "".join(f"<url><loc>{one}</loc></url>" for one in locations)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'.encode()


def _index(*locations: str) -> bytes:
    rows = "".join(f"<sitemap><loc>{one}</loc></sitemap>" for one in locations)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'.encode()


def _tree(asked: Asked) -> Answer | None:
    """Every sitemap is an index of ten more."""
    if not asked.path.startswith("/sitemap"):
        return None
    name = asked.path.removesuffix(".xml")
    return Answer(body=_index(*(f"{asked.url}{name}-{n}.xml" for n in range(10))), type=XML)


_NAMES_SITEMAP = {
    "/robots.txt": lambda asked: _robots(f"User-agent: *\nDisallow: /login\nSitemap: {asked.url}/sitemap.xml\n")
}
site_fault(
    "sitemap_loop",
    "two sitemap indexes that name one another",
    {
        **_NAMES_SITEMAP,
        "/sitemap.xml": lambda asked: Answer(
            body=_index(f"{asked.url}/sitemap.xml", f"{asked.url}/other.xml"), type=XML
        ),
        "/other.xml": lambda asked: Answer(body=_index(f"{asked.url}/sitemap.xml"), type=XML),
    },
)
site_fault(
    "sitemap_tree",
    "every sitemap is an index of ten more",
    _NAMES_SITEMAP,
    otherwise=_tree,
    max_requests=80,
)
site_fault(
    "sitemap_inside",
    "sitemaps and their addresses that name a service inside",
    {
        "/robots.txt": lambda asked: _robots(
            f"User-agent: *\nDisallow: /login\nSitemap: {asked.url}/sitemap.xml\n"
            f"Sitemap: http://{CANARY}:{asked.host.partition(':')[2]}/s.xml\n"
        ),
        "/sitemap.xml": lambda asked: Answer(
            body=_index(f"http://{CANARY}:{asked.host.partition(':')[2]}/t.xml", f"{asked.url}/good.xml"), type=XML
        ),
        "/good.xml": lambda asked: Answer(
            body=_sitemap(f"http://{CANARY}:{asked.host.partition(':')[2]}{FOLDER}secret-story-of-the-house"), type=XML
        ),
    },
)


@cache
def _million() -> bytes:
    rows = (f"<url><loc>/archive/2001/01/{n}-story</loc></url>" for n in range(1_000_000))
    return gzip.compress(f"<urlset>{''.join(rows)}</urlset>".encode(), 1, mtime=0)


site_fault(
    "sitemap_million",
    "a million addresses in one compressed sitemap",
    {**_NAMES_SITEMAP, "/sitemap.xml": lambda _: Answer(body=_million(), type="application/gzip")},
    max_requests=300,
)

_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
_XML_FEED = (
    '<rss version="2.0"><channel><title>&{};</title><item><title>&{};</title><link>{}</link></item></channel></rss>'
)


def _entity_feed(entities: str, name: str) -> dict[str, object]:
    def feed(asked: Asked) -> Answer:
        doctype = f"<!DOCTYPE rss [{entities.replace('{port}', asked.host.partition(':')[2])}]>"
        body = (
            f'<?xml version="1.0"?>{doctype}{_XML_FEED.format(name, name, asked.url + FOLDER + "no-such-story-at-all")}'
        )
        return Answer(body=body.encode(), type="application/rss+xml")

    return {"/feed.xml": feed, "/": Answer(body=_home_of("/feed.xml"))}


def _home_of(feed: str) -> bytes:
    return honest.home("News").replace(
        b"</head>", f'<link rel="alternate" type="application/rss+xml" href="{feed}"></head>'.encode()
    )


site_fault(
    "feed_laughs",
    "a feed with a billion laughs",
    _entity_feed('<!ENTITY l0 "ha">' + _LAUGHS, "l9"),  # type: ignore[arg-type]
)
site_fault(
    "feed_xxe",
    "a feed with entities that are a file and a service inside",
    _entity_feed(f'<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY x SYSTEM "http://{CANARY}:{{port}}/x">', "x"),  # type: ignore[arg-type]
)
site_fault(
    "feed_quadratic",
    "a feed with one long entity, used a thousand times",
    _entity_feed(f'<!ENTITY q "{"q" * 60_000}">', "q;" + "&q;" * 1000 + "&q"),  # type: ignore[arg-type]
)
site_fault(
    "feed_cut",
    "a feed that ends in the middle",
    {
        "/rss.xml": lambda asked: Answer(
            body=honest.feed(asked.url, [(f"{FOLDER}cut-feed-story-number-{n}", "A story") for n in range(30)])[:2000],
            type="application/rss+xml",
        ),
    },
    keeps_neighbours=False,
    otherwise=lambda asked: (
        Answer(body=honest.page(f"Story {asked.path[-2:]} of a cut feed", honest.prose(asked.path, 5)))
        if asked.path.startswith(f"{FOLDER}cut-feed-story")
        else None
    ),
)
site_fault(
    "feed_of_half_a_million",
    "a feed of 8 MB in which each entry is new",
    {
        "/rss.xml": lambda asked: Answer(
            body=honest.feed(asked.url, [(f"/{n}/a-b-c-d-e-f", "a") for n in range(60_000)])[: 8 * 1024 * 1024 - 100],
            type="application/rss+xml",
        )
    },
    keeps_neighbours=False,
    max_requests=600,
)


def _links(*paths: str) -> bytes:
    links = "".join(
        f'<li><a href="{path}">The news of this very day, all of them, page by page</a></li>' for path in paths
    )
    return f"<!doctype html><html><head><title>News</title></head><body><ul>{links}</ul></body></html>".encode()


def _calendar(asked: Asked) -> Answer | None:
    if not asked.path.startswith("/events/"):
        return None
    year, month = map(int, asked.path.split("/")[2:4])
    turn = year * 12 + month
    return Answer(body=_links(*(f"/events/{at // 12}/{at % 12 + 1}" for at in (turn, turn - 2))))


_counter = itertools.count()


def _session(asked: Asked) -> Answer | None:
    """Every page links to three pages, each time with another session id."""
    if asked.path != "/" and not asked.path.startswith("/news"):
        return None
    return Answer(body=_links(*(f"/news/section-{n}?PHPSESSID={next(_counter):032x}" for n in range(3))))


def _endless(asked: Asked) -> Answer | None:
    number = int("".join(filter(str.isdigit, asked.path)) or 0)
    return (
        Answer(body=_links(f"/news/page/{number + 1}", f"/news?page={number + 1}")) if "/news" in asked.path else None
    )


def _growing(asked: Asked) -> Answer | None:
    """Relative links that make the path longer each time."""
    return Answer(body=_links("news/local/", "news/sport/")) if "/news/" in asked.path else None


for _name, _why, _otherwise, _first in (
    ("calendar", "a calendar with a next month for ever", _calendar, "/events/2026/11"),
    ("session_ids", "links with a new session id each time", _session, "/news/section-1"),
    ("endless_pages", "a section with a next page for ever", _endless, "/news/page/1"),
    ("growing_path", "relative links that make paths grow", _growing, "/news/"),
):
    site_fault(
        _name,
        _why,
        {**BARE, "/": Answer(body=_links(_first))},
        otherwise=_otherwise,
        keeps_neighbours=False,
        exit_codes=frozenset({0, 3}),
        max_requests=100,
    )
site_fault(
    "session_articles",
    "an article under a new session id with each look at the section",
    {
        **BARE,
        "/": lambda _: Answer(
            body=_links(*(f"{FOLDER}the-same-story-again?sid={next(_counter):032x}" for _ in range(200)))
        ),
    },
    otherwise=lambda asked: (
        Answer(body=article("session_articles")) if asked.path.startswith(f"{FOLDER}the-same-story") else None
    ),
    keeps_neighbours=False,
    max_requests=300,
)
