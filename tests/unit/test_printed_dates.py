"""Dates in the words of a page: read where only one reading is possible, and never from prose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newscrawl.article import Article, Page
from newscrawl.dates import parse_moment
from newscrawl.extract.article import extract_article
from newscrawl.extract.printed_dates import find_dates

URL = "https://www.news.example/local/harbour-reopens"
P = "The harbour of the old town reopened on Tuesday after two days of repairs to the northern gate, the port said. "


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Published on Wednesday, 4th of March 2026 at 10:15 pm", "2026-03-04T22:15"),
        ("en", "Mar. 4, 2026, 12:05 AM EST", "2026-03-04T00:05 est"),
        ("en", "March 4, 2026 10:15 ET", "2026-03-04"),
        ("de", "Mittwoch, 4. März 2026, 14.07 Uhr", "2026-03-04T14:07"),
        ("de", "04.03.2026", "2026-03-04"),
        ("de", "Mi 04.03.26 | 14:07 Uhr", "2026-03-04"),
        ("fr", "Publié le 1er mars 2026 à 14h07", "2026-03-01T14:07"),
        ("es", "4 de marzo de 2026", "2026-03-04"),
        ("pt", "04 de março de 2026 às 14h07", "2026-03-04T14:07"),
        ("it", "4 marzo 2026 alle 10:11", "2026-03-04T10:11"),
        ("nl", "4 mrt. 2026", "2026-03-04"),
        ("sv", "4 mars 2026 kl. 10:11", "2026-03-04T10:11"),
        ("pl", "4 marca 2026, godz. 10:12", "2026-03-04T10:12"),
        ("ru", "4 марта 2026 г., 06:05 МСК", "2026-03-04T06:05 msk"),
        ("uk", "4 березня 2026 р.", "2026-03-04"),
        ("kk", "2026 ж. 12 қазан", "2026-10-12"),
        ("tr", "20 KASIM 2026", "2026-11-20"),
        ("ar", "٤ مارس ٢٠٢٦", "2026-03-04"),
        ("ar", "4 كانون الثاني 2026", "2026-01-04"),
        ("hi", "४ मार्च २०२६", "2026-03-04"),
        ("zh", "发布时间：2026年3月4日 10:11", "2026-03-04T10:11"),
        ("ja", "2026年3月4日", "2026-03-04"),
        ("ko", "입력 2026.01.29. 오후 6:40", "2026-01-29T18:40"),
        ("ko", "2026년 1월 29일", "2026-01-29"),
        ("id", "Rabu, 4 Maret 2026 18.30 WIB", "2026-03-04"),
        ("vi", "Thứ tư, 22/10/2025, 14:25 (GMT+7)", "2025-10-22T14:25+07:00"),
        ("vi", "22 tháng 10, 2025", "2025-10-22"),
        ("en", "12/25/2026", "2026-12-25"),
        ("fr", "25/12/2026", "2026-12-25"),
        ("xx", "2026-03-04 10:11", "2026-03-04T10:11"),
    ],
)
def test_dates_of_many_languages_are_read(language: str, text: str, expected: str) -> None:
    (found,) = find_dates(text, language)
    assert found.value == expected
    assert not found.is_update
    assert parse_moment(found.value, "Europe/Berlin") is not None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "03/04/2026"),
        ("en", "yesterday at 10:15"),
        ("en", "4 March"),
        ("en", "2026"),
        ("en", "Vote on 3 March 2026"),
        ("en", "The vote of 3 March 2026 was close."),
        ("de", "Bundestagswahl 23. Februar 2025"),
        ("en", "4 März 2026"),
        ("de", "32.13.2026"),
        ("en", "Issue 4, 2026-03-04-17"),
        ("en", "3 March 2026 " * 20),
        ("ko", "24.04.25"),
        ("en", "04.03.26"),
        ("de", "Version 04.03.26"),
    ],
)
def test_an_ambiguous_date_or_a_date_among_other_words_is_none(language: str, text: str) -> None:
    assert find_dates(text, language) == ()


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("tr", "05.04.2025 - Güncelleme : 06.04.2025", [("2025-04-05", False), ("2025-04-06", True)]),
        ("ru", "12.10.2026 (дополнено 13.10.2026 07:05)", [("2026-10-12", False), ("2026-10-13T07:05", True)]),
        ("en", "Last updated: Dec. 18, 2025", [("2025-12-18", True)]),
        ("en", "Anna Roe | March 4, 2026 | 3 min read", [("2026-03-04", False)]),
    ],
)
def test_a_line_may_say_several_things_apart(language: str, text: str, expected: list[tuple[str, bool]]) -> None:
    assert [(one.value, one.is_update) for one in find_dates(text, language)] == expected


def test_a_label_before_the_line_says_that_it_is_an_update() -> None:
    assert [one.is_update for one in find_dates("4 March 2026", "en", label="Updated:")] == [True]


@given(st.text(max_size=200), st.sampled_from(["en", "tr", "ar", "xx"]))
def test_whatever_a_line_says_no_date_is_made_up(text: str, language: str) -> None:
    assert all(one.raw and parse_moment(one.value[:10]) for one in find_dates(text, language))


@given(st.dates(), st.sampled_from(["{d}.{m}.{y}", "{y}-{m:02}-{d:02}", "{y}年{m}月{d}日"]))
def test_every_day_is_read_back(day: object, form: str) -> None:
    text = form.format(d=day.day, m=day.month, y=f"{day.year:04}")  # type: ignore[attr-defined]
    found = find_dates(text, "en")
    is_recent = text and 1900 <= day.year <= 2099  # type: ignore[attr-defined]
    assert [one.value for one in found] == ([str(day)] if is_recent else [])


def page(above: str = "", below: str = "", before: str = "", head: str = "", **values: str) -> Article:
    top = above.replace("H1", "<h1>Harbour reopens</h1>")
    text = (
        f'<html lang="en"><head>{head}</head><body>{before}<article><header>{top}</header>'
        f"<div class=body><p>{P * 2}</p><p>{P * 2}</p><p>{P * 2}</p></div></article>{below}</body></html>"
    )
    return extract_article(Page(url=URL, html=text.encode(), date_crawled="2026-11-24T00:00:00Z", **values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "above",
    [
        "H1<p>4 March 2026</p>",
        "H1<p>By Ruth Amberly</p><div><span>Published</span> <span><!-- -->March 4, 2026</span></div>",
        "H1<time>4 March 2026</time><span>Updated</span> <span>5 March 2026</span>",
        "<p class=date>4 March 2026</p>H1",
    ],
)
def test_the_date_printed_in_the_head_of_the_article_is_read(above: str) -> None:
    it = page(above)
    assert (it.date_published, it.date_precision, it.date_source) == ("2026-03-04T00:00:00Z", "day", "time_element")
    assert (it.date_evidence or "").startswith("printed: ")
    assert "date_day_only" in it.flags


@pytest.mark.parametrize(
    "parts",
    [
        {"above": f"H1<p>{P}</p>", "below": "<p>4 March 2026</p>"},
        {"above": 'H1<a href="/b">Council votes on school meals again <span>4 March 2026</span></a>'},
        {"above": 'H1<ul><li><a href="/b">Council votes on school meals again</a> 4 March 2026</li></ul>'},
        {"above": "H1<aside><p>4 March 2026</p></aside>"},
        {"above": "H1<figure><figcaption>4 March 2026</figcaption></figure>"},
        {"above": "H1", "before": "<p>4 March 2026</p>"},
        {"above": "H1<p>Updated 4 March 2026</p>"},
        {"above": "H1<p>The harbour reopens on 4 March 2026 at last.</p>"},
    ],
)
def test_a_date_of_something_else_is_not_the_articles(parts: dict[str, str]) -> None:
    assert page(**parts).date_published is None


def test_a_printed_time_is_read_in_the_zone_of_the_source() -> None:
    it = page("H1<p>4 March 2026, 10:15</p>", time_zone="Europe/Berlin")
    assert (it.date_published, it.date_precision) == ("2026-03-04T09:15:00Z", "minute")


def test_a_stated_date_is_never_replaced_by_a_printed_one() -> None:
    head = '<meta property="article:published_time" content="2026-03-01T10:00:00Z">'
    it = page("H1<p>4 March 2026</p><p>Updated: 5 March 2026</p>", head=head)
    assert (it.date_published, it.date_source) == ("2026-03-01T10:00:00Z", "meta")
    assert it.date_modified == "2026-03-05T00:00:00Z"


@pytest.mark.parametrize(
    ("day", "moment", "expected"),
    [
        ("2026-03-04T00:00:00+00:00", "2026-03-05T04:39:05+00:00", "2026-03-05T04:39:05Z"),
        ("2026-03-04T00:00:00Z", "2026-03-03T14:00:00Z", "2026-03-03T14:00:00Z"),
        ("2026-03-04T00:00:00Z", "2026-03-06T04:00:00Z", "2026-03-04T00:00:00Z"),
        ("2026-03-04T00:00:00+01:00", "2026-03-04T07:00:00Z", "2026-03-03T23:00:00Z"),
        ("2026-03-04T08:00:00Z", "2026-03-04T07:00:00Z", "2026-03-04T08:00:00Z"),
    ],
)
def test_midnight_in_utc_gives_way_to_a_moment_of_that_day_somewhere(day: str, moment: str, expected: str) -> None:
    ld = f'<script type="application/ld+json">{{"@type": "NewsArticle", "datePublished": "{day}"}}</script>'
    meta = f'<meta property="article:published_time" content="{moment}">'
    assert page("H1", head=ld + meta).date_published == expected


def test_a_headline_may_be_a_small_heading() -> None:
    it = page("<h3>Harbour reopens</h3><p>4 March 2026</p>", head="<title>Harbour reopens</title>")
    assert it.date_published == "2026-03-04T00:00:00Z"
