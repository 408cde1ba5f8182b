"""How fresh: a simulated month of many newsrooms, by the schedule and at fixed intervals, request for request.

    python -m benchmarks.freshness [--newsrooms 200] [--days 30] [--seeds 3] [--tick 60] [--hourly 1800]

Each newsroom has one feed and publishes like this (seeded, so that the figures come again):

* articles a day: log-normal, median 12, sigma 1.5: one newsroom in twenty below 1 a day, one in twenty above 140;
* by the hour of its own time zone: few at night (a twelfth of the height of the day), most before noon;
* Saturdays and Sundays: 0.3 to 0.9 of a weekday;
* bursts: each article is followed by 0.3 more on average, half an hour later in the mean, and those by more;
* one newsroom in five brings 40 % of its articles at one fixed time of its day (a printed paper going online);
* one in ten falls silent for a week of the month;
* its feed holds the newest 10, 20, 30, 50 or 100 articles; what falls off before somebody looks is missed.

A look costs one request, whatever it brings; all runs begin with a first look in the first hour, and runs come every
`--tick` seconds (60: a service; 600: cron every ten minutes). The schedule learns from its looks alone. The others
spend as many requests: `fixed` has one interval for all, `halving` halves it after a look that brought something and
lengthens it after one that did not, as many feed readers do, and `ceiling` is the schedule that was told each
newsroom's true rate at every hour. Delays are counted over all articles of the month: one that was missed has an
endless delay, one that nobody has seen yet has waited until the end.
"""

from __future__ import annotations

import argparse
import math
import random
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from newscrawl.frontier.schedule import (
    DAY_S,
    HOUR_S,
    Pace,
    RevisitOptions,
    first_pace,
    hours_between,
    interval_s,
    looked_again,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BEFORE_S = 14 * DAY_S
"""Feeds are full when they are first looked at."""
FOLLOW_UPS = 0.3
FOLLOW_UP_S = 1800.0
BATCH_SHARE = 0.4
BY_HOUR = (1, 1, 1, 1, 2, 4, 7, 9, 11, 12, 12, 11, 10, 10, 10, 10, 10, 11, 11, 9, 7, 5, 3, 2)
FEED_ENTRIES = (10, 20, 30, 50, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """How one newsroom publishes. Times are seconds from the beginning of the month."""

    per_day: float
    zone: int
    weekend: float
    batch_hour: int | None
    silent_from: float
    entries: int

    def intensity(self, at: float) -> float:
        """Articles a second at a moment, follow-ups included on average."""
        local = at + self.zone * HOUR_S
        if self.silent_from <= at < self.silent_from + 7 * DAY_S:
            return 0.0
        hour, weekday = int(local // HOUR_S) % 24, int(local // DAY_S) % 7
        height = BY_HOUR[hour] / (sum(BY_HOUR) / 24)
        if self.batch_hour is not None:
            height = (1 - BATCH_SHARE) * height + (24 * BATCH_SHARE if hour == self.batch_hour else 0.0)
        return self.per_day / DAY_S * (self.weekend if weekday >= 5 else 1.0) * height


class Policy(Protocol):
    """Decides in how many seconds the next look is."""

    def next_s(self, now: float, since: float | None, shown: Sequence[float], new: Sequence[float]) -> float:
        """After a look at which the feed showed these, `new` since the last one; None: it was the first."""
        ...


def main() -> None:
    """Simulate, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--newsrooms", type=int, default=200)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tick", type=float, default=60, help="seconds between two runs")
    parser.add_argument("--hourly", type=int, default=RevisitOptions().hourly_s, help="NEWSCRAWL_REVISIT_HOURLY_S")
    arguments = parser.parse_args()
    print(
        f"{'':<20}{'requests':>11}{'median':>9}{'mean':>8}{'95 %':>8}{'missed':>9}   minutes until an article is found"
    )
    for seed in range(arguments.seeds):
        compare(seed, arguments)


def compare(seed: int, arguments: argparse.Namespace) -> None:
    """One month of one set of newsrooms, by each policy."""
    options, span = RevisitOptions(hourly_s=arguments.hourly), arguments.days * DAY_S
    drawn = random.Random(seed)
    rooms = [newsroom(drawn, arguments.days) for _ in range(arguments.newsrooms)]
    month = [(room, articles(room, random.Random(f"{seed}-{number}"), span)) for number, room in enumerate(rooms)]
    print(f"seed {seed}: {len(rooms)} newsrooms, {sum(at >= 0 for _, times in month for at in times):,} articles")

    def run(policy_of: Callable[[Newsroom], Policy]) -> Result:
        return simulate(month, span, arguments.tick, policy_of)

    schedule = run(lambda _: Learned(options))
    fixed = matched(lambda effort: run(lambda _: Fixed(effort)), schedule.requests, 60, DAY_S)
    halving = matched(lambda effort: run(lambda _: Halving(effort, options)), schedule.requests, 0.01, 50)
    ceiling = matched(lambda effort: run(lambda room: Known(room, effort, options)), schedule.requests, 60, DAY_S)
    print(schedule.line("schedule"))
    for name, result in (("fixed", fixed), ("halving", halving), ("ceiling", ceiling)):
        print(result.line(name), f"  {result.against(schedule)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a month came to. Delays in minutes, ascending; of what was missed they are endless."""

    requests: int
    delays: list[float]
    missed: int

    def quantile(self, share: float) -> float:
        return self.delays[min(len(self.delays) - 1, int(share * len(self.delays)))]

    @property
    def mean(self) -> float:
        """Of what was not missed."""
        found = self.delays[: len(self.delays) - self.missed]
        return sum(found) / len(found)

    def line(self, name: str) -> str:
        middle = f"{self.quantile(0.5):>9.1f}{self.mean:>8.1f}{self.quantile(0.95):>8.1f}"
        return f"  {name:<18}{self.requests:>11,}{middle}{self.missed:>9,}"

    def against(self, other: Result) -> str:
        ratios = (
            self.quantile(0.5) / other.quantile(0.5),
            self.mean / other.mean,
            self.quantile(0.95) / other.quantile(0.95),
        )
        return "times the schedule's: " + " ".join(f"{each:.2f}" for each in ratios)


def matched(run: Callable[[float], Result], requests: int, low: float, high: float) -> Result:
    """The run that spends as many requests, within a hundredth; the more effort, the fewer."""
    result = run(math.sqrt(low * high))
    for _ in range(12):
        middle = math.sqrt(low * high)
        result = run(middle)
        if abs(result.requests / requests - 1) < 0.01:
            break
        low, high = (middle, high) if result.requests > requests else (low, middle)
    return result


def newsroom(dice: random.Random, days: int) -> Newsroom:
    """One of many."""
    return Newsroom(
        per_day=12 * math.exp(1.5 * dice.gauss(0, 1)),
        zone=dice.randrange(24),
        weekend=dice.uniform(0.3, 0.9),
        batch_hour=dice.choice((4, 5, 6, 17)) if dice.random() < 0.2 else None,
        silent_from=dice.uniform(0, max(days - 7, 0)) * DAY_S if dice.random() < 0.1 else math.inf,
        entries=dice.choice(FEED_ENTRIES),
    )


def articles(room: Newsroom, dice: random.Random, span: float) -> list[float]:
    """When its articles come, from `BEFORE_S` before the month to its end."""
    times: list[float] = []
    at = -BEFORE_S
    while at < span:
        count = poisson(dice, room.intensity(at) * (1 - FOLLOW_UPS) * HOUR_S)
        is_batch = int((at + room.zone * HOUR_S) // HOUR_S) % 24 == room.batch_hour
        times += [at + (dice.uniform(300, 420) if is_batch else dice.uniform(0, HOUR_S)) for _ in range(count)]
        at += HOUR_S
    parents = list(times)
    while parents:
        parent = parents.pop()
        followers = [parent + dice.expovariate(1 / FOLLOW_UP_S) for _ in range(poisson(dice, FOLLOW_UPS))]
        times += followers
        parents += followers
    return sorted(each for each in times if each < span)


def poisson(dice: random.Random, mean: float) -> int:
    """A number of articles: the arrivals of a unit of time."""
    count, at = 0, dice.expovariate(1.0)
    while at < mean:
        count, at = count + 1, at + dice.expovariate(1.0)
    return count


def simulate(
    month: Sequence[tuple[Newsroom, list[float]]], span: float, tick: float, policy_of: Callable[[Newsroom], Policy]
) -> Result:
    """Look at each newsroom as its policy says."""
    requests = missed = 0
    delays: list[float] = []
    dice = random.Random(7)
    for room, times in month:
        policy, since, now = policy_of(room), None, dice.uniform(0, HOUR_S)
        seen = bisect_right(times, 0.0)
        while now < span:
            requests += 1
            end = bisect_right(times, now)
            first = max(0, end - room.entries)
            missed += max(0, first - seen)
            new = times[max(first, seen) : end]
            delays += [(now - each) / 60 for each in new]
            seen = end
            wait_s = policy.next_s(now, since, times[first:end], new)
            since, now = now, now + tick * max(1, math.ceil(wait_s / tick - 1e-6))
        delays += [(span - each) / 60 for each in times[seen:]]
    return Result(requests=requests, delays=sorted(delays) + [math.inf] * missed, missed=missed)


class Learned:
    """The schedule."""

    def __init__(self, options: RevisitOptions) -> None:
        self._options = options
        self._pace = Pace()

    def next_s(self, now: float, since: float | None, shown: Sequence[float], new: Sequence[float]) -> float:
        known = first_pace(now, shown) if since is None else looked_again(self._pace, since=since, now=now, new=new)
        self._pace = known
        return interval_s(known, now=now, options=self._options, entries=len(shown))


class Fixed:
    """One interval for all."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._due = 0.0

    def next_s(self, now: float, since: float | None, *_: object) -> float:
        self._due = (now if since is None else self._due) + self._every_s  # what a run comes late is not added up
        return self._due - now


class Halving:
    """Half the interval after a look that brought something, longer by a share after one that did not."""

    def __init__(self, effort: float, options: RevisitOptions) -> None:
        self._effort, self._options, self._wait_s = effort, options, float(HOUR_S)

    def next_s(self, _: float, __: float | None, ___: Sequence[float], new: Sequence[float]) -> float:
        self._wait_s *= 0.5 if new else 1 + self._effort
        self._wait_s = min(max(self._wait_s, self._options.min_s), self._options.max_s)
        return self._wait_s


class Known:
    """The rule of the schedule with the true intensity."""

    def __init__(self, room: Newsroom, hourly_s: float, options: RevisitOptions) -> None:
        self._room, self._options, self._wanted = room, options, hourly_s / math.sqrt(HOUR_S)

    def next_s(self, now: float, _: float | None, shown: Sequence[float], __: Sequence[float]) -> float:
        spent = waited = expected = 0.0
        for _hour, seconds in hours_between(now, now + self._options.max_s):
            intensity = self._room.intensity(now + waited)
            root = math.sqrt(intensity)
            rest = min((self._wanted - spent) / root, (0.5 * len(shown) - expected) / intensity) if root else math.inf
            if rest <= seconds:
                waited += rest
                break
            spent, expected, waited = spent + root * seconds, expected + intensity * seconds, waited + seconds
        return min(max(waited, self._options.min_s), self._options.max_s)


if __name__ == "__main__":
    main()
