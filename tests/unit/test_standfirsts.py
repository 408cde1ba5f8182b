"""The standfirst of pages that do not name it: by its place, and by what the page states of itself."""

from __future__ import annotations

import pytest

from newscrawl.article import Page
from newscrawl.extract.article import Reading, read_page

P = "The harbour of the old town reopened on Tuesday after two days of repairs to the northern gate, the port said. "
LEAD = "The repairs cost a third more than planned, and the second gate is still to come."
BODY = f"<div class=body><p>{P * 2}</p><p>{P * 2}</p><p>{P * 2}</p></div>"


def read(above: str, description: str = "") -> Reading:
    head = f"<title>Harbour reopens</title><meta name=description content='{description}'>"
    page = f"<html lang=en><head>{head}</head><body><main>{above}{BODY}</main></body></html>"
    return read_page(Page(url="https://www.news.example/a", html=page.encode(), date_crawled="2026-11-24T00:00:00Z"))


@pytest.mark.parametrize(
    "above",
    [
        f"<h1>Harbour reopens</h1><div><p class=x1>{LEAD}</p></div><p>By Ruth Amberly</p>",
        f"<h1>Harbour reopens</h1><h2>{LEAD[:-1]}</h2>",
        f"<h2><span>Old town:</span> Harbour reopens</h2><p>{LEAD}</p>",
        f"<h1><style>.x {{color: red}}</style>Harbour reopens</h1><p class=x1><style>.x1 {{}}</style>{LEAD}</p>",
    ],
)
def test_the_only_sentences_above_the_text_are_the_standfirst(above: str) -> None:
    reading = read(above)
    assert (reading.standfirst or "").rstrip(".") == LEAD[:-1]
    assert LEAD[:-1] not in (reading.article.text or "")


@pytest.mark.parametrize(
    "above",
    [
        f"<h1>Harbour reopens</h1><figure><p>{LEAD}</p></figure>",
        f"<h1>Harbour reopens</h1><p>{LEAD} Photo: T. Reyl</p>",
        f"<h1>Harbour reopens</h1><p><a href=/b>{LEAD}</a></p>",
        f"<h1>Harbour reopens</h1><aside><p>{LEAD}</p></aside>",
        f"<h1>Harbour reopens</h1><div class=byline><p>{LEAD}</p></div>",
        f"<h1>Harbour reopens</h1><p>{LEAD}</p><p>{LEAD} It opens in May.</p>",
        f"<h1>Harbour reopens</h1><div><h3>Highlights</h3><span>{P.strip()}</span></div>",
        "<h1>Harbour reopens</h1><p>The gate on the evening of its repair, March 4, 2026.</p>",
        "<h1>Harbour reopens</h1><p>By Ruth Amberly of our staff on Monday, March 4th, 2026 at 11:04 a.m.</p>",
        "<h1>Harbour reopens</h1><h2>What comes next in the old town</h2>",
    ],
)
def test_captions_links_asides_bylines_and_several_sentences_are_none(above: str) -> None:
    assert read(above).standfirst is None


def test_a_description_printed_above_the_headline_is_the_standfirst() -> None:
    assert read(f"<header><div>{LEAD}</div></header><h1>Harbour reopens</h1>", LEAD).standfirst == LEAD


def test_a_first_paragraph_that_the_description_repeats_stays_in_the_text() -> None:
    reading = read(f"<div><p>{LEAD}</p></div>", LEAD)
    assert reading.standfirst is None
    assert (reading.article.text or "").startswith(LEAD)


def test_the_place_before_a_standfirst_belongs_to_it() -> None:
    above = f"<h1>Harbour reopens</h1><div><span>Oldtown.</span> <span>{LEAD}</span></div>"
    assert read(above, LEAD).standfirst == f"Oldtown. {LEAD}"
    assert read(above).standfirst == f"Oldtown. {LEAD}"
    kicker = f"<h1>Harbour reopens</h1><div><span>Old town</span> <span>{LEAD}</span></div>"
    assert read(kicker, LEAD).standfirst == LEAD


def test_a_caption_is_no_standfirst_though_the_description_repeats_it() -> None:
    figure = f"<h1>Harbour reopens</h1><figure><figcaption><div class=description>{LEAD}</div></figcaption></figure>"
    assert read(figure, LEAD).standfirst is None
