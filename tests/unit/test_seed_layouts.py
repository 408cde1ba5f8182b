"""The seed article in the layouts that sites put such texts in: the same record from each."""

# ruff: noqa: E501 - markup reads best unbroken

from __future__ import annotations

from html import escape
from pathlib import Path

import pytest

from newscrawl.article import Page
from newscrawl.refine import article_from_page

SEED = [
    block.strip() for block in Path(__file__).parents[1].joinpath("cases/koshanov.txt").read_text("utf-8").split("\n\n")
]
TITLE, STANDFIRST, CAPTION = SEED[1], SEED[2], SEED[3].splitlines()[0]
PROSE = [block for block in SEED[5:] if not block.startswith(("[1]", "•", "Read also", "Latest"))]
POINTS = [line.strip(" •") for block in SEED for line in block.splitlines() if line.strip().startswith("•")]
NOTE = "[1] Reference omitted for brevity."

H1, H2 = f"<h1>{escape(TITLE)}</h1>", f"<h2>{escape(TITLE)}</h2>"
FIGURE = f'<figure><img src="a.jpg" alt="{escape(CAPTION)}"><figcaption>{escape(CAPTION)}</figcaption></figure>'
BODY = "".join(f"<p>{escape(text)}</p>" for text in PROSE)
LIST = f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in POINTS)}</ul>"
ALSO = '<ul><li><a href="/latest">Latest</a></li></ul>'

LAYOUTS = {
    "all in one article": f"<article>{H1}<p>{STANDFIRST}</p>{FIGURE}{H2}{BODY}<p>{NOTE}</p>{LIST}<p>Read also:</p>{ALSO}</article>",
    "all in the body": f"{H1}<p><strong>{STANDFIRST}</strong></p>{FIGURE}{H2}{BODY}<p>{NOTE}</p>{LIST}<h3>Read also:</h3>{ALSO}",
    "classes": (
        f'<main>{H1}<p class="standfirst">{STANDFIRST}</p><img src="a.jpg" alt="{escape(CAPTION)}">'
        f'<p class="caption">{escape(CAPTION)}</p>{H2}{BODY}<p>{NOTE}</p>{LIST}<p>Read also:</p>{ALSO}</main>'
    ),
    "divisions": (
        f'<div id="content">{H1}<div class="subtitle">{STANDFIRST}</div><div class="pic"><img src="a.jpg" alt="{escape(CAPTION)}">'
        f'<span>{escape(CAPTION)}</span></div><div class="body">{H2}{BODY}<p>{NOTE}</p>{LIST}</div>'
        f'<div class="rel"><h3>Read also:</h3>{ALSO}</div></div>'
    ),
    "header and sections": (
        f"<article><header>{H1}<p>{STANDFIRST}</p></header>{FIGURE}<section>{H2}{BODY}<p>{NOTE}</p>{LIST}</section>"
        f"<section><h2>Read also:</h2>{ALSO}</section></article>"
    ),
}


@pytest.mark.parametrize("described", [False, True], ids=["bare head", "described"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_seed_comes_out_the_same_from_every_layout(layout: str, described: bool) -> None:
    meta = f'<meta name="description" content="{escape(STANDFIRST)}">' if described else ""
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(TITLE)} | The Site</title>{meta}</head><body>'
        '<a href="#c">Skip to content</a><nav><ul><li><a href="/">Home</a></li><li><a href="/p">Politics</a></li></ul></nav>'
        f"{LAYOUTS[layout]}<footer>© 2025 The Site</footer></body></html>"
    )
    page = Page(
        url="https://site.example/news/priorities-of-the-presidents-policy",
        html=html.encode(),
        date_crawled="2026-11-24T00:00:00Z",
    )
    article = article_from_page(page)
    assert article.title == TITLE
    assert article.description == STANDFIRST
    assert article.text == "\n\n".join([*PROSE, *(f"- {point}" for point in POINTS)])
    assert article.date_published is None
    assert article.flags == ("mixed_script", "placeholder_text")
