"""A source is compared with its own past: faults are named with their day, quiet Sundays and holidays are none."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.report.health import Days, Finding, judge, judge_source
from newscrawl.report.health_baseline import chance_of_at_least, chance_of_at_most, usual
from newscrawl.report.health_quiet import MAX_COMMON_DAYS, common_quiet_days, quiet_at_the_end
from newscrawl.state.health import Figures, median_class, words_class

MONDAY = date(2026, 3, 2)
LOOKS = 144


def day_of(number: int) -> str:
    """Day 0 is a Monday."""
    return (MONDAY + timedelta(days=number)).isoformat()


def figures(articles: int = 20, **changes: Any) -> Figures:
    """A day of a source that is well."""
    values: dict[str, Any] = {
        "looks": LOOKS,
        "found": 30 * LOOKS,
        "pages": articles,
        "articles": articles,
        "fresh": articles,
        "dated": articles,
        "authored": round(0.8 * articles),
        "kept_chars": 2000 * articles,
        "removed_chars": 100 * articles,
        "outcomes": {"article": articles},
        "words": {words_class(400): articles} if articles else {},
    }
    return Figures(**values | changes)


def well(days: int, articles: int = 20, weekend: int = 8) -> Days:
    """Days of a source that publishes as many every workday."""
    return {day_of(number): figures(weekend if number % 7 > 4 else articles) for number in range(days)}


def findings(days: Days, today: str | None = None) -> list[tuple[str, str]]:
    verdict = judge_source("a", days, today or max(days))
    return [(each.what, each.since) for each in verdict.findings]


def changed(days: Days, first: int, **changes: Any) -> Days:
    """The same days, other from one on; a value may depend on the articles of the day."""
    return {
        day: replace(each, **{name: value(each.articles) for name, value in changes.items()})
        if day >= day_of(first)
        else each
        for day, each in days.items()
    }


def test_a_source_that_is_as_always_has_no_findings() -> None:
    assert findings(well(60)) == []


def test_a_source_that_falls_silent_is_named_after_two_days_with_the_first_of_them() -> None:
    days = well(44)
    for number in (42, 43):  # a Monday and a Tuesday
        days[day_of(number)] = figures(0)
    assert findings(days) == [("silent", day_of(42))]
    one = {day: each for day, each in days.items() if day < day_of(43)}
    assert findings(one) == []


def test_a_day_that_is_not_over_is_not_called_quiet() -> None:
    days = well(44)
    days[day_of(42)] = figures(0)
    days[day_of(43)] = figures(0, looks=LOOKS // 3)
    assert findings(days) == []


def test_sundays_on_which_nothing_appears_are_no_alarm() -> None:
    days = {day_of(number): figures(0 if number % 7 > 4 else 12) for number in range(49)}
    assert max(days) == day_of(48)  # a Sunday
    assert findings(days) == []
    days |= {day_of(49): figures(0), day_of(50): figures(0)}
    assert findings(days) == [("silent", day_of(49))]


def test_a_trickle_from_one_forgotten_section_does_not_hide_that_the_rest_is_silent() -> None:
    days = well(46)
    for number in range(42, 46):
        days[day_of(number)] = figures(1)
    assert ("silent", day_of(42)) in findings(days)


def test_days_on_which_no_run_looked_say_nothing() -> None:
    days = well(60)
    for number in range(42, 59):
        del days[day_of(number)]
    assert findings(days) == []


def test_a_source_that_is_not_crawled_any_more_is_not_judged() -> None:
    verdict = judge_source("a", well(42), day_of(60))
    assert not verdict.is_watched
    assert verdict.findings == ()


def test_a_new_source_is_not_judged_before_two_weeks_are_known() -> None:
    days = well(10) | {day_of(10): figures(0), day_of(11): figures(0), day_of(12): figures(0)}
    verdict = judge_source("a", days, day_of(12))
    assert verdict.findings == ()
    assert not verdict.is_judged


def test_what_the_first_crawl_brings_of_old_days_does_not_count_as_usual() -> None:
    days = well(30) | {day_of(0): figures(5000, fresh=5000)}
    assert findings(days) == []


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("lost_dates", {"dated": lambda _: 0}),
        ("lost_authors", {"authored": lambda _: 0}),
        ("noise", {"removed_chars": lambda articles: 300 * articles}),
        ("words", {"words": lambda articles: {words_class(100): articles}}),
        ("blocked", {"outcomes": lambda articles: {"blocked": articles}}),
        ("no_article", {"outcomes": lambda articles: {"too_short": articles}}),
        ("needs_javascript", {"outcomes": lambda articles: {"needs_javascript": articles}}),
        ("nothing_found", {"found": lambda _: 0, "fresh": lambda _: 0, "articles": lambda _: 0}),
    ],
)
def test_a_fault_is_named_with_the_day_it_began(what: str, changes: dict[str, Any]) -> None:
    days = changed(well(46), 43, **changes)
    assert (what, day_of(43)) in findings(days)
    assert findings({day: each for day, each in days.items() if day < day_of(43)}) == []


def test_a_source_without_authors_is_not_missed_for_them() -> None:
    days = {day: figures(each.articles, authored=0) for day, each in well(60).items()}
    assert findings(days) == []


def test_a_source_that_only_fails_is_unreachable_from_the_second_day() -> None:
    days = well(40) | {day_of(40): Figures(failures=3)}
    assert findings(days) == []
    days |= {day_of(41): Figures(failures=2)}
    assert findings(days) == [("unreachable", day_of(40))]


def test_a_finding_says_now_and_usual() -> None:
    days = changed(well(46), 43, dated=lambda _: 0)
    (found,) = judge_source("a", days, max(days)).findings
    assert found == Finding(
        source="a",
        what="lost_dates",
        since=day_of(43),
        now=0.0,
        usual=1.0,
        words="0% of 20 articles with a date, usually 100%",
    )


def test_a_cause_that_is_found_stands_alone() -> None:
    days = changed(well(46), 42, outcomes=lambda articles: {"blocked": articles}, fresh=lambda _: 0)
    assert findings(days) == [("blocked", day_of(42))]


def test_a_day_on_which_most_sources_of_a_country_are_quiet_is_a_holiday() -> None:
    sources = {name: well(46) for name in "abcdef"}
    for name in "abcd":
        sources[name] |= {day_of(42): figures(0), day_of(43): figures(0)}
        del sources[name][day_of(44)], sources[name][day_of(45)]
    groups = dict.fromkeys(sources, "FR")
    assert [each.findings for each in judge(sources, day_of(43), groups)] == [()] * 6
    alone = judge(sources, day_of(43), {name: name for name in sources})
    assert [bool(each.findings) for each in alone] == [True] * 4 + [False] * 2


def test_sources_that_fall_silent_together_are_not_on_holiday_for_ever() -> None:
    days = [(day_of(number), 0 if number >= 42 else 10) for number in range(50)]
    common = common_quiet_days([days] * 5)
    assert common == {day_of(number) for number in range(42, 42 + MAX_COMMON_DAYS)}
    assert quiet_at_the_end(days, common).is_silent


def test_a_clock_that_jumped_ahead_once_does_no_harm() -> None:
    days = well(44) | {"2199-01-01": figures(5)}
    assert findings(days, today=day_of(43)) == []


@given(st.integers(0, 10_000), st.integers(3, 40))
@settings(max_examples=40, deadline=None)
def test_the_order_and_the_names_of_sources_change_nothing(seed: int, articles: int) -> None:
    chance = random.Random(seed)
    days = {day_of(number): figures(chance.randint(0, articles)) for number in range(40)}
    alone = judge_source("a", days, day_of(39)).findings
    (first, second) = judge({"b": days, "a": days}, day_of(39))
    assert (
        [each.what for each in alone]
        == [each.what for each in first.findings]
        == [each.what for each in second.findings]
    )


@given(st.lists(st.integers(0, 50), min_size=20, max_size=80))
@settings(max_examples=60, deadline=None)
def test_more_quiet_days_are_never_more_likely(counts: list[int]) -> None:
    days = [(day_of(number), count) for number, count in enumerate(counts)]
    chances = [
        quiet_at_the_end([*days, *((day_of(len(days) + more), 0) for more in range(n))]).chance for n in range(6)
    ]
    assert all(0 <= chance <= 1 for chance in chances)
    assert all(later <= earlier + 1e-12 for earlier, later in pairwise(chances[1:]))


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.floats(1e7, 1e12))
def test_less_than_half_of_the_values_cannot_move_what_is_usual_out_of_the_others(
    values: list[float], wild: float
) -> None:
    spoilt = [*values, *[wild] * ((len(values) - 1) // 2)]
    assert min(values) <= usual(spoilt).middle <= max(values)


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.01, 0.99))
def test_chances_are_chances(count: int, more: int, share: float) -> None:
    tries = count + more
    at_most, at_least = chance_of_at_most(count, tries, share), chance_of_at_least(count, tries, share)
    assert 0 <= at_most <= 1
    assert at_most + at_least >= 1 - 1e-9  # both hold the count itself


def test_a_binomial_chance_by_hand() -> None:
    assert chance_of_at_most(1, 3, 0.5) == pytest.approx(0.5)
    assert chance_of_at_least(3, 3, 0.5) == pytest.approx(0.125)


@given(st.dictionaries(st.integers(0, 60), st.integers(1, 50), min_size=1))
def test_the_middle_of_classes_is_the_median_of_their_articles(words: dict[int, int]) -> None:
    each = sorted(number for number, articles in words.items() for _ in range(articles))
    expected = (each[(len(each) - 1) // 2] + each[len(each) // 2]) / 2
    assert median_class(words) == expected


@given(
    st.lists(st.builds(Figures, looks=st.integers(0, 9), words=st.dictionaries(st.integers(0, 9), st.integers(1, 9))))
)
def test_figures_add_up_in_any_order(parts: list[Figures]) -> None:
    assert sum(parts, Figures()) == sum(reversed(parts), Figures())
