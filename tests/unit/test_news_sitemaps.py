"""Sitemaps to hints: `newscrawl.discover.news_sitemaps`."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.article import Hint
from newscrawl.discover.news_sitemaps import Child, Sitemap, read_sitemap

BASE = "https://harbour.example/sitemap.xml"
PROTOCOL = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS_SPACE = "http://www.google.com/schemas/sitemap-news/0.9"

NEWS = f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset {PROTOCOL} xmlns:n="{NEWS_SPACE}" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://harbour.example/2026/11/20/ferry?a=1&amp;utm_source=x</loc><lastmod>2026-11-21T10:00:00Z</lastmod>
 <n:news><n:publication><n:name>The Harbour Times</n:name><n:language>en</n:language></n:publication>
 <n:publication_date>2026-11-20T09:30:00+02:00</n:publication_date>
 <n:title>Ferry &amp;amp; crew <![CDATA[are back]]></n:title>
 <n:keywords>sea, transport,, sea</n:keywords><n:access>Subscription</n:access></n:news>
 <image:image><image:loc>https://cdn.example/a.jpg</image:loc><image:title>A ship</image:title></image:image></url>
<url><image:image><image:loc>https://cdn.example/b.jpg</image:loc></image:image><loc>/2026/11/22/bridge</loc>
 <lastmod>2026-11-22</lastmod></url>
</urlset>"""

INDEX = f"""<sitemapindex {PROTOCOL}>
<sitemap><loc>https://harbour.example/a.xml</loc><lastmod>2026-11-01</lastmod></sitemap>
<sitemap><loc>b.xml.gz</loc><lastmod>2026-11-20T10:00:00Z</lastmod></sitemap>
<sitemap><loc>https://harbour.example/c.xml</loc></sitemap>
<sitemap><loc>https://harbour.example/a.xml</loc></sitemap></sitemapindex>"""


def urlset(entries: int) -> bytes:
    locs = (
        f"<url><loc>https://harbour.example/news/story-{n}</loc><lastmod>2026-11-{n % 28 + 1:02d}</lastmod></url>"
        for n in range(entries)
    )
    return f"<urlset {PROTOCOL}>{''.join(locs)}</urlset>".encode()


def test_a_news_entry_keeps_what_the_sitemap_says() -> None:
    sitemap = read_sitemap(NEWS.encode(), BASE)
    assert sitemap.hints[1] == Hint(
        url="https://harbour.example/2026/11/20/ferry?a=1",
        via="news_sitemap",
        title="Ferry & crew are back",
        date_published="2026-11-20T09:30:00+02:00",
        date_modified="2026-11-21T10:00:00Z",
        language="en",
        publisher="The Harbour Times",
        access="paywalled",
        tags=("sea", "transport"),
    )
    assert not sitemap.truncated


def test_entries_come_newest_first_and_plain_ones_are_sitemap_hints() -> None:
    first = read_sitemap(NEWS.encode(), BASE).hints[0]
    assert first == Hint(url="https://harbour.example/2026/11/22/bridge", via="sitemap", date_modified="2026-11-22")


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace(f' xmlns:n="{NEWS_SPACE}"', ""),
        lambda text: text.replace(NEWS_SPACE, "https://wrong.example/"),
        lambda text: text.replace(f" {PROTOCOL}", ""),
        lambda text: text.replace("n:", "news:"),
        lambda text: "\n\n" + text,
        lambda text: text.replace("&amp;utm", "&utm"),
    ],
    ids=[
        "no news namespace",
        "wrong namespace",
        "no default namespace",
        "undeclared prefix",
        "leading lines",
        "bare &",
    ],
)
def test_wrong_namespaces_and_slips_change_nothing(damage: object) -> None:
    assert callable(damage)
    hints = read_sitemap(damage(NEWS).encode(), BASE).hints
    assert [hint.via for hint in hints] == ["sitemap", "news_sitemap"]
    assert hints[1].title == "Ferry & crew are back"
    assert hints[1].publisher == "The Harbour Times"


def test_an_index_gives_its_children_newest_first_each_once() -> None:
    assert read_sitemap(INDEX.encode(), BASE) == Sitemap(
        children=(
            Child(url="https://harbour.example/b.xml.gz", lastmod="2026-11-20T10:00:00Z"),
            Child(url="https://harbour.example/a.xml", lastmod="2026-11-01"),
            Child(url="https://harbour.example/c.xml"),
        )
    )


@pytest.mark.parametrize("layers", [1, 2])
def test_gzip_is_known_by_its_content(layers: int) -> None:
    body = NEWS.encode()
    for _ in range(layers):
        body = gzip.compress(body)
    assert len(read_sitemap(body, BASE).hints) == 2


def test_two_gzip_members_are_one_file() -> None:
    body = NEWS.encode()
    assert len(read_sitemap(gzip.compress(body[:300]) + gzip.compress(body[300:]), BASE).hints) == 2


def test_a_gzip_file_cut_in_the_middle_gives_what_is_whole() -> None:
    body = gzip.compress(urlset(2000))
    sitemap = read_sitemap(body[: len(body) // 2], BASE)
    assert sitemap.truncated
    assert 100 < len(sitemap.hints) < 2000


def test_a_damaged_gzip_file_gives_what_stands_before_the_damage() -> None:
    body = bytearray(gzip.compress(urlset(20_000)))
    body[len(body) // 2 : len(body) // 2 + 400] = b"\xff" * 400
    sitemap = read_sitemap(bytes(body), BASE)
    assert sitemap.truncated
    assert sitemap.hints


def test_a_gzip_bomb_is_unpacked_no_further_than_the_limit() -> None:
    bomb = gzip.compress(b"<urlset>" + b" " * 60_000_000)
    tracemalloc.start()
    assert read_sitemap(bomb, BASE, max_bytes=1_000_000) == Sitemap(truncated=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000


def test_a_sitemap_cut_in_the_middle_gives_the_entries_that_are_whole() -> None:
    sitemap = read_sitemap(NEWS.encode()[: NEWS.index("/2026/11/22/bridge") + 5], BASE)
    assert [hint.via for hint in sitemap.hints] == ["news_sitemap"]
    assert sitemap.truncated


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([NEWS, INDEX]), st.integers(0, 1600))
def test_wherever_a_sitemap_is_cut_no_half_entry_comes_of_it(text: str, place: int) -> None:
    whole = read_sitemap(text.encode(), BASE)
    cut = read_sitemap(text.encode()[:place], BASE)
    assert set(cut.hints) <= set(whole.hints)
    assert set(cut.children) <= set(whole.children)


def test_a_slip_early_in_the_file_leaves_later_addresses_whole() -> None:
    body = b"<urlset><url><loc>/a?x=1&y=2&copy=3</loc></url><br><url><loc>/b?x=1&amp;y=&#50;</loc></url></urlset>"
    assert [hint.url for hint in read_sitemap(body, BASE).hints] == [
        "https://harbour.example/a?copy=3&x=1&y=2",
        "https://harbour.example/b?x=1&y=2",
    ]


def test_a_text_sitemap_has_one_address_a_line() -> None:
    body = b"\xef\xbb\xbfhttps://harbour.example/a\r\n\r\nhttps://harbour.example/b\nnot an address of the web:x\n"
    assert [hint.url for hint in read_sitemap(body, BASE).hints][:2] == [
        "https://harbour.example/a",
        "https://harbour.example/b",
    ]


def test_a_feed_may_stand_in_for_a_sitemap() -> None:
    body = b"<rss><channel><item><link>https://harbour.example/x</link></item></channel></rss>"
    assert [hint.via for hint in read_sitemap(body, BASE).hints] == ["feed"]


@pytest.mark.parametrize(
    ("declared", "written"),
    [("utf-8", "latin-1"), ("iso-8859-1", "utf-8"), ("utf8mb4", "utf-8"), ("utf-16", "utf-8"), ("utf-16", "utf-16")],
)
def test_a_wrong_encoding_declaration_loses_no_entry(declared: str, written: str) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?>' + NEWS.partition("?>")[2].replace("Harbour Times", "Häfen")
    assert len(read_sitemap(text.encode(written), BASE).hints) == 2


def test_utf_8_declared_as_latin_1_is_read_as_utf_8() -> None:
    text = NEWS.replace("UTF-8", "iso-8859-1").replace("Ferry", "Fähre")
    assert read_sitemap(text.encode(), BASE).hints[1].title == "Fähre & crew are back"


def test_external_entities_and_bombs_stay_unresolved() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    for entity in ("&x;", "&l11;"):
        body = f"""<!DOCTYPE urlset [<!ENTITY l0 "ha"><!ENTITY x SYSTEM "file:///etc/passwd">{laughs}]>
        <urlset><url><loc>https://harbour.example/{entity}</loc></url></urlset>"""
        for hint in read_sitemap(body.encode(), BASE).hints:
            assert "root" not in hint.url
            assert len(hint.url) < 2100


def test_the_newest_entries_are_kept_when_there_are_too_many() -> None:
    sitemap = read_sitemap(urlset(300), BASE, max_entries=10)
    assert {hint.date_modified for hint in sitemap.hints} == {"2026-11-28"}
    assert len(sitemap.hints) == 10
    assert sitemap.truncated


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>Not found</body></html>", b"<urlset/>", b"Not found", b"\x1f\x8b", b"{}"]
)
def test_what_is_no_sitemap_gives_nothing(body: bytes) -> None:
    sitemap = read_sitemap(body, BASE)
    assert (sitemap.children, sitemap.hints) == ((), ())


def test_addresses_that_are_none_are_left_out() -> None:
    body = b"<urlset><url><loc>javascript:x</loc></url><url><loc>http://[bad</loc></url><url/><url><loc>/a</loc></url></urlset>"
    assert [hint.url for hint in read_sitemap(body, BASE).hints] == ["https://harbour.example/a"]


def test_more_than_fifty_thousand_entries_are_not_read() -> None:
    sitemap = read_sitemap(urlset(60_000), BASE)
    assert len(sitemap.hints) == 50_000
    assert sitemap.truncated


def test_millions_of_elements_that_say_nothing_are_not_kept() -> None:
    sitemap = read_sitemap(b"<urlset>" + b"<x/>" * 1_600_000, BASE)
    assert sitemap == Sitemap(truncated=True)


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"<urlset><url><loc>", b"\x1f\x8b\x08\0\0\0\0\0\0\xff", b"https://a.example/\n"]),
)
def test_no_bytes_make_it_raise(body: bytes, prefix: bytes) -> None:
    read_sitemap(prefix + body, BASE)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([NEWS, INDEX]), st.integers(0, 900), st.binary(max_size=12), st.integers(0, 40))
def test_a_damaged_sitemap_never_makes_it_raise(text: str, place: int, noise: bytes, gone: int) -> None:
    body = text.encode()
    read_sitemap(body[:place] + noise + body[place + gone :], BASE)
