"""The headline of a page, without the name of the site."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.extract.lines import line
from newscrawl.extract.wording import words
from newscrawl.text.fold import fold, similarity

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from newscrawl.extract.head import Head
    from newscrawl.extract.jsonld import JsonLd
    from newscrawl.extract.names import SiteNames

SEPARATOR = re.compile(r"\s+[-–—|·•»«:/]{1,2}\s+|\s*[|｜ㅣ：]\s*|\s*::\s*|:\s+")
BAR = re.compile(r"\s*[|｜ㅣ]\s*")
AROUND = re.compile(r"\s+[-–—·•»«:/]|\s*[|｜ㅣ：]|-|:+\s+")
"""What may stand between a title that another place states alone and the rest."""
CUT_OFF = re.compile(r"\s*(?:…|\.\.\.)$")
PARTS = re.compile(r"\s+[-–—|·•»«:/]{1,2}\s+|\s*\|\s*|\s*::\s*")
PRINTED = ("h1", "h2", "h3", "b", "strong", "font", "div", "td", "p", "span")
MIN_BARE_CHARS = 11
MIN_PART_CHARS = 15
MAX_PRINTED = 5_000
MAX_HEADINGS = 20
MIN_SHARED = 0.1
"""Titles of one article, worded anew, are at least so much alike."""
MIN_SIMILARITY = 0.3
"""Titles less alike than this are not of one article."""


def headings(root: HtmlElement) -> tuple[str, ...]:
    """The texts of the page's h1 elements."""
    found = (line(element.text_content()) for element, _ in zip(root.iter("h1"), range(MAX_HEADINGS), strict=False))
    return tuple(text for text in found if text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Titles:
    """What each place of a page calls the article, without the site's name."""

    shared: str | None
    """og:title and its like: the publisher's words for other places than the page."""
    headline: str | None
    """JSON-LD."""
    is_headline_repeated: bool
    """JSON-LD gives no alternative to its headline but the same again."""
    printed: tuple[str, ...]
    """The h1 elements."""
    searched: str | None
    """The title element, which search engines show."""
    lesser: tuple[str, ...]

    def all(self) -> tuple[str, ...]:
        """Every place's title, best evidence first."""
        stated = (self.shared, self.headline, *self.printed, *self.lesser[:1], self.searched, *self.lesser[1:])
        return tuple(text for text in stated if text)


def stated_titles(head: Head, jsonld: JsonLd, h1s: tuple[str, ...], names: SiteNames) -> Titles:
    """Read every place."""
    shared = head.first("og:title", "parsely-title", "sailthru.title", "dc.title", "dcterms.title")
    headline = jsonld.line("headline")
    printed = [text for text in h1s if not names.has(text)]
    # What og:title and JSON-LD agree on is the whole headline, though less of it is printed large.
    agreed = fold(shared) if fold(shared) == fold(headline) else ""
    bare = tuple(text for text in (headline, *printed) if text)

    def clean(text: str | None) -> str | None:
        return bare_title(text, names, bare, is_agreed=fold(text) == agreed) or None if text else None

    return Titles(
        shared=clean(shared),
        headline=clean(headline),
        is_headline_repeated=bool(headline) and fold(headline) == fold(jsonld.line("alternativeHeadline")),
        printed=tuple(text for value in printed if (text := clean(value))),
        searched=clean(head.title),
        lesser=tuple(text for value in (head.first("twitter:title"), jsonld.line("name")) if (text := clean(value))),
    )


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


def pick_title(titles: Titles) -> str | None:
    """The publisher's own headline, completed where a place cut it off.

    Where og:title differs from what the page prints: it wins when the title element repeats the printed words, as
    these are then worded for search engines; else the printed one does. A title that shares next to no word with
    the one that most places state is a slogan or a teaser.
    """
    every = titles.all()
    if (common := common_title(every)) is None:
        return None
    chosen = _stated(titles) or common
    is_decoy = fold(chosen) != fold(common) and similarity(chosen, common) < MIN_SHARED
    return common if is_decoy else _completed(chosen, every)


def _stated(titles: Titles) -> str | None:
    shared, headline, searched = fold(titles.shared), fold(titles.headline), fold(titles.searched)
    printed = {fold(text): text for text in titles.printed}
    if titles.is_headline_repeated and headline:
        return titles.headline
    if not shared or shared in {headline, *printed} or not headline:
        return titles.shared
    if headline in printed:
        return titles.shared if searched in printed else titles.headline
    is_cut = any(key.startswith(shared) for key in printed)
    return titles.shared if is_cut or searched == shared else titles.headline


def common_title(titles: tuple[str, ...]) -> str | None:
    """The title that most places state; of several, the first: what to look for on the page."""
    if not titles:
        return None
    keys = [fold(text) for text in titles]
    return _completed(max(titles, key=lambda text: keys.count(fold(text))), titles)


def bare_title(title: str, names: SiteNames, bare: tuple[str, ...], *, is_agreed: bool = False) -> str:
    """Drop from either end the site's name, a rubric, and what stands around one of the ``bare`` titles.

    A title that is agreed loses no part at a dash or a colon only because a bare one has none. A kicker, which stands
    before a colon and nothing behind, stays.
    """
    title = without_label(without_site(title, names))
    for inner in bare:
        start = title.find(inner) if len(fold(inner)) >= MIN_BARE_CHARS and len(inner) < len(title) else -1
        if start < 0:
            continue
        before, after = title[:start], title[start + len(inner) :]
        marks = BAR if is_agreed else AROUND
        ends = not after or marks.match(after)
        starts = not before or BAR.search(before[-3:]) or (after and marks.search(before[-3:]))
        if starts and ends:
            return without_label(inner)
    return title


def without_label(title: str) -> str:
    """Drop a rubric such as "Opinion" that a bar sets apart at the beginning or the end."""
    parts = BAR.split(title)
    first, last = 0, len(parts)
    while first < last - 1 and fold(parts[first]) in _labels():
        first += 1
    while first < last - 1 and fold(parts[last - 1]) in _labels():
        last -= 1
    return title if last - first == len(parts) else " | ".join(parts[first:last])


@cache
def _labels() -> frozenset[str]:
    return frozenset(fold(word) for word in words("title", "labels"))


def without_site(title: str, names: SiteNames) -> str:
    """Drop the site's name, and what stands between it and the headline, from the end or the beginning."""
    cuts = list(SEPARATOR.finditer(title))
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
    """A headline cut off by an ellipsis, or a quote in its attribute -> the whole one, where another place has it."""
    if not (cut := CUT_OFF.search(title)):
        return next((text for text in candidates if text.startswith((f'{title} "', f'{title}"'))), title)
    start = fold(title[: cut.start()])
    return next((text for text in candidates if len(fold(text)) > len(start) and fold(text).startswith(start)), title)


def titles_conflict(title: str | None, hinted: str | None) -> bool:
    """Whether the feed's title is about something else."""
    if not title or not (other := line(hinted)):
        return False
    a, b = fold(title), fold(other)
    return bool(a and b) and a not in b and b not in a and similarity(title, other) < MIN_SIMILARITY
