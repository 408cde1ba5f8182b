"""Honest articles, made of a number: prose of many different sentences, the same for the same number."""

from __future__ import annotations

import random
from dataclasses import dataclass
from html import escape

_WHO = [
    "Mara Quill",
    "Tom Berwick",
    "Ines Haldane",
    "Otto Fenn",
    "Greta Lorne",
    "Paul Ansty",
    "Rhea Dunmore",
    "Silas Crewe",
]
_ROLE = ["the harbour master", "a councillor", "the head teacher", "a retired pilot", "the ferry company's spokeswoman"]
_PLACE = [
    "the old customs house",
    "the north quay",
    "the town hall",
    "the fish market",
    "Lantern Street",
    "the slipway",
]
_THING = ["the new sea wall", "the winter timetable", "the reading room", "the lifeboat station", "the bridge repair"]
_DID = ["told the meeting that", "said in a letter that", "explained on Tuesday that", "conceded that", "insisted that"]
_WILL = ["would be finished before", "had cost more than planned since", "was promised again for", "cannot begin until"]
_WHEN = ["the spring tides", "the end of the school year", "the first week of March", "the regatta", "late autumn"]
_WHY = [
    "because divers found cracks",
    "after a survey of the ground",
    "as steel arrived late",
    "since nobody had applied",
]


@dataclass(frozen=True, kw_only=True)
class Honest:
    """One honest article of a site."""

    number: int

    @property
    def path(self) -> str:
        return f"/2026/11/{self.number % 20 + 1:02d}/harbour-story-number-{self.number}"

    @property
    def published(self) -> str:
        return f"2026-11-{self.number % 20 + 1:02d}T08:30:00Z"

    @property
    def title(self) -> str:
        chance = random.Random(f"title {self.number}")
        return f"{chance.choice(_WHO)} and {chance.choice(_THING)}: report number {self.number}"

    @property
    def paragraphs(self) -> list[str]:
        return prose(f"honest {self.number}", 5)

    def html(self, url: str) -> bytes:
        """The page; ``url`` is the site's."""
        head = f'<link rel="canonical" href="{url}{self.path}">'
        return page(self.title, self.paragraphs, head=head, published=self.published)


def prose(key: str, paragraphs: int) -> list[str]:
    """Paragraphs of three sentences; no two of them are alike for different keys."""
    chance = random.Random(key)
    return [" ".join(_sentence(chance) for _ in range(3)) for _ in range(paragraphs)]


def _sentence(chance: random.Random) -> str:
    who, role = chance.choice(_WHO), chance.choice(_ROLE)
    says = f"{who}, {role}, {chance.choice(_DID)} {chance.choice(_THING)} at {chance.choice(_PLACE)}"
    return (
        f"{says} {chance.choice(_WILL)} {chance.choice(_WHEN)}, {chance.choice(_WHY)} on {chance.randint(3, 900)} days."
    )


def page(
    title: str,
    paragraphs: list[str],
    *,
    head: str = "",
    published: str | None = None,
    before: str = "",
    after: str = "",
) -> bytes:
    """A plain article page in UTF-8; ``before`` and ``after`` stand around its paragraphs, as markup."""
    date = f'<meta property="article:published_time" content="{published}">' if published else ""
    body = "".join(f"<p>{escape(text)}</p>\n" for text in paragraphs)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>{date}{head}</head>'
        f'<body><nav><a href="/">Home</a></nav><article><h1>{escape(title)}</h1>{before}\n{body}{after}</article>'
        "</body></html>"
    ).encode("utf-8", "surrogatepass")


def feed(url: str, entries: list[tuple[str, str]]) -> bytes:
    """An RSS feed of (path or URL, title)."""
    items = "".join(
        f"<item><title>{escape(title)}</title><link>{escape(path if '://' in path else url + path)}</link>"
        f"<pubDate>Fri, 20 Nov 2026 08:30:00 GMT</pubDate></item>"
        for path, title in entries
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{items}</channel></rss>'.encode()


def home(title: str) -> bytes:
    """A home page that names its feed."""
    return (
        f"<!doctype html><html><head><title>{title}</title>"
        '<link rel="alternate" type="application/rss+xml" href="/rss.xml"></head>'
        f"<body><h1>{title}</h1></body></html>"
    ).encode()
