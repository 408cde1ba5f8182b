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


def test_a_line_that_looks_like_the_paragraphs_is_one() -> None:
    assert (clear(f"<p>Reaction</p>{TEXT}<p>(Reporting by Jane Doe)</p>") or [])[::17] == [
        "Reaction",
        "(Reporting by Jane Doe)",
    ]


def test_a_linked_line_among_the_paragraphs_is_left_to_the_rules_which_keep_a_record_of_what_they_take() -> None:
    teaser = "<p>Read also: <a href='/b'>Library to close its doors</a></p>"
    assert (clear(f"{TEXT}{teaser}<p>{PROSE}</p>") or [])[-2:] == ["Read also: Library to close its doors", PROSE]


def test_labels_and_captions_in_inner_boxes_are_left_out() -> None:
    box = "<div><h3>Ferry sinks</h3><span>Listen to the podcast</span></div><div><p class=x>Photo: Jane Doe</p></div>"
    assert clear(f"{TEXT}{box}<p>{PROSE}</p>") == [*(clear(TEXT) or []), PROSE]


def test_a_caption_in_a_wrapper_is_told_from_a_paragraph_in_one_by_its_class() -> None:
    wrapped = "".join(f"<div><p class=t>{PROSE} Part {part}.</p></div>" for part in range(16))
    found = clear(
        f"{wrapped}<div><p class=t>Reaction</p></div><div><p class=c>The harbour</p></div><p class=t>{PROSE}</p>"
    )
    assert (found or [])[-2:] == ["Reaction", PROSE]


def test_headings_in_wrappers_lists_and_quotations_are_text() -> None:
    inner = "<div><h2>What comes next</h2></div><ul><li><p>The new crane</p></li><li>The yard</li></ul>"
    inner += "<blockquote><p>A great day</p></blockquote>"
    assert (clear(f"{TEXT}{inner}<p>{PROSE}</p>") or [])[-5:] == [
        "What comes next",
        "- The new crane",
        "- The yard",
        "A great day",
        PROSE,
    ]


def test_the_text_has_no_heading_and_no_linked_line_at_its_end() -> None:
    teaser = "<p><a href='/b'>Library to close its doors for good after a hundred years</a></p>"
    for end in ("<div>Share</div>", f"{teaser}<div>Read also</div>", "<h2>More</h2>", "<p><a href='/c'>More</a></p>"):
        assert clear(f"{TEXT}{end}") == clear(TEXT)


@pytest.mark.parametrize(
    "text",
    [
        f"{TEXT}<div><h3>Support us</h3><ul>{'<li>Read all that we write</li>' * 5}</ul></div>",
        f"{TEXT}<section><h3>Support us</h3><p>{PROSE[:60]}.</p><p>Give now!</p></section>",
        f"<p>{PROSE}</p>",
    ],
    ids=["a box with a list", "a box of short sentences", "hardly any text"],
)
def test_what_may_be_furniture_is_not(text: str) -> None:
    assert not clear(text)


def test_nor_is_a_page_with_prose_elsewhere() -> None:
    assert not clear(TEXT, f"<section>{TEXT}</section>")
    assert not clear(TEXT, f"<div><p>{PROSE}</p></div>")
