"""Sitemaps to hints: news sitemaps, plain ones, indexes, lists of addresses, gzipped or not."""

from __future__ import annotations

import codecs
import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from lxml import etree

from newscrawl.article import Hint
from newscrawl.dates import parse_moment
from newscrawl.discover.feeds import feed_hints, is_feed
from newscrawl.discover.gunzip import unpacked
from newscrawl.discover.sniff import head_text, root_name
from newscrawl.text.decode import decode_html
from newscrawl.urls import normalise_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_SITEMAP_BYTES = 52_428_800
"""Unpacked; the limit of the protocol."""
MAX_ENTRIES = 50_000
"""Per file; the limit of the protocol."""

_CHUNK_BYTES = 65_536
_MAX_ELEMENTS = 1_500_000
_MAX_VALUE_CHARS = 4_096
_ENTRY_ELEMENTS = frozenset({"url", "sitemap"})
# The local names of values that are read, in an entry and in its news element.
_PLAIN = frozenset({"loc", "lastmod"})
_NEWS = frozenset({"title", "publication_date", "language", "name", "access", "keywords"})
# Stands in for "&" while XML is parsed: a character that XML allows, no address has, and most charsets share.
_AMPERSAND = "\x7f"
_REFERENCE = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_SUBSCRIBERS = frozenset({"subscription", "registration"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A sitemap that an index names."""

    url: str
    lastmod: str | None = None
    """As printed, unparsed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """What one sitemap file says, newest first; what has no date keeps its order, at the end."""

    children: tuple[Child, ...] = ()
    hints: tuple[Hint, ...] = ()
    truncated: bool = False
    """The file was cut off, or holds more than was read."""


def read_sitemap(
    body: bytes, base_url: str, *, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_SITEMAP_BYTES
) -> Sitemap:
    """Read a sitemap or an index of sitemaps in XML, as text or as a feed, gzipped or not, by what it contains.

    XML is streamed, so memory holds the entries and no tree; entities but XML's own five are not resolved.
    What is whole of a damaged file is used. The newest `max_entries` of the first 50,000 are kept. Never raises.
    """
    body, cut = unpacked(body, max_bytes)
    if is_feed(body):
        return Sitemap(hints=feed_hints(body, base_url, max_entries=max_entries), truncated=cut)
    if root_name(body):
        entries, broken = _xml_entries(body)
    else:
        entries, broken = _text_entries(body)
    cut = cut or broken
    newest = sorted(entries, key=_Entry.moment, reverse=True)
    children = tuple(_unique_children(newest, base_url))
    hints = {hint.url: hint for hint in _hints(newest, base_url, max_entries)}
    cut = cut or len(newest) > max_entries
    return Sitemap(children=children[:max_entries], hints=tuple(hints.values()), truncated=cut)


@dataclass(slots=True)
class _Entry:
    """One url or sitemap element."""

    is_child: bool
    values: dict[str, str] = field(default_factory=dict)
    is_news: bool = False

    def moment(self) -> str:
        dates = (self.values.get("publication_date"), self.values.get("lastmod"))
        return next((moment.value for text in dates if text and (moment := parse_moment(text))), "")


class _Reader:
    """Takes the parser's events: a target, so that no tree is built however large the file is."""

    def __init__(self) -> None:
        self.entries: list[_Entry] = []
        self.elements = 0
        self.finished = False
        self._path: list[str] = []
        self._entry: _Entry | None = None
        self._entry_depth = 0
        self._wanted = ""
        self._text: list[str] = []
        self._chars = 0

    @property
    def full(self) -> bool:
        return len(self.entries) >= MAX_ENTRIES or self.elements >= _MAX_ELEMENTS

    def start(self, tag: str | bytes, _attributes: object) -> None:
        self.elements += 1
        name = str(tag).rpartition("}")[2].rpartition(":")[2].lower()
        self._path.append(name)
        if self._entry is None:
            if name in _ENTRY_ELEMENTS:
                self._entry, self._entry_depth = _Entry(is_child=name == "sitemap"), len(self._path)
            return
        self._wanted = self._value_name(name)
        self._text, self._chars = [], 0

    def data(self, data: str | bytes) -> None:
        if self._wanted and self._chars < _MAX_VALUE_CHARS:
            self._text.append(str(data))
            self._chars += len(data)

    def end(self, _tag: str | bytes) -> None:
        depth = len(self._path)
        self._path.pop()
        if self._entry is None:
            self.finished = depth == 1
        elif depth == self._entry_depth:
            self.entries.append(self._entry)
            self._entry = None
        elif self._wanted:
            if value := _resolved("".join(self._text)[:_MAX_VALUE_CHARS]):
                self._entry.values.setdefault(self._wanted, value)
            self._wanted = ""

    def comment(self, _text: str | bytes) -> None:
        """Comments say nothing; the parser's protocol wants the method."""

    def close(self) -> None:
        """There is no tree to hand over."""

    def _value_name(self, name: str) -> str:
        """Which value of the entry the element is; "" for none. Namespaces are often wrong: only names count."""
        assert self._entry is not None
        depth = len(self._path) - self._entry_depth
        if name == "news" and depth == 1:
            self._entry.is_news = True
        if depth == 1 and name in _PLAIN:
            return name
        within_news = self._path[self._entry_depth] == "news"
        if (within_news and depth <= 3 and name in _NEWS) or (depth == 1 and name == "publication_date"):
            self._entry.is_news = True
            return name
        return ""


def _xml_entries(body: bytes) -> tuple[list[_Entry], bool]:
    """The whole entries of an XML sitemap, and whether there is more than they."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        body = decode_html(body, None)[0].encode("utf-8", "replace")
    # The parser gets to see no reference: a lone "&", frequent in addresses, makes it drop good ones that follow,
    # and what is never resolved by it cannot name a file or grow.
    body = body.lstrip().replace(b"&", _AMPERSAND.encode())
    reader = _parse(body, "utf-8" if _is_utf8(body) else None)
    if not reader.entries:
        # The declared encoding may be a lie that libxml2 gives up on.
        reader = _parse(decode_html(body, None)[0].encode("utf-8", "replace"), "utf-8")
    return reader.entries, not reader.finished


def _parse(body: bytes, encoding: str | None) -> _Reader:
    reader = _Reader()
    parser = etree.XMLParser(
        target=reader,
        encoding=encoding,
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    try:
        for start in range(0, len(body), _CHUNK_BYTES):
            parser.feed(body[start : start + _CHUNK_BYTES])
            if reader.full:
                return reader
        parser.close()
    except etree.XMLSyntaxError:
        reader.finished = False
    return reader


def _resolved(text: str) -> str:
    """A value as the file means it: its references resolved, white space folded."""
    text = _REFERENCE.sub(_character, text.replace(_AMPERSAND, "&"))
    return " ".join(text.replace("\0", "").split())


def _character(match: re.Match[str]) -> str:
    name, decimal, hexadecimal = match.groups()
    if name:
        return _NAMED[name]
    number = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(number) if number < 0xD800 or 0xE000 <= number < 0x110000 else ""


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(body) - 3  # cut within a character
    return True


def _text_entries(body: bytes) -> tuple[list[_Entry], bool]:
    """A sitemap of one address a line; nothing when its first line is something else."""
    if not head_text(body)[:8].lower().startswith(("http://", "https://")):
        return [], False
    lines = decode_html(body, None)[0].split("\n", MAX_ENTRIES)
    entries = [_Entry(is_child=False, values={"loc": line.strip()}) for line in lines[:MAX_ENTRIES] if line.strip()]
    return entries, len(lines) > MAX_ENTRIES


def _unique_children(entries: Iterable[_Entry], base_url: str) -> Iterator[Child]:
    seen: set[str] = set()
    for entry in entries:
        url = _address(entry, base_url) if entry.is_child else None
        if url and url not in seen:
            seen.add(url)
            yield Child(url=url, lastmod=entry.values.get("lastmod"))


def _hints(entries: Iterable[_Entry], base_url: str, max_entries: int) -> Iterator[Hint]:
    seen: set[str] = set()
    for entry in entries:
        if len(seen) == max_entries:
            return
        url = None if entry.is_child else _address(entry, base_url)
        if not url or url in seen:
            continue
        seen.add(url)
        values = entry.values
        if not entry.is_news:
            yield Hint(url=url, via="sitemap", date_modified=values.get("lastmod"))
            continue
        keywords = (word.strip() for word in values.get("keywords", "").split(","))
        yield Hint(
            url=url,
            via="news_sitemap",
            title=_text(values.get("title")),
            date_published=values.get("publication_date"),
            date_modified=values.get("lastmod"),
            language=values.get("language"),
            publisher=_text(values.get("name")),
            access="paywalled" if values.get("access", "").lower() in _SUBSCRIBERS else None,
            tags=tuple(dict.fromkeys(html.unescape(word) for word in keywords if word))[:50],
        )


def _text(value: str | None) -> str | None:
    """A value that many publishers escape twice."""
    return html.unescape(value) if value else None


def _address(entry: _Entry, base_url: str) -> str | None:
    loc = entry.values.get("loc", "")
    if not loc:
        return None
    loc = loc.replace("&amp;", "&")  # escaped twice
    try:
        # Joining costs as much as reading: nearly all are absolute, as the protocol wants.
        return normalise_url(loc if loc.startswith(("https://", "http://")) else urljoin(base_url, loc))
    except ValueError:
        return None
