"""Pages whose text needs no search: one block holds all of it, and nothing else but labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.extract.prune import prose_bytes

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from newscrawl.extract.blocks import Unit
    from newscrawl.extract.layout import Layout

    Look = tuple[str | None, HtmlElement | None]

CLEAR_BYTES = 600
CLEAR_SHARE = 0.95
"""So much of the page's prose stands in a block that is the whole text."""
ENDS = tuple(".!?…。！？؟।:»”\"'")
SENTENCE_CHARS = 40
MIN_INNER_CHARS = 120
"""A sentence in a box of the block; captions and credits are shorter."""
NO_LABELS = frozenset({"blockquote", "dd", "dl", "dt", "pre", "table"})
"""A short line in one of these is who was quoted, what is defined, a cell."""
MAX_LABEL_SHARE = 0.1
"""Of the characters; a block with more in labels is not understood."""


def clear_units(root: HtmlElement, layout: Layout, own: list[Unit]) -> list[Unit] | None:
    """The blocks of text of a page where they are beyond doubt; None where somebody has to search for them.

    Nearly all prose of the page stands in one block, as sentences or in paragraphs that look like those of sentences;
    none of its lines is a list of links, the last is no label, heading or link, and no sentence stands between the
    headline and it. Short lines in inner boxes that do not end as a sentence are labels and captions, and left out.

    Args:
        root: a pruned tree.
        own: `units` of the block.
    """
    block = layout.block
    if block is None or (size := prose_bytes(block)) < CLEAR_BYTES or size < CLEAR_SHARE * prose_bytes(root):
        return None
    looks = {
        look
        for unit in own
        if unit.text.endswith(ENDS) and len(unit.text) >= SENTENCE_CHARS and (look := _look(unit)) is not None
    }
    kept = [unit for unit in own if not _is_label(unit, block, looks)]
    if not kept or not _is_end(kept[-1]) or not all(_is_plain(unit, block, looks) for unit in kept):
        return None
    chars = sum(len(unit.text) for unit in own)
    if chars - sum(len(unit.text) for unit in kept) > MAX_LABEL_SHARE * chars:
        return None
    if _ends_in_links(block) or any(_leads(element, block, root) for element in layout.opening):
        return None
    return [unit for unit in kept if not unit.is_linked or unit.text.endswith(ENDS)]


def _look(unit: Unit) -> Look | None:
    """What paragraphs of one kind share: their class, and where they stand."""
    return (unit.element.get("class"), unit.holder) if unit.element.tag == "p" else None


def _is_label(unit: Unit, block: HtmlElement, looks: set[Look]) -> bool:
    """A short line in an inner box, that looks like no paragraph of sentences; a heading in a box without any."""
    holder = unit.holder
    if holder is block or unit.kind not in {"p", "head"} or len(unit.text) >= MIN_INNER_CHARS:
        return False
    if any(one.tag in NO_LABELS for one in (unit.element, *unit.element.iterancestors())):
        return False
    if unit.kind == "head":
        return all(home is not holder for _, home in looks)
    return not unit.text.endswith(ENDS) and _look(unit) not in looks


def _is_plain(unit: Unit, block: HtmlElement, looks: set[Look]) -> bool:
    if unit.kind != "p":
        return not unit.is_linked
    if unit.is_linked:
        return unit.holder is block
    # A caption may be as long as a sentence; it does not end as one.
    if unit.holder is block:
        return unit.text.endswith(ENDS) or (_look(unit) in looks and next(unit.element.iter("a"), None) is None)
    return unit.text.endswith(ENDS) and len(unit.text) >= MIN_INNER_CHARS


def _is_end(unit: Unit) -> bool:
    """A sentence, an item, a note in brackets; no heading, and no label that looks like a paragraph."""
    return unit.kind in {"item", "row"} or (unit.kind == "p" and unit.text.endswith((*ENDS, ")")))


def _ends_in_links(block: HtmlElement) -> bool:
    """Whether the last element with text is more to read, topics, where to follow: a link in a short line or a box."""
    last = next((one for one in reversed(block) if (one.text_content() or "").strip()), None)
    if last is None or next(last.iter("a"), None) is None:
        return False
    return last.tag != "p" or len((last.text_content() or "").strip()) < MIN_INNER_CHARS


def _leads(element: HtmlElement, block: HtmlElement, root: HtmlElement) -> bool:
    """Whether it holds a sentence of its own, and stands in the tree still, outside of the block."""
    own = [text for part in (element.text, *(child.tail for child in element)) if part and (text := part.strip())]
    if sum(map(len, own)) < SENTENCE_CHARS or not own[-1].endswith(ENDS):
        return False
    around = set(element.iterancestors())
    return root in around and block not in around
