"""Lists, subheadings, quotations, tables and interviews come out whole, in the order of the page."""

from __future__ import annotations

import pytest

from newscrawl.article import Page
from newscrawl.refine import article_from_page

A = "The harbour of the old town reopened on Tuesday after two days of repairs to the northern gate, the port said."
B = "Ferries to the islands left on time, and the fish market opened an hour later than it usually does in winter."
C = "A second gate will be replaced next year, when the new crane has arrived from the yard in the south of the bay."


def text_of(inside: str, *, times: int = 1) -> list[str]:
    a, c = " ".join([A] * times), " ".join([C] * times)
    html = f"""<!doctype html><html lang="en"><title>Harbour reopens</title><article><h1>Harbour reopens</h1>
<div class="body"><p>{a}</p>{inside}<p>{c}</p></div></article></html>"""
    page = Page(url="https://paper.example/harbour-reopens-1", html=html.encode(), date_crawled="2026-03-06T00:00:00Z")
    first, *between, last = article_from_page(page).paragraphs
    assert (first, last) == (a, c)
    return between


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        pytest.param(
            f"<h2>What comes next</h2><p>{B}</p><h3>In spring</h3>", ["What comes next", B, "In spring"], id="h"
        ),
        pytest.param(
            f"<p>{B}</p><ul><li>The crane arrives.</li><li>The gate goes.</li></ul>",
            [B, "- The crane arrives.", "- The gate goes."],
            id="list",
        ),
        pytest.param(
            f"<p>{B}</p><ol><li>Open the gate.<ul><li>Slowly.</li></ul></li><li>Go.</li></ol>",
            [B, "- Open the gate.", "- Slowly.", "- Go."],
            id="list in a list",
        ),
        pytest.param(
            f"<blockquote><p>We never thought so.</p><cite>Ruth Amberly, harbour master</cite></blockquote><p>{B}</p>",
            ["We never thought so.", "Ruth Amberly, harbour master", B],
            id="quotation",
        ),
        pytest.param(
            "<table><thead><tr><th>Gate</th><th>Ships</th></tr></thead><tbody><tr><td>North</td><td>120</td></tr>"
            f"<tr><td>South</td><td><p>80</p></td></tr></tbody></table><p>{B}</p>",
            ["Gate Ships", "North 120", "South 80", B],
            id="table",
        ),
        pytest.param(
            f"<dl><dt>Gate</dt><dd>What shuts the port.</dd><dt>Tug</dt><dd>A small strong ship.</dd></dl><p>{B}</p>",
            ["- Gate", "- What shuts the port.", "- Tug", "- A small strong ship.", B],
            id="definitions",
        ),
        pytest.param(
            f"<p><strong>Why did the chain break?</strong></p><p>{B}</p><p><b>Who pays?</b><br>The port does.</p>"
            "<p><strong>And the ferries?</strong> They sail.</p><h3>Will there be another gate?</h3>",
            [
                *("Why did the chain break?", B, "Who pays?", "The port does."),
                *("And the ferries? They sail.", "Will there be another gate?"),
            ],
            id="interview",
        ),
        pytest.param(
            f"<p>– What would you do?</p><p>— Nothing at all, we had a plan.</p><p>{B}</p>",
            ["– What would you do?", "— Nothing at all, we had a plan.", B],
            id="interview with dashes",
        ),
        pytest.param(f"<p>{B}<br><br>Then came the tug.</p>", [B, "Then came the tug."], id="line breaks"),
    ],
)
@pytest.mark.parametrize("times", [1, 4])  # a long text is taken from its block, a short one is searched for
def test_what_the_page_structures_keeps_its_order_and_its_lines(inside: str, expected: list[str], times: int) -> None:
    assert text_of(inside, times=times) == expected


@pytest.mark.parametrize(
    "numbers",
    [
        '<div class="x">Pages: <span>1</span> <a href="/harbour/2">2</a> <a href="/harbour/3">3</a></div>',
        '<ul><li><a href="/harbour">1</a></li><li>2</li><li><a href="/harbour/3">3</a></li></ul>',
        '<p><a href="/harbour">[1]</a> | [2] | <a href="/harbour/3">Weiter »</a> <a href="/harbour/3">3</a></p>',
    ],
)
def test_the_numbers_of_its_pages_are_no_text(numbers: str) -> None:
    assert text_of(f"<p>{B}</p>{numbers}") == [B]


def test_a_sentence_with_numbered_notes_is_text() -> None:
    noted = 'The gate<a href="#1">1</a> is older than the pier<a href="#2">2</a>, as the port has it.'
    assert len(text_of(f"<p>{noted}</p>")) == 1
