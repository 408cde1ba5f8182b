"""Record and line: what goes in comes back, and one line is one line to everybody."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.article import Article, Author, Extractor, Fetch, Image, OptOut, Prepared, Removed
from newscrawl.dump.record import article_from, record, to_line

ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=40)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "url", "x"]), inner),
    max_leaves=6,
)
FULL = Article(
    id="nc_" + "a" * 26,
    url="https://harbour-times.example/a",
    title="Harbour reopens",
    text="One.\n\nTwo.",
    authors=(Author(name="Ada Ahn", url="https://harbour-times.example/ada"), Author(name="Bo")),
    images=(Image(url="https://harbour-times.example/a.jpg", caption="Harbour", credit=None),),
    tags=("harbour", "ships"),
    optout=OptOut(meta_robots="noai"),
    extractor=Extractor(name="trafilatura", version="v2.3.1", config="c1"),
    word_count=2,
)


def test_fields_come_in_the_order_of_the_dataclass_without_what_only_travels_along() -> None:
    article = Article(
        removed=(Removed(place=0, text="Share", rule="share_buttons", why="…"),),
        fetch=Fetch(requested_url=""),
        prepared=Prepared(text_sha256="", signature=None, lines=()),
    )
    names = [each.name for each in fields(Article) if each.name not in {"removed", "fetch", "prepared"}]
    assert list(record(article)) == names


def test_a_record_holds_json_values_only() -> None:
    assert json.loads(json.dumps(record(FULL))) == record(FULL)


def test_an_article_survives_the_way_through_a_line() -> None:
    assert article_from(json.loads(to_line(record(FULL)))) == FULL


@settings(max_examples=60, deadline=None)
@given(ANY_TEXT)
def test_any_text_gives_exactly_one_line_to_every_reader(text: str) -> None:
    line = to_line({"text": text})
    assert line.endswith(b"\n")
    assert len(line.decode().splitlines()) == 1
    assert json.loads(line)["text"] == "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)


def test_separators_are_escaped_and_other_characters_are_not() -> None:
    assert to_line({"text": "\u2028\u2029\x85é—"}) == '{"text": "\\u2028\\u2029\\u0085é—"}\n'.encode()


def test_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        to_line({"similarity": float("nan")})


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from([*(each.name for each in fields(Article)), "other"]), JSON_VALUES))
def test_a_record_of_any_quality_gives_an_article_with_values_of_the_right_types(values: dict[str, object]) -> None:
    article = article_from(values)
    assert all(isinstance(each, Author) and isinstance(each.name, str) for each in article.authors)
    assert type(article.revision) is int
    assert article.title is None or isinstance(article.title, str)


def test_unknown_keys_are_left_out_and_missing_ones_are_the_default() -> None:
    assert article_from({"title": "A", "later_field": 1}) == Article(title="A")


def test_a_value_of_another_type_is_the_default() -> None:
    assert article_from({"revision": True, "tags": "a", "title": 7, "authors": [{"url": "x"}, "Bo"]}) == Article()
