"""Days along an axis: one by one while they can be told apart, then by week or by month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_DAYS, MOST_WEEKS = 92, 92
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Axis:
    """Bins of days, the oldest first. A bin is called by its first day, a month by its name."""

    name: str
    """What a bin is: ``day``, ``week`` or ``month``."""
    bins: tuple[str, ...]
    """``YYYY-MM-DD``, or ``YYYY-MM``."""

    @property
    def each(self) -> str:
        return f"a {self.name}"

    @property
    def full_labels(self) -> tuple[str, ...]:
        return tuple(f"week of {each}" if self.name == "week" else each for each in self.bins)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Short ones: ``23 Nov``, ``Nov 2026``."""
        if self.name == "month":
            return tuple(f"{MONTHS[int(each[5:7]) - 1]} {each[:4]}" for each in self.bins)
        return tuple(f"{int(each[8:])} {MONTHS[int(each[5:7]) - 1]}" for each in self.bins)

    def bin_of(self, day: str) -> str:
        """The bin that a day belongs to; it may be off the axis."""
        if self.name == "week":
            when = date.fromisoformat(day)
            return (when - timedelta(days=when.weekday())).isoformat()
        return day[:7] if self.name == "month" else day

    def sums(self, counts: Mapping[str, int]) -> list[int]:
        """Day → count, added up for each bin; what is off the axis is left out."""
        at = {each: number for number, each in enumerate(self.bins)}
        values = [0] * len(self.bins)
        for day, count in counts.items():
            if day and (number := at.get(self.bin_of(day))) is not None:
                values[number] += count
        return values

    @cached_property
    def day_sets(self) -> tuple[frozenset[str], ...]:
        """The days of each bin, as far as the axis goes."""
        days: dict[str, set[str]] = {each: set() for each in self.bins}
        first = date.fromisoformat(f"{self.bins[0]}-01" if self.name == "month" else self.bins[0])
        for back in range((self._end - first).days):
            day = (first + timedelta(days=back)).isoformat()
            days[self.bin_of(day)].add(day)
        return tuple(map(frozenset, days.values()))

    @property
    def _end(self) -> date:
        """The day after the last one."""
        last = self.bins[-1]
        if self.name == "month":
            return (date.fromisoformat(f"{last}-01") + timedelta(days=31)).replace(day=1)
        return date.fromisoformat(last) + timedelta(days=7 if self.name == "week" else 1)


def axis_of(first_day: str, last_day: str) -> Axis:
    """The axis from one day to another, both included, of at most about a hundred bins for eight years of news."""
    first, last = date.fromisoformat(first_day), date.fromisoformat(last_day)
    count = (last - first).days + 1
    name = "day" if count <= MOST_DAYS else "week" if count <= 7 * MOST_WEEKS else "month"
    days = ((first + timedelta(days=number)).isoformat() for number in range(max(count, 1)))
    bin_of = Axis(name, ()).bin_of
    return Axis(name, tuple(dict.fromkeys(bin_of(day) for day in days)))


def days_before(day: str, days: int) -> str:
    """The first of so many days that end with this one."""
    return (date.fromisoformat(day) - timedelta(days=days - 1)).isoformat()
