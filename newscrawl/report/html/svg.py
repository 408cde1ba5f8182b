"""Charts as inline SVG: a few shapes, in units of CSS pixels at their smallest width, coloured by classes of the page.

Nothing here knows what it draws. Every mark carries its value (``data-value``) and a title that a pointer shows, so
that what is seen can be read back; texts are escaped, and made plain.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from newscrawl.text.terminal import cut, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDE, SMALL = 360, 200
"""Widths of a chart, and of one of many."""
LETTER = 6.2
"""Width of a letter of a label, about."""
LINE = 18
MOST_DOTS = 14
WIDEST = 40
"""Of a bar that stands."""
_LEFT, _RIGHT, _TOP, _BELOW = 36, 6, 8, 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Values along an axis; None: there is none."""

    name: str
    colour: str
    """Class of the page: ``c1`` to ``c4``."""
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One row of a chart of bars."""

    label: str
    value: float
    said: str
    """The value with its unit."""
    mark: float | None = None
    """Something to compare with, on the same scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """One row of a chart of dots."""

    label: str
    values: tuple[float, ...]
    titles: tuple[str, ...]


def columns(axis: Sequence[str], series: Sequence[Series], *, width: int = WIDE, height: int = 130) -> Markup:
    """Bars that stand on a time axis, those of several series on each other."""
    totals = [sum(each.values[at] or 0 for each in series) for at in range(len(axis))]
    top = round_up(max(totals, default=0))
    step = (width - _LEFT - _RIGHT) / max(len(axis), 1)
    wide = min(step - min(2.0, step * 0.2), WIDEST)
    plot = height - _TOP - _BELOW
    marks = []
    for at, label in enumerate(axis):
        floor_y = height - _BELOW + 0.0
        for each in series:
            value = each.values[at]
            if not value:
                continue
            tall = plot * value / top
            floor_y -= tall
            what = f"{label}: {value:,.0f} {each.name}".rstrip()
            x = _LEFT + (at + 0.5) * step - wide / 2
            marks.append(
                _tag(
                    "rect", _title(what), class_=f"bar {each.colour}", x=x, y=floor_y, width=wide, height=tall,
                    data_at=label, data_series=each.name, data_value=value,
                )
            )  # fmt: skip
    half = top / 2
    ticks = [(top, f"{top:,}")] + ([(half, f"{half:,.0f}")] if half == int(half) and height > 90 else [])
    frame = _frame(axis, [(value / top, text) for value, text in ticks], width=width, height=height)
    return _svg(width, height, *frame, *marks)


def lines(axis: Sequence[str], series: Sequence[Series], *, width: int = WIDE, height: int = 130) -> Markup:
    """Shares (0 to 1) along a time axis; where there is no value, the line is broken.

    Points have dots where they are few, or stand alone: a dot for each of many takes much room in a file.
    """
    step = (width - _LEFT - _RIGHT) / max(len(axis), 1)
    plot = height - _TOP - _BELOW
    marks = []
    for each in series:
        for points in _unbroken(each.values):
            places = [(_LEFT + (at + 0.5) * step, height - _BELOW - plot * value) for at, value in points]
            if len(points) > 1:
                drawn = " ".join(f"{x:.4g},{y:.4g}" for x, y in places)
                marks.append(_tag("polyline", _title(each.name), class_=f"stroke {each.colour}", points=drawn))
            if len(points) == 1 or len(axis) <= MOST_DOTS:
                for (x, y), (at, value) in zip(places, points, strict=True):
                    said = _title(f"{axis[at]}: {each.name} {value:.0%}")
                    marks.append(_tag("circle", said, class_=f"dot {each.colour}", cx=x, cy=y, r=2.2))
    frame = _frame(axis, [(1.0, "100%"), (0.5, "50%")], width=width, height=height)
    return _svg(width, height, *frame, *marks)


def _unbroken(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Places and values, a list for each stretch without a gap."""
    stretches: list[list[tuple[int, float]]] = [[]]
    for at, value in enumerate(values):
        if value is not None:
            stretches[-1].append((at, value))
        elif stretches[-1]:
            stretches.append([])
    return [each for each in stretches if each]


def bars(rows: Sequence[Bar], *, width: int = WIDE) -> Markup:
    """Bars that lie below each other, each with its label before it and its value behind it."""
    said_room = LETTER * max((len(row.said) for row in rows), default=0) + 6
    label_room = min(140.0, LETTER * max((len(row.label) for row in rows), default=0) + 8)
    room = width - label_room - said_room
    top = max((max(row.value, row.mark or 0) for row in rows), default=0) or 1
    marks = []
    for at, row in enumerate(rows):
        y = at * LINE + 3
        long = room * row.value / top
        marks += [
            _label(row.label, x=label_room - 6, y=y + 10, room=label_room),
            _tag("rect", _title(f"{row.label}: {row.said}"), class_="bar c1", x=label_room, y=y, width=max(long, 0.5),
                 height=LINE - 6, data_at=row.label, data_value=row.value),
            _tag("text", escape(row.said), x=label_room + max(long, _at(row.mark, room, top)) + 5, y=y + 10),
        ]  # fmt: skip
        if row.mark is not None:
            x = label_room + room * row.mark / top
            marks.append(_tag("line", class_="stroke c2 mark", x1=x, x2=x, y1=y - 2, y2=y + LINE - 4))
    return _svg(width, max(len(rows), 1) * LINE + 2, *marks)


def _at(mark: float | None, room: float, top: float) -> float:
    return 0.0 if mark is None else room * mark / top


def grid(rows: Sequence[tuple[str, Sequence[float]]], axis: Sequence[str], *, width: int = WIDE) -> Markup:
    """A row of cells for each label; the darkest cell of a row is its largest value."""
    label_room = min(120.0, LETTER * max((len(label) for label, _ in rows), default=0) + 8)
    step = (width - label_room - 2) / len(axis)
    marks = []
    for at, (label, values) in enumerate(rows):
        y = at * LINE
        top = max(values, default=0) or 1
        marks.append(_label(label, x=label_room - 6, y=y + 12, room=label_room))
        for number, value in enumerate(values):
            what = f"{label}, {axis[number]}: {value:,.0f}"
            shade = round(0.06 + 0.94 * value / top, 2)
            marks.append(
                _tag("rect", _title(what), class_="cell c1", x=label_room + number * step + 0.5, y=y + 0.5,
                     width=step - 1, height=LINE - 2, fill_opacity=shade,
                     data_at=axis[number], data_series=label, data_value=value)
            )  # fmt: skip
    bottom = len(rows) * LINE + 12
    marks += [
        _tag("text", escape(axis[number]), x=label_room + number * step, y=bottom) for number in range(0, len(axis), 6)
    ]
    return _svg(width, bottom + 4, *marks)


def dots(rows: Sequence[Dots], ticks: Sequence[tuple[float, str]], *, top: float, width: int = WIDE) -> Markup:
    """Dots along an axis that all rows share, each row below its own title; the first dot of a row is the start."""
    row_height, left, right = 38, 8.0, 12
    room, bottom = width - left - right, len(rows) * row_height + 4
    marks = [
        _tag("line", class_="grid", x1=left + room * at / top, x2=left + room * at / top, y1=0, y2=bottom)
        for at, _ in ticks
    ]
    for number, row in enumerate(rows):
        y = number * row_height + 25
        shown = _tag(
            "text", _title(row.label), escape(cut(row.label, int(width / LETTER))), class_="over", x=0, y=y - 12
        )
        marks += [shown, _tag("line", class_="grid", x1=left, x2=width - right, y1=y, y2=y)]
        for at, (value, title) in enumerate(zip(row.values, row.titles, strict=True)):
            colour, radius = (
                ("c1", 4) if at else ("c2", 5.5)
            )  # larger, so that others at the same moment do not hide it
            marks.append(
                _tag("circle", _title(title), class_=f"dot {colour}", cx=left + room * value / top, cy=y, r=radius,
                     data_at=number, data_value=value)
            )  # fmt: skip
    for place, text in ticks:
        anchor = "end" if place == top else "start" if place == 0 else "middle"
        x = left + room * place / top
        marks.append(_tag("text", escape(text), x=x, y=bottom + 12, text_anchor=anchor))
    return _svg(width, bottom + 16, *marks)


def round_up(value: float) -> int:
    """The next of 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, …: the end of a scale."""
    if value <= 1:
        return 1
    if value <= 2:
        return 2
    size = 10 ** floor(log10(value))
    return next(int(step * size) for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * size >= ceil(value))


def _frame(axis: Sequence[str], ticks: Sequence[tuple[float, str]], *, width: int, height: int) -> list[Markup]:
    """The lines behind, with what they stand for; below, where the axis begins and ends, and the middle if it fits."""
    plot, base = height - _TOP - _BELOW, height - _BELOW
    marks = [_tag("line", class_="axis", x1=_LEFT, x2=width - _RIGHT, y1=base, y2=base)]
    for share, text in ticks:
        y = base - plot * share
        marks += [
            _tag("line", class_="grid", x1=_LEFT, x2=width - _RIGHT, y1=y, y2=y),
            _tag("text", escape(text), x=_LEFT - 4, y=y + 4, text_anchor="end"),
        ]
    step = (width - _LEFT - _RIGHT) / max(len(axis), 1)
    has_room = sum(map(len, axis)) * LETTER < width - _LEFT
    return marks + [
        _tag("text", escape(axis[at]), x=_LEFT + step * place, y=height - 5, text_anchor=anchor)
        for at, place, anchor in _labelled(len(axis), has_room=has_room, is_wide=width > SMALL)
    ]


def _labelled(count: int, *, has_room: bool, is_wide: bool) -> list[tuple[int, float, str]]:
    """Which bins of an axis are labelled, in how many steps from its start, and on which side of that."""
    if count < 2 or (has_room and is_wide):
        return [(at, at + 0.5, "middle") for at in range(count)]
    middle = [(count // 2, count // 2 + 0.5, "middle")] if is_wide else []
    return [(0, 0.0, "start"), *middle, (count - 1, float(count), "end")]


def _label(text: str, *, x: float, y: float, room: float) -> Markup:
    return _tag("text", _title(text), escape(cut(text, int((room - 6) / LETTER))), x=x, y=y, text_anchor="end")


def _title(text: str) -> Markup:
    return _tag("title", escape(plain(text)))


def _svg(width: int, height: float, *marks: Markup) -> Markup:
    return _tag(
        "svg", *marks, viewBox=f"0 0 {width} {height:g}", width=width, height=f"{height:g}", aria_hidden="true",
        focusable="false",
    )  # fmt: skip


def _tag(tag: str, *inside: Markup, **attributes: str | float) -> Markup:
    """An element; ``class_`` and ``data_at`` are the attributes class and data-at. An empty text is left out."""
    said = Markup("").join(
        Markup(' {}="{}"').format(
            name.rstrip("_").replace("_", "-"),
            plain(value) if isinstance(value, str) else f"{round(value, 4 if name == 'data_value' else 2):.12g}",
        )
        for name, value in attributes.items()
        if value != ""
    )
    return Markup("<{}{}>{}</{}>").format(tag, said, Markup("").join(inside), tag)
