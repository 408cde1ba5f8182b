"""Pictures of the article, the main one first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.article import Image
from newscrawl.extract.jsonld import JsonLd, items
from newscrawl.extract.lines import address, line
from newscrawl.extract.wording import words
from newscrawl.text.fold import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from newscrawl.extract.head import Head

MAX_IMAGES = 20
MAX_CREDIT_CHARS = 80
WORDPRESS_CAPTION = "wp-caption-text"
"""WordPress before HTML 5: a caption without figure elements."""
BRACKETED = re.compile(r"(?P<credit>[(\[（【][^()\[\]（）【】]{2,80}[)\]）】])\.?\Z")
ENDS = (".", "!", "?", "…", "。", "！", "？", "।", "|", "/")
SLASHED = re.compile(r"\s?[/|,]\s?|\s+(?:via|by)\s+")


def read_images(head: Head, jsonld: JsonLd, figures: tuple[HtmlElement, ...], url: str) -> tuple[Image, ...]:
    """og:image, then JSON-LD, then the figures of the article; a caption found for a picture already known joins it."""
    found: dict[str, Image] = {}
    stated = (
        Image(url=link)
        for text in head.all("og:image", "og:image:url", "twitter:image")
        if (link := address(text, url))
    )
    for image in islice((*stated, *_jsonld_images(jsonld, url), *_printed(figures, url)), 10 * MAX_IMAGES):
        key = image.url.partition("?")[0]
        known = found.get(key)
        found[key] = Image(
            url=known.url if known else image.url,
            caption=(known.caption if known else None) or image.caption,
            credit=(known.credit if known else None) or image.credit,
        )
    return tuple(found.values())[:MAX_IMAGES]


def _jsonld_images(jsonld: JsonLd, url: str) -> Iterator[Image]:
    for value in items(jsonld.article.get("image"))[:MAX_IMAGES]:
        resolved = jsonld.resolve(value)
        if isinstance(resolved, Mapping):
            link = next(
                (
                    a
                    for item in (resolved.get("url"), resolved.get("contentUrl"))
                    for v in items(item)
                    if (a := address(v, url))
                ),
                None,
            )
            if link:
                caption, credit = line(resolved.get("caption")), line(resolved.get("creditText"))
                if caption and not credit:
                    caption, credit = split_credit(caption)
                yield Image(url=link, caption=caption, credit=credit)
        elif link := address(resolved, url):
            yield Image(url=link)


def _printed(figures: tuple[HtmlElement, ...], url: str) -> Iterator[Image]:
    for figure in figures:
        picture = next(figure.iter("img", "amp-img"), None)
        if picture is None:
            continue
        link = _source(picture, url)
        if link is None:
            continue
        caption = next((one for one in figure.iter() if _is_caption(one)), None)
        text = line(picture.get("data-caption")) if caption is None else line(" ".join(caption.itertext()))
        credit = _credit(caption) or line(picture.get("data-credit") or picture.get("data-copyright"))
        if text and credit and text.endswith(credit):
            text = text[: -len(credit)].strip(" |/–-·•(") or None
        elif text and not credit:
            text, credit = split_credit(text)
        yield Image(url=link, caption=text, credit=credit)


def _is_caption(element: HtmlElement) -> bool:
    return element.tag == "figcaption" or WORDPRESS_CAPTION in (element.get("class") or "").split()


def _source(picture: HtmlElement, url: str) -> str | None:
    """The address of a picture; late loading keeps it in other attributes, and the last of a set is the largest."""
    for name in ("src", "data-src", "data-original", "data-lazy-src"):
        if found := address(picture.get(name), url):
            return found
    sizes = picture.get("srcset") or picture.get("data-srcset") or ""
    last = sizes.rpartition(", ")[2].split()
    return address(last[0], url) if last else None


def split_credit(text: str) -> tuple[str | None, str | None]:
    """A caption without its credit, and the credit: what follows a copyright sign or a label, an agency in brackets."""
    for match in (_signed().search(text), BRACKETED.search(text)):
        if match is None:
            continue
        credit = match["credit"].strip()
        inside = credit.strip("()[]（）【】 ")
        before = text[: match.start("credit")].rstrip()
        is_inside = before and not before.endswith(ENDS) and inside == credit
        if (is_inside and inside[:1].islower()) or (match.re is BRACKETED and not _names_agency(inside)):
            continue
        if inside and len(inside) <= MAX_CREDIT_CHARS:
            return before.strip(" |/–-·•,") or None, inside
    return text, None


@cache
def _signed() -> re.Pattern[str]:
    labels = "|".join(map(re.escape, words("pictures", "credits")))
    label = rf"(?:{labels})\s?[:：]|©|\(c\)"
    begin = r"(?:\A|(?<=[\s.!?…。！？।|/])|(?=[(\[（【]))"
    # No sentence ends in a credit; initials and addresses have points.
    name = r"\S(?:[^.!?。！？]|(?<=\b\w)\.|\.(?=\w)){0,90}\.?"
    return re.compile(rf"{begin}(?P<credit>[(\[（【]?\s?(?:{label})\s*{name})\Z", re.IGNORECASE)


@cache
def _agencies() -> frozenset[str]:
    return frozenset(fold(name) for name in words("byline", "agencies"))


def _names_agency(text: str) -> bool:
    """ "AFP", "Adel Hana/Associated Press", "dpa via Getty Images": an agency, alone or behind a name."""
    return any(fold(part) in _agencies() for part in SLASHED.split(text))


def _credit(caption: HtmlElement | None) -> str | None:
    """The part of a caption whose class says that it is the credit."""
    if caption is None:
        return None
    for element in caption.iterdescendants():
        marks = f"{element.get('class') or ''} {element.get('itemprop') or ''}".lower()
        if any(mark in marks for mark in ("credit", "copyright", "photographer", "creator", "source", "agency")):
            return line(element.text_content())
    return None
