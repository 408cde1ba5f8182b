"""Captions and credits belong to the pictures, each to its own, and never to the text."""

from __future__ import annotations

import pytest

from newscrawl.article import Image, Page
from newscrawl.extract.images import split_credit
from newscrawl.refine import article_from_page

DATA = "data:image/gif;base64,R0"
TEXTS = [
    "The harbour of the old town reopened on Tuesday after two days of repairs to the northern gate, the port said.",
    "Ferries to the islands left on time, and the fish market opened an hour later than it usually does in winter.",
    "A second gate will be replaced next year, when the new crane has arrived from the yard in the south of the bay.",
]


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (
            '<figure><img src="/a.jpg"><figcaption>The gate. <span class="credit">T. Reyl</span></figcaption></figure>',
            Image(url="https://paper.example/a.jpg", caption="The gate.", credit="T. Reyl"),
        ),
        (
            f'<figure><img src="{DATA}" data-src="/a.jpg"><figcaption>Gate<br>Foto: A. Roe / dpa</figcaption></figure>',
            Image(url="https://paper.example/a.jpg", caption="Gate", credit="Foto: A. Roe / dpa"),
        ),
        (
            '<figure><picture><img srcset="/s.jpg 300w, /l.jpg 900w"></picture><figcaption>Gate</figcaption></figure>',
            Image(url="https://paper.example/l.jpg", caption="Gate"),
        ),
        (
            '<div class="box"><img src="/a.jpg" data-caption="The gate" data-credit="Port/Handout"></div>',
            Image(url="https://paper.example/a.jpg", caption="The gate", credit="Port/Handout"),
        ),
        (
            '<div class="wp-caption"><img src="/a.jpg"><p class="wp-caption-text">The gate, in spring.</p></div>',
            Image(url="https://paper.example/a.jpg", caption="The gate, in spring."),
        ),
        (
            '<figure><amp-img src="/a.jpg"></amp-img><figcaption>The gate (AFP)</figcaption></figure>',
            Image(url="https://paper.example/a.jpg", caption="The gate", credit="AFP"),
        ),
    ],
)
def test_a_picture_of_the_text_has_its_caption_and_credit(figure: str, expected: Image) -> None:
    second = '<figure><img src="/z.jpg"><figcaption>The crane. © dpa</figcaption></figure>'
    html = f"""<!doctype html><html lang="en"><title>Harbour reopens</title><article><h1>Harbour reopens</h1><div>
<p>{TEXTS[0]}</p>{figure}<p>{TEXTS[1]}</p>{second}<p>{TEXTS[2]}</p></div></article></html>"""
    page = Page(url="https://paper.example/harbour-reopens-1", html=html.encode(), date_crawled="2026-03-06T00:00:00Z")
    article = article_from_page(page)
    assert article.images == (expected, Image(url="https://paper.example/z.jpg", caption="The crane.", credit="© dpa"))
    assert article.paragraphs == tuple(TEXTS)


@pytest.mark.parametrize(
    ("printed", "caption", "credit"),
    [
        ("The hall burns. © Ruth Amberly | dpa", "The hall burns.", "© Ruth Amberly | dpa"),
        ("Kevin in Paris. (Foto: REUTERS)", "Kevin in Paris.", "Foto: REUTERS"),
        ("Мэр на площади. Фото: Иван Петров / ТАСС", "Мэр на площади.", "Фото: Иван Петров / ТАСС"),
        ("港の門（写真：ロイター）", "港の門", "写真：ロイター"),
        ("图片来源：新华社", None, "图片来源：新华社"),
        ("הנמל. צילום: רויטרס", "הנמל.", "צילום: רויטרס"),
        ("The minister (AP)", "The minister", "AP"),
        ("Jean Leroy (L. Blanc/AFP)", "Jean Leroy", "L. Blanc/AFP"),
        ("The minister (left) and the king", "The minister (left) and the king", None),
        ("The minister in spring (archive)", "The minister in spring (archive)", None),
        ("A view of its source: a spring in the hills", "A view of its source: a spring in the hills", None),
        ("The image: a portrait he disliked. He left.", "The image: a portrait he disliked. He left.", None),
    ],
)
def test_a_credit_is_told_from_the_caption_by_a_sign_a_label_or_an_agency(
    printed: str, caption: str | None, credit: str | None
) -> None:
    assert split_credit(printed) == (caption, credit)
