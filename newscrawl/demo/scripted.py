"""The Ferry Log: a site whose pages are empty until a script has asked for their stories."""

from __future__ import annotations

import json
import tomllib
from email.utils import format_datetime
from functools import cache
from html import escape as e
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from newscrawl.demo.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime


class ScriptedStory(NamedTuple):
    """One story of the site."""

    number: int
    title: str
    author: str
    published: datetime
    paragraphs: tuple[str, ...]
    path: str


class ScriptedSite(NamedTuple):
    """The site as its editors know it."""

    name: str
    host: str
    stories: tuple[ScriptedStory, ...]
    """Newest first."""

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://{self.host}{path}"


@cache
def scripted_site() -> ScriptedSite:
    """The site, read from the data file beside this module."""
    data = tomllib.loads(_read("scripted.toml"))
    stories = [_story(entry) for entry in data["story"]]
    return ScriptedSite(data["name"], data["host"], tuple(sorted(stories, key=lambda story: -story.number)))


@cache
def _answered() -> Mapping[str, Resource]:
    return dict(_answers(scripted_site()))


def scripted_answer(target: str) -> Resource:
    """What the site says to a path."""
    gone = Resource(body=b"No such page.\n", content_type="text/plain", last_modified=_newest(), status=404)
    return _answered().get(target, gone)


def _newest() -> datetime:
    return scripted_site().stories[0].published


def _answers(site: ScriptedSite) -> Iterator[tuple[str, Resource]]:
    newest = _newest()
    yield "/", _html(_page(site, site.name, ""), newest)
    yield "/app.js", Resource(body=_read("scripted.js").encode(), content_type="text/javascript", last_modified=newest)
    yield "/feed.xml", Resource(body=_feed(site).encode(), content_type="application/rss+xml", last_modified=newest)
    yield "/robots.txt", Resource(body=b"User-agent: *\nAllow: /\n", content_type="text/plain", last_modified=newest)
    yield "/api/stories.json", _json([{"title": story.title, "path": story.path} for story in site.stories], newest)
    for story in site.stories:
        # The page says no more than any other page of the site: no title, no date, no text.
        yield story.path, _html(_page(site, site.name, f' data-story="{story.number}"'), story.published)
        said = {
            "title": story.title,
            "author": story.author,
            "published": story.published.isoformat(),
            "paragraphs": story.paragraphs,
        }
        yield f"/api/stories/{story.number}.json", _json(said, story.published)


def _page(site: ScriptedSite, title: str, attributes: str) -> str:
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{e(title)}</title>
<link rel="alternate" type="application/rss+xml" href="/feed.xml"><script src="/app.js"></script></head>
<body{attributes}><div id="root"></div><noscript>Please enable JavaScript to read {e(site.name)}.</noscript></body>
</html>
"""


def _feed(site: ScriptedSite) -> str:
    items = "".join(
        f"<item><title>{e(story.title)}</title><link>{site.url(story.path)}</link>"
        f"<pubDate>{format_datetime(story.published)}</pubDate></item>\n"
        for story in site.stories
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>{e(site.name)}</title><link>{site.url("/")}</link><description>Boats</description>
{items}</channel></rss>
"""


def _story(entry: Mapping[str, Any]) -> ScriptedStory:
    return ScriptedStory(
        number=entry["number"],
        title=entry["title"],
        author=entry["author"],
        published=entry["published"],
        paragraphs=tuple(" ".join(part.split()) for part in entry["body"].strip().split("\n\n")),
        path=f"/log/{entry['number']}-{entry['slug']}",
    )


def _html(text: str, moment: datetime) -> Resource:
    return Resource(body=text.encode(), content_type="text/html; charset=utf-8", last_modified=moment)


def _json(value: Any, moment: datetime) -> Resource:
    return Resource(body=json.dumps(value).encode(), content_type="application/json", last_modified=moment)


def _read(name: str) -> str:
    return files("newscrawl.demo").joinpath(name).read_text(encoding="utf-8")
