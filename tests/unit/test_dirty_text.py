"""Texts that were extracted elsewhere: plain text and JSON lines."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.article import Article, Author
from newscrawl.dump.record import record, to_line
from newscrawl.errors import ArchiveError, Outcome
from newscrawl.readers import NoPage
from newscrawl.readers.dirty_text import article_from_text, articles_from_jsonl
from newscrawl.refine import check, refine

CRAWLED = "2026-03-05T09:00:00Z"
PROSE = "Ships returned to the harbour on Monday after two days of repairs, the port said."
MORE = "The storm had broken two piers and the tower of the pilots, who worked from a bus meanwhile."


def read(*values: Any) -> list[Article | NoPage | ArchiveError]:
    lines = [value if isinstance(value, bytes) else json.dumps(value).encode() for value in values]
    return list(articles_from_jsonl(lines, name="old.jsonl", date_crawled=CRAWLED))


def only(value: Any) -> Article:
    (article,) = read(value)
    assert isinstance(article, Article)
    return article


def test_the_first_line_is_the_title_and_skip_links_are_not() -> None:
    assert (
        article_from_text(f"Skip to content\n\nHarbour reopens\n\n{PROSE}", date_crawled=CRAWLED).title
        == "Harbour reopens"
    )


def test_a_text_that_begins_with_a_paragraph_has_no_title() -> None:
    article = article_from_text(f"{PROSE}\n\n{MORE}", date_crawled=CRAWLED)
    assert article.title is None
    assert article.paragraphs == (PROSE, MORE)


def test_the_standfirst_stands_between_the_title_and_its_repetition() -> None:
    text = f"Harbour reopens\n\nPhoto: Berg\n\n{MORE}\n\nHarbour reopens\n\n{PROSE}"
    assert article_from_text(text, date_crawled=CRAWLED).description == MORE
    assert article_from_text(f"Harbour reopens\n\n{MORE}\n\n{PROSE}", date_crawled=CRAWLED).description is None


def test_lines_are_paragraphs_unless_the_text_was_broken_at_a_width() -> None:
    assert article_from_text(f"{PROSE}\n{MORE}\n• One point", date_crawled=CRAWLED).paragraphs == (
        PROSE,
        MORE,
        "- One point",
    )
    wrapped = (
        "Ships returned to the harbour on Monday after two days of\n"
        "repairs, the port said, and the storm had broken two piers\n"
        "and the tower of the pilots."
    )
    assert article_from_text(wrapped, date_crawled=CRAWLED).paragraphs == (wrapped.replace("\n", " "),)


def test_a_text_without_an_address_is_named_by_its_hash_and_can_be_stored() -> None:
    first, again = (article_from_text(f"{PROSE}\n\n{MORE}", date_crawled=CRAWLED) for _ in range(2))
    assert first.url == again.url
    assert first.url.startswith("urn:sha256:")
    refined = refine(first)
    check(refined)
    assert (refined.site, refined.source, refined.discovered_via) == ("", "text", "text")
    assert article_from_text(PROSE, date_crawled=CRAWLED, url="file:///a").url.startswith("urn:sha256:")


def test_no_date_is_read_from_prose_and_none_is_made_up() -> None:
    refined = refine(article_from_text(f"Harbour reopens\n\n3 March 2026\n\n{PROSE} {MORE}", date_crawled=CRAWLED))
    assert refined.date_published is None


@pytest.mark.parametrize("text", ["text", "content", "body", "maintext", "article"])
@pytest.mark.parametrize(("title", "url"), [("title", "url"), ("headline", "link")])
def test_the_usual_names_of_fields_are_understood(text: str, title: str, url: str) -> None:
    article = only(
        {url: "https://harbour-times.example/a?utm_source=x", title: "Harbour reopens", text: f"{PROSE}\n{MORE}"}
    )
    assert article.url == "https://harbour-times.example/a"
    assert article.title == "Harbour reopens"
    assert article.paragraphs == (PROSE, MORE)


def test_metadata_is_kept() -> None:
    article = only(
        {
            "url": "https://harbour-times.example/a",
            "title": "Harbour reopens",
            "summary": "The storm is over.",
            "body": [PROSE, MORE],
            "date_publish": "2026-03-04T10:15:00+02:00",
            "authors": ["Anna Berg", {"name": "Ole Vik"}],
            "lang": "en",
            "publisher": {"name": "The Harbour Times"},
            "keywords": "harbour, storm",
            "section": "News",
        }
    )
    assert article.description == "The storm is over."
    assert (article.date_published, article.date_precision) == ("2026-03-04T08:15:00Z", "second")
    assert article.date_evidence == "json date_publish: 2026-03-04T10:15:00+02:00"
    assert article.authors == (Author(name="Anna Berg"), Author(name="Ole Vik"))
    assert (article.language, article.publisher, article.section) == ("en", "The Harbour Times", "News")
    assert article.tags == ("harbour", "storm")
    check(refine(article))


@pytest.mark.parametrize("date", ["2036-01-01T00:00:00Z", "1970-01-01T00:00:00Z"])
def test_a_date_that_cannot_be_is_null_and_flagged(date: str) -> None:
    article = only({"text": PROSE, "date": date})
    assert article.date_published is None
    assert "date_implausible" in article.flags


def test_a_bad_line_is_an_error_that_names_it_and_the_next_line_is_read() -> None:
    found = read(b'{"text": "torn', b"[1]", {"title": "no text"}, b"", {"text": PROSE}, b"\xff\xfe", b"[" * 100_000)
    assert [type(each) for each in found] == [
        ArchiveError,
        ArchiveError,
        ArchiveError,
        Article,
        ArchiveError,
        ArchiveError,
    ]
    assert [str(each).split(":")[0] for each in found if isinstance(each, ArchiveError)] == [
        f"old.jsonl, line {number}" for number in (1, 2, 3, 6, 7)
    ]


def test_a_line_of_our_own_dump_keeps_its_metadata_and_is_cleaned_again() -> None:
    stored = refine(Article(url="https://harbour-times.example/a", date_crawled=CRAWLED, title="Harbour reopens",
                            text=f"{PROSE}\n\n{MORE}", tags=("harbour",), discovered_via="feed"))  # fmt: skip
    stored_line = to_line(record(stored) | {"run_id": "run_1", "text": f"{stored.text}\n\nRead also:\n\nLatest"})
    (again,) = read(stored_line)
    assert isinstance(again, Article)
    refined = refine(again)
    assert (refined.text, refined.id, refined.tags, refined.discovered_via) == (
        stored.text,
        stored.id,
        ("harbour",),
        "feed",
    )
    assert refined.run_id == ""


def test_a_record_of_an_article_that_is_gone_is_no_article() -> None:
    (gone,) = read({"schema_version": "v1.0", "url": "https://harbour-times.example/a", "status": "gone"})
    assert isinstance(gone, NoPage)
    assert gone.outcome is Outcome.GONE


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    [
        "url",
        "link",
        "title",
        "text",
        "body",
        "date",
        "authors",
        "language",
        "publisher",
        "tags",
        "image",
        "schema_version",
        "status",
    ]
)


@given(st.dictionaries(names, json_values, max_size=8))
@settings(max_examples=200, deadline=None)
def test_values_of_any_type_never_crash_the_reader(values: dict[str, Any]) -> None:
    assert len(read(values)) == 1
