"""How good the articles are: which fields they have, over time too, what was removed, which flags they carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.report.html import svg
from newscrawl.report.html.axis import Axis, axis_of
from newscrawl.report.html.chart import BARS, COLOURS, Chart, Picture, Table, counted, percent
from newscrawl.report.html.figures import FIELDS, SourceFigures, summed
from newscrawl.report.html.svg import Bar, Series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newscrawl.report.html.figures import Report

OVER_TIME = {"date_published": "date", "authors": "authors", "description": "description"}


def how_good(report: Report, shown: Sequence[SourceFigures]) -> tuple[Chart, ...]:
    """How good the articles are."""
    total, axis = summed(report.sources), axis_of(report.first_day, report.last_day)
    return (
        *([_coverage_over_time(shown, axis)] if len(axis.bins) > 1 else []),
        _removed(shown),
        counted("rules", "Which rules removed most?", "lines removed from new articles, by cleaning rule", total.rules),
        counted("flags", "What should a reader beware of?", "new articles that carry a flag", total.flags),
    )


def coverage(shown: Sequence[SourceFigures]) -> tuple[tuple[SourceFigures, tuple[tuple[str, int], ...]], ...]:
    """Source → for each of `FIELDS` the share of its articles that have it, in words and in tenths."""
    return tuple(
        (each, tuple((f"{share:.0%}", int(share * 10)) for name in FIELDS if (share := each.share(name)) is not None))
        for each in shown
        if each.total
    )


def _coverage_over_time(shown: Sequence[SourceFigures], axis: Axis) -> Chart:
    some = [each for each in shown if each.total]
    series = {
        each.source: tuple(
            Series(name=words, colour=colour, values=tuple(each.share(name, days) for days in axis.day_sets))
            for colour, (name, words) in zip(COLOURS, OVER_TIME.items(), strict=False)
        )
        for each in some
    }
    return Chart(
        id="coverage-over-time",
        question="Did a field get lost on the way?",
        unit=f"share of the new articles that have it, by {axis.name}",
        pictures=tuple(
            Picture(
                name=each.source,
                told=f"{each.source}: "
                + ", ".join(f"{words} {percent(each.share(name))}" for name, words in OVER_TIME.items())
                + " of all its new articles.",
                drawing=svg.lines(axis.labels, series[each.source], width=svg.SMALL, height=84),
            )
            for each in some
        ),
        table=Table(
            head=("source", axis.name, *OVER_TIME.values()),
            rows=tuple(
                (each.source, label, *(percent(one.values[at]) for one in series[each.source]))
                for each in some
                for at, label in enumerate(axis.full_labels)
                if any(one.values[at] is not None for one in series[each.source])
            ),
        ),
        key=tuple(zip(COLOURS, OVER_TIME.values(), strict=False)),
    )


def _removed(shown: Sequence[SourceFigures]) -> Chart:
    known = [(each, share) for each in shown if (share := each.removed_share) is not None]
    known.sort(key=lambda pair: -pair[1])
    rows = [Bar(label=each.source, value=100 * share, said=f"{share:.1%}") for each, share in known[:BARS]]
    return Chart(
        id="removed",
        question="How much did cleaning remove?",
        unit="share of the extracted characters of new articles, the largest shares first",
        pictures=(
            Picture(
                drawing=svg.bars(rows),
                told="; ".join(f"{row.label} {row.said}" for row in rows) + "." if rows else "No text.",
            ),
        ),
        table=Table(
            head=("source", "characters kept", "characters removed", "share removed"),
            rows=tuple((e.source, f"{e.kept_chars:,}", f"{e.removed_chars:,}", f"{share:.2%}") for e, share in known),
        ),
    )
