"""How many articles were missed: an estimate from what the lists of a source have in common.

Feeds, sitemaps and section pages are like catches of fish: what two lists have in common says how much of the whole
each of them holds (capture-recapture). For two lists Chapman's estimator (1951); for three the maximum likelihood of
independent lists (Darroch 1958) where they fit it, else Chao's lower bound (1987). Intervals are 95 %, log-normal
(Chao 1987): never below what was found.

Lists of one site often hold the same prominent stories, which makes every such estimate low, and a list made from
another says nothing at all. So nothing is said where the overlap is small, or where one list holds all of another.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, log, prod, sqrt
from typing import TYPE_CHECKING, NamedTuple

from newscrawl.state.sightings import WAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from newscrawl.state.sightings import Catch

LISTS = {"feed": WAYS["feed"], "sitemap": WAYS["news_sitemap"] | WAYS["sitemap"], "page": WAYS["page"]}
"""Bits of the ways that are one list: a site's news sitemap and its sitemap are written by one program."""
MIN_OVERLAP = 3
OF_NORMAL_95 = 1.96
CHI_SQUARE_95 = (3.84, 5.99, 7.81)
"""By degrees of freedom, from 1 on."""
ONE_LIST = "only one list"
SMALL_OVERLAP = "the lists have too little in common"
CONTAINED = "one list holds all of another"


class Estimate(NamedTuple):
    """How many there are in all, and between which bounds with 95 % confidence."""

    value: float
    low: float
    high: float
    is_lower_bound: bool = False
    """The lists depend on each other: there are at least about so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was found of a source in some days, and what may have been missed. JSON-native."""

    source: str
    first_day: str
    last_day: str
    found: int
    lists: Mapping[str, int]
    """List → articles that it had."""
    estimate: float | None
    """Of all articles there were; None: `cannot_say` says why."""
    low: float | None
    high: float | None
    is_lower_bound: bool
    cannot_say: str | None
    gaps: tuple[str, ...]
    """Days without an article."""


def coverage(catches: Iterable[Catch], *, last_day: str, days: int) -> Iterator[tuple[Coverage, tuple[Coverage, ...]]]:
    """Each source over so many days up to the last one, and its days one by one.

    The days begin with the first on which sightings were noted: what is older was seen by whichever list goes back
    farthest.
    """
    start = (date.fromisoformat(last_day) - timedelta(days=days - 1)).isoformat()
    of_source: defaultdict[str, list[Catch]] = defaultdict(list)
    for catch in catches:
        of_source[catch.source].append(catch)
    for source, caught in sorted(of_source.items()):
        first = max(start, min(catch.seen for catch in caught))
        if first > last_day:
            continue
        wanted = {day: [catch for catch in caught if catch.day == day] for day in _days(first, last_day)}
        used = _used(caught)
        daily = tuple(_coverage(source, day, day, {day: each}, used) for day, each in wanted.items())
        yield _coverage(source, first, last_day, wanted, used), daily


def estimate(histories: Mapping[tuple[bool, ...], int]) -> Estimate | str:
    """Estimate from how many were seen by which lists (history → count); a text says why nothing can be said."""
    lists = len(next(iter(histories), ()))
    seen = {history: count for history, count in histories.items() if any(history) and count}
    sizes = [sum(count for history, count in seen.items() if history[number]) for number in range(lists)]
    if sum(map(bool, sizes)) < 2:
        return ONE_LIST
    if sum(count for history, count in seen.items() if sum(history) > 1) < MIN_OVERLAP:
        return SMALL_OVERLAP
    if (contained := _contained(seen, sizes)) is not None:
        # What is left of three lists may say something of each other.
        return estimate(_without(seen, contained)) if lists > 2 else CONTAINED
    return _of_two(seen, sizes) if lists == 2 else _of_more(seen, sizes)


def _contained(seen: Mapping[tuple[bool, ...], int], sizes: Sequence[int]) -> int | None:
    """The number of a list of which another list holds all."""
    for a, size in enumerate(sizes):
        for b in range(len(sizes)):
            both = sum(count for history, count in seen.items() if history[a] and history[b])
            if a != b and both == size:
                return a
    return None


def _without(seen: Mapping[tuple[bool, ...], int], number: int) -> Counter[tuple[bool, ...]]:
    rest: Counter[tuple[bool, ...]] = Counter()
    for history, count in seen.items():
        rest[history[:number] + history[number + 1 :]] += count
    return rest


def _of_two(seen: Mapping[tuple[bool, ...], int], sizes: Sequence[int]) -> Estimate:
    """Chapman's estimator and its variance (Seber 1970)."""
    (n1, n2), m = sizes, seen.get((True, True), 0)
    value = (n1 + 1) * (n2 + 1) / (m + 1) - 1
    variance = (n1 + 1) * (n2 + 1) * (n1 - m) * (n2 - m) / ((m + 1) ** 2 * (m + 2))
    return _with_interval(value, sum(seen.values()), variance)


def _of_more(seen: Mapping[tuple[bool, ...], int], sizes: Sequence[int]) -> Estimate:
    found = sum(seen.values())
    value = _independent(found, sizes)
    shares = [1 - size / value for size in sizes]
    if not _fits(seen, value, shares):
        return _lower_bound(seen, len(sizes))
    spread = 1 / prod(shares) + len(sizes) - 1 - sum(1 / share for share in shares)
    return _with_interval(value, found, value / spread)


def _independent(found: int, sizes: Sequence[int]) -> float:
    """The number of which independent lists of these sizes leave all but the found ones unseen: 1 - M/N = Π(1 - n/N).

    The chance that a list misses an article falls to none where the list holds all of them, so there is one solution
    above the largest list; it is found by halving.
    """
    low, high = float(found), 2.0 * found
    while _missing(high, found, sizes) > 0 and high < 1e9:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if _missing(middle, found, sizes) > 0 else (low, middle)
    return high


def _missing(value: float, found: int, sizes: Sequence[int]) -> float:
    """How many more than `value` says these lists would have left unseen."""
    return value * prod(1 - size / value for size in sizes) - (value - found)


def _fits(seen: Mapping[tuple[bool, ...], int], value: float, misses: Sequence[float]) -> bool:
    """Whether the histories are as independent lists make them (likelihood ratio test)."""
    deviance = 0.0
    for history, count in seen.items():
        expected = value * prod(1 - miss if is_in else miss for is_in, miss in zip(history, misses, strict=True))
        deviance += 2 * count * log(count / expected)
    freedom = 2 ** len(misses) - 1 - len(misses) - 1
    return deviance <= CHI_SQUARE_95[freedom - 1]


def _lower_bound(seen: Mapping[tuple[bool, ...], int], lists: int) -> Estimate:
    """Chao's lower bound from those seen once and twice, corrected for bias, with its variance."""
    times: Counter[int] = Counter()
    for history, count in seen.items():
        times[sum(history)] += count
    once, twice, share = times[1], times[2], (lists - 1) / lists
    missed = share * once * (once - 1) / (2 * (twice + 1))
    variance = (
        missed
        + share**2 * once * (2 * once - 1) ** 2 / (4 * (twice + 1) ** 2)
        + share**2 * once**2 * twice * (once - 1) ** 2 / (4 * (twice + 1) ** 4)
    )
    found = sum(seen.values())
    return _with_interval(found + missed, found, variance)._replace(is_lower_bound=True)


def _with_interval(value: float, found: int, variance: float) -> Estimate:
    missed = max(value - found, 0.0)
    if missed <= 0 or variance <= 0:
        return Estimate(max(value, found), found, max(value, found) + OF_NORMAL_95 * sqrt(max(variance, 0.0)))
    factor = exp(OF_NORMAL_95 * sqrt(log(1 + variance / missed**2)))
    return Estimate(value, found + missed / factor, found + missed * factor)


def _used(caught: Iterable[Catch]) -> tuple[str, ...]:
    """The lists that a source has."""
    ways = 0
    for catch in caught:
        ways |= catch.ways
    return tuple(name for name, bits in LISTS.items() if ways & bits)


def _coverage(source: str, first: str, last: str, days: Mapping[str, Sequence[Catch]], used: Sequence[str]) -> Coverage:
    caught = [catch for each in days.values() for catch in each]
    histories = Counter(tuple(bool(catch.ways & LISTS[name]) for name in used) for catch in caught)
    said = estimate(histories) if caught else None
    number = said if isinstance(said, Estimate) else None
    return Coverage(
        source=source,
        first_day=first,
        last_day=last,
        found=len(caught),
        lists={name: sum(bool(catch.ways & LISTS[name]) for catch in caught) for name in used},
        estimate=round(number.value, 1) if number else None,
        low=round(number.low, 1) if number else None,
        high=round(number.high, 1) if number else None,
        is_lower_bound=number is not None and number.is_lower_bound,
        cannot_say=said if isinstance(said, str) else "no articles" if said is None else None,
        gaps=tuple(day for day, each in days.items() if not each),
    )


def _days(first: str, last: str) -> Iterator[str]:
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last):
        yield day.isoformat()
        day += timedelta(days=1)
