"""Where one block is the whole text and nothing else, nobody has to search for it."""

from __future__ import annotations

import pytest

from newscrawl.extract.blocks import units
from newscrawl.extract.clear import clear_units
from newscrawl.extract.layout import read_layout
from newscrawl.extract.tree import parse_html

PROSE = "The harbour reopened on Monday after two days of repairs to the northern gate, the port said in a statement."
TEXT = "".join(f"<p>{PROSE} Part {part}.</p>" for part in range(16))


def clear(text: str, around: str = "") -> list[str] | None:
    root = parse_html(
        f"<html><body><main><h1>Harbour reopens</h1>{around}<article>{text}</article></main></body></html>".encode()
    )
    assert root is not None
    layout = read_layout(root, ("Harbour reopens",), ())
    assert layout.block is not None
    found = clear_units(root, layout, units(layout.block))
    return None if found is None else [unit.text for unit in found]


def test_paragraphs_and_subheadings_in_one_block_are_clear() -> None:
    assert clear(TEXT)
    assert clear(f"{TEXT}<h2>What comes next</h2><p>{PROSE}</p>")


def test_a_line_that_looks_like_the_paragraphs_is_one_but_not_a_link() -> None:
    assert (clear(f"<p>Reaction</p>{TEXT}<p>(Reporting by Jane Doe)</p>") or [])[::17] == [
        "Reaction",
        "(Reporting by Jane Doe)",
    ]
    teaser = "<p>On this: <a href='/b'>Library to close its doors</a></p>"
    assert clear(f"{TEXT}{teaser}<p>{PROSE}</p>") == [*(clear(TEXT) or []), PROSE]


def test_labels_and_captions_in_inner_boxes_are_left_out() -> None:
    box = "<div><h3>Ferry sinks</h3><span>Listen to the podcast</span></div><div><p class=x>Photo: Jane Doe</p></div>"
    assert clear(f"{TEXT}{box}<p>{PROSE}</p>") == [*(clear(TEXT) or []), PROSE]


@pytest.mark.parametrize(
    "text",
    [
        f"{TEXT}<div>Share</div>",
        f"{TEXT}<p><a href='/b'>Library to close its doors for good after a hundred years</a></p><div>Read also</div>",
        f"{TEXT}<h2>More on this</h2>",
        f"<p>{PROSE}</p>",
    ],
)
def test_what_may_be_furniture_is_not(text: str) -> None:
    assert not clear(text)


def test_nor_is_a_page_with_prose_elsewhere() -> None:
    assert not clear(TEXT, f"<section>{TEXT}</section>")
    assert not clear(TEXT, f"<div>{PROSE}</div>")
