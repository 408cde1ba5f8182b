"""Addresses by their shape and the links of a page: `newscrawl.discover.shapes` and `.sections`."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from growth import LINEAR, TIMES_LARGER, growth
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.discover.sections import PageLinks, is_trap, looks_like_article_url, looks_like_list_url, page_links

HOME = "https://harbour.example/"

FRONT_PAGE = """<!DOCTYPE html><html><head><title>The Harbour Times</title>
<link rel="alternate" type="application/rss+xml" href="/rss/top.xml">
<link rel="alternate" type="application/feed+json; charset=utf-8" href="/feed.json">
<link rel="alternate" type="application/rss+xml" href="/comments/feed/">
<link rel="alternate" hreflang="de" href="https://harbour.example/de/">
<link rel="sitemap" href="/sitemaps/all.xml"><link rel="stylesheet" href="/style.css">
</head><body>
<header><a href="/"><img src="/logo.png" alt="The Harbour Times"></a>
<nav><a href="/politics">Politics</a> <a href="/sport/sailing/">Sailing</a> <a href="/login">Log in</a>
<a href="https://harbour.example/about">About</a></nav></header>
<main>
<article><a href="/2026/11/24/ferry-returns"><img src="/a.jpg"></a>
 <h2><a href="/2026/11/24/ferry-returns?utm_source=front">Ferry returns after storm</a></h2>
 <a href="/2026/11/24/ferry-returns#comments">12 comments</a></article>
<a href="/politics/council-votes-on-new-harbour-wall"><h3>Council votes</h3><p>The wall is to be raised.</p></a>
<article><a href="/dossier/wall">The long story of our wall</a></article>
<p>See <a href="/dossier/other">this</a> and
 <a href="https://elsewhere.example/2026/11/24/other-site-story">that other one</a>.</p>
<a href="/science">Science</a>
<a href="/tag/storms">Storms</a> <a href="/2026/11/24/plan.pdf">The plan as a PDF file</a>
<a href="mailto:desk@harbour.example">Write to the desk</a> <a href="javascript:void(0)">More from the desk here</a>
<a href="/rss">All our feeds</a>
</main><footer><a href="/privacy">Privacy</a><a href="/?page=2" rel="next">Older</a></footer></body></html>"""


@pytest.mark.parametrize(
    "path",
    [
        "/2026/11/24/ferry-returns",
        "/2026/nov/24/ferry-returns",
        "/politics/archive/2026/11/the-long-road-home/678/",
        "/news/council-votes-on-new-harbour-wall",
        "/council-votes-on-new-wall",
        "/news/world-europe-67890123",
        "/news/articles/c4gl3k2yx9yo",
        "/article/12345",
        "/politik/wahl-2026.html",
        "/a-1234567.html",
        "/20261124-ferry-returns",
        "/news.php?id=4711",
        "/?p=1234",
        "/category/sea/ferry-returns-after-storm.html",
        "/autoren/ada-berg/why-the-ferry-returned-after-all",
        "/leadership/why-the-ferry-returned/2026/11",
        "/" + quote("новости/паром-вернулся-в-порт"),
    ],
)
def test_addresses_of_articles_look_like_articles(path: str) -> None:
    assert looks_like_article_url("https://harbour.example" + path) is True
    assert not looks_like_list_url("https://harbour.example" + path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/index.html",
        "/?utm=1",
        "/tag/harbour-wall-and-storms",
        "/author/ada-berg-of-the-desk",
        "/politics/category/sea",
        "/search?q=storm",
        "/?s=storm",
        "/news?page=2",
        "/news/page/2/",
        "/news/page-2",
        "/2026/11/24/",
        "/news/2026/11",
        "/archive/2026-11-24",
        "/login",
        "/login.php",
        "/tag.php?t=sea",
        "/about-us",
        "/privacy.html",
        "/rss",
        "/newsletters/the-morning-post",
    ],
)
def test_home_pages_lists_and_tools_look_like_lists(path: str) -> None:
    assert looks_like_list_url("https://harbour.example" + path)
    assert looks_like_article_url("https://harbour.example" + path) is False


@pytest.mark.parametrize("path", ["/a/photo.jpg", "/2026/11/24/plan-of-the-wall.pdf", "/politics", "/x.mp4"])
def test_files_and_sections_look_like_no_article(path: str) -> None:
    assert looks_like_article_url("https://harbour.example" + path) is False


@pytest.mark.parametrize("path", ["/news/earthquake", "/ferry-returns", "/sport/sailing"])
def test_where_the_address_does_not_tell_it_says_so(path: str) -> None:
    assert looks_like_article_url("https://harbour.example" + path) is None
    assert not looks_like_list_url("https://harbour.example" + path)


@pytest.mark.parametrize(
    ("path", "trap"),
    [
        ("/a/b/a/b/a/b", True),
        ("/news/news/news/x", True),
        ("/" + "/".join("abcdefghi"), True),
        ("/" + "x" * 500, True),
        ("/list?" + "a=1&" * 200, True),
        ("/calendar/2031/05/01", True),
        ("/events?month=5&year=2031", True),
        ("/2026/11/11/eleven-on-the-eleventh", False),
        ("/news/world/news/europe", False),
        ("/" + "%D0%B0" * 200, False),
        ("/a/b/c/d/e/f/g/h", False),
    ],
)
def test_addresses_made_by_loops_are_traps(path: str, trap: bool) -> None:
    assert is_trap("https://harbour.example" + path) is trap
    if trap:
        assert looks_like_article_url("https://harbour.example" + path) is False


def test_a_front_page_gives_its_articles_in_page_order_with_their_titles() -> None:
    links = page_links(FRONT_PAGE.encode(), HOME)
    assert [(hint.url, hint.title, hint.via) for hint in links.articles] == [
        ("https://harbour.example/2026/11/24/ferry-returns", "Ferry returns after storm", "page"),
        ("https://harbour.example/politics/council-votes-on-new-harbour-wall", "Council votes", "page"),
        ("https://harbour.example/dossier/wall", "The long story of our wall", "page"),
    ]


def test_feeds_declared_in_the_head_come_first_and_comment_feeds_not_at_all() -> None:
    links = page_links(FRONT_PAGE, HOME)
    assert links.feeds == (
        "https://harbour.example/rss/top.xml",
        "https://harbour.example/feed.json",
        "https://harbour.example/rss",
    )
    assert links.sitemaps == ("https://harbour.example/sitemaps/all.xml",)


def test_sections_of_the_menu_come_first_and_tools_not_at_all() -> None:
    links = page_links(FRONT_PAGE, HOME)
    assert links.sections[:2] == ("https://harbour.example/politics", "https://harbour.example/sport/sailing/")
    assert "https://harbour.example/science" in links.sections
    assert not {"https://harbour.example/login", "https://harbour.example/about"} & set(links.sections)


@pytest.mark.parametrize(
    ("here", "markup", "following"),
    [
        ("/news", '<a href="/news?page=2">2</a><a href="/news?page=9">9</a>', "/news?page=2"),
        ("/news/page/2/", '<a href="/news/">1</a><a href="/news/page/3/">3</a>', "/news/page/3/"),
        ("/list.php?rub=sea", '<a href="/list.php?rub=sea&amp;p=2">2</a>', "/list.php?p=2&rub=sea"),
        ("/news", '<link rel="next" href="/news/older">', "/news/older"),
        ("/news", '<a rel="next nofollow" href="?start=20">Older</a>', "/news?start=20"),
        ("/news", '<a href="/sport?page=2">2</a><a href="/news?page=3">3</a>', None),
        ("/news", '<a rel="next" href="https://elsewhere.example/">Older</a>', None),
    ],
)
def test_the_next_page_of_a_list_is_found(here: str, markup: str, following: str | None) -> None:
    expected = following and "https://harbour.example" + following
    assert page_links(f"<body>{markup}</body>", "https://harbour.example" + here).next_page == expected


def test_sites_of_scripts_name_their_sections_in_the_query() -> None:
    markup = '<a href="/list.php?rub=sea">Sea</a><a href="/news.php?id=1602">A</a><a href="/sea?sort=new">B</a>'
    links = page_links(markup, HOME)
    assert links.sections == ("https://harbour.example/list.php?rub=sea",)
    assert [hint.url for hint in links.articles] == ["https://harbour.example/news.php?id=1602"]


def test_links_resolve_against_the_base_element() -> None:
    markup = '<base href="/archive/"><a href="2026/11/24/ferry-returns">x</a>'
    (hint,) = page_links(markup, HOME).articles
    assert hint.url == "https://harbour.example/archive/2026/11/24/ferry-returns"
    assert hint.title is None


def test_a_title_may_stand_in_the_label_of_a_link_without_text() -> None:
    markup = '<article><a href="/dossier/wall" aria-label="The long story of our wall"></a></article>'
    assert [hint.title for hint in page_links(markup, HOME).articles] == ["The long story of our wall"]


def test_titles_without_spaces_between_words_count_as_titles() -> None:
    markup = '<h2><a href="/doc/abc">港口渡轮在风暴后恢复</a></h2>'
    assert [hint.title for hint in page_links(markup, HOME).articles] == ["港口渡轮在风暴后恢复"]


@pytest.mark.parametrize("body", [b"", b"\0\0", b"%PDF-1.7", b"{}", "<p>no links".encode("utf-16")])
def test_a_page_without_links_has_none(body: bytes) -> None:
    assert page_links(body, HOME) == PageLinks()


def test_a_page_with_200_000_links_is_read_to_its_limit() -> None:
    body = b"<body>" + b"".join(
        b'<a href="/news/some-long-story-%d">Link number %d</a>' % (n, n) for n in range(200_000)
    )
    links = page_links(body, HOME)
    assert len(links.articles) == 5_000


@pytest.mark.parametrize("opening", [b"<div>", b"<a href='/some-long-story-here'>", b"<article><h2>", b"<nav>"])
@pytest.mark.proof
def test_the_work_on_endless_nesting_grows_with_it(opening: bytes) -> None:
    small = opening * 25_000
    assert growth(lambda body: page_links(body, HOME), small, small * TIMES_LARGER) < LINEAR


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"<a href=", b"<base href='http://[", b"<a rel=next href='?page="]),
    st.text(max_size=30),
)
def test_no_bytes_and_no_address_make_it_raise(body: bytes, prefix: bytes, url: str) -> None:
    page_links(prefix + body, HOME)
    page_links(prefix + body, url)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.text(max_size=80), st.text(alphabet="abc019/?=&-.%[]:#2026", max_size=80).map("https://a.example/".__add__)
    )
)
def test_every_text_has_a_shape_or_none(url: str) -> None:
    looks_like_list_url(url)
    is_trap(url)
    assert looks_like_article_url(url) in {True, False, None}
