"""What a crawl of the newsroom should find: the clean record of every story, and what must not be in it.

What the flags of a story mean:

- ``wire_copy``, ``wire_original``: the same text, word for word, at two outlets
- ``wire_edited``, ``wire_update``: nearly the same text at two outlets: an editor's cut of the agency's story
- ``standfirst_not_printed``: the standfirst stands in the page's head only
- ``broken_jsonld``: a JSON-LD block that cannot be parsed stands beside the good one
- ``undated``: no date anywhere; ``date_printed_only``: the date stands in the page's print only
- ``paywalled``: only the beginning is there
- ``live_blog``: entries under subheadings
- ``two_pages``: from its subheading on, its text stands on a second page, which ``rel=next`` names
- ``canonical_offsite``: the page declares an address on another site
- ``tracking_link``: the feed links to it with ``utm_`` parameters
- ``mojibake``: the site's database holds it as UTF-8 once read as windows-1252
- ``mixed_script``: a word with letters of two scripts, as printed
- ``revised``, ``withdrawn``, ``moved``: what edition 2 did to it
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newscrawl.demo.content import Block, Outlet, Story, load_outlets
from newscrawl.demo.view import ArticleView, article_view

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a site's pages print around every story.
SITE_WORDS = (
    "skip",
    "motto",
    "cookies",
    "newsletter_title",
    "newsletter",
    "advert",
    "share_title",
    "log_in_to_comment",
    "copyright",
    "minutes",
)

# The templates whose pages say whether a story is free.
SAYS_ACCESS = frozenset({"press", "hashed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """One story as a dump should hold it."""

    url: str
    source: str
    """Id of the outlet, as in the demo's sources file."""
    language: str
    template: str
    status: str
    """``ok``, or ``gone`` for what the outlet took back; the text is None then."""
    title: str
    description: str | None
    authors: tuple[str, ...]
    section: str
    tags: tuple[str, ...]
    date_published: str | None
    """UTC, ``YYYY-MM-DDTHH:MM:SSZ``."""
    date_modified: str | None
    access: str
    text: str | None
    """Paragraphs one blank line apart, list items as "- …", subheadings as paragraphs."""
    noise: tuple[str, ...]
    """What the page prints and the clean text must not hold."""
    flags: tuple[str, ...]
    moved_from: str | None = None
    """The address it had in the edition before."""


def gold(edition: int = 1) -> tuple[Gold, ...]:
    """Every story of an edition, by outlet, newest first."""
    return tuple(_gold(outlet, story) for outlet in load_outlets(edition) for story in outlet.stories)


def _gold(outlet: Outlet, story: Story) -> Gold:
    view = article_view(outlet, story)
    withdrawn = story.change == "withdrawn"
    return Gold(
        url=view.url,
        source=outlet.id,
        language=outlet.language,
        template=outlet.template,
        status="gone" if withdrawn else "ok",
        title=story.title,
        description=story.standfirst,
        authors=tuple(person.name for person in story.authors),
        section=outlet.section_name(story.section),
        tags=story.tags,
        date_published=_utc(story.published),
        date_modified=_utc(story.modified),
        access=story.access if outlet.template in SAYS_ACCESS else "unknown",
        text=None if withdrawn else "\n\n".join(_line(block) for block in story.body),
        noise=tuple(dict.fromkeys(_noise(view))),
        flags=story.flags + (("standfirst_printed",) if view.standfirst_printed else ()),
        moved_from=outlet.url(outlet.story_path(story, story.moved_from)) if story.moved_from else None,
    )


def _line(block: Block) -> str:
    return f"- {block.text}" if block.kind == "li" else block.text


def _utc(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _noise(view: ArticleView) -> Iterator[str]:
    outlet, story = view.outlet, view.story
    yield from (outlet.word(key) for key in SITE_WORDS)
    yield story.title
    yield view.also.title
    if story.standfirst:
        yield story.standfirst
    if story.caption:
        yield story.caption
    yield from (person.bio for person in story.authors if person.bio)
    for other in view.related:
        yield other.title
        yield other.teaser
    yield from (other.title for other in view.most_read)
    yield from (comment.text for comment in view.comments)
    if story.access == "paywalled":
        yield outlet.word("wall")
