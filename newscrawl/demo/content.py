"""Outlets and their stories, read from the data files beside this module."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

EDITIONS = (1, 2)
OUTLETS = ("saltmarsh", "verkhneluzhsk", "marfa", "yundu", "aqzhailau", "longshore")

# How the body of a story is written down in the data files; blocks are one blank line apart.
MARKS = {"## ": "h2", "- ": "li", "> ": "quote"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One paragraph of a story."""

    kind: str
    """``p``, ``h2``, ``li`` or ``quote``."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who signs stories."""

    slug: str
    name: str
    bio: str | None = None
    """The note below the story; None: agency bylines have none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A reader's comment."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A desk of an outlet."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article as its outlet holds it, in one edition of the newsroom."""

    number: int
    slug: str
    section: str
    title: str
    standfirst: str | None
    authors: tuple[Person, ...]
    published: datetime | None
    modified: datetime | None
    tags: tuple[str, ...]
    caption: str | None
    credit: str | None
    body: tuple[Block, ...]
    access: str
    flags: tuple[str, ...]
    """What is special about it; see `newscrawl.demo.gold`."""
    change: str | None = None
    """What this edition did to it: ``revised``, ``withdrawn`` or ``moved``."""
    moved_from: str | None = None
    """Its slug in the edition before."""

    def has(self, flag: str) -> bool:
        """Whether the story carries a flag."""
        return flag in self.flags

    @property
    def lastmod(self) -> datetime | None:
        """The last change, as feeds and sitemaps give it."""
        return self.modified or self.published

    @property
    def teaser(self) -> str:
        """What list pages and feeds print of it: the standfirst, or the beginning of the text."""
        if self.standfirst:
            return self.standfirst
        first = next(block.text for block in self.body if block.kind == "p")
        return first if len(first) <= 140 else first[:140].rsplit(" ", 1)[0].rstrip(",;:،，") + "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One news site."""

    id: str
    name: str
    host: str
    language: str
    locale: str
    direction: str
    template: str
    addresses: Mapping[str, str]
    """Patterns of the site's paths."""
    endpoints: tuple[str, ...]
    """Which feeds and sitemaps the site has; see `newscrawl.demo.site`."""
    words: Mapping[str, Any]
    """What the site's pages say around the stories."""
    sections: tuple[Section, ...]
    people: tuple[Person, ...]
    comments: tuple[Comment, ...]
    stories: tuple[Story, ...]
    """Newest first, as the outlet keeps them; the withdrawn one too."""

    @property
    def home(self) -> str:
        """The address of the home page."""
        return f"http://{self.host}/"

    @property
    def listed(self) -> tuple[Story, ...]:
        """The stories that pages of this edition still link to."""
        return tuple(story for story in self.stories if story.change != "withdrawn")

    def word(self, key: str) -> str:
        """A wording of the site."""
        return str(self.words[key])

    def path(self, kind: str, **values: object) -> str:
        """The path of a page that is no story, percent-encoded."""
        return _encoded(self.addresses[kind].format(**values))

    def story_path(self, story: Story, slug: str | None = None) -> str:
        """The path of a story; with a slug: where it used to be."""
        moment = story.published or datetime(2026, 9, 1, tzinfo=UTC)
        return _encoded(
            self.addresses["article"].format(
                section=story.section,
                slug=slug or story.slug,
                number=story.number,
                year=moment.year,
                month=f"{moment.month:02}",
                day=f"{moment.day:02}",
            )
        )

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://{self.host}{path}"

    def section_name(self, slug: str) -> str:
        """The printed name of a section."""
        return next(section.name for section in self.sections if section.slug == slug)

    def printed(self, moment: datetime) -> str:
        """A date the way the site's pages print it."""
        return self.word("date").format(
            day=moment.day,
            day2=f"{moment.day:02}",
            month=self.words["months"][moment.month - 1],
            month2=f"{moment.month:02}",
            year=moment.year,
            time=f"{moment.hour:02}:{moment.minute:02}",
        )


@cache
def load_outlets(edition: int = 1) -> tuple[Outlet, ...]:
    """Every outlet with its stories as they stand in an edition (1 or 2)."""
    if edition not in EDITIONS:
        raise ValueError(f"there is no edition {edition} of the demo newsroom")
    return tuple(_outlet(name, edition) for name in OUTLETS)


def _outlet(name: str, edition: int) -> Outlet:
    data = _read(f"outlets/{name}.toml")
    people = tuple(Person(**entry) for entry in data["people"])
    by_slug = {person.slug: person for person in people}
    entries = _read(f"articles/{name}.toml")["article"]
    stories = [_story(entry, by_slug, edition) for entry in entries]
    return Outlet(
        **data["outlet"] | {"endpoints": tuple(data["outlet"]["endpoints"])},
        addresses=data["addresses"],
        words=data["words"],
        sections=tuple(Section(**entry) for entry in data["sections"]),
        people=people,
        comments=tuple(Comment(**entry) for entry in data["comments"]),
        stories=tuple(sorted(stories, key=_newest_first)),
    )


def _newest_first(story: Story) -> tuple[float, int]:
    return (-story.published.timestamp() if story.published else 0.0, story.number)


def _story(entry: Mapping[str, Any], people: Mapping[str, Person], edition: int) -> Story:
    story = Story(
        number=entry["number"],
        slug=entry["slug"],
        section=entry["section"],
        title=entry["title"],
        standfirst=entry.get("standfirst"),
        authors=tuple(people[slug] for slug in entry.get("authors", ())),
        published=entry.get("published"),
        modified=entry.get("modified"),
        tags=tuple(entry.get("tags", ())),
        caption=entry.get("caption"),
        credit=entry.get("credit"),
        body=_blocks(entry["body"]),
        access=entry.get("access", "free"),
        flags=tuple(entry.get("flags", ())),
    )
    change = entry.get("edition_2")
    if edition < 2 or change is None:
        return story
    changed = replace(
        story,
        change=change["change"],
        modified=change.get("modified", story.modified),
        flags=(*story.flags, change["change"]),
    )
    if "slug" in change:
        changed = replace(changed, slug=change["slug"], moved_from=story.slug)
    if "body" in change:
        changed = replace(changed, body=_blocks(change["body"]))
    return changed


def _blocks(body: str) -> tuple[Block, ...]:
    return tuple(_block(" ".join(part.split())) for part in body.strip().split("\n\n"))


def _block(text: str) -> Block:
    for mark, kind in MARKS.items():
        if text.startswith(mark):
            return Block(kind=kind, text=text.removeprefix(mark))
    return Block(kind="p", text=text)


def _encoded(path: str) -> str:
    return quote(path, safe="/?&=")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("newscrawl.demo").joinpath(name).read_text(encoding="utf-8"))
