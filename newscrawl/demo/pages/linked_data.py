"""What the pages say of a story in schema.org's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newscrawl.demo.pages.markup import stamp

if TYPE_CHECKING:
    from newscrawl.demo.content import Person
    from newscrawl.demo.view import ArticleView


def news_article(view: ArticleView) -> dict[str, Any]:
    """The NewsArticle (or LiveBlogPosting) object of a page."""
    story, outlet = view.story, view.outlet
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LiveBlogPosting" if story.has("live_blog") else "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": view.canonical},
        "headline": story.title,
        "inLanguage": outlet.locale,
        "articleSection": outlet.section_name(story.section),
        "keywords": list(story.tags),
        "author": [_person(view, person) for person in story.authors],
        "publisher": publisher(view),
        "isAccessibleForFree": story.access == "free",
    }
    if story.published:
        said["datePublished"] = stamp(story)
    if story.modified:
        said["dateModified"] = story.modified.isoformat()
    if story.standfirst:
        said["description"] = story.standfirst
    if story.caption:
        said["image"] = {
            "@type": "ImageObject",
            "url": outlet.url(view.image),
            "caption": story.caption,
            "creditText": story.credit,
        }
    if story.access == "paywalled":
        said["hasPart"] = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".subscribers"}
    if story.has("live_blog"):
        said |= _live(view)
    return said


def publisher(view: ArticleView) -> dict[str, Any]:
    """The outlet as an organisation."""
    return {
        "@type": "NewsMediaOrganization",
        "name": view.outlet.name,
        "url": view.outlet.home,
        "logo": {"@type": "ImageObject", "url": view.outlet.url("/img/logo.jpg")},
    }


def breadcrumbs(view: ArticleView) -> dict[str, Any]:
    """The BreadcrumbList object of a page."""
    outlet, story = view.outlet, view.story
    steps = [
        (outlet.word("home"), outlet.home),
        (outlet.section_name(story.section), outlet.url(outlet.path("section", section=story.section))),
        (story.title, view.url),
    ]
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": url}
            for place, (name, url) in enumerate(steps, 1)
        ],
    }


def _person(view: ArticleView, person: Person) -> dict[str, str]:
    said = {"@type": "Person", "name": person.name}
    if person.bio:
        said["url"] = view.outlet.url(view.outlet.path("author", author=person.slug))
    return said


def _live(view: ArticleView) -> dict[str, Any]:
    """The updates of a live blog: a subheading starts each."""
    updates: list[dict[str, str]] = []
    for block in view.story.body:
        if block.kind == "h2":
            updates.append({"@type": "BlogPosting", "headline": block.text, "articleBody": ""})
        elif updates:
            updates[-1]["articleBody"] += ("\n" if updates[-1]["articleBody"] else "") + block.text
    return {
        "coverageStartTime": stamp(view.story),
        "coverageEndTime": view.story.modified.isoformat() if view.story.modified else stamp(view.story),
        "liveBlogUpdate": updates,
    }
