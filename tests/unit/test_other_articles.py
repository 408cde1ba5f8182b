"""Endless pages: what stands below is another article, and no part of this one."""

from __future__ import annotations

import pytest

from newscrawl.article import Page
from newscrawl.extract.article import extract_article
from newscrawl.extract.layout import find_heading, other_articles
from newscrawl.extract.tree import parse_html

OWN = "The harbour reopened on Monday after two days of repairs, the port said in a statement to this paper."
NEXT = "The council voted on Tuesday to close the old library at the end of the year, against four hundred objections."


def page(below: str) -> Page:
    """An article of three paragraphs with something below it."""
    text = "".join(f"<p>{OWN} Part {part}.</p>" for part in range(3))
    return Page(
        url="https://harbour-times.example/2026/harbour-reopens",
        date_crawled="2026-11-24T06:00:00Z",
        html=(
            "<html lang=en><head><title>Harbour reopens | The Harbour Times</title></head><body><main>"
            f"<article><h1>Harbour reopens</h1>{text}</article>{below}</main></body></html>"
        ).encode(),
    )


def test_a_whole_article_with_a_headline_of_its_own_is_not_joined_to_this_one() -> None:
    below = "".join(f"<p>{NEXT} Part {part}.</p>" for part in range(9))
    article = extract_article(page(f"<div><article><h1>Library to close</h1>{below}</article></div>"))
    assert article.title == "Harbour reopens"
    assert [text[:40] for text in article.paragraphs] == [OWN[:40]] * 3


@pytest.mark.parametrize("headline", ["<h1>Harbour reopens</h1>", "<h1></h1>", "<h2>Two days of repairs</h2>", ""])
def test_what_has_no_other_headline_is_a_part_of_this_one(headline: str) -> None:
    root = parse_html(page(f"<article>{headline}<p>{OWN}</p></article>").html)
    assert root is not None
    assert list(other_articles(root, find_heading(root, "Harbour reopens"))) == []


def test_an_article_within_this_one_is_left_to_other_rules() -> None:
    root = parse_html(b"<article><h1>Harbour reopens</h1><article><h1>Library to close</h1></article></article>")
    assert root is not None
    assert list(other_articles(root, find_heading(root, "Harbour reopens"))) == []
