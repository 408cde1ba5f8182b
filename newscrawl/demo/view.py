"""What a page shows, before any markup: the story with what its site prints around it."""

from __future__ import annotations

from dataclasses import dataclass

from newscrawl.demo.content import Block, Comment, Outlet, Story

# Blocks of text before the box that sends readers to another story.
ALSO_AFTER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleView:
    """The page of one story."""

    outlet: Outlet
    story: Story
    also: Story
    """The story of the box inside the text."""
    related: tuple[Story, ...]
    most_read: tuple[Story, ...]
    comments: tuple[Comment, ...]
    number: int = 1
    """Which page of the story this is."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of all pages of the story."""
        first = self.outlet.story_path(self.story)
        return (first, f"{first}2/") if self.story.has("two_pages") else (first,)

    @property
    def path(self) -> str:
        """The path of the page."""
        return self.paths[self.number - 1]

    @property
    def url(self) -> str:
        """The address of the page."""
        return self.outlet.url(self.path)

    @property
    def canonical(self) -> str:
        """The address the page declares."""
        return self.outlet.word("offsite") if self.story.has("canonical_offsite") else self.url

    @property
    def image(self) -> str:
        """The path of the main picture."""
        return f"/img/{self.story.number}.jpg"

    @property
    def standfirst_printed(self) -> bool:
        """Whether readers see the standfirst; otherwise only the page's head has it."""
        return self.story.standfirst is not None and not self.story.has("standfirst_not_printed")

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The text of the page as the site's database gives it: one story went through a wrong charset once."""
        body = self.story.body
        if len(self.paths) > 1:
            second = next(place for place, block in enumerate(body) if block.kind == "h2")
            body = body[:second] if self.number == 1 else body[second:]
        if not self.story.has("mojibake"):
            return body
        return tuple(Block(kind=block.kind, text=garbled(block.text)) for block in body)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """The home page, or a page of a section, tag or author."""

    outlet: Outlet
    path: str
    title: str
    stories: tuple[Story, ...]
    number: int = 1
    """Which page of the list this is."""
    pages: tuple[str, ...] = ()
    """The paths of all pages of the list."""
    intro: str | None = None
    extras: tuple[tuple[str, str], ...] = ()
    """Further links, (path or address, words)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """Any other page: log-in, search, imprint, not found."""

    outlet: Outlet
    path: str
    title: str
    html: str
    """What the page says, as HTML."""


def garbled(text: str) -> str:
    """UTF-8 read as windows-1252, as a careless migration leaves it."""
    return text.encode("utf-8").decode("cp1252")


def article_view(outlet: Outlet, story: Story, number: int = 1) -> ArticleView:
    """A page of a story; which others it points to follows from the story alone."""
    others = [other for other in outlet.listed if other.number != story.number]
    start = story.number % len(others)
    turned = others[start:] + others[:start]
    said = outlet.comments
    first = story.number % len(said)
    return ArticleView(
        outlet=outlet,
        story=story,
        also=turned[0],
        related=tuple(turned[1:4]),
        most_read=tuple(sorted(others, key=lambda other: other.number * 7 % 31)[:5]),
        comments=(said[first], said[(first + 1) % len(said)]),
        number=number,
    )
