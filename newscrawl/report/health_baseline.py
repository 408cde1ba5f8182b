"""What is usual: medians, their spread, and how unlikely a count is. Pure, and small enough to check by hand."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma, log
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

OF_NORMAL = 1.4826
"""Times the median absolute deviation is the standard deviation of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The middle of some values and how far they stray: half of the values may be wrong, and both still hold."""

    middle: float
    spread: float
    """Median absolute deviation, as a standard deviation."""


def usual(values: Sequence[float]) -> Usual:
    """Median and median absolute deviation of one value or more."""
    middle = median(values)
    return Usual(middle=middle, spread=OF_NORMAL * median(abs(value - middle) for value in values))


def chance_of_at_most(count: int, tries: int, share: float) -> float:
    """How likely so many hits or fewer are, in so many tries that each hit with this chance (binomial)."""
    if share <= 0:
        return 1.0
    if share >= 1:
        return 1.0 if count >= tries else 0.0
    ways = lgamma(tries + 1)
    yes, no = log(share), log(1 - share)
    logs = (
        ways - lgamma(hits + 1) - lgamma(tries - hits + 1) + hits * yes + (tries - hits) * no
        for hits in range(count + 1)
    )
    return min(1.0, sum(map(exp, logs)))


def chance_of_at_least(count: int, tries: int, share: float) -> float:
    """How likely so many hits or more are."""
    return chance_of_at_most(tries - count, tries, 1 - share)
