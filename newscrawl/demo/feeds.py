"""The outlets' feeds: RSS 2.0, Atom, JSON Feed."""

from __future__ import annotations

import json
from email.utils import format_datetime
from html import escape as e
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newscrawl.demo.content import Outlet, Story

TRACKING = "?utm_source=rss&utm_medium=feed&utm_campaign=latest"


def feed_url(outlet: Outlet, story: Story) -> str:
    """The address that a feed gives a story; one outlet counts its readers with it."""
    return outlet.url(outlet.story_path(story)) + (TRACKING if story.has("tracking_link") else "")


def rss(outlet: Outlet, stories: tuple[Story, ...]) -> bytes:
    """An RSS 2.0 document."""
    items = "\n".join(
        f"""<item>
<title>{e(story.title)}</title>
<link>{e(feed_url(outlet, story))}</link>
<guid isPermaLink="false">{outlet.host}/?p={story.number}</guid>
<pubDate>{_rfc(story)}</pubDate>
{"".join(f"<dc:creator>{e(person.name)}</dc:creator>" for person in story.authors)}
<category>{e(outlet.section_name(story.section))}</category>
<description>{e(e(story.teaser))}</description>
{f"<atom:updated>{story.modified.isoformat()}</atom:updated>" if story.modified else ""}
</item>"""
        for story in stories
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>{e(outlet.name)}</title>
<link>{outlet.home}</link>
<description>{e(outlet.word("motto"))}</description>
<language>{outlet.locale.lower()}</language>
{items}
</channel>
</rss>
""".encode()


def atom(outlet: Outlet, stories: tuple[Story, ...]) -> bytes:
    """An Atom document."""
    newest = max(story.lastmod.isoformat() for story in stories if story.lastmod)
    entries = "\n".join(
        f"""<entry>
<id>tag:{outlet.host},2026:{story.number}</id>
<title>{e(story.title)}</title>
<link rel="alternate" type="text/html" href="{e(feed_url(outlet, story))}"/>
<published>{story.published.isoformat() if story.published else ""}</published>
<updated>{story.lastmod.isoformat() if story.lastmod else ""}</updated>
{"".join(f"<author><name>{e(person.name)}</name></author>" for person in story.authors)}
<summary>{e(story.teaser)}</summary>
</entry>"""
        for story in stories
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.language}">
<id>{outlet.home}</id>
<title>{e(outlet.name)}</title>
<link rel="self" href="{e(outlet.url(outlet.path("feed")))}"/>
<updated>{newest}</updated>
{entries}
</feed>
""".encode()


def json_feed(outlet: Outlet, stories: tuple[Story, ...]) -> bytes:
    """A JSON Feed 1.1 document."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": outlet.home,
        "feed_url": outlet.url(outlet.path("feed")),
        "language": outlet.locale,
        "items": [_json_item(outlet, story) for story in stories],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


def _json_item(outlet: Outlet, story: Story) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": str(story.number),
        "url": feed_url(outlet, story),
        "title": story.title,
        "summary": story.teaser,
        "authors": [{"name": person.name} for person in story.authors],
        "tags": list(story.tags),
    }
    if story.published:
        item["date_published"] = story.published.isoformat()
    if story.modified:
        item["date_modified"] = story.modified.isoformat()
    return item


def _rfc(story: Story) -> str:
    return format_datetime(story.published) if story.published else ""
