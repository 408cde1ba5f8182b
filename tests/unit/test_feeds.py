"""Feeds to hints: `newscrawl.discover.feeds`."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.article import Hint
from newscrawl.discover.feeds import MAX_FEED_BYTES, feed_hints, is_feed
from newscrawl.discover.fragment import plain_text

BASE = "https://harbour.example/rss.xml"

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0">
<channel><title>The Harbour Times</title><link>https://harbour.example/</link><language>en-gb</language>
<item><title>Older &lt;b&gt;story&lt;/b&gt; of the ferry</title><link>/2026/11/20/ferry-returns</link>
 <description>&lt;p&gt;The ferry &amp;amp; its crew&lt;/p&gt;&lt;p&gt;are back.&lt;/p&gt;</description>
 <pubDate>Fri, 20 Nov 2026 09:30:00 +0200</pubDate><dc:creator>Ada Berg</dc:creator>
 <category>Transport</category><category>Sea</category></item>
<item><title>Newer story of the bridge</title><link>https://feeds.example/~r/1</link>
 <feedburner:origLink>https://harbour.example/2026/11/21/bridge?utm_source=rss</feedburner:origLink>
 <pubDate>Sat, 21 Nov 2026 09:30:00 GMT</pubDate></item>
<item><title>No date here</title><link>https://harbour.example/undated-one</link></item>
<item><title>A mail address</title><link>mailto:desk@harbour.example</link></item>
<item><title>No address at all</title></item>
</channel></rss>"""

ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"
 xml:base="https://hafen.example/nachrichten/">
<title>Hafenblatt</title>
<entry><title type="html">Br&amp;uuml;cke offen</title><link rel="alternate" href="bruecke-offen"/><id>1</id>
<published>2026-11-20T08:00:00+01:00</published><updated>2026-11-21T08:00:00+01:00</updated>
<author><name>Eva Sand</name></author><summary>Kurz.</summary></entry>
<entry><title>Nur geändert</title><link href="https://hafen.example/nur"/><id>2</id>
<updated>2026-11-22T08:00:00Z</updated></entry>
</feed>"""

RSS_1_0 = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://old.example/"><title>Old</title></channel>
<item rdf:about="https://old.example/a"><title>An item</title><link>https://old.example/a</link>
<dc:date>2026-11-20T08:00:00Z</dc:date></item>
</rdf:RDF>"""

JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "The Harbour Times",
    "language": "en",
    "items": [
        {
            "id": "1",
            "url": "/story-one",
            "title": "One",
            "summary": "<p>Short</p>",
            "date_published": "2026-11-20T08:00:00Z",
        },
        {
            "id": "2",
            "url": "https://harbour.example/story-two",
            "content_text": "Text",
            "date_published": "2026-11-21T08:00:00Z",
            "date_modified": "2026-11-22T08:00:00Z",
            "authors": [{"name": "Ada Berg"}, {"url": "x"}, 7],
            "tags": ["Sea", None],
        },
        {"id": "3", "url": ["not", "a", "text"]},
        "not an item",
    ],
}


def urls(hints: tuple[Hint, ...]) -> list[str]:
    return [hint.url for hint in hints]


def test_rss_entries_come_newest_first_and_undated_ones_last() -> None:
    assert urls(feed_hints(RSS.encode(), BASE)) == [
        "https://harbour.example/2026/11/21/bridge",
        "https://harbour.example/2026/11/20/ferry-returns",
        "https://harbour.example/undated-one",
    ]


def test_an_rss_entry_keeps_what_the_feed_says_and_dates_as_printed() -> None:
    ferry = feed_hints(RSS.encode(), BASE)[1]
    assert ferry == Hint(
        url="https://harbour.example/2026/11/20/ferry-returns",
        via="feed",
        title="Older story of the ferry",
        description="The ferry & its crew are back.",
        date_published="Fri, 20 Nov 2026 09:30:00 +0200",
        language="en-gb",
        authors=("Ada Berg",),
        publisher="The Harbour Times",
        tags=("Transport", "Sea"),
    )


def test_atom_links_resolve_against_xml_base_and_updated_is_a_modification() -> None:
    changed, bridge = feed_hints(ATOM.encode(), "https://elsewhere.example/atom.xml")
    assert bridge.url == "https://hafen.example/nachrichten/bruecke-offen"
    assert bridge.title == "Brücke offen"
    assert (bridge.date_published, bridge.date_modified) == ("2026-11-20T08:00:00+01:00", "2026-11-21T08:00:00+01:00")
    assert (bridge.language, bridge.publisher, bridge.authors) == ("de", "Hafenblatt", ("Eva Sand",))
    assert (changed.date_published, changed.date_modified) == (None, "2026-11-22T08:00:00Z")


def test_the_only_date_of_rss_1_0_is_the_publication() -> None:
    (item,) = feed_hints(RSS_1_0.encode(), BASE)
    assert (item.date_published, item.date_modified) == ("2026-11-20T08:00:00Z", None)


def test_json_feeds_are_read_and_wrong_types_passed_over() -> None:
    two, one = feed_hints(json.dumps(JSON_FEED).encode(), BASE)
    assert (one.url, one.description, one.language) == ("https://harbour.example/story-one", "Short", "en")
    assert (two.authors, two.tags, two.date_modified) == (("Ada Berg",), ("Sea",), "2026-11-22T08:00:00Z")


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([RSS, ATOM, RSS_1_0]), st.integers(0, 1200))
def test_a_feed_cut_in_the_middle_gives_the_entries_that_are_whole(feed: str, place: int) -> None:
    whole = feed_hints(feed.encode(), BASE)
    cut = feed_hints(feed.encode()[:place], BASE)
    assert set(cut) <= set(whole)
    ends = max(feed[:place].count("</item>"), feed[:place].count("</entry>"))
    assert len(cut) >= min(ends, len(whole))


def test_a_json_feed_cut_in_the_middle_gives_the_items_that_are_whole() -> None:
    body = json.dumps(JSON_FEED).encode()
    assert urls(feed_hints(body[: body.index(b'"authors"')], BASE)) == ["https://harbour.example/story-one"]


def test_a_feed_in_utf_16_is_a_feed() -> None:
    body = RSS.replace("utf-8", "utf-16").encode("utf-16")
    assert is_feed(body)
    assert len(feed_hints(body, BASE)) == 3


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><html><head><title>Not found</title></head><body>rss feed</body></html>",
        b"<html><rss></rss></html>",
        b'{"version": "1.0", "items": []}',
        b"<?xml version='1.0'?><urlset><url><loc>https://a.example/x</loc></url></urlset>",
        b"\x89PNG\r\n",
    ],
)
def test_what_is_no_feed_gives_nothing(body: bytes) -> None:
    assert not is_feed(body)
    assert feed_hints(body, BASE) == ()


def test_a_feed_behind_comments_and_a_document_type_is_a_feed() -> None:
    assert is_feed(
        b'\xef\xbb\xbf\n<?xml version="1.0"?><!-- <html> --><!DOCTYPE rss [<!ENTITY a "b>">]>\n<rss version="2.0">'
    )


def test_a_feed_over_the_size_limit_is_refused() -> None:
    assert feed_hints(RSS.encode() + b" " * MAX_FEED_BYTES, BASE) == ()


def test_the_newest_entries_are_kept_when_there_are_too_many() -> None:
    items = "".join(
        f"<item><link>https://a.example/{day}</link><pubDate>2026-11-{day:02d}</pubDate></item>" for day in range(1, 7)
    )
    feed = f"<rss><channel>{items}</channel></rss>".encode()
    assert urls(feed_hints(feed, BASE, max_entries=3)) == [f"https://a.example/{day}" for day in (6, 5, 4)]


def test_entities_from_files_and_bombs_stay_unresolved() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    feed = f"""<!DOCTYPE rss [<!ENTITY l0 "ha"><!ENTITY x SYSTEM "file:///etc/passwd">{laughs}]>
    <rss><channel><item><title>A&x;B &l11;</title><link>https://a.example/1</link></item></channel></rss>"""
    for hint in feed_hints(feed.encode(), BASE):
        assert "root:" not in (hint.title or "")
        assert len(hint.title or "") <= 500


def test_far_more_markup_than_entries_need_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    assert feed_hints(b"<rss>" + b"<a>" * 400_000 + b"</rss>", BASE) == ()
    assert "refused" in caplog.text


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("https://a.example/x.html", "https://a.example/x.html"),
        ("<?xml version='1.0'?><p>One</p>\n<p>two</p>", "One two"),
        ("5 < 6", "5 < 6"),
        ("<script>x</script>", None),
        ("<img src=x>", None),
        ("  ", None),
        (7, None),
        ("word " * 1000, "word word word word"),
    ],
)
def test_fragments_become_one_line_of_text(fragment: object, text: str | None) -> None:
    assert plain_text(fragment, 24) == text


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"<rss><item>", b'{"version":"https://jsonfeed.org/version/1","items":[']),
)
def test_no_bytes_make_it_raise(body: bytes, prefix: bytes) -> None:
    feed_hints(prefix + body, BASE)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from([RSS, ATOM, RSS_1_0]), st.integers(0, 900), st.binary(max_size=12), st.integers(0, 30))
def test_a_damaged_feed_never_makes_it_raise(feed: str, place: int, noise: bytes, gone: int) -> None:
    body = feed.encode()
    feed_hints(body[:place] + noise + body[place + gone :], BASE)
