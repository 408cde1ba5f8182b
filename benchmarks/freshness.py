"""How fresh: a simulated month of many newsrooms, looked at by the schedule and at fixed intervals, request for request.

    python -m benchmarks.freshness [--newsrooms 200] [--days 30] [--seeds 3] [--tick 60] [--hourly 1800]

Each newsroom publishes as follows (seeded, so that the figures come again):

* articles a day: log-normal, median 12, sigma 1.5: one in twenty below 1 a day, one in twenty above 140;
* by the hour of its own time zone: few at night (a twelfth of the day's height), most before noon and in the evening;
* Saturdays and Sundays: 0.3 to 0.9 of a weekday;
* bursts: each article is followed by 0.3 more on average, half an hour later in the mean, and those by more;
* one in five brings 40 % of its articles at one fixed time of its day (a printed paper going online);
* one in ten falls silent for a week in the month;
* its feed holds the newest 10, 20, 30, 50 or 100 articles; what falls off before somebody looks is missed.

A look costs one request, whatever it brings. The schedule learns from its looks alone. A fixed interval is chosen such
that it spends as many requests; `each` has one interval for all, `halving` halves at a change and grows by half
without one, and `ceiling` is the schedule that knows each newsroom's true rate at every hour. Delays are counted over
all articles of the month; one that was missed has an endless delay.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from newscrawl.frontier.schedule import DAY_S, HOUR_S, Pace, RevisitOptions, first_pace, hours_between, interval_s, looked_again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BEFORE_S = 14 * DAY_S
"""Feeds are full when they are first looked at."""
FOLLOW_UPS = 0.3
FOLLOW_UP_S = 1800.0
DAY_HEIGHT = (1, 1, 1, 1, 2, 4, 7, 9, 11, 12, 12, 11, 10, 10, 10, 10, 10, 11, 11, 9, 7, 5, 3, 2)
FEED_ENTRIES = (10, 20, 30, 50, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """When its articles came, and how many of them its feed holds."""

    times: list[float]
    entries: int
    intensity: Callable[[float], float]
    """Articles a second at a moment, bursts apart."""


class Policy(Protocol):
    """Decides, from what a look brought, in how many seconds the next one is."""

    def next_s(self, now: float, since: float | None, shown: list[float], new: list[float]) -> float: ...


def main() -> None:
    """Simulate, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--newsrooms", type=int, default=200)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tick", type=int, default=60, help="seconds between two runs; 600: cron every ten minutes")
    parser.add_argument("--hourly", type=int, default=RevisitOptions().hourly_s)
    arguments = parser.parse_args()
    options = RevisitOptions(hourly_s=arguments.hourly)
    for seed in range(arguments.seeds):
        rooms = list(newsrooms(seed, arguments.newsrooms, arguments.days))
        span = arguments.days * DAY_S
        count = sum(1 for room in rooms for each in room.times if each >= 0)
        print(f"seed {seed}: {len(rooms)} newsrooms, {arguments.days} days, {count:,} articles")
        result = simulate(rooms, span, arguments.tick, lambda _: Learned(options))
        line("schedule", result)
        equal = len(rooms) * span / result.requests
        line(f"each {equal / 60:.0f} min", simulate(rooms, span, min(arguments.tick, 60), lambda _: Fixed(equal)), result)
        def halving(effort):
            return simulate(rooms, span, arguments.tick, lambda _: Halving(effort, options))
        line("halving", matched(halving, result.requests, 0.02, 50.0), result)
        def ceiling(effort):
            return simulate(rooms, span, arguments.tick, lambda room: Known(room, effort, options))
        line("ceiling", matched(ceiling, result.requests, 100, 20000), result)


def matched(run, requests, low, high):
    """The run whose effort spends as many requests; more effort, fewer requests."""
    for _ in range(9):
        middle = math.sqrt(low * high)
        result = run(middle)
        if abs(result.requests / requests - 1) < 0.01:
            break
        low, high = (middle, high) if result.requests > requests else (low, middle)
    return result


def line(name, result, than=None):
    print(f"  {name:<16} {result.requests:>9,} requests  median {quantile(result.delays, 0.5):>6.1f} min  mean of found {result.mean:6.1f}"
          f"  p95 {quantile(result.delays, 0.95):>7.1f}  missed {result.missed:>6,}"
          + (f"   x{quantile(result.delays, 0.5) / quantile(than.delays, 0.5):.2f} x{result.mean / than.mean:.2f} x{quantile(result.delays, .95) / quantile(than.delays, .95):.2f}" if than else ""))


def newsrooms(seed: int, count: int, days: int) -> Iterator[Newsroom]:
    for number in range(count):
        dice = random.Random(f"{seed}-{number}")
        yield newsroom(dice, days)


def newsroom(dice: random.Random, days: int) -> Newsroom:
    per_day = math.exp(math.log(12) + 1.5 * dice.gauss(0, 1))
    zone = dice.randrange(24)
    weekend = dice.uniform(0.3, 0.9)
    at_once = 0.4 if dice.random() < 0.2 else 0.0
    batch_hour = dice.choice((4, 5, 6, 17))
    silent = dice.uniform(0, days - 7) * DAY_S if dice.random() < 0.1 and days > 7 else math.inf
    mean_height = sum(DAY_HEIGHT) / 24

    def level(at: float) -> float:
        local = at + zone * HOUR_S
        if silent <= at < silent + 7 * DAY_S:
            return 0.0
        return per_day / DAY_S * (weekend if local // DAY_S % 7 >= 5 else 1.0) * (1 - FOLLOW_UPS)

    def intensity(at: float) -> float:
        local_hour = int((at + zone * HOUR_S) // HOUR_S) % 24
        spike = 24 * at_once if local_hour == batch_hour else 0.0
        return level(at) * ((1 - at_once) * DAY_HEIGHT[local_hour] / mean_height + spike)

    times: list[float] = []
    at = -BEFORE_S
    while at < days * DAY_S:
        local_hour = int((at + zone * HOUR_S) // HOUR_S) % 24
        usual = level(at) * (1 - at_once) * DAY_HEIGHT[local_hour] / mean_height * HOUR_S
        times += [at + dice.random() * HOUR_S for _ in range(poisson(dice, usual))]
        if at_once and local_hour == batch_hour:
            times += [at + 300 + dice.random() * 120 for _ in range(poisson(dice, level(at) * at_once * DAY_S))]
        at += HOUR_S
    followers = list(times)
    while followers:
        parent = followers.pop()
        for _ in range(poisson(dice, FOLLOW_UPS)):
            follower = parent + dice.expovariate(1 / FOLLOW_UP_S)
            times.append(follower)
            followers.append(follower)
    return Newsroom(
        times=sorted(each for each in times if each < days * DAY_S),
        entries=dice.choice(FEED_ENTRIES),
        intensity=lambda at: intensity(at) / (1 - FOLLOW_UPS),
    )


def poisson(dice: random.Random, mean: float) -> int:
    """Knuth's, in pieces that do not underflow."""
    count = 0
    while mean > 30:
        gamma = dice.gammavariate(15, 1.0)
        if gamma > mean:
            return count + sum(dice.random() < mean / gamma for _ in range(14))
        mean -= gamma
        count += 15
    limit, product = math.exp(-mean), dice.random()
    while product > limit:
        count += 1
        product *= dice.random()
    return count


@dataclass(slots=True, kw_only=True)
class Result:
    requests: int
    delays: list[float]
    missed: int
    mean: float


def simulate(rooms: list[Newsroom], span: float, tick: float, policy_of: Callable[[Newsroom], Policy]) -> Result:
    requests = missed = 0
    delays: list[float] = []
    dice = random.Random(7)
    for room in rooms:
        policy, since = policy_of(room), None
        now = dice.random() * tick if tick else 0.0
        seen = bisect_right(room.times, now)
        now = dice.random() * 3600.0
        while now < span:
            requests += 1
            end = bisect_right(room.times, now)
            first = max(0, end - room.entries)
            if since is None:
                seen = first
                new: list[float] = []
                wanted = [each for each in room.times[first:end] if each >= 0]
            else:
                new = room.times[max(first, seen) : end]
                wanted = new
                missed += max(0, first - seen)
            delays += [(now - each) / 60 for each in wanted]
            seen = end
            due = now + policy.next_s(now, since, room.times[first:end], new)
            since = now
            now = now + tick * max(1, math.ceil((due - now) / tick - 0.1))
        # What nobody has seen when the month ends has waited at least so long.
        delays += [(span - each) / 60 for each in room.times[seen:]]
    mean = sum(delays) / len(delays)
    return Result(requests=requests, delays=sorted(delays) + [math.inf] * missed, missed=missed, mean=mean)


class Learned:
    """The schedule."""

    def __init__(self, options: RevisitOptions) -> None:
        self.options, self.pace = options, Pace()

    def next_s(self, now: float, since: float | None, shown: list[float], new: list[float]) -> float:
        self.pace = first_pace(now, shown) if since is None else looked_again(self.pace, since=since, now=now, new=new)
        return interval_s(self.pace, now=now, options=self.options, entries=len(shown))


class Fixed:
    def __init__(self, every_s: float) -> None:
        self.every_s = every_s

    def next_s(self, *_: object) -> float:
        return self.every_s


class Halving:
    """What many feed readers do."""

    def __init__(self, effort: float, options: RevisitOptions) -> None:
        self.effort, self.options, self.interval = effort, options, 3600.0

    def next_s(self, now: float, since: float | None, shown: list[float], new: list[float]) -> float:
        self.interval = self.interval / 2 if new else self.interval * (1 + 0.5 * self.effort)
        self.interval = min(max(self.interval, self.options.min_s), self.options.max_s)
        return self.interval


class Known:
    """The same rule with the newsroom's true intensity at every hour."""

    def __init__(self, room: Newsroom, hourly_s: float, options: RevisitOptions) -> None:
        self.room, self.options, self.wanted = room, options, hourly_s / 60

    def next_s(self, now: float, since: float | None, shown: list[float], new: list[float]) -> float:
        spent = waited = expected = 0.0
        most = 0.5 * len(shown)
        for _, seconds in hours_between(now, now + self.options.max_s):
            intensity = self.room.intensity(now + waited)
            root = math.sqrt(intensity)
            if root and (rest := min((self.wanted - spent) / root, (most - expected) / intensity)) <= seconds:
                waited += rest
                break
            spent, expected, waited = spent + root * seconds, expected + intensity * seconds, waited + seconds
        return min(max(waited, self.options.min_s), self.options.max_s)


def quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


if __name__ == "__main__":
    main()
