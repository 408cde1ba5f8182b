"""An article that its site prints on several pages: which page comes next, and the pages as one article.

A page goes on where it says so itself (``rel=next``, https://html.spec.whatwg.org/multipage/links.html#link-type-next)
and the address it names is its own with the next number. ``rel=next`` alone says nothing: blogs state the next article
with it, and lists their next page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import unescape
from itertools import dropwhile, takewhile
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from newscrawl.article import PARAGRAPH_BREAK
from newscrawl.discover.shapes import PAGE_PARAMETERS
from newscrawl.extract.article import (
    extract_article,
    warm_up,  # noqa: F401 - what a worker runs that begins here
)
from newscrawl.extract.images import MAX_IMAGES
from newscrawl.extract.lines import address
from newscrawl.text.fold import fold
from newscrawl.urls import normalise_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newscrawl.article import Article, Page
    from newscrawl.extract.options import ExtractOptions

MAX_PAGES = 20
"""An article is read no further than this."""
_TAG = re.compile(rb"<(?:a|link)\b[^<>]{0,2000}>", re.IGNORECASE)
_RELATION = re.compile(r"""\brel\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.IGNORECASE)
_TARGET = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.IGNORECASE)
_NUMBERED = re.compile(rb"(<a\b[^<>]{0,2000}>)\s*(?:<span[^<>]{0,200}>\s*)?0?(\d{1,2})\s*<", re.IGNORECASE)
_WORDS = r"(?:page|p|pg|seite|pagina|pagine|part|teil|sayfa|strona|sida)"
# What follows the address of the first page in that of a further one. A bare number is weak evidence alone:
# content systems number articles of one name like that.
_STRONG = re.compile(rf"(?:/{_WORDS}[-_/]?|[-_,.]{_WORDS}[-_]?|/)(\d{{1,2}})\Z", re.IGNORECASE)
_WEAK = re.compile(r"[-_,.](\d{1,2})\Z")
_EXTENSION = re.compile(r"\.[a-z]{2,5}\Z", re.IGNORECASE)
_PARAMETERS = PAGE_PARAMETERS | {"p", "part"} - {"start", "offset"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """An address taken apart."""

    site: str
    """Scheme and host."""
    stem: str
    """The path without the extension of its last segment and without a slash at its end."""
    extension: str
    query: str
    """Without the number of the page."""
    number: int | None
    """The number of the page in the query."""


def next_page(page: Page, first: str, number: int) -> str | None:
    """The address of the page after this one, the ``number``-th of the article that begins at ``first``.

    None when the page names none that continues it. Looks at the bytes alone: on nearly every page it finds nothing.
    """
    for target in _targets(page, "next"):
        found = page_number(target, first)
        if found is None:
            continue
        counts, is_strong = found
        # A parameter may count from 0: the second page is "?page=1" then.
        is_next = counts == number + 1 or (counts == number and _place(target).number is not None)
        if is_next and target != first and (is_strong or _is_numbered(page, counts, target)):
            return target
    return None


def first_page(page: Page) -> tuple[str, int] | None:
    """Where the article begins that this page continues, and which of its pages this is; None for any other page."""
    url = _normal(page.url)
    first = _without_number(url) if url and b"prev" in page.html else None
    if url is None or first is None or (found := page_number(url, first)) is None or found[0] > MAX_PAGES:
        return None
    before = list(_targets(page, "prev"))
    number, is_strong = found
    if is_strong and first in before:
        return first, number
    # Beside another page than the first a number may be that of an article, or of a day.
    return (first, number) if before and _is_numbered(page, 1, first) else None


def page_number(url: str, first: str) -> tuple[int, bool] | None:
    """Which page of the article at ``first`` an address is, and whether the address alone proves it; None for none."""
    place, start = _place(url), _place(first)
    if (place.site, place.query) != (start.site, start.query):
        return None
    if place.stem == start.stem:
        return (1, True) if place.number is None else (place.number, True)
    if place.number is not None or (place.extension or start.extension) != start.extension:
        return None
    if not start.stem or not place.stem.startswith(start.stem):
        return None
    rest = place.stem[len(start.stem) :]
    for pattern, is_strong in ((_STRONG, True), (_WEAK, False)):
        if match := pattern.match(rest):
            return int(match[1]), is_strong
    return None


def read_further(page: Page, options: ExtractOptions) -> Article:
    """What a further page has of the article, not cleaned: a last page may be short.

    Raises:
        ArticleRejected: nothing of an article; says why.
    """
    return extract_article(page, replace(options, min_text_chars=1))


def joined(parts: Sequence[Article]) -> Article:
    """One article of the pages of it, in their order; what the later ones repeat of the earlier ones stands once."""
    whole = parts[0]
    text = list(whole.paragraphs)
    for part in parts[1:]:
        text = _with_part(text, list(part.paragraphs))
    images = {image.url: image for part in reversed(parts) for image in reversed(part.images)}
    return replace(
        whole,
        text=PARAGRAPH_BREAK.join(text) or None,
        images=tuple(reversed(images.values()))[:MAX_IMAGES],
    ).with_flags(*(flag for part in parts for flag in part.flags if flag in {"encoding_repaired", "truncated_page"}))


def adds(part: Article, parts: Sequence[Article]) -> bool:
    """Whether a page has anything that those before it have not: pages of comments print the article again."""
    known = {fold(text) for each in parts for text in each.paragraphs}
    return any(fold(text) not in known for text in part.paragraphs)


def _with_part(text: list[str], part: list[str]) -> list[str]:
    known = set(map(fold, text))
    new = list(dropwhile(lambda line: fold(line) in known, part))
    if not new:
        return text
    # The foot that both have stands below the last page.
    ends = zip(reversed(text), reversed(new), strict=False)
    foot = sum(1 for _ in takewhile(lambda pair: fold(pair[0]) == fold(pair[1]), ends))
    return text[: len(text) - foot] + new


def _place(url: str) -> _Place:
    parts = urlsplit(url)
    kept: list[tuple[str, str]] = []
    number: int | None = None
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if number is None and name.lower() in _PARAMETERS and value.isdecimal() and len(value) < 3:
            number = int(value)
        else:
            kept.append((name, value))
    path = parts.path.rstrip("/")
    extension = match[0] if (match := _EXTENSION.search(path)) else ""
    return _Place(
        site=parts.netloc.lower().removeprefix("www."),
        stem=path.removesuffix(extension),
        extension=extension,
        query=urlencode(kept),
        number=number,
    )


def _without_number(url: str) -> str | None:
    """The address of the first page, should this one be a further one."""
    parts, place = urlsplit(url), _place(url)
    if place.number is not None:
        return _normal(parts._replace(query=place.query).geturl())
    for pattern in (_STRONG, _WEAK):
        if (match := pattern.search(place.stem)) and place.stem[: match.start()].count("/"):
            return _normal(parts._replace(path=place.stem[: match.start()] + place.extension).geturl())
    return None


def _targets(page: Page, relation: str) -> Iterator[str]:
    """The addresses that a page names by a relation, normalised, in its order."""
    if relation.encode() not in page.html:
        return
    for tag in _TAG.findall(page.html):
        if relation.encode() not in tag:
            continue
        text = tag.decode("utf-8", "replace")
        is_named = relation in _value(_RELATION, text).lower().split()
        if is_named and (target := _normal(address(_value(_TARGET, text), page.url))):
            yield target


def _is_numbered(page: Page, number: int, target: str) -> bool:
    """Whether the page has a link there whose words are the number: the list of an article's pages."""
    for tag, words in _NUMBERED.findall(page.html):
        text = tag.decode("utf-8", "replace")
        if int(words) == number and _normal(address(_value(_TARGET, text), page.url)) == target:
            return True
    return False


def _value(pattern: re.Pattern[str], tag: str) -> str:
    match = pattern.search(tag)
    return unescape(next((text for text in match.groups() if text), "")) if match else ""


def _normal(url: str | None) -> str | None:
    try:
        return normalise_url(url) if url else None
    except ValueError:
        return None
