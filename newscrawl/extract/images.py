"""Pictures of the article, the main one first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.article import Image
from newscrawl.extract.jsonld import JsonLd, items
from newscrawl.extract.lines import address, line

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from newscrawl.extract.head import Head

MAX_IMAGES = 20


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
                yield Image(url=link, caption=line(resolved.get("caption")), credit=line(resolved.get("creditText")))
        elif link := address(resolved, url):
            yield Image(url=link)


def _printed(figures: tuple[HtmlElement, ...], url: str) -> Iterator[Image]:
    for figure in figures:
        picture = figure.find(".//img")
        if picture is None:
            continue
        link = next(
            (a for name in ("src", "data-src", "data-original") if (a := address(picture.get(name), url))), None
        )
        if link is None:
            continue
        caption = figure.find(".//figcaption")
        text = None if caption is None else line(caption.text_content())
        credit = _credit(caption)
        if text and credit and text.endswith(credit) and text != credit:
            text = text[: -len(credit)].strip(" |/–-·•(") or None
        yield Image(url=link, caption=text, credit=credit)


def _credit(caption: HtmlElement | None) -> str | None:
    """The part of a caption whose class says that it is the credit."""
    if caption is None:
        return None
    for element in caption.iterdescendants():
        marks = f"{element.get('class') or ''} {element.get('itemprop') or ''}".lower()
        if any(mark in marks for mark in ("credit", "copyright", "photographer", "creator", "source", "agency")):
            return line(element.text_content())
    return None
