"""Whether a source has gone quiet: more days without new articles in a row than its own past explains.

A day is quiet when it brought at most a tenth of what its weekday usually brings. How often the weekday was quiet
before says what one more quiet day means: a Sunday that always is says nothing, a Tuesday that never was says much.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from math import log10
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HISTORY_DAYS = 56
"""Eight of each weekday."""
MIN_HISTORY_DAYS = 14
QUIET_SHARE = 0.1
MIN_CHANCE = 0.02
"""Of a quiet day: a holiday is to be expected on any weekday, even if none was seen."""
DISPERSION = 5.0
"""Of new articles a day, which vary more than chance alone would have it: a negative binomial's parameter."""
MAX_CHANCE = 3e-3
"""Of the quiet days in a row, for them to be no accident."""
MIN_OF_A_WEEKDAY = 3
OF_ALL_DAYS = 0.5
"""How many days of its own weekday the quiet share of all days weighs."""
COMMON_SHARE = 1 / 3
MIN_COMMON = 3
MAX_COMMON_DAYS = 4
"""More days in a row on which most sources are quiet are no holiday."""
PUBLISHES = 0.25
"""A weekday that is quiet less often is one on which a source publishes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """What the days of a source are like, by weekday (Monday is 0)."""

    usual: tuple[float, ...]
    """Median of new articles."""
    quiet: tuple[float, ...]
    """Chance that a day is quiet."""

    def is_quiet(self, day: str, articles: int) -> bool:
        """Whether so few are out of the ordinary, or would be on another weekday."""
        return articles <= QUIET_SHARE * self.usual[weekday(day)]

    def publishes(self, day: str) -> bool:
        """Whether articles are to be expected on a day."""
        return self.quiet[weekday(day)] < PUBLISHES


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """The quiet days at the end."""

    since: str | None
    """The first of them on which articles were to be expected; None: there was none."""
    chance: float
    """How likely they are, by the past of the source."""
    habit: Habit | None
    """None: too little is known of it."""

    @property
    def is_silent(self) -> bool:
        """Whether they are no accident."""
        return self.since is not None and self.chance <= MAX_CHANCE


def weekday(day: str) -> int:
    """Monday is 0."""
    return date.fromisoformat(day).weekday()


def habit_of(days: Sequence[tuple[str, int]]) -> Habit | None:
    """The habit that days (day, new articles) show; None when they are too few."""
    if len(days) < MIN_HISTORY_DAYS:
        return None
    of_weekday: list[list[int]] = [[] for _ in range(7)]
    for day, articles in days:
        of_weekday[weekday(day)].append(articles)
    overall = median(articles for _, articles in days)
    usual = tuple(median(each) if len(each) >= MIN_OF_A_WEEKDAY else overall for each in of_weekday)
    seen = [sum(articles <= QUIET_SHARE * usual[number] for articles in each) for number, each in enumerate(of_weekday)]
    of_all = (sum(seen) + 0.5) / (len(days) + 1)
    quiet = tuple(
        max(MIN_CHANCE, _of_none(middle), (quiet_days + OF_ALL_DAYS * of_all) / (len(each) + OF_ALL_DAYS))
        for quiet_days, each, middle in zip(seen, of_weekday, usual, strict=True)
    )
    return Habit(usual=usual, quiet=quiet)


def quiet_at_the_end(days: Sequence[tuple[str, int]], excused: frozenset[str] = frozenset()) -> Quiet:
    """Look at the quiet days at the end of (day, new articles), oldest first, whole days on which runs looked.

    Args:
        excused: days that say nothing: holidays of most sources.
    """
    days = [(day, articles) for day, articles in days if day not in excused]
    habit = habit_of(days[-HISTORY_DAYS:])
    for _ in range(2):  # what is usual is what was so before the quiet days
        start = _start(days, habit) if habit else 0
        habit = habit_of(days[max(0, start - HISTORY_DAYS) : start])
    if habit is None:
        return Quiet(since=None, chance=1.0, habit=None)
    counted = [day for day, _ in days[_start(days, habit) :]]
    chance = 10 ** sum(log10(habit.quiet[weekday(day)]) for day in counted)
    since = next((day for day in counted if habit.publishes(day)), counted[0] if counted else None)
    return Quiet(since=since, chance=chance, habit=habit)


def common_quiet_days(sources: Iterable[Sequence[tuple[str, int]]]) -> frozenset[str]:
    """Holidays: at least a third of the sources that usually publish on such a day, three or more, were quiet.

    Of a stretch longer than `MAX_COMMON_DAYS` only the first days are: sources can fall silent together, too.
    """
    expected: Counter[str] = Counter()
    quiet: Counter[str] = Counter()
    for days in sources:
        if (habit := habit_of(days)) is None:
            continue
        for day, articles in days:
            if habit.publishes(day):
                expected[day] += 1
                quiet[day] += habit.is_quiet(day, articles)
    common = {day for day, count in expected.items() if quiet[day] >= max(MIN_COMMON, COMMON_SHARE * count)}
    return frozenset(_begins(common, expected))


def _begins(common: set[str], expected: Mapping[str, int]) -> Iterable[str]:
    """The first days of each stretch; what lies between them (a Sunday) does not end it."""
    length = 0
    for day in sorted(expected):
        if day not in common:
            length = 0
            continue
        length += 1
        if length <= MAX_COMMON_DAYS:
            yield day


def _start(days: Sequence[tuple[str, int]], habit: Habit) -> int:
    start = len(days)
    while start and habit.is_quiet(*days[start - 1]):
        start -= 1
    return start


def _of_none(middle: float) -> float:
    """The chance of a day without any, where there are so many in the middle."""
    return float((1 + middle / DISPERSION) ** -DISPERSION)
