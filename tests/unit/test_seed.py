"""The article that cleaning was first written for, as dirty text and as a page: both come to the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from newscrawl.article import Article, Page
from newscrawl.readers.dirty_text import article_from_text
from newscrawl.refine import article_from_page, check, refine
from newscrawl.text.scripts import word_count

CASES = Path(__file__).parents[1] / "cases"
CRAWLED = "2026-11-23T09:00:00Z"
BLOCKS = [block.strip() for block in (CASES / "koshanov.txt").read_text("utf-8").split("\n\n") if block.strip()]
TITLE = BLOCKS[1]
STANDFIRST = BLOCKS[2]
PARAGRAPHS = [*BLOCKS[5:13], *(f"- {line.strip(' •')}" for line in BLOCKS[14].splitlines())]


def from_text() -> Article:
    return refine(article_from_text((CASES / "koshanov.txt").read_text("utf-8"), date_crawled=CRAWLED))


def from_page() -> Article:
    html = (CASES / "koshanov.html").read_bytes()
    return article_from_page(Page(url="https://steppe-review.example/koshanov", html=html, date_crawled=CRAWLED))


@pytest.mark.parametrize("read", [from_text, from_page])
def test_title_standfirst_paragraphs_and_key_points_come_out_and_nothing_else(read: object) -> None:
    assert callable(read)
    article: Article = read()
    assert article.title == TITLE
    assert article.description == STANDFIRST
    assert list(article.paragraphs) == PARAGRAPHS
    assert len(PARAGRAPHS) == 10
    assert article.flags == ("mixed_script", "placeholder_text")
    assert article.language == "en"
    assert article.word_count == word_count("\n".join(PARAGRAPHS))
    assert article.date_published is article.date_precision is article.date_source is article.date_evidence is None
    check(article)


def test_what_the_text_lost_is_recorded_with_its_reasons() -> None:
    removed = [(line.rule, line.text) for line in from_text().removed]
    caption = BLOCKS[3].splitlines()[0]
    assert removed == [
        ("skip_links", "Skip to content"),
        ("repeated_title", TITLE),
        ("repeated_description", STANDFIRST),
        ("image_captions", caption),
        ("image_captions", caption),
        ("repeated_title", TITLE),
        ("placeholders", "[1] Reference omitted for brevity."),
        ("read_also", "Read also:"),
        ("read_also", "Latest"),
    ]
