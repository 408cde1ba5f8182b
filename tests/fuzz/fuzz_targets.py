"""Everything that reads a stranger's bytes, and what must hold of it whatever the bytes are.

Each target raises only on a broken promise: an exception that its function does not name, or a result that is wrong.
"""

from __future__ import annotations

import io
import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.article import Article, Page
from newscrawl.dates import is_plausible, parse_moment
from newscrawl.discover.feeds import feed_hints, is_feed
from newscrawl.discover.news_sitemaps import read_sitemap
from newscrawl.discover.sections import page_links
from newscrawl.dump.record import record, to_line
from newscrawl.errors import ArchiveError, ArticleRejected, ConfigError
from newscrawl.readers.dirty_text import article_from_text, articles_from_jsonl
from newscrawl.readers.opml import feeds_from_opml, sources_from_feeds
from newscrawl.readers.warc import pages_from_warc
from newscrawl.refine import article_from_page, check, refine
from newscrawl.robots import cut_body, read_robots
from newscrawl.sources import load_sources
from newscrawl.text.decode import decode_html
from newscrawl.text.terminal import plain
from newscrawl.urls import article_id, normalise_url, site_of, url_key

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "https://news.example/2026/11/19/harbour-reopens-after-two-days"
CRAWLED = "2026-11-24T00:00:00Z"


def feeds(data: bytes) -> None:
    is_feed(data)
    for hint in feed_hints(data, URL):
        assert hint.url == normalise_url(hint.url) or hint.url.startswith(("http://", "https://"))


def sitemaps(data: bytes) -> None:
    read_sitemap(data, URL, max_entries=100)


def sections(data: bytes) -> None:
    page_links(data, URL)


def robots(data: bytes) -> None:
    rules = read_robots(cut_body(data).decode("utf-8", "replace"), "newscrawl", URL)
    rules.deciding_rule(URL)
    rules.content_usage(URL)


def urls(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    try:
        url = normalise_url(text)
    except ValueError:
        return
    assert normalise_url(url) == url
    assert url.startswith(("http://", "https://"))
    assert url.isascii()
    assert "@" not in url.split("/")[2]
    assert not set(url) & set(' \t\r\n"<>\\\x1b\0')
    assert article_id(url_key(url)) == article_id(url_key(text))
    assert site_of(url)


def dates(data: bytes) -> None:
    moment = parse_moment(data.decode("utf-8", "replace"), "Europe/Berlin")
    if moment is not None:
        is_plausible(moment.value, CRAWLED)
        assert len(moment.value) == len(CRAWLED)


def encodings(data: bytes) -> None:
    for charset in (None, "utf-8", "windows-1251", "utf-16", "x-none", "utf-7"):
        decode_html(data, charset)[0].encode("utf-8")


def pages(data: bytes) -> None:
    page = Page(url=URL, html=data, date_crawled=CRAWLED)
    with suppress(ArticleRejected):
        _assert_good(article_from_page(page))


def linked_data(data: bytes) -> None:
    prose = "".join(
        f"<p>The ferry came back on day {n}, said the harbour master of the old town.</p>" for n in range(9)
    )
    block = data.replace(b"</", b"<\\/")
    html = b'<title>The ferry is back</title><script type="application/ld+json">%s</script>' % block
    html += f"<article><h1>The ferry is back</h1>{prose}</article>".encode()
    # The page's own JSON-LD may state another, shorter text, as that of a live blog.
    with suppress(ArticleRejected):
        _assert_good(article_from_page(Page(url=URL, html=html, date_crawled=CRAWLED)))


def archives(data: bytes) -> None:
    for item in pages_from_warc(io.BytesIO(data), "fuzz.warc"):
        assert isinstance(item, ArchiveError) or item.url


def texts(data: bytes) -> None:
    with suppress(ArticleRejected):
        _assert_good(refine(article_from_text(data.decode("utf-8", "replace"), date_crawled=CRAWLED)))


def text_lines(data: bytes) -> None:
    for item in articles_from_jsonl(data.split(b"\n"), name="fuzz.jsonl", date_crawled=CRAWLED):
        if isinstance(item, Article):
            with suppress(ArticleRejected):
                _assert_good(refine(item))


def followed_feeds(data: bytes) -> None:
    with suppress(ConfigError):
        sources_from_feeds(feeds_from_opml(data))


def sources(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sources.toml")
        path.write_bytes(data)
        with suppress(ConfigError):
            load_sources(path)


def terminals(data: bytes) -> None:
    shown = plain(data.decode("utf-8", "surrogateescape"))
    assert shown.encode("utf-8").isascii() <= shown.isascii()
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in shown)


def _assert_good(article: Article) -> None:
    """An article that could be stored: right by the schema, one line of UTF-8, and refined for good."""
    with suppress(ArticleRejected):
        check(article)
        written = to_line(record(article)).decode("utf-8")
        assert len(written.splitlines()) == 1
        assert json.loads(written)["text"] == article.text


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        feeds,
        sitemaps,
        sections,
        robots,
        urls,
        dates,
        encodings,
        pages,
        linked_data,
        archives,
        texts,
        text_lines,
        followed_feeds,
        sources,
        terminals,
    )
}
