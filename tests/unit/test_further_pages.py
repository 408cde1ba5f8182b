"""An article on several pages is one article; a list's next page and the next article are none of it."""

from __future__ import annotations

import pytest

from newscrawl.article import Article, Image, Page
from newscrawl.extract.further_pages import adds, first_page, joined, next_page, read_further
from newscrawl.extract.options import ExtractOptions

SITE = "https://paper.example"
CRAWLED = "2026-11-20T00:00:00Z"


def page(url: str, head: str = "", body: str = "") -> Page:
    html = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
    return Page(url=f"{SITE}{url}", html=html.encode(), date_crawled=CRAWLED)


def rel(relation: str, url: str) -> str:
    return f'<link href="{url}" rel="{relation}">'


def listed(*urls: str) -> str:
    return "".join(f'<a href="{url}">{number}</a> ' for number, url in enumerate(urls, 1))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("/news/harbour-reopens", "/news/harbour-reopens/2"),
        ("/news/harbour-reopens/", "/news/harbour-reopens/2/"),
        ("/news/harbour-reopens", "/news/harbour-reopens?page=2"),
        ("/news/harbour-reopens", "/news/harbour-reopens?page=1"),  # counted from 0
        ("/story?id=5121", "/story?id=5121&amp;page=2"),
        ("/news/harbour.html", "/news/harbour-page-2.html"),
        ("/kultur/hafen", "/kultur/hafen/seite-2"),
        ("/news/harbour.html", "https://www.paper.example/news/harbour.html?p=2"),
    ],
)
def test_a_page_goes_on_where_it_names_itself_with_the_next_number(first: str, second: str) -> None:
    found = next_page(page(first, rel("next", second)), f"{SITE}{first}", 1)
    assert found is not None
    assert found.endswith(second.replace("&amp;", "&").removeprefix("https://www.paper.example"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("/news/harbour-reopens", "/news/market-hall-burns"),  # the next article, as blogs state it
        ("/news/5121", "/news/5122"),
        ("/news/51", "/news/52"),
        ("/briefing", "/briefing-2"),  # another article of the same name
        ("/news/harbour-reopens", "https://other.example/news/harbour-reopens?page=2"),
        ("/news/harbour-reopens", "/news/harbour-reopens/3"),  # a page is missing between them
        ("/news/harbour-reopens", "/news/harbour-reopens/comment-page-2"),
        ("/", "/page/2"),
        ("/story?id=12", "/story?id=13"),
        ("/news/harbour-reopens", "/news/harbour-reopens"),
    ],
)
def test_what_is_no_further_page_of_the_article_is_left_alone(first: str, second: str) -> None:
    assert next_page(page(first, rel("next", second)), f"{SITE}{first}", 1) is None


def test_a_bare_number_behind_the_slug_is_a_page_where_the_page_lists_its_numbers() -> None:
    urls = ("/news/harbour.html", "/news/harbour-2.html")
    assert next_page(page(urls[0], rel("next", urls[1]), listed(*urls)), f"{SITE}{urls[0]}", 1) == f"{SITE}{urls[1]}"


def test_a_link_in_the_body_counts_like_one_in_the_head() -> None:
    body = "<a class=more rel='nofollow next' href=/news/harbour/3>Next</a>"
    assert next_page(page("/news/harbour/2", body=body), f"{SITE}/news/harbour", 2) == f"{SITE}/news/harbour/3"


def test_pages_cannot_lead_in_a_circle() -> None:
    back = page("/news/harbour/2", rel("next", "/news/harbour"))
    assert next_page(back, f"{SITE}/news/harbour", 2) is None
    again = page("/news/harbour/2", rel("next", "/news/harbour/2"))
    assert next_page(again, f"{SITE}/news/harbour", 2) is None


def test_a_later_page_knows_where_its_article_begins() -> None:
    second = page("/news/harbour/2", rel("prev", "/news/harbour"))
    assert first_page(second) == (f"{SITE}/news/harbour", 2)
    third = page("/news/harbour?page=3", rel("prev", "?page=2"), listed("/news/harbour", "?page=2", "?page=3"))
    assert first_page(third) == (f"{SITE}/news/harbour", 3)


@pytest.mark.parametrize(
    ("url", "before"),
    [
        ("/2026/11/12", "/2026/11/11"),
        ("/news/12", "/news/11"),
        ("/news/harbour", "/news/market"),
        ("/briefing-2", "/briefing"),
        ("/news/harbour-2026", "/news/harbour"),
    ],
)
def test_what_stands_before_another_article_or_day_begins_no_article(url: str, before: str) -> None:
    assert first_page(page(url, rel("prev", before))) is None


def article(*text: str, **values: object) -> Article:
    return Article(url=f"{SITE}/news/harbour", source="paper", site="paper.example", text="\n\n".join(text), **values)  # type: ignore[arg-type]


def test_the_pages_of_an_article_are_joined_in_order_and_what_they_repeat_stands_once() -> None:
    parts = (
        article("Lead.", "One.", "Two.", "Send us your pictures.", images=(Image(url="a"),)),
        article("Lead.", "Three.", "Four.", "Send us your pictures.", images=(Image(url="a"), Image(url="b"))),
        article("Five.", "Send us your pictures."),
    )
    whole = joined(parts)
    assert whole.paragraphs == ("Lead.", "One.", "Two.", "Three.", "Four.", "Five.", "Send us your pictures.")
    assert [image.url for image in whole.images] == ["a", "b"]


def test_a_refrain_inside_a_later_page_stays() -> None:
    whole = joined((article("One.", "And so it goes."), article("Two.", "And so it goes.", "Three.")))
    assert whole.paragraphs == ("One.", "And so it goes.", "Two.", "And so it goes.", "Three.")


def test_a_page_of_comments_that_prints_the_article_again_adds_nothing() -> None:
    parts = (article("One.", "Two."),)
    assert not adds(article("One.", "Two."), parts)
    assert adds(article("One.", "Three."), parts)


def test_the_last_page_of_an_article_may_be_short() -> None:
    body = "<article><h1>Harbour</h1><p>The gate opens again in May, the port said.</p></article>"
    assert read_further(page("/news/harbour/2", body=body), ExtractOptions()).text is not None
