"""Feeds to hints: RSS 0.9x, 1.0 and 2.0, Atom and JSON Feed."""

from __future__ import annotations

import io
import json
import logging
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from newscrawl.article import Hint
from newscrawl.dates import parse_moment
from newscrawl.discover.fragment import plain_text
from newscrawl.discover.sniff import head_text, root_name
from newscrawl.urls import normalise_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

logger = logging.getLogger(__name__)

MAX_FEED_BYTES = 8 * 1024 * 1024
MAX_TITLE_CHARS = 500
MAX_DESCRIPTION_CHARS = 2_000
MAX_AUTHORS = 20
MAX_TAGS = 50
# feedparser needs some 10 microseconds for each; a feed of 500 entries has a tenth of them.
_MAX_ELEMENT_MARKS = 150_000
_MAX_REFERENCE_MARKS = 1_500_000

_FEED_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})
_JSON_FEED = re.compile(r'"version"\s{0,20}:\s{0,20}"https?:\\?/\\?/jsonfeed\.org\\?/version')
_ENTRY_END = re.compile(rb"</(?:\w{1,20}:)?(?:item|entry)\s{0,20}>", re.IGNORECASE)
_FEED_END = re.compile(rb"</(?:\w{1,20}:)?(?:rss|feed|rdf)\s{0,20}>", re.IGNORECASE)
_JSON_ITEMS = re.compile(r'"items"\s{0,20}:\s{0,20}\[')
_BETWEEN_ITEMS = re.compile(r"[\s,]*")


def is_feed(body: bytes) -> bool:
    """Does the body begin as a feed does? Cheap: looks at its first kilobytes only."""
    return root_name(body) in _FEED_ROOTS or _is_json_feed(body)


def feed_hints(body: bytes, base_url: str, *, max_entries: int = 500) -> tuple[Hint, ...]:
    """What the feed says of its articles, newest first; entries without a date keep their order, at the end.

    Entries without an http(s) address are left out. A feed that was cut off gives the entries that are whole.
    A body that is no feed, or one over 8 MiB, gives nothing. Never raises.
    """
    if len(body) > MAX_FEED_BYTES or not is_feed(body):
        return ()
    read = _json_entries if _is_json_feed(body) else _xml_entries
    hints: dict[str, Hint] = {}
    for hint in read(body, base_url, max_entries):
        hints.setdefault(hint.url, hint)
    return tuple(sorted(hints.values(), key=newest_first, reverse=True)[:max_entries])


def newest_first(hint: Hint) -> str:
    """What to sort hints by, in reverse: the UTC time of publication or change; "" when neither can be read."""
    moment = parse_moment(hint.date_published or "") or parse_moment(hint.date_modified or "")
    return moment.value if moment else ""


def _is_json_feed(body: bytes) -> bool:
    head = head_text(body)
    return head.startswith("{") and _JSON_FEED.search(head) is not None


def _xml_entries(body: bytes, base_url: str, max_entries: int) -> Iterator[Hint]:
    body = _whole_entries(body, max_entries * 2)
    if _element_marks(body) > _MAX_ELEMENT_MARKS or body.count(b"&") > _MAX_REFERENCE_MARKS:
        logger.warning("the feed %s is refused: far more markup than its entries need", base_url)
        return
    import feedparser

    try:
        # From a stream: a text could be taken for the name of a file. The markup of summaries is neither
        # cleaned nor are its links resolved, which is the slowest part: only its text is kept.
        feed = feedparser.parse(
            io.BytesIO(body),
            response_headers={"content-location": base_url},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:  # feedparser promises no list of errors, and the body is the site's
        logger.info("the feed %s cannot be read: %s: %s", base_url, type(error).__name__, str(error)[:200])
        return
    channel = feed.get("feed") or {}
    publisher = plain_text(_raw(channel, "title"), MAX_TITLE_CHARS)
    language = _raw(channel, "language")
    is_atom = str(feed.get("version") or "").startswith("atom")
    for entry in feed.get("entries") or ():
        url = _address(_raw(entry, "feedburner_origlink") or _raw(entry, "link"), base_url)
        if url is None:
            continue
        published, updated = _raw(entry, "published"), _raw(entry, "updated")
        if published is None and not is_atom:  # dc:date, the only date of RSS 1.0
            published, updated = updated, None
        yield Hint(
            url=url,
            via="feed",
            title=plain_text(_raw(entry, "title"), MAX_TITLE_CHARS),
            description=plain_text(_raw(entry, "summary"), MAX_DESCRIPTION_CHARS),
            date_published=_date(published),
            date_modified=_date(updated),
            language=_line(_raw(entry, "language") or language, 35),
            authors=_names(_raw(entry, "authors"), "name", MAX_AUTHORS),
            publisher=publisher,
            tags=_names(_raw(entry, "tags"), "term", MAX_TAGS),
        )


def _json_entries(body: bytes, base_url: str, max_entries: int) -> Iterator[Hint]:
    text = body.decode("utf-8-sig", "replace")
    try:
        feed = json.loads(text)
        items = feed.get("items") if isinstance(feed, dict) else None
    except (ValueError, RecursionError):
        feed, items = {}, list(_whole_items(text, max_entries * 2))
    if not isinstance(feed, dict) or not isinstance(items, list):
        return
    for item in items[: max_entries * 2]:
        if not isinstance(item, dict):
            continue
        url = _address(item.get("url") or item.get("id"), base_url)
        if url is None:
            continue
        summary = item.get("summary") or item.get("content_text") or item.get("content_html")
        authors = item.get("authors") or [item.get("author")]
        yield Hint(
            url=url,
            via="feed",
            title=plain_text(item.get("title"), MAX_TITLE_CHARS),
            description=plain_text(summary, MAX_DESCRIPTION_CHARS),
            date_published=_date(item.get("date_published")),
            date_modified=_date(item.get("date_modified")),
            language=_line(item.get("language") or feed.get("language"), 35),
            authors=_names(authors, "name", MAX_AUTHORS),
            publisher=plain_text(feed.get("title"), MAX_TITLE_CHARS),
            tags=_names(item.get("tags"), "", MAX_TAGS),
        )


def _whole_items(text: str, max_items: int) -> Iterator[Any]:
    """The items of a JSON Feed that was cut off, as far as they are whole."""
    match = _JSON_ITEMS.search(text)
    place = match.end() if match else len(text)
    decoder = json.JSONDecoder()
    for _ in range(max_items):
        gap = _BETWEEN_ITEMS.match(text, place)
        try:
            item, place = decoder.raw_decode(text, gap.end() if gap else place)
        except (ValueError, RecursionError):
            return
        yield item


def _whole_entries(body: bytes, max_entries: int) -> bytes:
    """The body up to the end of this many entries, or of the last whole one when the feed was cut off.

    Feeds are newest first, and the rest costs time. A half entry may have half an address.
    """
    if b"\0" in body[:64]:  # UTF-16 or UTF-32
        return body
    end = 0
    for number, match in enumerate(_ENTRY_END.finditer(body), 1):
        end = match.end()
        if number == max_entries:
            return body[:end]
    return body if _FEED_END.search(body, end) else body[:end]


def _element_marks(body: bytes) -> int:
    """How many ``<`` stand outside CDATA sections, where a parser has to act on them."""
    first, *sections = body.split(b"<![CDATA[")
    return first.count(b"<") + sum(section.partition(b"]]>")[2].count(b"<") for section in sections)


def _raw(mapping: dict[str, Any], key: str) -> Any:
    """The value as parsed: feedparser's own look-up answers for other keys than the one asked for, and warns."""
    return dict.get(mapping, key)


def _address(href: object, base_url: str) -> str | None:
    if not isinstance(href, str) or not href.strip():
        return None
    try:
        return normalise_url(urljoin(base_url, href.strip()))
    except ValueError:
        return None


def _line(value: object, max_chars: int) -> str | None:
    """A text of one line, as printed; None for anything else and for what is too long to be one."""
    if not isinstance(value, str):
        return None
    text = " ".join(value.split())
    return text if 0 < len(text) <= max_chars else None


def _date(value: object) -> str | None:
    return _line(value, 100)


def _names(values: object, key: str, most: int) -> tuple[str, ...]:
    """The names in a list of texts or of mappings that have them under `key`, without repeats."""
    if not isinstance(values, (list, tuple)):
        return ()
    found = (dict.get(value, key) if isinstance(value, dict) else value for value in values[: most * 2])
    return tuple(_unique(plain_text(name, 200) for name in found))[:most]


def _unique(names: Iterable[str | None]) -> dict[str, None]:
    return dict.fromkeys(name for name in names if name)
