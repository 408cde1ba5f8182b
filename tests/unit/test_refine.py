"""The pure steps: what comes out can be stored, and refining again changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.article import Article, Author, Extractor, Image
from newscrawl.errors import ArticleRejected, Outcome
from newscrawl.refine import RefineOptions, check, is_refined, refine, text_extractor

URL = "https://harbour-times.example/news/harbour-reopens"
TEXT = (
    "Ships returned to the harbour on Monday after two days of repairs, the port said.\n\n"
    "The storm had broken two piers and the tower of the pilots, who worked from a bus meanwhile."
)


def article(**fields: object) -> Article:
    given = {"url": URL, "date_crawled": "2026-03-05T09:00:00Z", "title": "Harbour reopens", "text": TEXT}
    return Article(**{**given, **fields})  # type: ignore[arg-type]


def rejection(function: object, *arguments: object) -> ArticleRejected:
    assert callable(function)
    with pytest.raises(ArticleRejected) as raised:
        function(*arguments)
    return raised.value


def test_a_refined_article_passes_the_check_and_knows_itself() -> None:
    refined = refine(article())
    check(refined)
    assert is_refined(refined)
    assert not is_refined(article())
    assert not is_refined(replace(refined, text="Another text."))
    assert not is_refined(replace(refined, url="https://harbour-times.example/other"))
    assert (refined.site, refined.source, refined.language) == ("harbour-times.example", "harbour-times.example", "en")
    assert refined.extractor == text_extractor()


@given(
    st.builds(
        article,
        title=st.none() | st.text(max_size=40),
        description=st.none() | st.text(max_size=60) | st.just("Ships returned to the harbour on…"),
        language=st.sampled_from([None, "en", "en_US", "ru", "xx"]),
        text=st.lists(st.text(max_size=80) | st.just("Share") | st.just("{{ title }}"), max_size=6).map(
            lambda parts: "\n\n".join([*parts, TEXT])
        ),
        tags=st.lists(st.text(max_size=10), max_size=3).map(tuple),
        authors=st.lists(st.builds(Author, name=st.text(max_size=10)), max_size=3).map(tuple),
        flags=st.sampled_from([(), ("live_blog",), ("short", "mixed_script")]),
    )
)
@settings(max_examples=150, deadline=None)
def test_refining_twice_changes_nothing(given: Article) -> None:
    once = refine(given)
    assert refine(once) == once
    assert is_refined(once)
    check(once)


def test_characters_are_put_right_in_every_field() -> None:
    refined = refine(
        article(
            title="  Harbour\u200b reopens\n",
            description="GrÃ¶ÃŸer als zuvor",
            text=f"Der Hafen ist wieder grÃ¶Ãer, sagte der Direktor.\n\n{TEXT}\x00",
            authors=(Author(name=" Anna  Berg "), Author(name="\u200b")),
            tags=("harbour ", "harbour", ""),
            images=(Image(url="https://harbour-times.example/i.jpg", caption=" \n ", credit="North\u00a0Agency"),),
        )
    )
    assert refined.title == "Harbour reopens"
    assert refined.authors == (Author(name="Anna Berg"),)
    assert refined.tags == ("harbour",)
    assert refined.images[0].caption is None
    assert refined.images[0].credit == "North Agency"
    assert "encoding_repaired" in refined.flags
    assert "\x00" not in (refined.text or "")
    check(refined)


@pytest.mark.parametrize(
    "description",
    [
        "Ships returned to the harbour on Monday after two days of repairs, the port said.",
        "Ships returned to the harbour on Mon…",
        "HARBOUR REOPENS!",
        "…",
    ],
)
def test_a_description_that_only_repeats_is_null(description: str) -> None:
    text = f"Ships returned to the harbour on Monday after two days of repairs, the port said. More.\n\n{TEXT[83:]}"
    assert refine(article(description=description, text=text)).description is None


def test_a_description_that_says_its_own_stays() -> None:
    assert refine(article(description="The storm is over.")).description == "The storm is over."


@pytest.mark.parametrize(
    ("declared", "language", "flagged"),
    [
        ("en", "en", False),
        ("en_US", "en-US", False),
        (None, "en", False),
        ("nonsense!", "en", False),
        ("ru", "en", True),
    ],
)
def test_the_language_is_the_declared_one_unless_the_text_is_in_another(
    declared: str | None, language: str, *, flagged: bool
) -> None:
    refined = refine(article(language=declared))
    assert refined.language == language
    assert ("language_mismatch" in refined.flags) is flagged


def test_short_and_mixed_script_are_flags_of_the_text_as_it_is_now() -> None:
    refined = refine(article(text=f"{TEXT}\n\nThe group Baktykожа was there too.", flags=("live_blog",)))
    assert refined.flags == ("live_blog", "mixed_script", "short")
    longer = refine(replace(refined, text="\n\n".join(f"{TEXT} {number}" for number in range(4))))
    assert longer.flags == ("live_blog",)


def test_a_news_flash_of_two_sentences_is_an_article() -> None:
    flash = "The harbour of Longshore is open again since noon, the port said. Ships that wait outside come in first."
    assert refine(article(text=flash, description=flash)).text == flash


def test_too_little_too_much_and_nothing_are_rejected_with_figures() -> None:
    short = rejection(refine, article(text="Harbour open again."))
    assert (short.outcome, short.reason) == (Outcome.TOO_SHORT, "3 words of text, at least 12 needed")
    nothing = rejection(refine, article(text="Share\n\nAccept all\n\nADVERTISEMENT"))
    assert nothing.outcome is Outcome.NO_TEXT
    assert "3 paragraphs" in nothing.reason
    assert rejection(refine, article(text=None)).outcome is Outcome.NO_TEXT
    large = rejection(refine, article(text="a" * 11), RefineOptions(max_text_chars=10))
    assert (large.outcome, large.url) == (Outcome.TOO_LARGE, URL)
    assert refine(article(text="Harbour open again."), RefineOptions(min_words=3)).word_count == 3


def test_an_address_that_is_none_is_rejected_by_name() -> None:
    rejected = rejection(refine, article(url="file:///etc/passwd"))
    assert rejected.outcome is Outcome.ERROR
    assert rejected.reason.startswith("field url:")


def test_tracking_and_fragment_leave_the_address_and_a_bad_canonical_is_dropped() -> None:
    refined = refine(article(url=f"{URL}?utm_source=x#top", url_canonical="javascript:void(0)"))
    assert (refined.url, refined.url_canonical) == (URL, None)


def test_the_extractor_of_a_page_stays() -> None:
    extractor = Extractor(name="trafilatura", version="v2", config="c1")
    assert refine(article(extractor=extractor)).extractor == extractor


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text_sha256": "sha256:" + "0" * 64}, "field text_sha256"),
        ({"id": "nc_" + "a" * 26}, "field id"),
        ({"id": "12e4"}, "field id"),
        ({"flags": ("no_such_flag",)}, "field flags"),
        ({"date_crawled": "yesterday"}, "field date_crawled"),
        ({"date_published": "2036-01-01T00:00:00Z", "date_precision": "day"}, "field date_published"),
        ({"date_published": "2026-03-04T00:00:00Z"}, "field date_precision"),
        ({"status": "gone"}, "field text"),
        ({"text": None}, "field text"),
        ({"word_count": -1}, "field word_count"),
        ({"run_id": "no run"}, "field run_id"),
        ({"title": 3}, "field title"),
    ],
)
def test_the_check_names_the_field_at_fault(changes: dict[str, object], field: str) -> None:
    rejected = rejection(check, replace(refine(article()), **changes))  # type: ignore[arg-type]
    assert rejected.outcome is Outcome.ERROR
    assert rejected.reason.startswith(field)
