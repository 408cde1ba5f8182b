"""A page whose text is clearly one block is read without trafilatura; where anything is in doubt, it is asked."""

from __future__ import annotations

import pytest

from newscrawl.article import Page
from newscrawl.extract import text
from newscrawl.extract.article import read_page

TITLE = "Harbour reopens after two days of repairs"
SENTENCE = "The northern basin of the harbour was opened to ferries on Tuesday morning, said the office of the port."
PARAGRAPHS = [f"{number}. {SENTENCE} Workers had replaced {number + 3} beams of the quay." for number in range(12)]
BODY = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


def page(body: str) -> Page:
    html = f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1>{body}</body></html>"
    return Page(url="https://harbour-times.example/a-1", html=html.encode(), date_crawled="2026-11-24T06:00:00Z")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Each time that trafilatura was asked."""
    calls: list[bool] = []
    way = text.trafilatura_paragraphs

    def counted(root: object, *, fast: bool) -> list[str]:
        calls.append(fast)
        return way(root, fast=fast)  # type: ignore[arg-type]

    monkeypatch.setattr(text, "trafilatura_paragraphs", counted)
    return calls


def test_one_block_of_sentences_is_the_text_and_nothing_is_searched(asked: list[bool]) -> None:
    article = read_page(page(f"<div class='c'>{BODY}</div>")).article
    assert (article.text or "").split("\n\n") == PARAGRAPHS
    assert not asked


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (f"<div>{BODY}<div><h3>Support us</h3><ul>{'<li>All that we write</li>' * 5}</ul></div></div>", "a box"),
        (f"<p>{SENTENCE}</p><div><div>{BODY}</div></div>", "a sentence between headline and text"),
        (f"<div>{BODY}</div><section>{BODY.replace('ferries', 'boats')}</section>", "prose in another place"),
        (f"<div>{''.join(f'<p>{paragraph}</p>' for paragraph in PARAGRAPHS[:2])}</div>", "little prose"),
    ],
)
def test_what_is_in_doubt_is_searched(asked: list[bool], body: str, why: str) -> None:
    read_page(page(body))
    assert asked, why
