"""What is found when a dump is searched, and what is marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newscrawl.browse.words import excerpt, hits, marked, read_terms, searchable


def marked_words(text: str, asked: str) -> list[str]:
    return [piece.text for piece in marked(text, read_terms(asked)) if piece.is_hit]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("A Café reopened", "cafe"),
        ("a cafe reopened", "CAFÉ"),
        ("Новогодняя ёлка", "елка"),
        ("Ţară şi ţară", "țara"),
        ("İstanbul'da", "istanbul"),
        ("Straße", "STRASSE"),
        ("العَرَبِيَّة", "العربية"),
        ("שָׁלוֹם", "שלום"),
        ("क्रिकेट मैच", "मैच"),
        ("東京の港口で", "港口"),
        ("ท่าเรือกรุงเทพ", "กรุงเทพ"),
        ("서울 항구", "항구"),
        ("harbours", "harbour*"),
        ("the tide came in", '"tide came"'),
    ],
)
def test_what_is_asked_stands_in_the_text(text: str, asked: str) -> None:
    assert marked_words(text, asked) != []


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("harbours", "harbour"),
        ("came the tide", '"tide came"'),
        ("港に口がある", "港口"),
        ("मैच", "मैं"),
        ("harbour", "-harbour"),
        ("anything", '* -- "" \''),
    ],
)
def test_what_is_not_asked_is_not_marked(text: str, asked: str) -> None:
    assert marked_words(text, asked) == []


def test_signs_of_the_search_language_are_words_or_nothing() -> None:
    terms = read_terms('title:x OR NEAR(a b) "c\'d" (e* -f "unclosed g')
    assert [term.match for term in terms] == [
        '"title x"', '"or"', '"near a"', '"b"', '"c d"', '"e" *', '"f"', '"unclosed g"',
    ]  # fmt: skip
    assert [term.is_excluded for term in terms] == [False] * 6 + [True, False]


@given(st.text(max_size=80))
def test_a_text_is_found_by_its_own_words_and_marking_loses_nothing(text: str) -> None:
    whole = "".join(piece.text for piece in marked(text, read_terms(text)))
    assert whole == text
    assert all(not set(term.match) & set("():^+{}") for term in read_terms(text))
    assert searchable(searchable(text)) == searchable(text)


@given(st.text(max_size=200), st.text(min_size=1, max_size=5))
def test_an_excerpt_is_short_and_holds_the_first_hit(text: str, asked: str) -> None:
    terms = read_terms(asked)
    short = excerpt(text, terms, 60)
    assert len(short) <= 62
    if hits(text, terms) and " " not in text[slice(*hits(text, terms)[0])]:
        assert hits(short, terms)
