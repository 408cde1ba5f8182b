"""Whether a source is as it usually is: compared with its own last weeks, never with other sources.

Days count only when a run looked at the source: one that is paused, or a machine that is off, is no fault of a site.
Quiet days are judged when they are over (`health_quiet`); shares as soon as there are enough articles or pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING

from newscrawl.report.health_quiet import common_quiet_days, quiet_at_the_end, weekday
from newscrawl.report.health_shares import Change, share_changes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from newscrawl.state.health import Figures

LOOKED_LATELY_DAYS = 3
UNREACHABLE_DAYS = 2
MIN_FOUND = 3
CAUSES = frozenset({"unreachable", "nothing_found", "blocked", "no_article", "needs_javascript"})
"""Findings that say why there are no new articles: beside them `silent` says nothing more."""
Days = dict[str, "Figures"]
"""Day → figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as usual. JSON-native."""

    source: str
    what: str
    """`silent`, `unreachable`, `nothing_found`, `blocked`, `no_article`, `needs_javascript`, `lost_dates`,
    `lost_authors`, `noise` (more is removed from the texts), `words` (texts are longer or shorter)."""
    since: str
    """The day it began, in UTC."""
    now: float | None
    usual: float | None
    words: str
    """Both in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found of one source."""

    source: str
    findings: tuple[Finding, ...]
    is_judged: bool
    """There is enough history to say that nothing else is wrong."""
    is_watched: bool
    """A run looked at it lately."""


def judge(sources: Mapping[str, Days], today: str, groups: Mapping[str, str] | None = None) -> tuple[Verdict, ...]:
    """Compare each source with its own past, in the order of their ids.

    Args:
        sources: source → day → figures.
        today: the day that is not over yet, in UTC.
        groups: source → whatever has holidays of its own; those without one are one group together. By default the
            country that the sources file names.
    """
    past = {source: {day: each for day, each in days.items() if day <= today} for source, days in sources.items()}
    if groups is None:
        groups = {source: days[max(days)].country for source, days in past.items() if days}
    holidays = {
        group: common_quiet_days(
            [whole_days(days, today) for source, days in past.items() if groups.get(source, "") == group]
        )
        for group in {groups.get(source, "") for source in past}
    }
    return tuple(
        judge_source(source, days, today, holidays[groups.get(source, "")]) for source, days in sorted(past.items())
    )


def judge_source(source: str, days: Days, today: str, excused: frozenset[str] = frozenset()) -> Verdict:
    """Compare a source with its own past."""
    first = (date.fromisoformat(today) - timedelta(days=LOOKED_LATELY_DAYS)).isoformat()
    if not any(day >= first for day in days):
        return Verdict(source=source, findings=(), is_judged=False, is_watched=False)
    looked = [(day, figures) for day, figures in sorted(days.items()) if figures.looks]
    quiet = quiet_at_the_end(whole_days(days, today), excused)
    findings = [
        *_unreachable(source, days),
        *_nothing_found(source, _over(days, today)),
        *(_of_change(source, change) for change in share_changes(looked[1:])),  # the first day brings what is old
    ]
    if quiet.is_silent and quiet.since and quiet.habit and not CAUSES & {each.what for each in findings}:
        since = quiet.since
        now = median(days[day].fresh for day in days if day >= since and days[day].looks)
        usual = max(quiet.habit.usual)
        on = f"on a {date.fromisoformat(since):%A} {quiet.habit.usual[weekday(since)]:g}"
        words = f"{now:g} new articles a day, usually {on}"
        findings.insert(0, Finding(source=source, what="silent", since=since, now=now, usual=usual, words=words))
    return Verdict(source=source, findings=tuple(findings), is_judged=quiet.habit is not None, is_watched=True)


def whole_days(days: Days, today: str) -> list[tuple[str, int]]:
    """(day, new articles) of the days on which runs looked that are over, without the first, which brings what is old.

    Today counts as over when as many runs as usual have looked.
    """
    return [(day, figures.fresh) for day, figures in _over(days, today)[1:]]


def _over(days: Days, today: str) -> list[tuple[str, Figures]]:
    looked = [(day, figures) for day, figures in sorted(days.items()) if figures.looks]
    if looked and looked[-1][0] == today and looked[-1][1].looks < median(each.looks for _, each in looked):
        looked.pop()
    return looked


def _unreachable(source: str, days: Days) -> list[Finding]:
    """Nothing but failures on the last days."""
    failed: list[str] = []
    for day, figures in sorted(days.items(), reverse=True):
        if figures.looks or not figures.failures:
            break
        failed.append(day)
    if len(failed) < UNREACHABLE_DAYS:
        return []
    runs = sum(days[day].failures for day in failed)
    words = f"no answer of use in {runs} run{'s' if runs > 1 else ''}"
    return [Finding(source=source, what="unreachable", since=failed[-1], now=0, usual=None, words=words)]


def _nothing_found(source: str, looked: Sequence[tuple[str, Figures]]) -> list[Finding]:
    """The source answers, and names no article at all, for a day or more."""
    empty: list[str] = []
    for day, figures in reversed(looked):
        if figures.found:
            break
        empty.append(day)
    before = [figures.found for _, figures in looked if figures.found]
    if not empty or len(before) < len(empty) or median(before) < MIN_FOUND:
        return []
    usual = median(before)
    words = f"feeds, sitemaps and sections name no article, usually {usual:g} a day"
    return [Finding(source=source, what="nothing_found", since=empty[-1], now=0, usual=usual, words=words)]


def _of_change(source: str, change: Change) -> Finding:
    return Finding(
        source=source, what=change.what, since=change.since, now=change.now, usual=change.usual, words=change.words
    )
