"""The gate: what is no article is refused with a reason; what is one passes."""

from __future__ import annotations

from itertools import pairwise

import pytest

from newscrawl.article import Page
from newscrawl.errors import ArticleRejected, Outcome
from newscrawl.extract.article import read_page
from newscrawl.extract.options import ExtractOptions

ARTICLE_URL = "https://news.example/2026/03/04/harbour-reopens-after-two-days-of-repairs"
SENTENCES = (
    "The harbour of the old town reopened on Tuesday after two days of repairs to the northern gate.",
    "Ferries to the islands left on time, and the fish market opened an hour later than it usually does.",
    "The port authority put the cost at four million, a third more than it had planned for in the spring.",
    "Residents had asked for the work to be done at night, but the contractor said that the tide decides.",
    "A second gate will be replaced next year, when the new crane has arrived from the yard in the south.",
)
PROSE = "".join(f"<p>{first} {second}</p>" for first, second in pairwise(SENTENCES))


def a_page(html: str | bytes, url: str = ARTICLE_URL) -> Page:
    return Page(
        url=url,
        html=html.encode() if isinstance(html, str) else html,
        date_crawled="2026-03-05T00:00:00Z",
    )


def refused(html: str | bytes, url: str = ARTICLE_URL) -> ArticleRejected:
    with pytest.raises(ArticleRejected) as caught:
        read_page(a_page(html, url))
    assert caught.value.reason
    assert caught.value.url == url
    return caught.value


@pytest.mark.parametrize(
    "body",
    [
        b"%PDF-1.7 ...",
        b"\xff\xd8\xff\xe0 JFIF",
        b"\x89PNG\r\n",
        b'{"title": "Harbour reopens"}',
        b'\n[{"a": 1}]',
        b"User-agent: *\nDisallow: /",
        b'<?xml version="1.0"?><rss version="2.0"><channel></channel></rss>',
        b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>',
    ],
)
def test_a_body_without_html_is_refused(body: bytes) -> None:
    assert refused(body).outcome is Outcome.NOT_HTML


@pytest.mark.parametrize("body", [b"", b" \n ", b"<html></html>", b"<html><body><div></div></body></html>"])
def test_a_page_without_text_is_refused(body: bytes) -> None:
    assert refused(body).outcome is Outcome.NO_TEXT


def test_a_few_words_are_no_article() -> None:
    rejected = refused("<html><body><h1>Harbour reopens</h1><p>More soon.</p></body></html>")
    assert rejected.outcome is Outcome.TOO_SHORT
    assert "fewer than 100" in rejected.reason


def test_how_short_an_article_may_be_is_an_option() -> None:
    page = a_page("<html><body><h1>Harbour reopens</h1><p>The harbour is open again, at last.</p></body></html>")
    assert read_page(page, ExtractOptions(min_text_chars=10)).article.text == "The harbour is open again, at last."


@pytest.mark.parametrize(
    "title",
    [
        "Page not found",
        "404",
        "404 Not Found",
        "Seite nicht gefunden | Beispiel",
        "Страница не найдена",
        "Газета :: Такой страницы нет",
        "页面不存在",
        "Sorry, we can’t find that page",
    ],
)
def test_an_error_page_that_says_200_is_refused(title: str) -> None:
    html = f"<html><head><title>{title}</title></head><body><p>{SENTENCES[0]} {SENTENCES[1]}</p></body></html>"
    assert refused(html).outcome is Outcome.SOFT_404


def test_a_page_that_names_the_home_page_as_its_own_address_is_refused() -> None:
    html = (
        '<html><head><title>News</title><link rel="canonical" href="https://news.example/"></head>'
        f"<body><p>{SENTENCES[0]} {SENTENCES[1]}</p></body></html>"
    )
    assert refused(html).outcome is Outcome.SOFT_404


@pytest.mark.parametrize("title", ["404 houses flooded in the old town", "Missing boy found, suspect not found"])
def test_a_headline_may_have_the_words_of_an_error_page(title: str) -> None:
    html = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{PROSE}</body></html>"
    assert read_page(a_page(html)).article.title == title


def test_a_page_that_asks_for_javascript_is_refused() -> None:
    html = "<html><body><noscript>Please enable JavaScript to read this.</noscript><div id=root></div></body></html>"
    assert refused(html).outcome is Outcome.NEEDS_JAVASCRIPT


def test_an_empty_app_root_with_scripts_is_refused() -> None:
    html = f'<html><body><div id="root">Loading</div><script>{"a=1;" * 9_000}</script></body></html>'
    assert refused(html).outcome is Outcome.NEEDS_JAVASCRIPT


def test_an_article_that_mentions_javascript_passes() -> None:
    html = f"<html><body><noscript>Please enable JavaScript.</noscript><h1>Harbour</h1>{PROSE}</body></html>"
    assert read_page(a_page(html)).article.text


def a_list(count: int, teaser: str = "") -> str:
    links = "".join(
        f'<div><a href="/2026/03/{day:02}/a-story-of-the-day-{day}">A headline of the day, no {day}</a>{teaser}</div>'
        for day in range(1, count + 1)
    )
    return f"<html><head><title>News</title></head><body><main>{links}</main></body></html>"


@pytest.mark.parametrize("url", ["https://news.example/", "https://news.example/tag/harbour"])
def test_a_home_page_or_a_tag_is_a_list(url: str) -> None:
    assert refused(a_list(20), url).outcome is Outcome.LIST_PAGE


def test_headlines_without_prose_are_a_list_whatever_the_address() -> None:
    assert refused(a_list(20), "https://news.example/harbour").outcome is Outcome.LIST_PAGE


def test_teasers_that_are_cut_off_are_a_list() -> None:
    teaser = (
        "<p>The harbour of the old town reopened on Tuesday after two days of repairs to the northern gate and…</p>"
    )
    assert refused(a_list(5, teaser), "https://news.example/harbour").outcome is Outcome.LIST_PAGE


def test_an_article_among_many_links_passes() -> None:
    html = a_list(30).replace("<main>", f"<main><article><h1>Harbour reopens</h1>{PROSE}</article>")
    assert read_page(a_page(html)).article.text is not None


def test_a_declared_article_passes_even_on_the_address_of_a_list() -> None:
    html = (
        '<html><head><meta property="og:type" content="article">'
        '<meta property="article:published_time" content="2026-03-04T10:00:00Z"></head>'
        f"<body><h1>Harbour reopens</h1>{PROSE}</body></html>"
    )
    assert read_page(a_page(html, "https://news.example/tag/harbour")).article.flags == ("list_like",)


def test_much_prose_on_an_address_with_a_word_of_lists_passes() -> None:
    html = (
        f"<html><body><h1>What our newsletter taught us</h1>{PROSE}{PROSE.replace('harbour', 'market')}</body></html>"
    )
    assert read_page(a_page(html, "https://news.example/newsletter/lessons")).article.text


def test_bytes_that_are_no_text_are_refused() -> None:
    rejected = refused(bytes(range(256)) * 100)
    assert (rejected.outcome, rejected.reason) == (Outcome.NOT_HTML, "100 of the first 1024 bytes are controls")


def test_a_stray_control_character_refuses_nothing() -> None:
    head = "<head><title>Harbour reopens\x01</title></head>"
    assert read_page(
        a_page(f"{head}<body><article><h1>Harbour reopens</h1>{PROSE}</article></body></html>")
    ).article.text


@pytest.mark.parametrize("address", ["http://[::1", "http://[", "//[x]:y/"])
def test_a_canonical_that_is_no_address_says_nothing(address: str) -> None:
    head = f'<head><link rel="canonical" href="{address}"><meta property="og:url" content="{address}"></head>'
    article = read_page(a_page(f"<html>{head}<body><article><h1>Harbour</h1>{PROSE}</article></body></html>")).article
    assert article.url_canonical is None
