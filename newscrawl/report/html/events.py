"""What happened: to addresses, to articles that were stored before, and to the hosts that were asked."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from newscrawl.report.html import svg
from newscrawl.report.html.axis import axis_of
from newscrawl.report.html.chart import BARS, Chart, Picture, Table, counted, seconds, whole
from newscrawl.report.html.figures import summed
from newscrawl.report.html.svg import Bar, Series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newscrawl.report.html.figures import Host, Report

CAUSES = {
    "page": ("c1", "changed by the publisher"),
    "cleaning": ("c3", "cleaned better"),
    "gone": ("c2", "withdrawn by the publisher"),
    "purged": ("c4", "purged by us"),
}


def outcomes(report: Report) -> tuple[Chart, ...]:
    """What became of all addresses, and where most gave nothing."""
    counts = summed(report.sources).outcomes
    missed = Counter({each.source: each.missed for each in report.sources if each.missed})
    unit = "addresses that gave no article, by source"
    return (
        counted("outcomes", "What became of the addresses?", "addresses decided on, by outcome", counts),
        counted("missed-by-source", "Where did most give nothing?", unit, missed),
    )


def changes(report: Report) -> tuple[Chart, ...]:
    """How many revisions there were, and why."""
    total, axis = summed(report.sources), axis_of(report.first_day, report.last_day)
    series = [
        Series(name=words, colour=colour, values=tuple(axis.sums(total.changes.get(cause, Counter()))))
        for cause, (colour, words) in CAUSES.items()
    ]
    by_source = Counter({each.source: each.revisions for each in report.sources if each.revisions})
    told = "; ".join(f"{sum(each.values):,.0f} {each.name}" for each in series)  # type: ignore[arg-type]  # none is None
    over_time = Chart(
        id="changes",
        question="How often did stored articles change?",
        unit=f"revisions after the first, {axis.each}",
        pictures=(Picture(drawing=svg.columns(axis.labels, series), told=f"Revisions {axis.each}: {told}."),),
        table=Table(
            head=(axis.name, *(each.name for each in series)),
            rows=tuple(
                (bin_, *(whole(each.values[at]) for each in series)) for at, bin_ in enumerate(axis.full_labels)
            ),
        ),
        key=tuple((each.colour, each.name) for each in series if any(each.values)),
    )
    unit = "revisions after the first, by source"
    return over_time, counted("changed-by-source", "Which sources change most?", unit, by_source)


def politeness(report: Report) -> tuple[Chart, ...]:
    """Whether hosts were left alone; none: nothing is known."""
    if not report.hosts:
        return ()
    requests = Counter({each.host: each.requests for each in report.hosts})
    asked = counted("requests", "How much was asked of each host?", "requests sent, by host", requests)
    return _gaps(report.hosts), asked


def _gaps(all_hosts: Sequence[Host]) -> Chart:
    hosts = [each for each in all_hosts if each.smallest_gap_s is not None]
    rows = [
        Bar(label=each.host, value=each.smallest_gap_s or 0, said=f"{each.smallest_gap_s:.2f} s",
            mark=each.crawl_delay_s)
        for each in hosts[:BARS]
    ]  # fmt: skip
    kept = sum(each.keeps_delay for each in hosts)
    return Chart(
        id="politeness",
        question="Were hosts left time between two requests?",
        unit="seconds between two requests to a host, the smallest of the period; a stroke: what robots.txt asks for",
        pictures=(
            Picture(
                drawing=svg.bars(rows),
                told=f"Smallest time between two requests to each of the busiest hosts; {kept:,} of {len(hosts):,} "
                "hosts were never asked sooner than they want.",
            ),
        ),
        table=Table(
            head=("host", "requests", "smallest gap", "asked for", "robots.txt first", "closed by robots.txt",
                  "busy answers", "retries"),
            rows=tuple(
                (
                    each.host,
                    f"{each.requests:,}",
                    seconds(each.smallest_gap_s),
                    seconds(each.crawl_delay_s),
                    "yes" if each.robots_first else "no",
                    f"{each.forbidden:,}",
                    f"{each.busy:,}",
                    f"{each.retries:,}",
                )
                for each in all_hosts[:50]
            ),
        ),
    )  # fmt: skip
