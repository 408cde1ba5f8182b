"""WARC archives to pages: the HTML that was stored, as it was sent."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from w3lib.encoding import http_content_type_encoding

from newscrawl.article import OPT_OUT_HEADERS, Hint, Page
from newscrawl.dates import parse_moment
from newscrawl.dump.raw_context import HOME, PAGE_ROLES, context_in
from newscrawl.errors import ArchiveError, Outcome, outcome_of_status
from newscrawl.readers import NoPage
from newscrawl.readers.position import Position
from newscrawl.readers.warc_records import MAX_BLOCK_BYTES, WarcRecord, read_records
from newscrawl.text.http_response import (
    MAX_BODY_BYTES,
    Head,
    HttpResponse,
    TooLargeError,
    UndecodableError,
    read_head,
    read_response,
)
from newscrawl.urls import normalise_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.dump.raw_context import PageContext

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
# Some servers say these of HTML; mostly they are feeds, sitemaps and robots.txt, so the body decides.
VAGUE_TYPES = frozenset({"", "application/xml", "text/xml", "text/plain"})
_HTML = re.compile(rb"<(?:!doctype\s{1,9}html|html|head|body)\b", re.IGNORECASE)
_SNIFF_BYTES = 2048
LICENSE = "license"
"""Header that only a declaration makes; what a server sends under this name is no licence."""


def pages_from_warc(
    file: BinaryIO, name: str, *, source: str | None = None, position: Position | None = None
) -> Iterator[Page | NoPage | ArchiveError]:
    """Yield what each stored response came to, in file order, one in memory at a time.

    HTML of status 200 is a Page; another status, type or size is a NoPage with its outcome; a record that cannot be
    read is an ArchiveError with `name` and the byte offset, and those after it are still read. What is no answer to a
    page request is left out: requests, metadata, revisits (their page is stored elsewhere), redirects, DNS.

    What newscrawl's own archives say of a page (`PageContext`) is taken over: what a feed said of it, its source, how
    it was found. What was fetched to find pages (feeds, home pages, sections) is left out there.

    Args:
        position: where to begin, and where the records of the last item begin.
    """
    position = position or Position()
    contexts = _Contexts()
    is_first = True  # record of its item: what describes an answer stands before it
    for record in read_records(file, name, begin=position.offset):
        if isinstance(record, ArchiveError):
            is_first = True
            yield record
            continue
        if is_first:
            position.offset, is_first = record.offset, False
        if (item := _item_or_error(record, contexts, name)) is not None:
            is_first = True
            yield replace(item, source=source) if source is not None and not isinstance(item, ArchiveError) else item


def _item_or_error(record: WarcRecord, contexts: _Contexts, name: str) -> Page | NoPage | ArchiveError | None:
    try:
        head = read_head(BytesIO(record.head))
        contexts.see(record, head)
        item = _item(record, head)
        return contexts.apply(item, head) if item is not None else None
    except ValueError as error:
        return ArchiveError(f"{name}: the record at byte {record.offset} cannot be read: {error}")


class _Contexts:
    """Joins an answer with the metadata record before it."""

    def __init__(self) -> None:
        self._of: str | None = None
        self._context: PageContext | None = None

    def see(self, record: WarcRecord, head: Head) -> None:
        """Keep what a metadata record says until its answer comes; what others write in theirs is passed over."""
        if (head.field("warc-type") or "").lower() == "metadata":
            self._of, self._context = head.field("warc-concurrent-to"), context_in(record.block)

    def apply(self, item: Page | NoPage, head: Head) -> Page | NoPage | None:
        """What came of an answer, with what was known of its address; None when it was fetched to find pages."""
        context = self._context
        if context is None or self._of is None or self._of != head.field("warc-record-id"):
            return item
        hint = context.hint
        if context.role == HOME and urlsplit(item.url).path not in {"", "/"}:
            hint = Hint(url=item.url, via="url")  # the operator named a page, which may be an article itself
        elif context.role not in PAGE_ROLES:
            return None
        via = hint.via if hint is not None else "warc"
        if isinstance(item, NoPage):
            return replace(item, source=context.source, via=via)
        return replace(
            item,
            source=context.source,
            discovered_via=via,
            hint=hint,
            time_zone=context.time_zone,
            languages=context.languages,
            robots_rule=context.robots_rule,
            headers=_with_declared(item.headers, context.declared),
        )


def _with_declared(headers: tuple[tuple[str, str], ...], lines: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Headers of opt-out signals with those that were declared outside of the page, as a crawl has them."""
    declared = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    replaced = {LICENSE, *(name for name, _ in declared)}
    both = [*(field for field in headers if field[0] not in replaced), *declared]
    return tuple(sorted((field for field in both if field[0] in OPT_OUT_HEADERS), key=_place))


def _place(field: tuple[str, str]) -> int:
    return OPT_OUT_HEADERS.index(field[0])


def _arrived(head: Head) -> str:
    """When the response arrived, UTC. ValueError when the archive does not say."""
    moment = parse_moment(head.field("warc-date") or "")
    if moment is None:
        raise ValueError("it has no WARC-Date that can be read")
    return moment.value


def _item(record: WarcRecord, head: Head) -> Page | NoPage | None:
    """What one record comes to; None when it is no answer to a page request. ValueError when it is broken."""
    kind = (head.field("warc-type") or "").lower()
    url = (head.field("warc-target-uri") or "").strip("<>")
    if kind not in {"response", "resource"} or not url.lower().startswith(("http:", "https:")):
        return None
    try:
        normalise_url(url)
    except ValueError as error:
        raise ValueError(f"its address is no URL: {error}") from error
    no_page = partial(NoPage, url=url, via="warc", date_crawled=_arrived(head))
    if record.length > MAX_BLOCK_BYTES:
        return no_page(outcome=Outcome.TOO_LARGE, reason=f"{record.length} bytes in the archive")
    try:
        response = read_response(record.block) if kind == "response" else _as_response(record, head)
    except TooLargeError:
        reason = f"more than {MAX_BODY_BYTES} bytes when decoded"
        return no_page(outcome=Outcome.TOO_LARGE, reason=reason)
    except UndecodableError as error:
        return no_page(outcome=Outcome.ERROR, reason=str(error))
    return _page_or_not(response, head, url, partial(no_page, status=response.status, bytes=len(response.body)))


def _as_response(record: WarcRecord, head: Head) -> HttpResponse:
    """A resource record: the file alone, without an HTTP head."""
    if len(record.block) > MAX_BODY_BYTES:
        raise TooLargeError
    content_type = head.field("content-type")
    headers = (("content-type", content_type),) if content_type else ()
    return HttpResponse(status=200, headers=headers, body=record.block, truncated=False)


def _page_or_not(response: HttpResponse, head: Head, url: str, no_page: partial[NoPage]) -> Page | NoPage | None:
    """The page of a response, or what its status or type means for the address."""
    status = response.status
    if 100 <= status < 200 or 300 <= status < 400:
        return None
    if status != 200:
        outcome = outcome_of_status(status)
        return no_page(outcome=outcome, reason=f"HTTP {status}")
    content_type = response.header("content-type")
    kind = (content_type or "").split(";")[0].strip().lower()
    if kind not in HTML_TYPES and not (kind in VAGUE_TYPES and _HTML.search(response.body[:_SNIFF_BYTES])):
        reason = f"Content-Type {kind[:80]}" if kind else "no Content-Type, and the body is no HTML"
        return no_page(outcome=Outcome.NOT_HTML, reason=reason)
    return Page(
        url=url,
        html=response.body,
        date_crawled=_arrived(head),
        charset=http_content_type_encoding(content_type) if content_type else None,
        headers=tuple(field for field in response.headers if field[0] in OPT_OUT_HEADERS),
        discovered_via="warc",
        truncated=response.truncated
        or head.field("warc-truncated") is not None
        or head.field("warc-segment-number") is not None,
    )
