"""When an article was published and changed, with the evidence. Never from prose, never a guess."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newscrawl.dates import Moment, is_plausible, parse_moment
from newscrawl.extract.jsonld import JsonLd, items
from newscrawl.extract.lines import line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from newscrawl.article import Page
    from newscrawl.extract.head import Head

PUBLISHED_META = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "article.published",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "dc.date.issued",
    "dcterms.created",
    "dc.date.created",
    "dcterms.issued",
    "dc.date",
    "dcterms.date",
    "dc.created",
    "publishdate",
    "publish-date",
    "publish_date",
    "pubdate",
    "publication_date",
    "publication-date",
    "date.created",
    "article_date_original",
    "originalpublicationdate",
    "iso-8601-publish-date",
    "release_date",
    "last-publish-date",
    "datecreated",
    "date",
)
MODIFIED_META = (
    "article:modified_time",
    "og:article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "lastmod",
    "last-modified",
    "revision_date",
)
URL_DAY = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_-])")
CONFLICT_S = 48 * 3600
MAX_TIME_ELEMENTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """What was found; all None when nothing was."""

    published: str | None = None
    precision: str | None = None
    source: str | None = None
    evidence: str | None = None
    modified: str | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One place that states a date."""

    source: str
    place: str
    raw: str


def date_article(page: Page, head: Head, jsonld: JsonLd, times: tuple[str, ...]) -> Dated:
    """The best stated date, refined by a place that states the same day with its time."""
    flags: set[str] = set()
    read: list[tuple[Statement, Moment]] = []
    for statement in _published(page, head, jsonld, times):
        moment = parse_moment(statement.raw, page.time_zone)
        if moment is None:
            continue
        if not is_plausible(moment.value, page.date_crawled):
            flags.add("date_implausible")
            continue
        read.append((statement, moment))
    modified = _modified(page, head, jsonld)
    if not read:
        return Dated(modified=modified, flags=tuple(sorted(flags)))
    statement, moment = _best(read)
    if moment.precision == "day":
        flags.add("date_day_only")
    hinted = [other for source, other in read if source.source in {"feed", "news_sitemap"}]
    if any(_seconds_apart(moment, other) > CONFLICT_S for other in hinted):
        flags.add("date_conflict")
    return Dated(
        published=moment.value,
        precision=moment.precision,
        source=statement.source,
        evidence=f"{statement.place}: {statement.raw}",
        modified=modified,
        flags=tuple(sorted(flags)),
    )


def _published(page: Page, head: Head, jsonld: JsonLd, times: tuple[str, ...]) -> Iterator[Statement]:
    """Every place that states when the article was published, best evidence first."""
    for node in (jsonld.article, jsonld.page):
        for name in ("datePublished", "dateCreated", "uploadDate"):
            for value in items(node.get(name)):
                if raw := line(value):
                    yield Statement(source="jsonld", place=f"jsonld {name}", raw=raw)
    for name in PUBLISHED_META:
        for raw in head.meta.get(name, ()):
            yield Statement(source="meta", place=f"meta {name}", raw=raw)
    hint = page.hint
    if hint and (raw := line(hint.date_published)) and hint.via in {"news_sitemap", "feed"}:
        yield Statement(source=hint.via, place=hint.via, raw=raw)
    for raw in times:
        yield Statement(source="time_element", place="time datetime", raw=raw)
    if day := URL_DAY.search(urlsplit(page.url).path + "/"):
        yield Statement(source="url", place="url", raw="-".join(day.groups()))


def _best(read: list[tuple[Statement, Moment]]) -> tuple[Statement, Moment]:
    """The first statement; when it has the day only, the first other one that puts a time on that day."""
    first = read[0]
    day = first[1].value[:10]
    if first[1].precision == "day":
        for statement, moment in read[1:]:
            # The day as printed, with an offset, may be another one in UTC.
            if moment.precision != "day" and day in {statement.raw[:10], moment.value[:10]}:
                return statement, moment
    return first


def _modified(page: Page, head: Head, jsonld: JsonLd) -> str | None:
    stated: list[object] = [
        *items(jsonld.article.get("dateModified")),
        *head.all(*MODIFIED_META),
        *items(jsonld.page.get("dateModified")),
        page.hint.date_modified if page.hint else None,
    ]
    for value in stated:
        moment = parse_moment(raw, page.time_zone) if (raw := line(value)) else None
        if moment and is_plausible(moment.value, page.date_crawled):
            return moment.value
    return None


def _seconds_apart(a: Moment, b: Moment) -> float:
    """Distance; two days without a time are apart by whole days, a day and a time by the part outside the day."""
    one, other = (datetime.fromisoformat(moment.value) for moment in (a, b))
    apart = abs((one - other).total_seconds())
    if "day" in {a.precision, b.precision}:
        apart = max(0.0, apart - timedelta(days=1).total_seconds())
    return apart


def time_elements(root: HtmlElement, near: HtmlElement | None) -> tuple[str, ...]:
    """The ``datetime`` of time elements and of published-date microdata that belong to the article's head."""
    marked = [
        element.get("datetime") or element.get("content") or ""
        for element in root.xpath("//*[@itemprop='datePublished' or @pubdate]")[:MAX_TIME_ELEMENTS]
    ]
    return tuple(dict.fromkeys(text for raw in [*marked, *_near(near)] if (text := line(raw))))


def _near(heading: HtmlElement | None) -> Iterator[str]:
    """Time elements of the smallest ancestor of the headline that has some: not the sidebar's, not of related links."""
    scope = heading
    for _ in range(4):
        if scope is None or scope.tag in {"body", "html"}:
            return
        found = [
            element for element in scope.iter("time") if element.get("datetime") and not _elsewhere(element, scope)
        ]
        if found:
            yield from (element.get("datetime") or "" for element in found[:3])
            return
        scope = scope.getparent()


def _elsewhere(element: HtmlElement, scope: HtmlElement) -> bool:
    """Whether the element is inside a link, a list or a side column below ``scope``: the date of another article."""
    for parent in element.iterancestors():
        if parent is scope:
            return False
        if parent.tag in {"a", "aside", "nav", "footer", "li"}:
            return True
    return False
