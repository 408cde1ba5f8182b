"""Pages whose text needs no search: one block holds it, and what of the block is text can be told by its structure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newscrawl.extract.blocks import HEADS, LISTS, TABLES
from newscrawl.extract.marks import kinds
from newscrawl.extract.prune import PROSE_BYTES, prose_bytes

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from newscrawl.extract.blocks import Unit
    from newscrawl.extract.layout import Layout

    Kind = tuple[str, str | None]
    Look = tuple[str, str | None, HtmlElement]

CLEAR_BYTES = 400
CLEAR_SHARE = 0.85
"""So much of the page's prose stands in a block that is the whole text."""
MAX_DOUBTFUL_SHARE = 0.02
"""Of the characters; a block with more that may be text or not is not understood."""
STOPS = tuple(".!?…。！？؟।")
ENDS = (*STOPS, *":»”\"'")
SENTENCE_CHARS = 40
LONG_CHARS = 120
"""A sentence so long is prose wherever it stands; captions, credits and offers are shorter."""
MIN_HOME_SHARE = 0.2
"""Boxes of one kind with less of the long sentences may be an offer, an appeal, a profile."""
MAX_MARKED_CHARS = 200
"""A line without a full stop that is named a caption or a byline."""
MARKED = frozenset({"byline", "caption", "furniture", "date"})
PARAGRAPHS = frozenset({"p", "blockquote", "pre", "dd", "dt", "td", "th", "li", "address"})
"""Elements that are made to hold text; others lay out the page."""
WRAPPERS = frozenset({"div", "section"})
WITHIN = LISTS | TABLES | {"tr", "dl"}
IN_LIST = frozenset({"li", "tr", "td", "th", "dd", "dt"})
LEADS = HEADS | {"p", "li"}


def clear_units(root: HtmlElement, layout: Layout, own: list[Unit]) -> list[Unit] | None:
    """The blocks of text of a page where they are beyond doubt; None where somebody has to search for them.

    Most prose of the page stands in one block, and no sentence between the headline and it. Paragraphs, headings, lists
    and tables are text where prose stands beside them; text in boxes that lay out a page is none, where the prose has
    paragraphs. What neither says anything of is doubtful, and hardly anything may be.

    Args:
        root: a pruned tree.
        own: `units` of the block.
    """
    block = layout.block
    if block is None:
        return None
    # Pages from before paragraphs were marked have their prose between line breaks.
    size = sum(length for unit in own if (length := len(unit.text.encode("utf-8", "replace"))) >= PROSE_BYTES)
    if size < CLEAR_BYTES or size * (1 - CLEAR_SHARE) < (prose_bytes(root) - prose_bytes(block)) * CLEAR_SHARE:
        return None
    if any(_leads(element, block, root) for element in layout.opening):
        return None
    if layout.heading is None and _begins_elsewhere(root, block):
        return None
    judge = _Judge.of(block, own)
    kept: list[Unit] = []
    sure = doubtful = 0
    for unit in own:
        is_text, is_sure = judge(unit)
        if is_text:
            kept.append(unit)
        if not is_sure:
            doubtful += len(unit.text)
        elif is_text:
            sure += len(unit.text)
    if doubtful > MAX_DOUBTFUL_SHARE * (sure + doubtful):
        return None
    while kept and (kept[-1].kind == "head" or _is_link(kept[-1])):
        kept.pop()
    return kept or None


@dataclass(frozen=True, slots=True)
class _Judge:
    """Tells of each unit of a block whether it is text, and whether that is sure."""

    block: HtmlElement
    homes: frozenset[HtmlElement]
    """What holds long sentences: whatever else stands there is text, too."""
    looks: frozenset[Look]
    """What paragraphs of sentences share: tag, class, and where they stand."""
    names: frozenset[str | None]
    """Their classes."""
    has_paragraphs: bool
    """Most prose stands in elements that are made for it."""

    @classmethod
    def of(cls, block: HtmlElement, own: list[Unit]) -> _Judge:
        prose = [unit for unit in own if unit.kind == "p" and _is_sentence(unit) and not unit.is_linked]
        inner = [unit for unit in prose if unit.box is not block]
        chars = sum(len(unit.text) for unit in prose if unit.box.tag == "p")
        weights: Counter[Kind] = Counter()
        long = [(unit, _home(unit, block)) for unit in prose if unit.box.tag == "p" and len(unit.text) >= LONG_CHARS]
        for unit, home in long:
            weights[home.tag, home.get("class")] += len(unit.text)
        least = MIN_HOME_SHARE * weights.total()
        return cls(
            block=block,
            homes=frozenset({block, *(home for _, home in long if weights[home.tag, home.get("class")] >= least)}),
            looks=frozenset(_look(unit, block) for unit in inner),
            names=frozenset(unit.box.get("class") for unit in inner if unit.box.tag == "p"),
            has_paragraphs=2 * chars >= sum(len(unit.text) for unit in prose),
        )

    def __call__(self, unit: Unit) -> tuple[bool, bool]:
        ends, long = unit.text.endswith(ENDS), len(unit.text) >= LONG_CHARS
        if unit.box is self.block and unit.kind == "p":
            return True, ends or long or not self.has_paragraphs
        holder = _holder(unit, self.block)
        home = _unwrapped(holder, self.block)
        if unit.kind == "head":
            return home in self.homes, home in self.homes
        if unit.kind != "p":
            is_label = home is not holder and (_is_link(unit) or (unit.box.tag == "dd" and not ends))
            return not is_label, is_label or home in self.homes
        if unit.box.tag in PARAGRAPHS:
            if not ends and self._is_label(unit, is_wrapped=home is not holder):
                return False, True
            if home in self.homes or holder.tag == "blockquote" or (long if ends else self._has_look(unit, home)):
                return True, True
            return ends, unit.is_linked and not ends
        if not self.has_paragraphs and not unit.is_linked and self._has_look(unit, home):
            return True, True
        return long and ends and home is self.block, not (long and ends)

    def _has_look(self, unit: Unit, home: HtmlElement) -> bool:
        return (unit.box.tag, unit.box.get("class"), home) in self.looks

    def _is_label(self, unit: Unit, *, is_wrapped: bool) -> bool:
        """Named a caption or a byline, or in a wrapper of its own and not like the paragraphs."""
        if len(unit.text) < MAX_MARKED_CHARS and not kinds(unit.box).isdisjoint(MARKED):
            return True
        return is_wrapped and unit.box.get("class") not in self.names


def _is_sentence(unit: Unit) -> bool:
    return len(unit.text) >= SENTENCE_CHARS and unit.text.endswith(ENDS)


def _is_link(unit: Unit) -> bool:
    return unit.is_linked and not unit.text.endswith(ENDS)


def _look(unit: Unit, block: HtmlElement) -> Look:
    return unit.box.tag, unit.box.get("class"), _home(unit, block)


def _home(unit: Unit, block: HtmlElement) -> HtmlElement:
    """What a unit stands in; wrappers of nothing else do not count."""
    return _unwrapped(_holder(unit, block), block)


def _holder(unit: Unit, block: HtmlElement) -> HtmlElement:
    """The element that a paragraph, a heading, a whole list or a whole table stands in; in the block, or the block."""
    holder = unit.box if unit.box is block else unit.box.getparent()
    if unit.kind in {"item", "row"} or unit.box.tag == "p" or unit.box.tag in IN_LIST:
        while holder is not block and holder.tag in WITHIN:
            holder = holder.getparent()
    return holder


def _unwrapped(element: HtmlElement, block: HtmlElement) -> HtmlElement:
    while element is not block and element.tag in WRAPPERS and _wraps_one(element):
        element = element.getparent()
    return element


def _wraps_one(element: HtmlElement) -> bool:
    return len(element) == 1 and not (element.text or "").strip() and not (element[0].tail or "").strip()


def _begins_elsewhere(root: HtmlElement, block: HtmlElement) -> bool:
    """Whether the first sentence in a paragraph stands outside of the block; a headline ends without a full stop."""
    texts = ((p, (p.text_content() or "").strip()) for p in root.iter("p"))
    first = next((p for p, text in texts if len(text) >= SENTENCE_CHARS and text.endswith(STOPS)), None)
    return first is not None and first is not block and block not in first.iterancestors()


def _leads(element: HtmlElement, block: HtmlElement, root: HtmlElement) -> bool:
    """Whether it is made for text and has a sentence of its own, and stands in the tree still, outside of the block."""
    if element.tag not in LEADS:
        return False
    own = [text for part in (element.text, *(child.tail for child in element)) if part and (text := part.strip())]
    if sum(map(len, own)) < SENTENCE_CHARS or not own[-1].endswith(ENDS):
        return False
    around = set(element.iterancestors())
    return root in around and block not in around
