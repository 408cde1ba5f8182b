"""When an article was published and changed, with the evidence. Never from prose, never a guess."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newscrawl.dates import Moment, is_plausible, parse_moment
from newscrawl.extract.jsonld import JsonLd, items
from newscrawl.extract.lines import line, lines
from newscrawl.extract.marks import kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lxml.html import HtmlElement

    from newscrawl.article import Page
    from newscrawl.extract.head import Head
    from newscrawl.extract.layout import Layout
    from newscrawl.extract.printed_dates import PrintedDate

# Names of meta elements without their separators: article:published_time, article.published-time and so on are one.
PUBLISHED_META = (
    "articlepublishedtime",
    "ogarticlepublishedtime",
    "ogpublishedtime",
    "datepublished",
    "articlepublished",
    "parselypubdate",
    "sailthrudate",
    "cxenseparserecspublishtime",
    "dcdateissued",
    "dctermscreated",
    "dcdatecreated",
    "dctermsissued",
    "dcdate",
    "dctermsdate",
    "dccreated",
    "publishdate",
    "pubdate",
    "publicationdate",
    "datecreated",
    "articledateoriginal",
    "originalpublicationdate",
    "iso8601publishdate",
    "releasedate",
    "published",
    "publishedat",
    "publishedtime",
    "publishtime",
    "articlepublicationdate",
    "articledate",
    "ogpubdate",
    "citationpublicationdate",
    "citationonlinedate",
    "citationdate",
    "lastpublishdate",
    "date",
)
MODIFIED_META = (
    "articlemodifiedtime",
    "ogarticlemodifiedtime",
    "ogupdatedtime",
    "datemodified",
    "dctermsmodified",
    "dcdatemodified",
    "lastmod",
    "lastmodified",
    "revisiondate",
)
NOT_IN_NAME = re.compile(r"[^a-z0-9]")
URL_DAY = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_-])")
MIDNIGHT = re.compile(r"T00:00:00(?:\.0+)?(?:Z|\+00:?00)?$")
DAY_BEGINS, DAY_ENDS = timedelta(hours=-14), timedelta(hours=36)
"""The same day in any time zone, from its midnight in UTC."""
CONFLICT_S = 48 * 3600
MAX_TIME_ELEMENTS = 20
DATED = ("time", "meta", "span", "div", "p", "abbr", "small", "em", "i", "b", "strong", "li", "td", "dd", "a", "header")


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
    iso: str | None = None
    """What a date in words means."""

    @property
    def value(self) -> str:
        """What is to be parsed."""
        return self.iso or self.raw


def date_article(
    page: Page,
    head: Head,
    jsonld: JsonLd,
    times: tuple[str, ...],
    printed: Callable[[], tuple[PrintedDate, ...]] = tuple,
) -> Dated:
    """The best stated date, refined by a place that states the same day with its time.

    The ``printed`` dates are asked for only where no better place states when the article was published or changed.
    """
    flags: set[str] = set()
    read = list(_read(_published(page, head, jsonld, times), page, flags))
    if not read:
        read += _read(_printed(printed()), page, flags)
    if day := URL_DAY.search(urlsplit(page.url).path + "/"):
        read += _read([Statement(source="url", place="url", raw="-".join(day.groups()))], page, flags)
    if not read:
        return Dated(modified=_modified(page, head, jsonld, None, printed), flags=tuple(sorted(flags)))
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
        modified=_modified(page, head, jsonld, moment.value, printed),
        flags=tuple(sorted(flags)),
    )


def _read(statements: Iterable[Statement], page: Page, flags: set[str]) -> Iterator[tuple[Statement, Moment]]:
    """The statements that can be read and be true; the others leave a flag or nothing."""
    for statement in statements:
        moment = parse_moment(statement.value, page.time_zone)
        if moment is None:
            continue
        if is_plausible(moment.value, page.date_crawled):
            yield statement, moment
        else:
            flags.add("date_implausible")


def _printed(dates: tuple[PrintedDate, ...]) -> Iterator[Statement]:
    for date in dates:
        if not date.is_update:
            yield Statement(source="time_element", place="printed", raw=date.raw, iso=date.value)


def _published(page: Page, head: Head, jsonld: JsonLd, times: tuple[str, ...]) -> Iterator[Statement]:
    """Every place but the address that states when the article was published, best evidence first."""
    for node in (jsonld.article, jsonld.page):
        for name in ("datePublished", "dateCreated", "uploadDate"):
            for value in items(node.get(name)):
                if raw := line(value):
                    yield Statement(source="jsonld", place=f"jsonld {name}", raw=raw)
    for name, raw in _meta(head, PUBLISHED_META):
        yield Statement(source="meta", place=f"meta {name}", raw=raw)
    hint = page.hint
    if hint and (raw := line(hint.date_published)) and hint.via in {"news_sitemap", "feed"}:
        yield Statement(source=hint.via, place=hint.via, raw=raw)
    for raw in times:
        yield Statement(source="time_element", place="time datetime", raw=raw)


def _meta(head: Head, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The meta elements of these squashed names, in the order of the names, each with its name as written."""
    written: dict[str, list[str]] = {}
    for name in head.meta:
        written.setdefault(NOT_IN_NAME.sub("", name), []).append(name)
    for squashed in names:
        for name in written.get(squashed, ()):
            for raw in head.meta[name]:
                yield name, raw


def _best(read: list[tuple[Statement, Moment]]) -> tuple[Statement, Moment]:
    """The first statement; when it has the day only, the first other one that puts a time on that day."""
    first = read[0]
    day = first[1].value[:10]
    for statement, moment in read[1:] if _is_whole_day(*first) else ():
        # The day as printed, with an offset, may be another one in UTC.
        if not _is_whole_day(statement, moment) and day in {statement.value[:10], moment.value[:10]}:
            return statement, moment
    if first[1].precision != "day" and _is_whole_day(*first):
        # Midnight in UTC is then a day of the place where the site is, of which a part is another day in UTC.
        midnight = datetime.fromisoformat(first[1].value)
        for statement, moment in read[1:]:
            is_stated = statement.source in {"jsonld", "meta"} and not _is_whole_day(statement, moment)
            if is_stated and DAY_BEGINS <= datetime.fromisoformat(moment.value) - midnight < DAY_ENDS:
                return statement, moment
    return first


def _is_whole_day(statement: Statement, moment: Moment) -> bool:
    """Whether it has no time of day, or the one that programs put where they know none."""
    return moment.precision == "day" or MIDNIGHT.search(statement.value) is not None


def _modified(
    page: Page, head: Head, jsonld: JsonLd, published: str | None, printed: Callable[[], tuple[PrintedDate, ...]]
) -> str | None:
    """What the page states; else what it prints, or sitemap or feed say, when that is later than the publication."""
    stated: list[object] = [
        *items(jsonld.article.get("dateModified")),
        *(raw for _, raw in _meta(head, MODIFIED_META)),
        *items(jsonld.page.get("dateModified")),
    ]
    if moment := _plausible((line(value) for value in stated), page):
        return moment.value
    hinted = page.hint.date_modified if page.hint else None
    for raws in ((date.value for date in printed() if date.is_update), (line(hinted),)):
        if moment := _plausible(raws, page):
            return moment.value if published is None or moment.value > published else None
    return None


def _plausible(raws: Iterable[str | None], page: Page) -> Moment | None:
    """The first that can be read and be true."""
    moments = (parse_moment(raw, page.time_zone) for raw in raws if raw)
    return next((moment for moment in moments if moment and is_plausible(moment.value, page.date_crawled)), None)


def _seconds_apart(a: Moment, b: Moment) -> float:
    """Distance; two days without a time are apart by whole days, a day and a time by the part outside the day."""
    one, other = (datetime.fromisoformat(moment.value) for moment in (a, b))
    apart = abs((one - other).total_seconds())
    if "day" in {a.precision, b.precision}:
        apart = max(0.0, apart - timedelta(days=1).total_seconds())
    return apart


def time_elements(root: HtmlElement, layout: Layout) -> tuple[str, ...]:
    """Dates of the article's head: published-date microdata, time elements, and elements that are marked as a date."""
    found = (
        element.get("datetime") or element.get("content") or ""
        for element in root.iter(*DATED)
        if element.get("itemprop") == "datePublished" or element.get("pubdate") is not None
    )
    marked = islice(found, MAX_TIME_ELEMENTS)
    printed = [
        element.text_content() or "" for element in layout.opening if "date" in kinds(element) and not len(element)
    ]
    return lines([*marked, *_near(layout.heading), *printed[:MAX_TIME_ELEMENTS]])


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
