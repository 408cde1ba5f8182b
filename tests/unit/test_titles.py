"""Which of a page's titles is the headline, and what does not belong to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import fromstring

from newscrawl.extract.head import read_head
from newscrawl.extract.jsonld import read_jsonld
from newscrawl.extract.names import SiteNames, site_names
from newscrawl.extract.stated import Stated
from newscrawl.extract.title import Titles, headings, pick_title, stated_titles, without_label

URL = "https://www.news.example/local/harbour-reopens"
PRINTED = "Harbour news today: the harbour reopens"
OWN = "The harbour reopens at last"


def read(og: str = "", headline: str = "", h1: str = "", title: str = "", more: str = "") -> str | None:
    ld = f'{{"@type": "NewsArticle", "headline": "{headline}"{more}}}' if headline else ""
    root = fromstring(
        f'<html><head><title>{title}</title><meta property="og:title" content="{og}">'
        f'<script type="application/ld+json">{ld}</script></head><body><h1>{h1}</h1></body></html>'
    )
    head, jsonld = read_head(root), read_jsonld(root, (URL,))
    names = site_names(Stated(url=URL, head=head, jsonld=jsonld, hint=None))
    return pick_title(stated_titles(head, jsonld, headings(root), names))


def test_words_for_search_engines_yield_to_the_publishers_own() -> None:
    assert read(og=OWN, headline=PRINTED, h1=PRINTED, title=f"{PRINTED} | News") == OWN


def test_words_for_sharing_yield_to_the_printed_headline_when_search_engines_get_them_too() -> None:
    assert read(og=OWN, headline=PRINTED, h1=PRINTED, title=OWN) == PRINTED


def test_a_headline_that_jsonld_gives_no_alternative_to_is_the_headline() -> None:
    more = f', "alternativeHeadline": "{OWN}"'
    assert read(og=PRINTED, headline=OWN, h1=PRINTED, title=PRINTED, more=more) == OWN


def test_a_slogan_is_no_title() -> None:
    assert read(og="Your daily paper since 1901", headline=OWN, h1=OWN, title=OWN) == OWN


@pytest.mark.parametrize(
    "og",
    [
        f"{OWN} - Local - Somewhere",
        f"{OWN}：Somewhere",
        f"{OWN}-Localㅣ Somewhere",
        f"Local | {OWN}",
        f"Harbour news: {OWN} | Local",
        f"{OWN} | Opinion",
        f"Opinion | {OWN}",
    ],
)
def test_what_stands_around_the_printed_headline_is_no_part_of_it(og: str) -> None:
    assert read(og=og, h1=OWN) == OWN


@pytest.mark.parametrize("og", [f"Ferries: {OWN}", f"{OWN} and the ferries sail"])
def test_a_kicker_and_the_rest_of_a_sentence_stay(og: str) -> None:
    assert read(og=og, h1=OWN) == og


def test_a_second_part_that_two_places_state_stays() -> None:
    whole = f"{OWN} - times and prices"
    assert read(og=whole, headline=whole, h1=OWN) == whole


def test_a_title_that_a_quote_cut_off_is_completed() -> None:
    assert read(og="The harbour reopens with a ", h1='The harbour reopens with a "royal visit"') == (
        'The harbour reopens with a "royal visit"'
    )


def test_a_site_name_element_that_holds_the_headline_names_no_site() -> None:
    root = fromstring(
        f'<html><head><meta name="application-name" content="{OWN}"><meta property="og:title" content="{OWN}"></head>'
        "<body></body></html>"
    )
    head, jsonld = read_head(root), read_jsonld(root, (URL,))
    names = site_names(Stated(url=URL, head=head, jsonld=jsonld, hint=None))
    assert names.publisher is None
    assert not names.has(OWN)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Opinion | Review | A book", "A book"),
        ("Opinion", "Opinion"),
        ("Opinion: a history", "Opinion: a history"),
        ("Мнение | Порт открыт", "Порт открыт"),
        ("Crime | and punishment", "Crime | and punishment"),
    ],
)
def test_only_a_rubric_behind_a_bar_goes(title: str, expected: str) -> None:
    assert without_label(title) == expected


words = st.text(alphabet="ab |-:…\"'", max_size=20) | st.none()


@given(words, words, st.lists(st.text(alphabet="ab |-:", max_size=20), max_size=3), words)
def test_the_title_is_one_that_was_stated(
    shared: str | None, headline: str | None, printed: list[str], searched: str | None
) -> None:
    titles = Titles(
        shared=shared,
        headline=headline,
        is_headline_repeated=False,
        printed=tuple(printed),
        searched=searched,
        lesser=(),
    )
    chosen = pick_title(titles)
    assert chosen in titles.all() if titles.all() else chosen is None


def test_the_name_of_no_site_cuts_nothing() -> None:
    assert not SiteNames(publisher=None, folded=frozenset()).has("")


@pytest.mark.parametrize(
    ("part", "publisher"),
    [
        ('{"@type": "WebSite", "name": "Harbour Times"}}', "Harbour Times"),
        ('{"@id": "/#site"}}, {"@id": "/#site", "@type": "WebSite", "name": "Harbour Times"}', "Harbour Times"),
        ('{"@type": ["CreativeWork", "Product"], "name": "Harbour Times Basic"}}', None),
        ('{"@type": "WebPage", "name": "Harbour reopens"}}', None),
    ],
)
def test_what_an_article_is_part_of_may_name_its_publisher(part: str, publisher: str | None) -> None:
    block = f'[{{"@type": "NewsArticle", "headline": "{OWN}", "isPartOf": {part}]'
    root = fromstring(f'<html><head><script type="application/ld+json">{block}</script></head><body></body></html>')
    jsonld = read_jsonld(root, (URL,))
    assert site_names(Stated(url=URL, head=read_head(root), jsonld=jsonld, hint=None)).publisher == publisher
