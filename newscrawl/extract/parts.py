"""A text that the page prints in several boxes, with advertising between them, made one. Changes the tree."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_LEVELS = 6
"""So far above a box its other parts are looked for."""
MAX_PARTS = 60
MIN_PARAGRAPHS = 2
"""A box of one paragraph is a wrapper of it; what stands between such boxes may be text."""
MIN_PART_CHARS = 80
PROSE_CHARS = 40
HEADS = frozenset({"h1", "h2", "h3"})


def join_parts(block: HtmlElement) -> None:
    """Move what the other parts of the text hold into its block.

    A part has the block's tag and class, holds paragraphs of its own, stands at the same depth under a near
    common element, in the same article, and has no heading outside itself: a heading there begins another article.
    """
    before, after = _parts(block)
    for place, child in enumerate(child for part in before for child in list(part)):
        block.insert(place, child)
    for part in after:
        block.extend(list(part))


def _parts(block: HtmlElement) -> tuple[list[HtmlElement], list[HtmlElement]]:
    before: list[HtmlElement] = []
    after: list[HtmlElement] = []
    if not block.get("class") or block.tag in {"body", "article", "main"} or _paragraphs(block) < MIN_PARAGRAPHS:
        return before, after
    way: list[str] = []
    under = block
    for _ in range(MAX_LEVELS):
        top = under.getparent()
        if top is None or under.tag in {"body", "article", "main"}:
            break
        way.insert(0, under.tag)
        is_before = True
        for wrapper in top:
            if wrapper is under:
                is_before = False
            elif (part := _part_in(wrapper, way, block)) is not None:
                (before if is_before else after).append(part)
        if before or after:
            break
        under = top
    return before[:MAX_PARTS], after[:MAX_PARTS]


def _paragraphs(block: HtmlElement) -> int:
    return sum(len(p.text_content() or "") >= PROSE_CHARS for p in block.findall("p"))


def _part_in(wrapper: HtmlElement, way: list[str], block: HtmlElement) -> HtmlElement | None:
    """The one element in the wrapper that is a part of the text."""
    if wrapper.tag != way[0]:
        return None
    level = [wrapper]
    for tag in way[1:]:
        level = [child for element in level for child in element if child.tag == tag][:MAX_PARTS]
    found = [element for element in level if element.get("class") == block.get("class")]
    if len(found) != 1 or sum(len(p.text_content() or "") for p in found[0].findall("p")) < MIN_PART_CHARS:
        return None
    inside = set(found[0].iter())
    if any(one.tag in HEADS and one not in inside for one in islice(wrapper.iter(), 500)):
        return None
    return found[0]
