"""The headline of a page, without the name of the site."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.extract.lines import line
from newscrawl.text.fold import fold, similarity

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from newscrawl.extract.head import Head
    from newscrawl.extract.jsonld import JsonLd
    from newscrawl.extract.names import SiteNames

SEPARATOR = re.compile(r"\s+[-–—|·•»«:/]{1,2}\s+|\s*\|\s*|\s*::\s*|:\s+")
CUT_OFF = re.compile(r"\s*(?:…|\.\.\.)$")
PARTS = re.compile(r"\s+[-–—|·•»«:/]{1,2}\s+|\s*\|\s*|\s*::\s*")
PRINTED = ("h1", "h2", "h3", "b", "strong", "font", "div", "td", "p", "span")
MIN_PART_CHARS = 15
MAX_PRINTED = 5_000
MAX_HEADINGS = 20
MIN_SIMILARITY = 0.3
"""Titles less alike than this are not of one article."""


def headings(root: HtmlElement) -> tuple[str, ...]:
    """The texts of the page's h1 elements."""
    found = (line(element.text_content()) for element, _ in zip(root.iter("h1"), range(MAX_HEADINGS), strict=False))
    return tuple(text for text in found if text)


def stated_titles(head: Head, jsonld: JsonLd, h1s: tuple[str, ...], names: SiteNames) -> tuple[str, ...]:
    """Every place's title, without the site's name: og:title, JSON-LD, the printed h1, then the lesser ones."""
    stated = [
        head.first("og:title", "parsely-title", "sailthru.title", "dc.title", "dcterms.title"),
        jsonld.line("headline"),
        *(text for text in h1s if not names.has(text)),
        head.first("twitter:title"),
        head.title,
        jsonld.line("name"),
    ]
    return tuple(text for value in stated if value and (text := without_site(value, names, h1s)))


def printed_part(root: HtmlElement, title: str) -> str | None:
    """The part of a title between separators that the page prints by itself, outside links; None when there is none.

    For pages that state nothing but a title element, with the name of a site that is stated nowhere.
    """
    parts = {fold(part): part for part in PARTS.split(title) if len(fold(part)) >= MIN_PART_CHARS}
    longest = max(map(len, parts), default=0) + MIN_PART_CHARS
    if len(parts) < 2 and fold(title) in parts:
        return None
    body = root.find("body")
    for element in () if body is None else islice(body.iter(*PRINTED), MAX_PRINTED):
        text = element.text or ""
        if len(text) <= 4 * longest and (part := parts.get(fold(text))):
            return part
    return None


def pick_title(titles: tuple[str, ...]) -> str | None:
    """The title that most places state; of several, the first. A title that was cut off is completed."""
    if not titles:
        return None
    keys = [fold(text) for text in titles]
    return _completed(max(titles, key=lambda text: keys.count(fold(text))), titles)


def without_site(title: str, names: SiteNames, h1s: tuple[str, ...] = ()) -> str:
    """Drop the site's name, and what stands between it and the headline, from the end or the beginning."""
    cuts = list(SEPARATOR.finditer(title))
    for h1 in h1s:
        rest = title[len(h1) :]
        if title.startswith(h1) and (cut := SEPARATOR.match(rest)) and cut[0].strip() and len(fold(h1)) > 10:
            return h1
    for cut in cuts:
        tail = title[cut.end() :]
        if names.has(tail) and cut.start() > 0:
            return (
                without_site(title[: cut.start()].strip(), names) if cut.start() > 10 else title[: cut.start()].strip()
            )
    for cut in reversed(cuts):
        if names.has(title[: cut.start()]) and title[cut.end() :].strip():
            return title[cut.end() :].strip()
    return title


def _completed(title: str, candidates: tuple[str, ...]) -> str:
    """A headline cut off with an ellipsis -> the whole one, where another place of the page has it."""
    if not (cut := CUT_OFF.search(title)):
        return title
    start = fold(title[: cut.start()])
    return next((text for text in candidates if len(fold(text)) > len(start) and fold(text).startswith(start)), title)


def titles_conflict(title: str | None, hinted: str | None) -> bool:
    """Whether the feed's title is about something else."""
    if not title or not (other := line(hinted)):
        return False
    a, b = fold(title), fold(other)
    return bool(a and b) and a not in b and b not in a and similarity(title, other) < MIN_SIMILARITY
