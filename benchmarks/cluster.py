"""A simulated month of 100,000 sources with 1, 10 and 100 workers: freshness, requests, and the load on each part.

    python -m benchmarks.cluster [--sources 100000] [--sample 500] [--days 30] [--workers 1 10 100] [--seed 0]

The newsrooms are those of `benchmarks.freshness`, looked at as the schedule learns to, their articles fetched when they
are found and looked at again at the ages of ``NEWSCRAWL_ARTICLE_REVISITS``. A sample of them is simulated, and every
part of the system serves it at its own speed times sample / sources: with so many sources the hourly load is what
counts, and that scales.

Each part serves what comes in the order it comes, one thing after another (times the number of its like):

* the places of a worker, `--places` requests on their way at a time (``CONCURRENT_REQUESTS``), `--answer-s` each;
* the reactor of a worker: Scrapy, one core, `--request-ms` for each request and its answer;
* the cleaning processes of a worker, `--cores`, `--clean-ms` for each page;
* the one writer lock of PostgreSQL, whatever the number of workers: `--article-ms` for each article, `--outcome-ms` for
  each page that has not changed, three times that for each look.

What is busy makes what comes later wait: looks then come later than the schedule says, and the schedule, which reckons
from the look itself, asks for fewer. So a system that is too small does not fall over; it gets stale, and this says how
much. The times are arguments, because machines differ; docs/operating/many-machines.md says where the
defaults were measured.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
from bisect import bisect_right
from dataclasses import dataclass, field

from benchmarks.freshness import Learned, articles, newsroom
from newscrawl.frontier.revisit import ArticleOptions
from newscrawl.frontier.schedule import DAY_S, HOUR_S, RevisitOptions

FEED_KB = 12.0
"""A feed over the wire, compressed."""
NOT_MODIFIED_SHARE = 1 / 3
NOT_MODIFIED_KB = 1.0
PAGE_KB = 48.0
"""An article's page over the wire, compressed: the mean of the pages of `make bench`."""

AGAIN, LAST = -1, -2
LOOK_WRITES = 3
"""Small transactions of a look: what was answered, what it led to, when it is due."""


@dataclass(slots=True, kw_only=True)
class Part:
    """Something that does one thing after another, so fast."""

    speed: float
    """Seconds of its work that it does in a second."""
    free_at: float = 0.0
    longest_wait_s: float = 0.0
    by_hour: dict[int, float] = field(default_factory=dict)

    def serve(self, at: float, seconds: float) -> float:
        """When something that comes at a moment and takes so long is done."""
        begin = max(at, self.free_at)
        self.longest_wait_s = max(self.longest_wait_s, begin - at)
        self.free_at = begin + seconds / self.speed
        hour = int(begin // HOUR_S)
        self.by_hour[hour] = self.by_hour.get(hour, 0.0) + seconds
        return self.free_at

    def load(self, span: float) -> str:
        """Share of its time that it is busy, in the mean and in the busiest hour."""
        busiest = max(self.by_hour.values(), default=0.0) / HOUR_S / self.speed
        # What was still to be done at the end is not of this time.
        busy_s = sum(seconds for hour, seconds in self.by_hour.items() if hour < span // HOUR_S)
        return f"{min(busy_s / span / self.speed, 1):6.1%} ({min(busiest, 1):6.1%})"


@dataclass(slots=True, kw_only=True)
class Month:
    """What a month came to."""

    looks: int = 0
    fetches: int = 0
    revisits: int = 0
    whole: int = 0
    """Of these, answered by a page; the others are answered by 304."""
    missed: int = 0
    delays_s: list[float] = field(default_factory=list)

    def quantile(self, share: float) -> float:
        """Minutes; what was missed has waited endlessly."""
        place = int(share * (len(self.delays_s) + self.missed))
        return self.delays_s[place] / 60 if place < len(self.delays_s) else math.inf


def main() -> None:
    """Simulate, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--sources", type=int, default=100_000)
    parser.add_argument("--sample", type=int, default=500, help="newsrooms that are simulated")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--cores", type=int, default=2, help="cleaning processes of a worker")
    parser.add_argument("--places", type=int, default=32)
    parser.add_argument("--answer-s", type=float, default=0.7)
    parser.add_argument("--request-ms", type=float, default=3.9)
    parser.add_argument("--clean-ms", type=float, default=15.1)
    parser.add_argument("--article-ms", type=float, default=2.5)
    parser.add_argument("--outcome-ms", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    print(
        f"{arguments.sources:,} sources, {arguments.days} days; a sample of {arguments.sample}, seed {arguments.seed}"
    )
    print(
        f"{'workers':>8}{'looks':>14}{'articles':>13}{'revisits':>14}{'median':>8}{'95 %':>9}{'missed':>8}"
        f"{'places (peak)':>18}{'reactors (peak)':>19}{'cleaning (peak)':>19}{'writer (peak)':>18}{'Mbit/s':>8}"
    )
    for workers in arguments.workers:
        print(line(workers, arguments))


def line(workers: int, arguments: argparse.Namespace) -> str:
    """One row of the table."""
    scale, span = arguments.sample / arguments.sources, arguments.days * DAY_S
    places = Part(speed=workers * arguments.places * scale)
    reactor = Part(speed=workers * scale)
    cleaning = Part(speed=workers * arguments.cores * scale)
    writer = Part(speed=scale)
    month = simulate(arguments, span, (places, reactor, cleaning, writer))
    kilobytes = (
        month.looks * (FEED_KB * (1 - NOT_MODIFIED_SHARE) + NOT_MODIFIED_KB * NOT_MODIFIED_SHARE)
        + (month.fetches + month.whole) * PAGE_KB
        + (month.revisits - month.whole) * NOT_MODIFIED_KB
    )
    return (
        f"{workers:>8}{month.looks / scale:>14,.0f}{month.fetches / scale:>13,.0f}{month.revisits / scale:>14,.0f}"
        f"{month.quantile(0.5):>8.1f}{month.quantile(0.95):>9.1f}"
        f"{month.missed / max(1, month.missed + len(month.delays_s)):>8.1%}"
        f"{places.load(span):>18}{reactor.load(span):>19}{cleaning.load(span):>19}{writer.load(span):>18}"
        f"{kilobytes * 8 / 1000 / span / scale:>8.0f}"
    )


def simulate(arguments: argparse.Namespace, span: float, parts: tuple[Part, Part, Part, Part]) -> Month:
    """Looks, fetches and revisits of the sample in the order of time."""
    places, reactor, cleaning, writer = parts
    dice, month = random.Random(arguments.seed), Month()
    rooms = [newsroom(dice, arguments.days) for _ in range(arguments.sample)]
    times = [articles(room, random.Random(f"{arguments.seed}-{at}"), span) for at, room in enumerate(rooms)]
    pace = [Learned(RevisitOptions()) for _ in rooms]
    seen = [bisect_right(each, 0.0) for each in times]
    since: list[float | None] = [None] * len(rooms)
    ages_s = ArticleOptions().ages_s
    request_s, clean_s, article_s, outcome_s = (
        each / 1000 for each in (arguments.request_ms, arguments.clean_ms, arguments.article_ms, arguments.outcome_ms)
    )

    def asked(when: float) -> float:
        """When the answer to a request has been taken."""
        return reactor.serve(places.serve(when, arguments.answer_s), request_s)

    # (when, room) is a look; (when, AGAIN) a second look at an article, (when, LAST) the last one.
    due = [(dice.uniform(0, HOUR_S), at) for at in range(len(rooms))]
    heapq.heapify(due)
    while due:
        at, room = heapq.heappop(due)
        if at >= span:
            continue
        if room < 0:
            month.revisits += 1
            month.whole += room == LAST
            came = asked(at)
            if room == LAST:
                writer.serve(cleaning.serve(came, clean_s), article_s)
            else:
                writer.serve(came, outcome_s)
            continue
        month.looks += 1
        now = writer.serve(asked(at), LOOK_WRITES * outcome_s)
        end = bisect_right(times[room], now)
        first = max(0, end - rooms[room].entries)
        month.missed += max(0, first - seen[room])
        shown, new = times[room][first:end], times[room][max(first, seen[room]) : end]
        seen[room] = end
        for published in new:
            month.fetches += 1
            done = writer.serve(cleaning.serve(asked(now), clean_s), article_s)
            month.delays_s.append(done - published)
            for age in ages_s:
                heapq.heappush(due, (max(published + age, done), LAST if age == ages_s[-1] else AGAIN))
        wait_s = pace[room].next_s(now, since[room], shown, new)
        since[room] = now
        heapq.heappush(due, (now + wait_s, room))
    month.delays_s.sort()
    return month


if __name__ == "__main__":
    main()
