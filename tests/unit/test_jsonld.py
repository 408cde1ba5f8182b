"""JSON-LD: each block alone, bounded, and only what is about the page."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.extract.jsonld import MAX_BLOCK_CHARS, JsonLd, load, read_jsonld
from newscrawl.extract.tree import parse_html

URL = "https://news.example/a"


def read(*blocks: str, url: str = URL) -> JsonLd:
    scripts = "".join(f'<script type="application/ld+json">{block}</script>' for block in blocks)
    root = parse_html(f"<html><head>{scripts}</head><body><p>x</p></body></html>".encode())
    assert root is not None
    return read_jsonld(root, (url,))


def an_article(**values: object) -> str:
    return json.dumps({"@type": "NewsArticle", **values})


def test_a_broken_block_loses_only_itself() -> None:
    assert read("{broken", an_article(headline="Harbour reopens")).line("headline") == "Harbour reopens"


@pytest.mark.parametrize(
    "block",
    [
        '<!-- {"@type": "NewsArticle", "headline": "H"} -->',
        '//<![CDATA[\n{"@type": "NewsArticle", "headline": "H"}\n//]]>',
        '{"@type": "NewsArticle", "headline": "H",}',
        '{"@type": "NewsArticle", "headline": "H", "description": "two\nlines"}',
        '{"@type": "NewsArticle", "headline": "H"};',
        '{"@type": "WebSite"} {"@type": "NewsArticle", "headline": "H"}',
        '[{"@type": "NewsArticle", "headline": "H"}]',
        '{"@graph": [{"@type": "WebSite"}, {"@type": ["Thing", "NewsArticle"], "headline": "H"}]}',
        '{"@type": "WebPage", "mainEntity": {"@type": "http://schema.org/NewsArticle", "headline": "H"}}',
        '{"@type": "NewsArticle", "headline": "H", "wordCount": NaN}',
    ],
)
def test_what_publishers_write_is_read(block: str) -> None:
    assert read(block).line("headline") == "H"


def test_of_several_articles_the_one_that_names_the_page_is_read() -> None:
    teaser = an_article(headline="Another", url="https://news.example/b", author="X", description="rich", image="i")
    assert read(teaser, an_article(headline="This one", mainEntityOfPage={"@id": URL})).line("headline") == "This one"


def test_articles_of_a_list_are_not_the_pages_own() -> None:
    listed = json.dumps({"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "headline": "Another"}]})
    assert not read(listed).article


def test_several_articles_about_other_pages_are_none_of_this_page() -> None:
    others = [an_article(headline=name, url=f"https://news.example/{name}") for name in "bc"]
    assert not read(*others).article


def test_a_reference_is_resolved_within_the_page() -> None:
    jsonld = read(
        '{"@graph": [{"@type": "NewsArticle", "author": {"@id": "#p"}}, {"@id": "#p", "name": "Ruth Amberly"}]}'
    )
    assert jsonld.resolve(jsonld.article["author"]) == {"@id": "#p", "name": "Ruth Amberly"}


def test_an_oversized_block_is_not_parsed() -> None:
    assert not read(an_article(headline="x" * MAX_BLOCK_CHARS)).article


def test_a_bottomless_block_is_no_object() -> None:
    assert load('{"a":[' * 100_000) is None
    assert not read('{"@graph":[' * 500 + an_article(headline="H") + "]}" * 500).article


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=True) | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["@type", "@id", "@graph", "name", "url", "headline", "author", "mainEntityOfPage"]), inner
        )
    ),
    max_leaves=20,
)


@settings(max_examples=60)
@given(json_values)
def test_no_value_of_a_wrong_type_stops_the_reading(value: object) -> None:
    jsonld = read(json.dumps(value), an_article(headline=value, author=value, url=value))
    assert jsonld.line("headline") is None or isinstance(jsonld.line("headline"), str)
