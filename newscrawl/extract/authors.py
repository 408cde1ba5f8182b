"""Who wrote it: people and bylines, never the site's own name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newscrawl.article import Author
from newscrawl.extract.bylines import credited, dated, introduced, is_aside, labelled, linked, printed, signed
from newscrawl.extract.credits import edited_by, is_desk, printed_beside
from newscrawl.extract.jsonld import JsonLd, items, name_of, types_of
from newscrawl.extract.lines import address, line
from newscrawl.extract.people import is_note, is_person, split_names
from newscrawl.text.fold import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from newscrawl.extract.layout import Layout
    from newscrawl.extract.names import SiteNames
    from newscrawl.extract.stated import Stated

AUTHOR_META = (
    "author",
    "article:author",
    "og:article:author",
    "article:author_name",
    "articleauthor",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "dc.contributor",
    "byl",
    "cxenseparse:author",
    "creator",
)
MAX_AUTHORS = 20
SOCIAL = re.compile(r"(?:^|\.)(?:facebook|twitter|x|instagram|linkedin|youtube|t)\.(?:com|co|me)$")


def read_authors(
    said: Stated, bylines: tuple[HtmlElement, ...], names: SiteNames, root: HtmlElement, layout: Layout | None = None
) -> tuple[Author, ...]:
    """The first place that names people.

    JSON-LD, with the agencies beside its people, meta elements, a linked byline, a line above the text that begins
    with "by", an agency, a bare byline, a label ("Author: …"), the signature below the text, the feed.
    """
    head, jsonld, url, hint = said.head, said.jsonld, said.url, said.hint
    stated = tuple(_jsonld_authors(jsonld, url))
    bylines = tuple(element for element in bylines if not is_aside(element))
    has_people = bool(_clean((author for author, is_person in stated if is_person), names))
    people = [author for author, is_person in stated if is_person or has_people]
    places: list[tuple[Iterable[Author], SiteNames | None]] = [
        (people, names),
        # A weblog may bear its author's name; a publisher that calls itself a person does not become one.
        ((author for author, is_person in stated if is_person and _is_weblog(jsonld, author, url)), None),
        ((Author(name=text) for text in head.all(*AUTHOR_META) if not _is_address(text, names)), names),
        (linked(bylines, url), names),
        (_without_places(introduced(layout.opening if layout else ()), layout), names),
        ((author for author, is_person in stated if not is_person), names),
        (_without_places(printed(bylines), layout), names),
        (dated(layout.opening if layout else ()), names),
        (credited(layout.opening if layout else ()), names),
        (labelled(root), names),
        (signed(layout.block if layout else None), names),
        ((Author(name=text) for text in (hint.authors if hint else ())), names),
    ]
    return _named(places, bylines, root)


def _named(
    places: list[tuple[Iterable[Author], SiteNames | None]], bylines: tuple[HtmlElement, ...], root: HtmlElement
) -> tuple[Author, ...]:
    """The first place that names people, with those the byline has beside them.

    A desk, or somebody the page calls its editor, is named only where no place names anybody else.
    """
    weak: tuple[Author, ...] = ()
    for place, names in places:
        found = _clean(place, names)
        if not found or found == weak:
            continue
        if not all(is_desk(author.name) for author in found) and not (bylines and _is_editor(found, bylines, root)):
            return _completed(found, bylines)
        weak = weak or found
    return weak


def _is_editor(found: tuple[Author, ...], bylines: tuple[HtmlElement, ...], root: HtmlElement) -> bool:
    """Whether the byline has somebody else than those found, whom the page calls its editor."""
    printed_names = {fold(author.name) for author in _clean(printed(bylines), None)}
    keys = {fold(author.name) for author in found}
    is_other = not any(name.startswith(key) for name in printed_names for key in keys)
    return bool(printed_names) and is_other and keys <= edited_by(root)


def _completed(found: tuple[Author, ...], bylines: tuple[HtmlElement, ...]) -> tuple[Author, ...]:
    known = {fold(author.name): author for author in found}
    more = [known.get(fold(name), Author(name=name)) for name in printed_beside(found, bylines)]
    return tuple(more) or found


def _without_places(printed_authors: Iterable[Author], layout: Layout | None) -> Iterator[Author]:
    """All but what, behind a full name, the text names too: "By Ruth Amberly, Oldtown" says where she was."""
    first: Author | None = None
    text = "" if layout is None or layout.block is None else layout.block.text_content() or ""
    for author in printed_authors:
        if first is None or not is_person(first.name) or is_desk(author.name) or author.name not in text:
            yield author
        first = first or author


def _is_address(text: str, names: SiteNames) -> bool:
    """Whether a meta element gives the site with its place ("Harbour Times, Oldtown, Norland") and not people."""
    first, comma, _ = text.partition(",")
    return bool(comma) and names.has(first)


def _is_weblog(jsonld: JsonLd, author: Author, url: str) -> bool:
    """Whether a person may bear the site's name: it is a full name, and no organisation on the page has it.

    One with a page of his own on another host may, whatever the organisation is called.
    """
    if len(author.name.split()) < 2:
        return False
    host = urlsplit(author.url or "").hostname
    if host and host != urlsplit(url).hostname and not SOCIAL.search(host):
        return True
    publishers = [
        jsonld.resolve(value) for node in (jsonld.article, jsonld.page) for value in items(node.get("publisher"))
    ]
    organisations = [
        node
        for node in [*publishers, *jsonld.ids.values()]
        if isinstance(node, Mapping) and "Person" not in types_of(node)
    ]
    return not any(fold(name_of(node)) == fold(author.name) for node in organisations)


def _jsonld_authors(jsonld: JsonLd, url: str) -> Iterator[tuple[Author, bool]]:
    """Authors and whether each is a person."""
    node = jsonld.article or jsonld.page
    values = [value for name in ("author", "creator") for value in items(node.get(name))]
    for value in values[:MAX_AUTHORS]:
        resolved = jsonld.resolve(value)
        if isinstance(resolved, Mapping):
            for name in items(resolved.get("name"))[:MAX_AUTHORS]:
                if text := line(name):
                    link = next((address(item, url) for item in items(resolved.get("url"))), None)
                    yield Author(name=text, url=link), "Organization" not in " ".join(types_of(resolved))
        elif text := line(resolved):
            yield Author(name=text), True


def _clean(stated: Iterable[Author], names: SiteNames | None) -> tuple[Author, ...]:
    """Split joined names, drop what is no name, and say each once."""
    found: dict[str, Author] = {}
    for author in islice(stated, MAX_AUTHORS):
        for name in split_names(author.name):
            if (key := fold(name)) and not (names and names.has(name)) and key not in found:
                found[key] = Author(name=name, url=author.url)
    # "Ruth Amberly, Harbour Times Oldtown": beside a name, a department of the site is none.
    people = tuple(author for author in found.values() if not (names and names.begins(author.name)))
    people = people or tuple(found.values())
    if not any(is_person(author.name) for author in people):
        return people
    return tuple(author for author in people if not is_note(author.name))
