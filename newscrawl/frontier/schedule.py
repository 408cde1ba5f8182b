"""How often a feed, sitemap or section is looked at: after how often it really brings articles.

**How often it changes** is a rate of articles that is estimated from what each look brought. Articles are taken to
arrive as a Poisson process whose level drifts and whose intensity depends on the hour of the day; the conjugate Gamma
prior makes the estimate ``(a0 + a) / (b0 + b)``, where a counts the articles brought and b the time watched, both
fading with their age (a discount as in West & Harrison, Bayesian Forecasting and Dynamic Models, 1997, ch. 10). The
prior does what the correction of Cho & Garcia-Molina (Estimating frequency of change, ACM TOIT 3(3), 2003) does for
looks of which only "changed or not" is known: few looks without an article do not make a rate of zero. A look whose
every entry is new saw only the last of what came: see `FULL_SHARE`.

**How often to look** follows the square root of that rate: of all ways to spend a number of looks on pages with Poisson
arrivals it is the one with the smallest mean delay until an article is found (minimise ``sum(rate * interval) / 2``
under ``sum(1 / interval) = looks``; see also Coffman, Liu & Weber, Optimal robot scheduling for web search engines,
J. Scheduling 1, 1998). With a rate that changes over the day the same holds for each moment, so the next look comes
when the integral of the root of the rate has reached a fixed sum, which one setting names: `RevisitOptions.hourly_s`.

Pure: numbers in, numbers out. Times are seconds since 1970, UTC.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HOUR_S = 3600
DAY_S = 24 * HOUR_S
MEMORY_S = 2 * DAY_S
"""An article this long ago counts 1/e of one today, and so does the time in which none came."""
HOURS_MEMORY_S = 30 * DAY_S
"""Likewise for the hours of the day, which need more articles and change less."""
PRIOR_ARTICLES = 0.25
PRIOR_S = DAY_S / 4
"""Before anything is known: one article a day, with the weight of six hours' watching."""
HOUR_PRIOR = 0.3
"""Articles in each hour that are taken for granted: with few articles the day stays flat."""
FULL_SHARE = 0.5
"""No longer is waited than until so much of a feed is expected to be new: what falls off its end is never seen."""
FIRST_LOOK_S = 7 * DAY_S
"""At the first look the printed times of so many days tell how often articles came."""
CLOCK_SLACK_S = 60
"""A look is due so much early: a run that is started every ten minutes must not miss it by a second."""
FIRST_FAILURE_S = 900
LONGEST_FAILURE_S = 4 * HOUR_S
"""What does not answer is asked again after 15 minutes, 30, an hour, …, four hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisitOptions:
    """How often feeds, sitemaps, sections and home pages are looked at by runs that name none."""

    min_s: int = 600
    """No sooner after the last look. `max_s` wins where it is less."""
    max_s: int = 86_400
    """No later; 0: at every run."""
    hourly_s: int = field(default=1_800, metadata={"minimum": 1})
    """Seconds between two looks at what brings one article an hour; four times the articles, half the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What looking at one address has shown of when it brings articles."""

    brought: float = 0.0
    """Articles, faded."""
    watched_s: float = 0.0
    """Seconds, faded; an hour in which twice as much comes as in the mean counts as two."""
    hours: tuple[float, ...] = (0.0,) * 24
    """Articles by hour of the day in UTC, faded."""

    @property
    def per_s(self) -> float:
        """Articles a second, over the day."""
        return (PRIOR_ARTICLES + self.brought) / (PRIOR_S + self.watched_s)

    @property
    def shape(self) -> tuple[float, ...]:
        """How much more or less than in the mean comes in each hour; the mean is 1."""
        padded = (self.hours[-1], *self.hours, self.hours[0])
        smooth = [(padded[at] + 2 * padded[at + 1] + padded[at + 2]) / 4 + HOUR_PRIOR for at in range(24)]
        mean = sum(smooth) / 24
        return tuple(each / mean for each in smooth)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One address of a source that is looked at again and again."""

    source: str
    url: str
    """As asked."""
    kind: str
    looked: int
    """When it last answered; 0: it never did."""
    due: int
    failures: int = 0
    """In a row."""
    entries: int = 0
    """Articles that the last answer held."""
    leads: bool = False
    """It named others: they are found only through it."""
    pace: Pace = Pace()


def is_come(due: float, *, now: float, longest_s: float) -> bool:
    """Whether a time has come, or lies further ahead than is ever waited: a clock that was ahead wrote it."""
    return not now + CLOCK_SLACK_S < due <= now + longest_s + CLOCK_SLACK_S


def first_pace(now: float, published: Iterable[float | None]) -> Pace:
    """What one look tells, when the entries print their times; those of the future say nothing."""
    times = [each for each in published if each is not None and each <= now]
    if len(times) < 2:
        return Pace()
    # The oldest only says where the window begins.
    begin = max(min(times), now - FIRST_LOOK_S)
    hours = [0.0] * 24
    for each in (each for each in times if each > begin):
        hours[_hour(each)] += 1.0
    return Pace(
        brought=sum(math.exp((each - now) / MEMORY_S) for each in times if each > begin),
        watched_s=MEMORY_S * (1 - math.exp((begin - now) / MEMORY_S)),
        hours=tuple(hours),
    )


def looked_again(pace: Pace, *, since: float, now: float, new: Iterable[float | None]) -> Pace:
    """The pace after another look.

    Args:
        since: the last look.
        new: the articles that nobody knew before, each with the time it prints, or None.
    """
    times = tuple(new)
    if not since < now:  # the clock was set back: nothing can be said of how long it was
        return pace
    shape = pace.shape
    pieces = [(hour, seconds * shape[hour]) for hour, seconds in hours_between(since, now)]
    exposure = sum(weight for _, weight in pieces)
    fade, hours_fade = math.exp((since - now) / MEMORY_S), math.exp((since - now) / HOURS_MEMORY_S)
    hours = [each * hours_fade for each in pace.hours]
    for each in times:
        if each is not None and since - HOUR_S < each <= now:
            hours[_hour(each)] += 1.0
        else:  # it came at some time since then, more likely in the busy hours
            for hour, weight in pieces:
                hours[hour] += weight / exposure
    return replace(
        pace,
        brought=pace.brought * fade + len(times),
        watched_s=pace.watched_s * fade + exposure,
        hours=tuple(hours),
    )


def interval_s(pace: Pace, *, now: float, options: RevisitOptions, entries: int = 0, floor_s: float = 0.0) -> float:
    """Seconds until the next look.

    Args:
        entries: articles that the answer held: the next one will not hold more. 0: nobody knows.
        floor_s: what the site itself asks for (``ttl``, Cache-Control, Retry-After); within the bounds.
    """
    wanted = options.hourly_s / math.sqrt(HOUR_S)
    most = FULL_SHARE * entries if entries else math.inf
    rate, shape = pace.per_s, pace.shape
    spent = expected = waited = 0.0
    for hour, seconds in hours_between(now, now + options.max_s):
        intensity = rate * shape[hour]
        root = math.sqrt(intensity)
        rest = min((wanted - spent) / root, (most - expected) / intensity)
        if rest <= seconds:
            waited += max(0.0, rest)
            break
        spent, expected, waited = spent + root * seconds, expected + intensity * seconds, waited + seconds
    return min(max(waited, float(options.min_s), floor_s), float(options.max_s))


def failed_interval_s(failures: int, *, options: RevisitOptions, floor_s: float = 0.0) -> float:
    """Seconds until what did not answer `failures` times in a row is asked again."""
    pause = min(FIRST_FAILURE_S * 2.0 ** min(failures - 1, 10), LONGEST_FAILURE_S)
    return min(max(pause, floor_s), float(options.max_s))


def hours_between(start: float, end: float) -> Iterator[tuple[int, float]]:
    """The time between two moments, cut at full hours: (hour of the day, seconds); at most the last 60 days of it."""
    at = max(start, end - 60 * DAY_S)
    while at < end:
        until = min((at // HOUR_S + 1) * HOUR_S, end)
        yield _hour(at), until - at
        at = until


def _hour(at: float) -> int:
    return int(at // HOUR_S) % 24
