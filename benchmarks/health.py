"""How soon faults of sources are noticed, and how often a healthy source is called unhealthy.

    python -m benchmarks.health [--sources 160] [--days 210] [--seed 1] [--looks 144]

Made-up months of made-up sources, judged each midnight as a crawl does. What they are like:

- five countries, each with ten holidays of its own, Christmas (two days) and a spring holiday of four days among them;
- dailies (10 to 80 articles on a workday, fewer at the weekend and on holidays), regional papers (4 to 20, little at
  the weekend, hardly anything on holidays), trade press (3 to 12, nothing at weekends and on holidays) and small
  sources (one in three days to two a day, none on a holiday, and one in three away for ten days at some time);
- the number of a day is drawn from a negative binomial distribution (its rate varies by 40 % from day to day);
- each source has its own share of authors (from one in ten to nearly all) and of removed text, its own length of
  texts, a few refused pages; the shares of a day vary more than chance alone would have it;
- the machine is off on one day in a hundred, and one source in ten is paused for two weeks.

Half of the sources get one fault at a day in the second half: silent, lost dates, lost authors, doubled noise, refused
pages (half of them), or texts cut to a third. A publication day is one on which a run
looked and the source would have brought at least half of what a workday brings.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median

from newscrawl.report.health import judge
from newscrawl.state.health import Figures, words_class

FIRST = date(2026, 1, 5)
COUNTRIES = 5
WARM_UP_DAYS = 60
FAULTS = ("silent", "lost_dates", "lost_authors", "noise", "blocked", "words")
KINDS = {
    # rates on a workday, factors for Saturday and Sunday, factor on a holiday, share of all sources
    "daily": ((10, 80), (0.7, 0.6), 0.5, 3),
    "regional": ((4, 20), (0.4, 0.2), 0.1, 4),
    "trade": ((3, 12), (0.0, 0.0), 0.0, 2),
    "small": ((0.35, 2), (0.6, 0.6), 0.0, 3),
}
REGULAR = ("daily", "regional", "trade")


@dataclass(frozen=True, kw_only=True)
class Made:
    """A source, and what is going to happen to it."""

    name: str
    kind: str
    country: str
    rate: float
    authored: float
    dated: float
    noise: float
    words: float
    blocked: float
    away: frozenset[str]
    paused: frozenset[str]
    fault: str | None
    begins: str


def main() -> None:
    """Simulate, judge day by day, and print what was noticed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--sources", type=int, default=160)
    parser.add_argument("--days", type=int, default=210)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--looks", type=int, default=144, help="runs a day")
    parser.add_argument("--no-countries", action="store_true", help="all sources are one group")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    days = [(FIRST + timedelta(days=number)).isoformat() for number in range(arguments.days)]
    holidays = {f"c{number}": _holidays(chance, days) for number in range(COUNTRIES)}
    made = [_source(chance, number, days) for number in range(arguments.sources)]
    off = {day for day in days if chance.random() < 0.01}
    print(f"{len(made)} sources, {len(days)} days, {arguments.looks} runs a day, seed {arguments.seed}")
    told, spent = _judge(chance, made, days, holidays, off, arguments)
    _report(made, days, told, holidays, off)
    print(f"judging all sources takes {1000 * median(spent):.0f} ms")


def _holidays(chance: random.Random, days: list[str]) -> frozenset[str]:
    single = chance.sample(days, len(days) * 4 // 365 + 1)
    spring = next(day for day in days[75 + chance.randrange(20) :] if date.fromisoformat(day).weekday() == 4)
    pair = days[130 + chance.randrange(30)]
    long = [*_from(spring, 4), *_from(pair, 2)]
    return frozenset((*single, *long))


def _from(day: str, length: int) -> list[str]:
    return [(date.fromisoformat(day) + timedelta(days=number)).isoformat() for number in range(length)]


def _source(chance: random.Random, number: int, days: list[str]) -> Made:
    kind = chance.choices(list(KINDS), weights=[each[3] for each in KINDS.values()])[0]
    low, high = KINDS[kind][0]
    is_away = kind == "small" and chance.random() < 1 / 3
    fault = FAULTS[number // 2 % len(FAULTS)] if number % 2 == 0 else None
    return Made(
        name=f"s{number:03d}-{kind}",
        kind=kind,
        country=f"c{number % COUNTRIES}",
        rate=low * (high / low) ** chance.random(),
        authored=chance.choice((0.6, 0.8, 0.95) if fault == "lost_authors" else (0.1, 0.6, 0.8, 0.95)),
        dated=chance.choice((0.9, 0.98, 1.0)),
        noise=chance.choice((0.0, 0.01, 0.03, 0.08)),
        words=chance.uniform(150, 700),
        blocked=chance.choice((0.0, 0.0, 0.02)),
        away=frozenset(_from(chance.choice(days[WARM_UP_DAYS:]), 10) if is_away else ()),
        paused=frozenset(_from(chance.choice(days[WARM_UP_DAYS:]), 14) if chance.random() < 0.1 else ()),
        fault=fault,
        begins=days[chance.randrange(len(days) // 2, len(days) - 21)],
    )


def _expected(made: Made, day: str, holidays: frozenset[str]) -> float:
    _, weekend, holiday, _ = KINDS[made.kind]
    weekday = date.fromisoformat(day).weekday()
    factor = weekend[weekday - 5] if weekday > 4 else 1.0
    return 0.0 if day in made.away else made.rate * factor * (holiday if day in holidays else 1.0)


def _figures(chance: random.Random, made: Made, day: str, expected: float, looks: int) -> Figures:
    fault = made.fault if day >= made.begins else None
    rate = expected * chance.gammavariate(6, 1 / 6)
    articles = 0 if fault == "silent" else _poisson(chance, rate)
    blocked_share = 0.5 if fault == "blocked" else made.blocked
    blocked = sum(chance.random() < blocked_share for _ in range(articles))
    articles -= blocked
    dated = 0.0 if fault == "lost_dates" else made.dated
    authored = 0.0 if fault == "lost_authors" else _varied(chance, made.authored)
    lengths = [
        made.words * (0.33 if fault == "words" else 1.0) * chance.lognormvariate(0, 0.6) for _ in range(articles)
    ]
    noise = (2 * made.noise + 0.04 if made.noise < 0.02 else 2.2 * made.noise) if fault == "noise" else made.noise
    removed = [6 * length * noise * chance.lognormvariate(0, 0.8) / 1.38 for length in lengths]
    return Figures(
        looks=looks,
        found=30 * looks,
        pages=articles + blocked,
        articles=articles,
        fresh=articles,
        dated=sum(chance.random() < dated for _ in range(articles)),
        authored=sum(chance.random() < authored for _ in range(articles)),
        kept_chars=round(sum(6 * length for length in lengths)),
        removed_chars=round(sum(removed)),
        outcomes={"article": articles, "blocked": blocked},
        words=dict(Counter(words_class(round(length)) for length in lengths)),
    )


def _varied(chance: random.Random, share: float) -> float:
    return chance.betavariate(20 * share, 20 * (1 - share)) if 0 < share < 1 else share


def _poisson(chance: random.Random, rate: float) -> int:
    count, left = 0, chance.expovariate(1.0)
    while left < rate:
        count += 1
        left += chance.expovariate(1.0)
    return count


def _judge(  # noqa: PLR0913, PLR0917 - the parts of a simulation
    chance: random.Random,
    made: list[Made],
    days: list[str],
    holidays: dict[str, frozenset[str]],
    off: set[str],
    arguments: argparse.Namespace,
) -> tuple[dict[str, list[tuple[str, str, str]]], list[float]]:
    """Source → (what, day it was noticed, day it began), each alarm once; and the seconds of each judgement."""
    known: dict[str, dict[str, Figures]] = {each.name: {} for each in made}
    standing: dict[str, set[str]] = defaultdict(set)
    told: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    groups = {} if arguments.no_countries else {each.name: each.country for each in made}
    waiting: dict[str, Figures] = {}
    spent = []
    for day in days:
        for each in made:
            figures = _figures(chance, each, day, _expected(each, day, holidays[each.country]), arguments.looks)
            figures = waiting.pop(each.name, Figures()) + figures
            if day in off or day in each.paused:  # its feed still has the newest ones when a run looks again
                waiting[each.name] = replace(figures, looks=0)
                continue
            known[each.name][day] = replace(figures, looks=arguments.looks, found=30 * arguments.looks)
        began = time.perf_counter()
        verdicts = judge(known, day, groups)
        spent.append(time.perf_counter() - began)
        for verdict in verdicts:
            now = {finding.what: finding.since for finding in verdict.findings}
            if verdict.is_judged or not verdict.is_watched:
                standing[verdict.source] &= set(now)
            for what in set(now) - standing[verdict.source]:
                told[verdict.source].append((what, day, now[what]))
                standing[verdict.source].add(what)
    return told, spent


def _report(
    made: list[Made],
    days: list[str],
    told: dict[str, list[tuple[str, str, str]]],
    holidays: dict[str, frozenset[str]],
    off: set[str],
) -> None:
    false: Counter[str] = Counter()
    false_by_kind: Counter[str] = Counter()
    healthy_days: Counter[str] = Counter()
    print("fault          kind      faults  noticed  delay in publication days: median  most  within 2  begin named ±1")
    regular: list[int] = []
    count = 0
    for fault in FAULTS:
        for kind in KINDS:
            rows = []
            faulty = [each for each in made if each.fault == fault and each.kind == kind]
            for each in faulty:
                hits = [(day, since) for what, day, since in told[each.name] if what == fault and day >= each.begins]
                if hits:
                    day, since = min(hits)
                    delay = sum(
                        _expected(each, between, holidays[each.country]) >= each.rate / 2
                        and between not in each.paused
                        and between not in off
                        for between in days
                        if each.begins <= between <= day
                    )
                    rows.append((delay, abs((date.fromisoformat(since) - date.fromisoformat(each.begins)).days)))
            if kind in REGULAR:
                count += len(faulty)
                regular += [delay for delay, _ in rows]
            if faulty:
                delays = sorted(delay for delay, _ in rows)
                print(
                    f"{fault:<13}  {kind:<8}  {len(faulty):>6}  {len(rows):>7}  "
                    f"{median(delays) if delays else 0:>34}  {max(delays, default=0):>4}  "
                    f"{sum(delay <= 2 for delay in delays):>8}  {sum(days_off <= 1 for _, days_off in rows):>14}"
                )
    print(
        f"dailies, regional papers and trade press: {len(regular)} of {count} faults noticed, "
        f"{sum(delay <= 2 for delay in regular)} within two publication days, {sum(delay <= 3 for delay in regular)} "
        f"within three; median {median(regular) if regular else 0:g}"
    )
    for each in made:
        healthy_days[each.kind] += sum(not each.fault or day < each.begins for day in days[21:])
        for what, day, _ in told[each.name]:
            if not each.fault or day < each.begins:
                false[what] += 1
                false_by_kind[each.kind] += 1
    months = sum(healthy_days.values()) / 30
    print(
        f"false alarms: {sum(false.values())} in {months:.0f} source-months: {sum(false.values()) / months:.3f} a month"
    )
    print("  by what:", dict(false.most_common()))
    by_kind = {kind: round(30 * false_by_kind[kind] / max(healthy_days[kind], 1), 3) for kind in KINDS}
    print("  a source and month, by kind:", by_kind)


if __name__ == "__main__":
    main()
