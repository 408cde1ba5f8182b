"""What came in: how many articles, from which days and hours, how long, in which languages, found how."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from newscrawl.report.html import svg
from newscrawl.report.html.axis import Axis, axis_of, days_before
from newscrawl.report.html.chart import NONE, Chart, Picture, Table, counted, whole
from newscrawl.report.html.figures import HOURS, SourceFigures, summed
from newscrawl.report.html.svg import Series
from newscrawl.state.health import BUCKETS_A_DOUBLING, median_class, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newscrawl.report.html.figures import Report


def came_in(report: Report, shown: Sequence[SourceFigures]) -> tuple[Chart, ...]:
    """What came in: how many, from when, at which hours, in which languages."""
    total, axis = summed(report.sources), axis_of(report.first_day, report.last_day)
    return (
        *([_per_day(total, axis)] if len(axis.bins) > 1 else []),
        _publication_days(total),
        _hours(shown),
        _per_day_and_source(shown, axis),
        _lengths(total, shown),
        _languages(total),
        counted("ways", "How were they found?", "new articles, by where their address stood", total.ways),
    )


def _per_day(total: SourceFigures, axis: Axis) -> Chart:
    values = axis.sums(total.articles)
    most = max(range(len(values)), key=values.__getitem__)
    told = f"{total.total:,} new articles from {axis.full_labels[0]} to {axis.full_labels[-1]}, "
    told += f"most of them, {values[most]:,}, on {axis.full_labels[most]}."
    return Chart(
        id="per-day",
        question="How many articles came in?",
        unit=f"new articles {axis.each}, all sources, by the day they were fetched (UTC)",
        pictures=(Picture(drawing=svg.columns(axis.labels, [_plain(values)]), told=told),),
        table=Table(head=(axis.name, "articles"), rows=tuple(zip(axis.full_labels, map(whole, values), strict=True))),
    )


def _per_day_and_source(shown: Sequence[SourceFigures], axis: Axis) -> Chart:
    if len(axis.bins) == 1:
        counts = Counter({each.source: each.total for each in shown})
        return counted("per-source", "Which sources brought them?", "new articles, by source", counts)
    sums = [axis.sums(each.articles) for each in shown]
    return Chart(
        id="per-source",
        question="Which sources brought them, and did any stop?",
        unit=f"new articles {axis.each}; each source has a scale of its own",
        pictures=tuple(
            Picture(
                name=each.source,
                note=f"{each.total:,}",
                told=f"{each.source}: {each.total:,} new articles, at most {max(values):,} {axis.each}.",
                drawing=svg.columns(axis.labels, [_plain(values)], width=svg.SMALL, height=76),
            )
            for each, values in zip(shown, sums, strict=True)
        ),
        table=Table(
            head=(axis.name, *(each.source for each in shown)),
            rows=tuple((label, *(whole(values[at]) for values in sums)) for at, label in enumerate(axis.full_labels)),
        ),
    )


def _publication_days(total: SourceFigures) -> Chart:
    """The newest days of publication, as many as there are days in a month."""
    dated = {day: count for day, count in total.publication_days.items() if day}
    unknown, last = total.publication_days.get("", 0), max(dated, default="")
    axis = axis_of(max(min(dated), days_before(last, 30)), last) if dated else None
    values = axis.sums(total.publication_days) if axis else []
    older = sum(dated.values()) - sum(values)
    told = f"Articles of the days shown: {sum(values):,}; older ones: {older:,}; without a date: {unknown:,}."
    labels = axis.labels if axis else ("",)
    return Chart(
        id="publication-days",
        question="From which days are they?",
        unit="new articles by day of publication (UTC)",
        pictures=(
            Picture(
                drawing=svg.columns(labels, [_plain(values or (0,))]),
                told=told,
                note=told,
            ),
        ),
        table=Table(
            head=("published", "articles"),
            rows=(
                *zip(axis.full_labels if axis else (), map(whole, values), strict=True),
                ("older", f"{older:,}"),
                ("without a date", f"{unknown:,}"),
            ),
        ),
    )


def _hours(shown: Sequence[SourceFigures]) -> Chart:
    timed = [each for each in shown if each.hours]
    axis = tuple(f"{hour:02d}" for hour in range(HOURS))
    total: Counter[int] = Counter()
    for each in timed:
        total.update(each.hours)
    untimed = sum(each.total for each in shown) - total.total()
    told = "No article says at which time it was published."
    if total:
        most = max(total, key=total.__getitem__)
        told = f"Most articles, {total[most]:,} of {total.total():,}, are published between {most:02d}:00 and "
        told += f"{(most + 1) % HOURS:02d}:00 UTC."
    return Chart(
        id="hours",
        question="At which hours do sources publish?",
        unit="articles by hour of publication (UTC); the stronger the colour, the more of this source",
        pictures=(
            Picture(
                drawing=svg.grid([(each.source, [each.hours[hour] for hour in range(HOURS)]) for each in timed], axis),
                told=told,
                note=f"Without a time of day, and not counted: {untimed:,}." if untimed else "",
            ),
        ),
        table=Table(
            head=("source", *axis),
            rows=tuple((each.source, *(whole(each.hours[hour]) for hour in range(HOURS))) for each in timed),
        ),
    )


def _lengths(total: SourceFigures, shown: Sequence[SourceFigures]) -> Chart:
    """By half doublings of the number of words."""
    wide = BUCKETS_A_DOUBLING // 2
    counts: Counter[int] = Counter()
    for number, articles in total.words.items():
        counts[number // wide] += articles
    bins = range(min(counts, default=0), max(counts, default=0) + 1)
    labels = tuple(f"{words_of(each * wide):,.0f}" for each in bins)
    middle = f"{words_of(median_class(total.words)):,.0f}" if total.words else NONE
    return Chart(
        id="lengths",
        question="How long are they?",
        unit="new articles by number of words, each step 1.4 times the one before",
        pictures=(
            Picture(
                drawing=svg.columns(labels, [_plain(counts[each] for each in bins)]),
                told=f"Half of the articles have more than about {middle} words.",
                note=f"Half of them have more than about {middle} words.",
            ),
        ),
        table=Table(
            head=("source", "articles", "median words, about"),
            rows=tuple(
                (each.source, f"{each.total:,}", f"{words_of(median_class(each.words)):,.0f}" if each.words else NONE)
                for each in shown
            ),
        ),
    )


def _languages(total: SourceFigures) -> Chart:
    counts = Counter({name or "not known": count for name, count in total.languages.items()})
    return counted("languages", "In which languages?", "new articles, by language (BCP 47)", counts)


def _plain(values: Iterable[int]) -> Series:
    """Counts of one thing alone."""
    return Series(name="", colour="c1", values=tuple(values))
