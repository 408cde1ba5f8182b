"""The outlets' sitemaps: plain, of news, and an index of them."""

from __future__ import annotations

from html import escape as e
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from newscrawl.demo.content import Outlet, Story

NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS_NAMESPACE = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def urlset(outlet: Outlet, stories: tuple[Story, ...]) -> bytes:
    """A sitemap of story pages, by a site that never looks back: a moved story keeps its old address in it."""
    urls = "\n".join(
        f"<url><loc>{e(outlet.url(outlet.story_path(story, story.moved_from)))}</loc>{_lastmod(story.lastmod)}</url>"
        for story in stories
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {NAMESPACE}>\n{urls}\n</urlset>\n'.encode()


def news(outlet: Outlet, stories: tuple[Story, ...]) -> bytes:
    """A news sitemap."""
    urls = "\n".join(
        f"""<url>
<loc>{e(outlet.url(outlet.story_path(story)))}</loc>
{_lastmod(story.modified)}
<news:news>
<news:publication><news:name>{e(outlet.name)}</news:name><news:language>{outlet.language}</news:language></news:publication>
{"<news:access>Subscription</news:access>" if story.access == "paywalled" else ""}
<news:publication_date>{story.published.isoformat() if story.published else ""}</news:publication_date>
<news:title>{e(story.title)}</news:title>
<news:keywords>{e(", ".join(story.tags))}</news:keywords>
</news:news>
</url>"""
        for story in stories
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {NAMESPACE} {NEWS_NAMESPACE}>\n{urls}\n</urlset>\n'.encode()
    )


def index(outlet: Outlet, children: tuple[tuple[str, datetime | None], ...]) -> bytes:
    """A sitemap index; each child is its path with its last change."""
    maps = "\n".join(
        f"<sitemap><loc>{e(outlet.url(path))}</loc>{_lastmod(lastmod)}</sitemap>" for path, lastmod in children
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex {NAMESPACE}>\n{maps}\n</sitemapindex>\n'.encode()


def _lastmod(moment: datetime | None) -> str:
    return f"<lastmod>{moment.isoformat()}</lastmod>" if moment else ""
