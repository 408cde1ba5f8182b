"""How stories travel: the largest ones along an axis of time, and who is first."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from newscrawl.report.html import svg
from newscrawl.report.html.chart import NONE, Chart, Picture, Table, counted
from newscrawl.report.html.svg import Dots

if TYPE_CHECKING:
    from newscrawl.report.html.figures import Report

UNITS = ((2 * 3600, 60, "minutes"), (48 * 3600, 3600, "hours"))
"""Up to so many seconds; seconds of the unit; its name."""


def stories(report: Report) -> Chart | None:
    """How much later others had the largest stories; None: there are none."""
    rows, delays = [], []
    for story in report.stories:
        known = [each for each in story.copies if each.delay_s is not None]
        delays += [each.delay_s or 0 for each in known]
        rows.append((story, known))
    if not rows:
        return None
    longest = max(delays, default=0)
    unit_s, unit = next(((size, name) for limit, size, name in UNITS if longest <= limit), (86400, "days"))
    top = svg.round_up(longest / unit_s)
    drawn = [
        Dots(
            label=f"{story.title}",
            values=tuple((each.delay_s or 0) / unit_s for each in known),
            titles=tuple(f"{each.source}: {(each.delay_s or 0) / unit_s:,.1f} {unit} later" for each in known),
        )
        for story, known in rows
    ]
    ticks = [(0.0, "first"), (top / 2, f"{top / 2:g}"), (float(top), f"{top:g} {unit}")]
    told = " ".join(f"{story.title}: {story.articles} articles in {story.sources} sources." for story, _ in rows[:3])
    return Chart(
        id="stories",
        question="How fast do stories travel?",
        unit=f"{unit} after the first publication; one dot an article, the first in another colour",
        pictures=(Picture(drawing=svg.dots(drawn, ticks, top=float(top)), told=f"The largest stories. {told}"),),
        table=Table(
            head=("story", "articles", "sources", "first", f"the others, {unit} later"),
            rows=tuple(
                (
                    story.title,
                    f"{story.articles:,}",
                    f"{story.sources:,}",
                    story.copies[0].source,
                    ", ".join(
                        f"{each.source} {NONE if each.delay_s is None else f'{each.delay_s / unit_s:,.1f}'}"
                        for each in story.copies[1:13]
                    ),
                )
                for story, _ in rows
            ),
        ),
        key=(("c2", "first"), ("c1", "the others")),
    )


def firsts(report: Report) -> Chart | None:
    """Who has stories first; None: nobody."""
    if not report.firsts:
        return None
    unit = "stories in several sources that a source published first"
    return counted("firsts", "Who is first?", unit, Counter(report.firsts))
