"""What every address of the newsroom answers, in one edition."""

from __future__ import annotations

import gzip
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from newscrawl.demo import feeds, sitemaps
from newscrawl.demo.content import Outlet, Story, load_outlets
from newscrawl.demo.pages import TEMPLATES
from newscrawl.demo.pages.markup import e
from newscrawl.demo.resource import Resource
from newscrawl.demo.view import ListView, NoticeView, article_view

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STORIES_PER_PAGE = 4
STORIES_ON_HOME_PAGE = 6
STORIES_IN_FEED = 8

# When each edition was put together: what pages without a date of their own say was last modified.
EDITION_DAYS = {
    1: datetime(2026, 11, 9, 6, 0, tzinfo=UTC),
    2: datetime(2026, 11, 12, 6, 0, tzinfo=UTC),
}

# The smallest picture: one grey pixel.
JPEG = b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP///////////////////////////////////////////////////////////////////////////////////"
    "///wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA="
)
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """The stories of a section, a tag or an author."""

    kind: str
    values: Mapping[str, str]
    """What fills the pattern of its addresses."""
    title: str
    stories: tuple[Story, ...]
    intro: str | None = None


@cache
def build_sites(edition: int) -> Mapping[str, Mapping[str, Resource]]:
    """Host → request target (path and query, as `plain_target` spells it) → answer."""
    return {
        outlet.host: {plain_target(target): answer for target, answer in _site(outlet, EDITION_DAYS[edition])}
        for outlet in load_outlets(edition)
    }


def plain_target(target: str) -> str:
    """A request target in one spelling: percent-encoding, order of the query, no campaign parameters."""
    parts = urlsplit(target)
    query = sorted((key, value) for key, value in parse_qsl(parts.query) if not key.startswith("utm_"))
    return quote(unquote(parts.path), safe="/") + (f"?{urlencode(query, quote_via=quote)}" if query else "")


@cache
def not_found(host: str, edition: int) -> Resource:
    """What a host answers where it has nothing."""
    outlet = next(outlet for outlet in load_outlets(edition) if outlet.host == host)
    return _notice(outlet, "/404", "not_found", EDITION_DAYS[edition], status=404)


def _site(outlet: Outlet, day: datetime) -> Iterator[tuple[str, Resource]]:
    yield from _stories(outlet, day)
    yield from _lists(outlet, day)
    yield from _other_pages(outlet, day)
    yield from _feeds_and_sitemaps(outlet, day)
    yield from _files(outlet, day)


def _html(outlet: Outlet, text: str, moment: datetime, status: int = 200) -> Resource:
    template = TEMPLATES[outlet.template]
    return Resource(
        body=text.encode(template.encoding, "xmlcharrefreplace"),
        content_type=template.content_type,
        last_modified=moment,
        status=status,
    )


def _stories(outlet: Outlet, day: datetime) -> Iterator[tuple[str, Resource]]:
    article = TEMPLATES[outlet.template].article
    for story in outlet.stories:
        path = outlet.story_path(story)
        if story.change == "withdrawn":
            yield path, _notice(outlet, path, "withdrawn", day, status=410)
            continue
        for number, page in enumerate(article_view(outlet, story).paths, 1):
            yield page, _html(outlet, article(article_view(outlet, story, number)), story.lastmod or day)
        if story.moved_from:
            old = Resource(body=b"", content_type="text/html", last_modified=day, status=301, location=outlet.url(path))
            yield outlet.story_path(story, story.moved_from), old


def _lists(outlet: Outlet, day: datetime) -> Iterator[tuple[str, Resource]]:
    listing = TEMPLATES[outlet.template].listing
    home = ListView(
        outlet=outlet,
        path="/",
        title=outlet.word("home_title"),
        stories=outlet.listed[:STORIES_ON_HOME_PAGE],
        extras=_extras(outlet),
    )
    yield "/", _html(outlet, listing(home), day)
    for section in outlet.sections:
        stories = tuple(story for story in outlet.listed if story.section == section.slug)
        values = {"section": section.slug}
        yield from _pages(outlet, _List(kind="section", values=values, title=section.name, stories=stories), day)
    for tag in sorted({tag for story in outlet.listed for tag in story.tags}):
        stories = tuple(story for story in outlet.listed if tag in story.tags)
        yield from _pages(outlet, _List(kind="tag", values={"tag": tag}, title=tag, stories=stories), day)
    for person in outlet.people:
        stories = tuple(story for story in outlet.listed if person in story.authors)
        values = {"author": person.slug}
        chosen = _List(kind="author", values=values, title=person.name, stories=stories, intro=person.bio)
        yield from _pages(outlet, chosen, day)


def _pages(outlet: Outlet, chosen: _List, day: datetime) -> Iterator[tuple[str, Resource]]:
    """The pages of one list."""
    kind, values, stories = chosen.kind, chosen.values, chosen.stories
    count = max(1, -(-len(stories) // STORIES_PER_PAGE))
    paths = [outlet.path(kind, **values)]
    paths += [outlet.path(f"{kind}_page", **values, page=number) for number in range(2, count + 1)]
    for place, path in enumerate(paths):
        view = ListView(
            outlet=outlet,
            path=path,
            title=chosen.title,
            stories=stories[place * STORIES_PER_PAGE : (place + 1) * STORIES_PER_PAGE],
            number=place + 1,
            pages=tuple(paths),
            intro=chosen.intro,
        )
        yield path, _html(outlet, TEMPLATES[outlet.template].listing(view), day)


def _extras(outlet: Outlet) -> tuple[tuple[str, str], ...]:
    """What the home page links to beside stories."""
    return (
        (outlet.path("gallery"), outlet.word("gallery_title")),
        (outlet.path("stale"), outlet.word("stale_title")),
        (outlet.path("preview"), outlet.word("preview")),
        (outlet.path("document"), outlet.word("document_title")),
        ("/img/front-page.jpg", outlet.word("front_page")),
        (outlet.word("partner"), outlet.word("partner_title")),
    )


def _notice(outlet: Outlet, path: str, kind: str, moment: datetime, status: int = 200) -> Resource:
    """A page of one paragraph."""
    text = f"<p>{e(outlet.word(f'{kind}_text'))}</p>"
    view = NoticeView(outlet=outlet, path=path, title=outlet.word(kind), html=text)
    return _html(outlet, TEMPLATES[outlet.template].notice(view), moment, status)


def _other_pages(outlet: Outlet, day: datetime) -> Iterator[tuple[str, Resource]]:
    notice = TEMPLATES[outlet.template].notice
    email, login, search = (e(outlet.word(kind)) for kind in ("email", "login", "search"))
    fields = f'<input name="user" placeholder="{email}"><input name="key" type="password">'
    forms = {
        "login": f'<form method="post">{fields}<button>{login}</button></form>',
        "search": f'<form><input name="q"><button>{search}</button></form><p>{e(outlet.word("search_text"))}</p>',
    }
    for kind, form in forms.items():
        path = outlet.path(kind)
        yield path, _html(outlet, notice(NoticeView(outlet=outlet, path=path, title=outlet.word(kind), html=form)), day)
    pictures = "".join(
        f'<figure><img src="/img/gallery-{number}.jpg" alt=""><figcaption>{e(caption)}</figcaption></figure>'
        for number, caption in enumerate(outlet.words["gallery"], 1)
    )
    path = outlet.path("gallery")
    gallery = NoticeView(outlet=outlet, path=path, title=outlet.word("gallery_title"), html=pictures)
    yield path, _html(outlet, notice(gallery), day)
    yield outlet.path("about"), _notice(outlet, outlet.path("about"), "about", day)
    # The story behind this link is long gone, and the site says so with status 200.
    yield outlet.path("stale"), _notice(outlet, outlet.path("stale"), "not_found", day)
    # robots.txt keeps crawlers out of drafts.
    yield outlet.path("preview"), _notice(outlet, outlet.path("preview"), "preview", day)


def _feeds_and_sitemaps(outlet: Outlet, day: datetime) -> Iterator[tuple[str, Resource]]:
    def xml(body: bytes, content_type: str = "application/xml; charset=utf-8") -> Resource:
        return Resource(body=body, content_type=content_type, last_modified=day)

    has = outlet.endpoints
    dated = tuple(story for story in outlet.listed if story.published)
    robots = ["User-agent: *", *(f"Disallow: {outlet.path(kind)}" for kind in ("search", "login", "drafts"))]
    if {"rss_linked", "rss_known", "rss_told"} & set(has):
        yield outlet.path("feed"), xml(feeds.rss(outlet, dated[:STORIES_IN_FEED]), "application/rss+xml; charset=UTF-8")
    if "rss_known" in has:
        path = outlet.path("feed")
        yield (
            path.rstrip("/"),
            Resource(body=b"", content_type="text/html", last_modified=day, status=301, location=outlet.url(path)),
        )
    if "atom_linked" in has:
        yield outlet.path("feed"), xml(feeds.atom(outlet, dated), "application/atom+xml")
    if "json_linked" in has:
        yield outlet.path("feed"), xml(feeds.json_feed(outlet, dated[:STORIES_IN_FEED]), "application/feed+json")
    if "sitemap_index" in has:
        recent, archive = outlet.stories[:STORIES_IN_FEED], outlet.stories[STORIES_IN_FEED:]
        children = (("/sitemaps/recent.xml", _newest(recent)), ("/sitemaps/archive.xml.gz", _newest(archive)))
        yield "/sitemap_index.xml", xml(sitemaps.index(outlet, children))
        yield "/sitemaps/recent.xml", xml(sitemaps.urlset(outlet, recent))
        packed = gzip.compress(sitemaps.urlset(outlet, archive), mtime=0)
        yield "/sitemaps/archive.xml.gz", xml(packed, "application/gzip")
        robots += ["", f"Sitemap: {outlet.url('/sitemap_index.xml')}"]
    if "news_sitemap" in has:
        yield (
            "/sitemap-news.xml",
            xml(sitemaps.news(outlet, tuple(story for story in outlet.stories if story.published))),
        )
        robots += ["", f"Sitemap: {outlet.url('/sitemap-news.xml')}"]
    if "sitemap_known" in has:
        yield "/sitemap.xml", xml(sitemaps.urlset(outlet, outlet.stories))
    yield (
        "/robots.txt",
        Resource(body=("\n".join(robots) + "\n").encode(), content_type="text/plain", last_modified=day),
    )


def _newest(stories: tuple[Story, ...]) -> datetime | None:
    return max((story.lastmod for story in stories if story.lastmod), default=None)


def _files(outlet: Outlet, day: datetime) -> Iterator[tuple[str, Resource]]:
    picture = Resource(body=JPEG, content_type="image/jpeg", last_modified=day)
    for story in outlet.stories:
        yield f"/img/{story.number}.jpg", picture
    yield "/img/front-page.jpg", picture
    yield outlet.path("document"), Resource(body=PDF, content_type="application/pdf", last_modified=day)
