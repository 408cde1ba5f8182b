"""Live blogs: the entries in the order of the page, each under its time.

A page is taken for one where it says so (https://schema.org/LiveBlogPosting), or where boxes of one kind, each with a
time, stand in an element that is named for it: readers' comments have times too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.extract.blocks import units
from newscrawl.extract.jsonld import items
from newscrawl.extract.lines import line
from newscrawl.extract.marks import kinds
from newscrawl.extract.prune import drop, is_furniture
from newscrawl.text.fold import fold
from newscrawl.text.scripts import word_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from newscrawl.extract.jsonld import JsonLd
    from newscrawl.extract.layout import Layout

MIN_ENTRIES = 2
MIN_UNSTATED = 3
"""Where only names of elements say that it is a live blog."""
MAX_ENTRIES = 1_000
MAX_TIMES = 3_000
MAX_TIME_CHARS = 40
MAX_BYLINE_WORDS = 8
MIN_PROSE_CHARS = 40
ENTRY_TAGS = frozenset({"article", "div", "li", "section"})
BESIDE = frozenset({"aside", "nav", "footer", "form"})
NAMED = re.compile(r"live[-_]?blog|live[-_]?ticker|live[-_]?update|liveBlogUpdate", re.IGNORECASE)
CLOCK = re.compile(r"\d{1,2}\s?[:.hH時时点시]\s?\d{2}(?!\d)")
ISO_CLOCK = re.compile(r"\d{4}-\d\d-\d\d[T ](\d\d:\d\d)")


def live_text(root: HtmlElement, layout: Layout, jsonld: JsonLd) -> list[str]:
    """The text of a live blog: what leads it, then each entry, its time as a line of its own; empty for other pages.

    The tree must not be pruned yet; it stays as it is.
    """
    is_stated = "LiveBlogPosting" in jsonld.types
    entries = find_entries(root, is_stated=is_stated)
    if not entries:
        return []
    lead = _lead(root, layout, entries[0])
    return [*lead, *(text for entry in entries for text in _entry_text(entry))]


def stated_updates(jsonld: JsonLd, found: list[str]) -> list[str]:
    """The entries that JSON-LD has, where the text that was found has not half of them and is shorter; else none."""
    updates = [
        (update, body)
        for update in islice(items(jsonld.article.get("liveBlogUpdate")), MAX_ENTRIES)
        if isinstance(update, Mapping) and (body := update.get("articleBody")) and isinstance(body, str)
    ]
    if len(updates) < MIN_ENTRIES:
        return []
    whole = fold(" ".join(found))
    missing = sum(fold(line(body))[:MIN_PROSE_CHARS] not in whole for _, body in updates)
    if 2 * missing <= len(updates):
        return []
    texts: list[str] = []
    for update, body in updates:
        clock = ISO_CLOCK.match(str(update.get("datePublished") or ""))
        texts.extend(filter(None, (clock[1] if clock else None, line(update.get("headline")))))
        texts.extend(text for part in body.splitlines() if (text := line(part)))
    return texts if sum(map(len, texts)) > sum(map(len, found)) else []


def find_entries(root: HtmlElement, *, is_stated: bool) -> list[HtmlElement]:
    """The boxes of the entries, in document order; empty when the page has none."""
    boxes: dict[HtmlElement, dict[HtmlElement, None]] = {}
    for time in islice(root.iter("time"), MAX_TIMES):
        child = time
        for parent in time.iterancestors():
            if child.tag in ENTRY_TAGS:
                boxes.setdefault(parent, {}).setdefault(child)
            child = parent
    least = MIN_ENTRIES if is_stated else MIN_UNSTATED
    found: dict[HtmlElement, list[HtmlElement]] = {}
    for parent, children in boxes.items():
        kind, count = Counter(map(_signature, children)).most_common(1)[0]
        if count >= least and not _is_beside(parent) and (is_stated or _is_named(parent, next(iter(children)))):
            found[parent] = [child for child in parent if _signature(child) == kind]
    if not found:
        return []
    prose = {parent: sum(map(_prose_chars, entries)) for parent, entries in found.items()}
    best = max(prose, key=prose.__getitem__)
    for parent, chars in prose.items():  # boxes of whole days: the entries are inside
        if 2 * chars > prose[best] and best in parent.iterancestors():
            best = parent
    kind = _signature(found[best][0])
    alike = [entries for entries in found.values() if _signature(entries[0]) == kind and not _holds(entries, best)]
    chosen = {entry for entries in alike for entry in entries}
    return [element for element in root.iter() if element in chosen][:MAX_ENTRIES] if prose[best] else []


def _prose_chars(entry: HtmlElement) -> int:
    return sum(len(p.text_content() or "") for p in entry.iter("p"))


def _holds(entries: list[HtmlElement], inner: HtmlElement) -> bool:
    return not set(entries).isdisjoint(inner.iterancestors())


def _signature(element: HtmlElement) -> tuple[object, str]:
    """Tag and first class: a pinned or a new entry has a class more."""
    return element.tag, (element.get("class") or "").partition(" ")[0]


def _is_named(parent: HtmlElement, child: HtmlElement) -> bool:
    names = (
        element.get(name) or "" for element in (child, parent) for name in ("class", "id", "itemprop", "data-testid")
    )
    return any(map(NAMED.search, names))


def _is_beside(element: HtmlElement) -> bool:
    return any(
        one.tag in BESIDE or (one.tag not in {"html", "body", "main", "article"} and "furniture" in kinds(one))
        for one in (element, *element.iterancestors())
    )


def _entry_text(entry: HtmlElement) -> Iterator[str]:
    box = deepcopy(entry)
    box.tail = None
    when = _when(box)
    for element in list(box.iterdescendants()):
        if not isinstance(element.tag, str) or element.getparent() is None:
            continue
        named = kinds(element)
        if element.tag == "time" or is_furniture(element) or ("byline" in named and _is_short(element)):
            drop(element)
    texts = [unit.text for unit in units(box) if not (unit.is_linked and word_count(unit.text) <= MAX_BYLINE_WORDS)]
    texts = [text for text in texts if fold(text) != fold(when)]
    if texts:
        yield from filter(None, (when, *texts))


def _when(entry: HtmlElement) -> str | None:
    """The time of an entry: as printed, where it is a clock's; else the clock time that the element states."""
    for time in entry.iter("time"):
        printed = line(time.text_content())
        if printed and len(printed) <= MAX_TIME_CHARS and CLOCK.search(printed):
            return printed
        if stated := ISO_CLOCK.match(time.get("datetime") or ""):
            return stated[1]
    return None


def _is_short(element: HtmlElement) -> bool:
    return word_count(line(element.text_content()) or "") <= MAX_BYLINE_WORDS


def _lead(root: HtmlElement, layout: Layout, first: HtmlElement) -> Iterator[str]:
    """Paragraphs between the headline and the first entry."""
    no_text = {layout.standfirst, *layout.bylines, *layout.datelines}
    started = layout.heading is None
    for element in root.iter():
        if element is first:
            return
        if element is layout.heading:
            started = True
        if not started or element.tag != "p" or not no_text.isdisjoint((element, *element.iterancestors())):
            continue
        text = line(element.text_content())
        if text and len(text) >= MIN_PROSE_CHARS and not any(map(is_furniture, (element, *element.iterancestors()))):
            yield text
