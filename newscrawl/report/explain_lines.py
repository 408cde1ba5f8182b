"""The blocks of a page beside the paragraphs of its text: what was kept, taken out, or never taken."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from newscrawl.extract.blocks import Unit, units
from newscrawl.text.fold import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from newscrawl.article import Article
    from newscrawl.extract.places import Sight

MAX_UNITS = 5_000
MAX_PARTS = 200
MAX_BESIDE_CHARS = 100_000
MAX_SAME = 10
"""Places on the page that a repeated paragraph is looked for at."""
SHORT_CHARS = 70
SHORT_CUT_CHARS = 120
"""Of what was cut before extraction; what trafilatura left out may be a lost paragraph, and is shown sooner."""
SHOWN_CHARS = 160
FEWEST = 3
"""From so many short lines in a row on, they are shown as one."""
CUT = "cut before extraction"
PLACES = ("nav", "header", "footer", "aside", "form", "figure", "table")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One paragraph or block."""

    kind: str
    """``kept``; ``removed`` by cleaning; ``field``: read into another field; ``left_out`` by extraction; ``refused``:
    the text of a page that gave no article."""
    text: str
    """Whole when kept or removed; else shortened, and of several lines the first ones."""
    rule: str | None = None
    """The cleaning rule that took it out, or the field that has it."""
    why: str | None = None
    count: int = 1
    """How many lines of the page these are."""


def text_lines(article: Article, *, is_refused: bool = False) -> tuple[Line, ...]:
    """The paragraphs of a text, and what cleaning took out in its place."""
    kept = article.paragraphs
    kind = "refused" if is_refused else "kept"
    found: list[Line] = []
    copied = 0
    for removed in article.removed:
        found.extend(Line(kind=kind, text=text) for text in kept[copied : removed.place])
        copied = max(copied, removed.place)
        found.append(Line(kind="removed", text=removed.text, rule=removed.rule, why=removed.why))
    found.extend(Line(kind=kind, text=text) for text in kept[copied:])
    return tuple(found)


def page_lines(
    sight: Sight, article: Article, pruned: HtmlElement | None, *, is_refused: bool = False
) -> tuple[Line, ...]:
    """Every block of the page, from top to bottom, as what became of it.

    Args:
        pruned: the page as trafilatura saw it.
    """
    text = text_lines(article, is_refused=is_refused)
    text_keys = [fold(line.text) for line in text]
    # A page without a body tag may come out of the parser as a head alone.
    page = units(next(sight.root.iterchildren("body"), sight.root))[:MAX_UNITS]
    keys = [fold(unit.text) for unit in page]
    left = Counter(fold(unit.text) for unit in (() if pruned is None else units(pruned)))
    fields = tuple(_fields(sight, article))
    found: list[Line] = []
    done = begin = 0
    for place, number in [*_matches(text_keys, keys), (len(page), len(text))]:
        # Paragraphs that are no block of the page are parts of those around them, or made of several.
        beside = " ".join(text_keys[max(0, done - 1) : number + 1])[:MAX_BESIDE_CHARS]
        parts = [key for key in text_keys[done:number] if key][:MAX_PARTS]
        lost = [
            _lost(page[at], _field_of(keys[at], fields), is_pruned=not left[keys[at]])
            for at in range(begin, place)
            if keys[at] and keys[at] not in beside and not any(part in keys[at] for part in parts)
        ]
        groups = (text[done:number], _grouped(lost)) if done else (_grouped(lost), text[done:number])
        found.extend(line for group in groups for line in group)
        found.extend(text[number : number + 1])
        done, begin = number + 1, place + 1
    return tuple(found)


def _matches(text: Sequence[str], page: Sequence[str]) -> list[tuple[int, int]]:
    """(block, paragraph) pairs that say the same, both ascending, and as many as there can be."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, key in enumerate(page):
        if key and len(places[key]) < MAX_SAME:
            places[key].append(place)
    # The longest ascending run, by patience sorting; of one paragraph's places the last comes first.
    tops: list[int] = []
    ends: list[int] = []
    pairs: list[tuple[int, int, int]] = []
    for number, key in enumerate(text):
        for place in reversed(places.get(key, [])):
            pile = bisect_left(tops, place)
            pairs.append((place, number, ends[pile - 1] if pile else -1))
            if pile == len(tops):
                tops.append(place)
                ends.append(len(pairs) - 1)
            else:
                tops[pile], ends[pile] = place, len(pairs) - 1
    run: list[tuple[int, int]] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        place, number, at = pairs[at]
        run.append((place, number))
    return run[::-1]


def _fields(sight: Sight, article: Article) -> Iterator[tuple[str, str]]:
    """Texts of the page that are in another field, folded, each with the field's name."""
    layout = sight.layout
    for text in (article.title, *sight.h1s):
        yield "title", fold(text)
    if layout.standfirst is not None:
        yield "description", fold(layout.standfirst.text_content())
    yield "description", fold(article.description)
    for name, elements in (("authors", layout.bylines), ("date_published", layout.datelines)):
        for element in elements:
            yield name, fold(" ".join(element.itertext()))
    for image in article.images:
        yield "images", fold(image.caption)


def _field_of(key: str, fields: Sequence[tuple[str, str]]) -> str | None:
    # A single word says too little, but of a byline.
    return next(
        (
            name
            for name, text in fields
            if key == text or (f" {key} " in f" {text} " and (" " in key or name not in {"images", "description"}))
        ),
        None,
    )


def _lost(unit: Unit, field: str | None, *, is_pruned: bool) -> Line:
    if field is not None:
        return Line(kind="field", text=_shown(unit.text), rule=field)
    if not is_pruned:
        return Line(kind="left_out", text=_shown(unit.text), why="left out by trafilatura")
    inside = _inside(unit.holder)
    why = f"inside {inside}" if inside else "furniture by its tag or name, or hidden"
    return Line(kind="left_out", text=_shown(unit.text), why=f"{CUT}: {why}")


def _inside(holder: HtmlElement | None) -> str | None:
    """The nearest element around a block that says what it is."""
    around = () if holder is None else (holder, *holder.iterancestors())
    return next((element.tag for element in around if element.tag in PLACES), None)


def _grouped(lines: Sequence[Line]) -> Iterator[Line]:
    """The lines, with each run of short ones as one line."""
    for is_short, run in groupby(lines, _is_short):
        group = list(run)
        if not is_short or len(group) < FEWEST:
            yield from group
            continue
        why = Counter(line.why for line in group).most_common(1)[0][0]
        yield Line(
            kind="left_out", text=_shown(" · ".join(line.text for line in group[:20])), why=why, count=len(group)
        )


def _is_short(line: Line) -> bool:
    most = SHORT_CUT_CHARS if (line.why or "").startswith(CUT) else SHORT_CHARS
    return line.kind == "left_out" and len(line.text) <= most


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 1]}…"
