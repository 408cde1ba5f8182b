"""What a chart is: a question, a unit, drawings with a text alternative, and the numbers in a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newscrawl.report.html import svg
from newscrawl.report.html.figures import Report, SourceFigures, summed
from newscrawl.report.html.svg import Bar

if TYPE_CHECKING:
    from collections import Counter

    from markupsafe import Markup

BARS = 12
"""Rows of a chart of bars; the table behind it has all."""
TABLE_ROWS = 300
COLOURS = ("c1", "c2", "c3", "c4")
NONE = "–"
"""Stands where there is no number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Numbers behind a chart. The first cell of a row is its name."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One drawing, and what somebody is told who cannot see it."""

    drawing: Markup
    told: str
    name: str = ""
    """Of what, where there are many."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One question and its answer."""

    id: str
    question: str
    unit: str
    pictures: tuple[Picture, ...]
    table: Table
    key: tuple[tuple[str, str], ...] = ()
    """Colour and what it stands for."""

    @property
    def is_many(self) -> bool:
        return len(self.pictures) > 1 or bool(self.pictures and self.pictures[0].name)


def busiest(report: Report, most: int) -> tuple[SourceFigures, ...]:
    """The busiest sources, and the rest as one."""
    if len(report.sources) <= most:
        return report.sources
    rest = report.sources[most - 1 :]
    return (*report.sources[: most - 1], summed(rest, f"{len(rest):,} other sources"))


def counted(name: str, question: str, unit: str, counts: Counter[str]) -> Chart:
    """A chart of counts, the largest first."""
    rows = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    shown = [Bar(label=_words(key), value=count, said=f"{count:,}") for key, count in rows[:BARS]]
    if len(rows) > BARS:
        rest = sum(count for _, count in rows[BARS - 1 :])
        shown[-1] = Bar(label=f"{len(rows) - BARS + 1} others", value=rest, said=f"{rest:,}")
    told = ", ".join(f"{row.label} {row.said}" for row in shown) + "." if shown else "None."
    return Chart(
        id=name,
        question=question,
        unit=unit,
        pictures=(Picture(drawing=svg.bars(shown), told=told, note="" if shown else "None."),),
        table=Table(
            head=(unit.split(",", maxsplit=1)[0], "count"),
            rows=tuple((k, f"{count:,}") for k, count in rows[:TABLE_ROWS]),
        ),
    )


def whole(value: float | None) -> str:
    return f"{value or 0:,.0f}"


def percent(share: float | None) -> str:
    return NONE if share is None else f"{share:.0%}"


def seconds(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f} s"


def _words(name: str) -> str:
    return name.replace("_", " ")
