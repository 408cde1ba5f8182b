"""Hostile pages: bounded in depth, size and time, and the article is still found."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.article import Page
from newscrawl.errors import ArticleRejected, Outcome
from newscrawl.extract.article import read_page
from newscrawl.extract.lines import address, line
from newscrawl.extract.people import split_names
from newscrawl.extract.tree import (
    MAX_ATTRIBUTES,
    cut_long_scripts,
    cut_many_attributes,
    flatten,
    long_tags,
    parse_html,
)

P1 = "The harbour of the old town reopened on Tuesday after two days of repairs to the northern gate, the port said."
P2 = "Ferries to the islands left on time, and the fish market opened an hour later than it usually does in winter."
P3 = "A second gate will be replaced next year, when the new crane has arrived from the yard in the south of the bay."
ARTICLE = f"<article><h1>Harbour reopens</h1><p>{P1}</p><p>{P2}</p><p>{P3}</p></article>"


def text_of(html: str) -> tuple[str, ...]:
    page = Page(
        url="https://news.example/2026/03/04/harbour-reopens-at-last", html=html.encode("utf-8", "surrogatepass"),
        date_crawled="2026-03-05T00:00:00Z",
    )  # fmt: skip
    return read_page(page).article.paragraphs


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<div>" * 5_000, "</div>" * 5_000),
        ("<div>" * 100_000, ""),
        ("<font>" * 3_000, ""),
        ("<table><tr><td>" * 400, "</td></tr></table>" * 400),
        ("<b><p>" * 2_000, ""),
        ("</div>" * 5_000, ""),
        ("<!-- never closed at the top? closed --> \0\0", "\0"),
        ('<script type="application/ld+json">' + '{"a":[' * 60_000 + "</script>", ""),
        (
            '<script type="application/ld+json">{"@type":"NewsArticle","headline":"' + "x" * 1_200_000 + '"}</script>',
            "",
        ),
        ("<script>" + "x" * 1_200_000 + "</script>", ""),
    ],
    ids=["divs", "unclosed", "fonts", "tables", "mixed", "ends", "nul", "deep-jsonld", "huge-jsonld", "huge-script"],
)
def test_the_article_of_a_hostile_page_is_found(before: str, after: str) -> None:
    assert text_of(
        f"<html><head><title>Harbour reopens</title></head><body>{before}{ARTICLE}{after}</body></html>"
    ) == (
        P1,
        P2,
        P3,
    )


def test_flattening_keeps_the_text_and_bounds_the_depth() -> None:
    flat = flatten("<div>" * 400 + "<p>deep</p>" + "</div>" * 400, 100)
    assert flat.count("<div>") == flat.count("</div>") == 100
    assert "<p>deep</p>" in flat


def test_long_scripts_go_and_short_ones_stay() -> None:
    html = b"<script>short</script><p>a</p><SCRIPT>" + b"x" * 200 + b"</SCRIPT><p>b</p>"
    assert cut_long_scripts(html, 100) == b"<script>short</script><p>a</p><p>b</p>"


@pytest.mark.parametrize(
    "text",
    ["by " * 30_000, ", " * 50_000, "(" * 100_000, "a - | " * 20_000, "<" * 100_000, "&amp;" * 20_000, " \n" * 50_000],
    ids=["by", "comma", "brackets", "separators", "lt", "entities", "space"],
)
def test_rules_for_metadata_are_linear(text: str) -> None:
    start = time.perf_counter()
    line(text)
    split_names(text)
    address(text, "https://news.example/")
    assert time.perf_counter() - start < 2


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("<>/=\"' &;#!-abdpiv\n\0")), max_size=300))
def test_any_soup_of_tags_is_read_or_rejected(soup: str) -> None:
    try:
        found = text_of(f"<html><body>{ARTICLE}{soup}</body></html>")
    except ArticleRejected:
        return
    assert found


@given(st.text(max_size=200))
def test_a_line_is_one_line_and_stays_as_it_is(text: str) -> None:
    once = line(text)
    assert once is None or (
        ("\n" not in once and once == once.strip() and once.isprintable()) or "\u200c" in once or "\u200d" in once
    )


def inside(*parts: str, behind: str = "") -> str:
    text = f"<section class=s>{''.join(parts)}</section>"
    return f"<html><body><main><h1>Harbour reopens</h1>{text}{behind}</main></body></html>"


def p(text: str) -> str:
    return f"<p>{text}</p>"


TITLES = '<li><a href="/1">Storm closes the harbour</a></li><li>Islands: <a href="/2">Ferry late once again</a></li>'
PARTS = '<li><a href="#a">What happened</a></li><li><a href="#b">What comes</a></li>'


@pytest.mark.parametrize(
    "teaser",
    [
        '<p><strong><a href="/1">STORM CLOSES THE HARBOUR FOR TWO DAYS</a></strong></p>',
        f"<h3>More for you</h3><ul>{TITLES}</ul>",
        f"<p>On this page</p><ul>{PARTS}</ul>",
        '<a href="/1"><h4>Storm closes harbour</h4><p>The storm of the century closed it for two days.</p></a>',
        '<div class=x><h3><a href="/1">Storm closes the harbour</a></h3><p>It stays closed for two days.</p></div>',
        '<div><a href="/1">Storm closes the harbour</a></div>',
        '<a href="/1"><span>Also here</span> Storm closes the harbour</a>',
        '<div><img src="i.jpg" alt="The gate at noon on Monday"><div><p>The gate at noon on Monday</p></div></div>',
        '<div><p>More</p><a href="/1"><img src="i.jpg"></a><p><a href="/1">Storm closes the harbour</a></p></div>',
    ],
    ids=[
        "linked title",
        "list of titles",
        "contents",
        "linked box",
        "card",
        "linked line",
        "link alone",
        "alternative text",
        "card with a picture",
    ],
)
def test_teasers_and_contents_between_the_paragraphs_are_no_text(teaser: str) -> None:
    assert text_of(inside(p(P1), p(P2), teaser, p(P3))) == (P1, P2, P3)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ('<h3><a href="/1">What the storm has left</a></h3>', "What the storm has left"),
        ('<p>The port <a href="/1">said in a letter</a> it was sorry.</p>', "The port said in a letter it was sorry."),
        ('<p><a href="/1">The port said in a letter it was sorry.</a></p>', "The port said in a letter it was sorry."),
        ('<ul><li>Gate one, as <a href="/1">reported</a></li></ul>', "- Gate one, as reported"),
    ],
    ids=["linked heading over a paragraph", "link in a sentence", "linked sentence", "list with a link"],
)  # fmt: skip
def test_text_with_links_in_it_stays(own: str, said: str) -> None:
    assert text_of(inside(p(P1), p(P2), own, p(P3))) == (P1, P2, said, P3)


def test_menus_and_teasers_around_the_text_are_no_text() -> None:
    menu = '<ul><li><a href="/s">News</a></li><li><a href="/p">Port</a></li></ul>'
    teaser = (
        '<div><a href="/1"><h3>Storm closes harbour</h3><p>The storm of the century closed it on Monday.</p></a></div>'
    )
    assert text_of(inside(menu, p(P1), p(P2), p(P3), menu, behind=teaser)) == (P1, P2, P3)


def test_a_box_with_paragraphs_of_text_is_no_card() -> None:
    box = f'<div><a href="/1"><img src="i.jpg"></a>{p(P2)}{p(P3)}<p><a href="/1">Storm closes the harbour</a></p></div>'
    assert text_of(inside(p(P1), box, p(P1.upper()))) == (P1, P2, P3, P1.upper())


def test_a_lone_paragraph_in_a_box_of_its_own_behind_the_text_is_no_text() -> None:
    page = inside(
        *(f"<div class=w>{p(text)}</div>" for text in (P1, P2, P3)), behind="<div class=b><p>Anna writes.</p></div>"
    )
    assert text_of(page) == (P1, P2, P3)


def test_the_last_paragraph_in_a_box_like_those_of_the_text_stays() -> None:
    last = "The gate is to open on Friday, the port said on Monday."
    page = inside(*(f"<div class=w>{p(text)}</div>" for text in (P1, P2, P3)), behind=f"<div class=w>{p(last)}</div>")
    assert text_of(page) == (P1, P2, P3, last)


def test_a_text_printed_in_several_boxes_is_one() -> None:
    boxes = [f"<div class=row><div class=body>{p(P1)}{p(P2)}</div><div class=ad></div></div>"]
    boxes += [f"<div class=row><div class=body>{p(text)}{p(text[::-1])}</div></div>" for text in (P3, P1.upper())]
    page = f"<html><body><article><h1>Harbour reopens</h1>{''.join(boxes)}</article></body></html>"
    assert text_of(page) == (P1, P2, P3, P3[::-1], P1.upper(), P1.upper()[::-1])


def test_a_box_under_a_heading_of_its_own_is_another_article() -> None:
    boxes = f"<div class=row><div class=body>{p(P1)}{p(P2)}{p(P3)}</div></div>"
    boxes += f"<div class=row><h2>Storm closes harbour</h2><div class=body>{p(P1[::-1])}</div></div>"
    page = f"<html><body><article><h1>Harbour reopens</h1>{boxes}</article></body></html>"
    assert P1[::-1] not in text_of(page)[:3]
    assert text_of(page)[:3] == (P1, P2, P3)


def test_nothing_parses_to_nothing() -> None:
    assert parse_html(b"") is None


def test_an_empty_element_that_a_style_sheet_makes_a_line_break_parts_paragraphs() -> None:
    body = f"<div>{P1}<span class='part br'></span>{P2}<span class='part br'></span>{P3}</div>"
    assert text_of(f"<html><body><article><h1>Harbour reopens</h1>{body}</article></body></html>") == (P1, P2, P3)


def test_an_element_with_a_hundred_thousand_attributes_costs_little() -> None:
    attributes = " ".join(f'data-a{n}="1"' for n in range(100_000))
    assert text_of(f"<html><body><hr {attributes}>{ARTICLE}</body></html>") == (P1, P2, P3)


def test_a_tag_keeps_its_attributes_unless_there_are_a_thousand_of_them() -> None:
    few = b'<p class="a" data-json="' + b"x " * 20_000 + b'" hidden id=b>'
    assert cut_many_attributes(few) == few
    many = b"<p " + b" ".join(b"a%d='1'" % n for n in range(3_000)) + b">"
    for before in (b"", b"x" * 30_000, b"<b>" * 4_000, b"<i>" + b"x" * 12_345 + b"</i>", few):
        cut = cut_many_attributes(before + many + b"text<br>" + few)
        assert cut.startswith(before + b"<p a0='1' a1='1'")
        assert cut.endswith(b">text<br>" + few)
        assert cut.removeprefix(before).removesuffix(few).count(b"=") == MAX_ATTRIBUTES


@given(st.lists(st.sampled_from([b"<", b">", b"<a ", b"x" * 4_000, b"y " * 2_600, b"x" * 10_001]), max_size=30))
def test_every_tag_too_long_to_be_trusted_is_found(parts: list[bytes]) -> None:
    text = b"".join(parts)
    assert list(long_tags(text)) == [
        (tag.start(), tag.end() - 1) for tag in re.finditer(rb"<[a-zA-Z][^<>]{9999,}>", text)
    ]


def test_elements_of_a_made_up_name_may_nest_too() -> None:
    assert text_of(f"<html><body>{'<x-wrap>' * 5_000}{ARTICLE}</body></html>") == (P1, P2, P3)


def test_a_page_with_more_elements_than_any_page_has_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(ArticleRejected, match="200008 elements, limit 150000") as caught:
        text_of(f"<html><body>{ARTICLE}{'<a href>x' * 200_000}<p></body></html>")
    assert caught.value.outcome is Outcome.TOO_LARGE
