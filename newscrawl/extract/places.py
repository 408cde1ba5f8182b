"""The places of a page that may state a field, and the page with one of them alone."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from lxml import html

from newscrawl.extract.article import read_canonical
from newscrawl.extract.date_lines import printed_dates
from newscrawl.extract.dates import time_elements
from newscrawl.extract.head import Head, read_head
from newscrawl.extract.jsonld import JsonLd, items, name_of, read_jsonld
from newscrawl.extract.kind import read_language
from newscrawl.extract.layout import read_layout
from newscrawl.extract.lines import line
from newscrawl.extract.names import site_names
from newscrawl.extract.standfirst import stated_descriptions
from newscrawl.extract.stated import Stated
from newscrawl.extract.title import common_title, headings, pick_title, printed_part, stated_titles
from newscrawl.urls import normalise_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lxml.html import HtmlElement

    from newscrawl.article import Page
    from newscrawl.extract.layout import Layout
    from newscrawl.extract.printed_dates import PrintedDate

MAX_META = 250
MAX_KEYS = 100
MAX_RAW_CHARS = 500
NOWHERE = "http://nowhere.invalid/"
NOWHERE = "http://nowhere.invalid/"
NO_HEAD = Head(meta={}, links={}, title=None, language=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """All that fields are read from: that of a page, or as much of it as one question needs."""

    page: Page
    head: Head
    jsonld: JsonLd
    h1s: tuple[str, ...]
    layout: Layout
    times: tuple[str, ...]
    printed: tuple[PrintedDate, ...]
    root: HtmlElement


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    name: str
    raw: str
    put: Callable[[Sight, Any], Sight]
    """Put a value into this place of a sight; None: what the page has there."""
    fields: frozenset[str] | None = None
    """The fields that a place is for where no sample can be put; None: ask the readers."""
    speaks: bool = False
    """That nothing could be read from it is worth telling, though no sample can be put there."""


def see(root: HtmlElement, page: Page) -> Sight:
    """Read a fresh tree; it stays as it is."""
    url = normalise_url(page.url)
    head = read_head(root)
    canonical, _ = read_canonical(head, url)
    jsonld = read_jsonld(root, tuple(filter(None, (page.url, url, canonical))))
    names = site_names(Stated(url=url, head=head, jsonld=jsonld, hint=page.hint))
    h1s = headings(root)
    stated = stated_titles(head, jsonld, h1s, names)
    title, titles = pick_title(stated), stated.all()
    # As `read_page` does: what most places state is the title to look for on the page.
    printed_title = common_title(titles) or title
    if title and len(titles) == 1:
        title = printed_title = printed_part(root, title) or title
    titles = tuple(dict.fromkeys(text for text in (printed_title, title, *titles) if text))
    layout = read_layout(root, titles, stated_descriptions(head, jsonld, None))
    return Sight(
        page=page,
        head=head,
        jsonld=jsonld,
        h1s=h1s,
        layout=layout,
        times=time_elements(root, layout),
        printed=printed_dates(layout, read_language(head, jsonld, page.hint)),
        root=root,
    )


def blank(sight: Sight) -> Sight:
    """A page that says nothing, for one place to be put in."""
    return Sight(
        page=replace(sight.page, url=NOWHERE, hint=None),
        head=NO_HEAD,
        jsonld=JsonLd(ids=sight.jsonld.ids),
        h1s=(),
        layout=replace(sight.layout, block=None, opening=(), bylines=(), figures=(), standfirst=None),
        times=(),
        printed=(),
        root=html.document_fromstring("<html><body></body></html>"),
    )


def places(sight: Sight) -> Iterator[Place]:
    """Every place that could state something, those of the printed page last, but for the standfirst."""
    layout = sight.layout
    if layout.standfirst is not None:
        yield Place(
            name="printed standfirst",
            raw=line(layout.standfirst.text_content()) or "",
            put=lambda base, _: replace(base, layout=replace(base.layout, standfirst=layout.standfirst)),
            fields=frozenset({"description"}),
        )
    for object_name in ("article", "page"):
        for key, value in islice(getattr(sight.jsonld, object_name).items(), MAX_KEYS):
            if isinstance(key, str) and not key.startswith("@"):
                yield Place(name=f"jsonld {key}", raw=_raw(value), put=_put_node(object_name, key, value))
    if sight.jsonld.breadcrumbs:
        yield Place(
            name="jsonld breadcrumbs",
            raw=" > ".join(sight.jsonld.breadcrumbs),
            put=_put_crumbs(sight.jsonld.breadcrumbs),
        )
    for name, values in islice(sight.head.meta.items(), MAX_META):
        yield Place(name=f"meta {name}", raw=" | ".join(values), put=_put_meta(name, values))
    yield from _single_places(sight)
    for text in sight.h1s:
        yield Place(name="h1", raw=text, put=_put_h1(text))
    for text in sight.times:
        yield Place(name="time datetime", raw=text, put=_put_time(text))
    for date in sight.printed:
        yield Place(
            name="printed date",
            raw=date.raw,
            put=_put_printed(date),
            fields=frozenset({"date_modified" if date.is_update else "date_published"}),
        )
    yield from _printed_authors(sight)


def _printed_authors(sight: Sight) -> Iterator[Place]:
    """Where a page prints who wrote it, in the order asked."""
    layout = sight.layout
    authors = frozenset({"authors"})
    if layout.bylines:
        yield Place(
            name="printed byline",
            raw=" | ".join(filter(None, (line(element.text_content()) for element in layout.bylines))),
            put=lambda base, _: replace(base, layout=replace(base.layout, bylines=layout.bylines)),
            fields=authors,
            speaks=True,
        )
    yield Place(
        name="line above the text",
        raw="",
        put=lambda base, _: replace(base, layout=replace(base.layout, opening=layout.opening)),
        fields=authors,
    )
    yield Place(name="label on the page", raw="", put=lambda base, _: replace(base, root=sight.root), fields=authors)
    yield Place(
        name="signature below the text",
        raw="",
        put=lambda base, _: replace(base, layout=replace(base.layout, block=layout.block)),
        fields=authors,
    )


def _single_places(sight: Sight) -> Iterator[Place]:
    """The places that a page has once."""
    head = sight.head
    if head.title:
        yield Place(
            name="title element",
            raw=head.title,
            put=lambda base, value: replace(base, head=replace(base.head, title=value or head.title)),
        )
    if head.language:
        yield Place(
            name="html lang",
            raw=head.language,
            put=lambda base, value: replace(base, head=replace(base.head, language=value or head.language)),
        )
    if (canonical := head.link("canonical")) is not None:
        yield Place(
            name="link canonical",
            raw=canonical,
            put=lambda base, value: replace(
                base, head=replace(base.head, links={**base.head.links, "canonical": (value or canonical,)})
            ),
        )
    yield Place(
        name="url", raw=sight.page.url, put=_put_url(sight.page.url), fields=frozenset({"date_published", "section"})
    )
    yield Place(
        name="figure",
        raw="",
        put=lambda base, _: replace(base, layout=replace(base.layout, figures=sight.layout.figures)),
        fields=frozenset({"image"}) if sight.layout.figures else frozenset(),
    )


def _put_node(object_name: str, key: str, value: object) -> Callable[[Sight, Any], Sight]:
    def put(base: Sight, sample: Any) -> Sight:
        node = {**getattr(base.jsonld, object_name), key: value if sample is None else sample}
        changes: dict[str, Any] = {object_name: node}
        return replace(base, jsonld=replace(base.jsonld, **changes))

    return put


def _put_crumbs(crumbs: tuple[str, ...]) -> Callable[[Sight, Any], Sight]:
    return lambda base, value: replace(
        base, jsonld=replace(base.jsonld, breadcrumbs=crumbs if value is None else (value,))
    )


def _put_meta(name: str, values: tuple[str, ...]) -> Callable[[Sight, Any], Sight]:
    def put(base: Sight, sample: Any) -> Sight:
        meta = {**base.head.meta, name: values if sample is None else (sample,)}
        return replace(base, head=replace(base.head, meta=meta))

    return put


def _put_h1(text: str) -> Callable[[Sight, Any], Sight]:
    return lambda base, value: replace(base, h1s=(value or text,))


def _put_time(text: str) -> Callable[[Sight, Any], Sight]:
    return lambda base, value: replace(base, times=(value or text,))


def _put_printed(date: PrintedDate) -> Callable[[Sight, Any], Sight]:
    return lambda base, _: replace(base, printed=(date,))


def _put_url(url: str) -> Callable[[Sight, Any], Sight]:
    return lambda base, _: replace(base, page=replace(base.page, url=url))


def _raw(value: object) -> str:
    """A property of JSON-LD as one line, names before objects."""
    parts = [name_of(item) or ("" if item is None else json.dumps(item)[:MAX_RAW_CHARS]) for item in items(value)[:5]]
    return " | ".join(filter(None, parts))
