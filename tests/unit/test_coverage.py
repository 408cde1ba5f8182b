"""Estimates of what was missed, on catches whose truth is known."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newscrawl.report.coverage import CONTAINED, ONE_LIST, SMALL_OVERLAP, Estimate, coverage, estimate
from newscrawl.state.sightings import WAYS, Catch

SEEDS = 200
History = tuple[bool, ...]


def caught(seed: int, truth: int, shares: tuple[float, ...]) -> Counter[History]:
    """What independent lists see of so many articles."""
    chance = random.Random(seed)
    return Counter(tuple(chance.random() < share for share in shares) for _ in range(truth))


@pytest.mark.parametrize(
    ("shares", "truth"),
    [((0.6, 0.8), 40), ((0.5, 0.7), 200), ((0.3, 0.5), 200), ((0.5, 0.7, 0.3), 60), ((0.6, 0.8, 0.4), 200)],
)
def test_the_interval_holds_the_truth_in_most_cases(shares: tuple[float, ...], truth: int) -> None:
    said = [each for seed in range(SEEDS) if isinstance(each := estimate(caught(seed, truth, shares)), Estimate)]
    assert len(said) > 0.9 * SEEDS
    # Of a whole number: an interval that ends within half an article of it holds it.
    assert sum(each.low - 0.5 <= truth <= each.high + 0.5 for each in said) > 0.88 * len(said)
    assert sum(each.value for each in said) / len(said) == pytest.approx(truth, rel=0.04)


def test_lists_that_hold_the_same_prominent_stories_give_a_lower_bound_that_is_below_the_truth() -> None:
    """Half of the articles are in each list with 0.9, the others with 0.3."""
    values, bounds = [], 0
    for seed in range(SEEDS):
        both = caught(seed, 100, (0.9, 0.9, 0.9)) + caught(seed + SEEDS, 100, (0.3, 0.3, 0.3))
        said = estimate(both)
        assert isinstance(said, Estimate)
        bounds += said.is_lower_bound
        values.append(said.value)
    assert bounds > 0.9 * SEEDS
    assert 180 < sum(values) / SEEDS < 200


@pytest.mark.parametrize(
    ("histories", "why"),
    [
        ({(True,): 10}, ONE_LIST),
        ({(True, False): 10}, ONE_LIST),
        ({}, ONE_LIST),
        ({(True, False): 10, (False, True): 9, (True, True): 2}, SMALL_OVERLAP),
        ({(True, False): 10, (True, True): 20}, CONTAINED),
        ({(True, True): 20}, CONTAINED),
    ],
)
def test_nothing_is_said_where_nothing_can_be_known(histories: dict[History, int], why: str) -> None:
    assert estimate(histories) == why


def test_a_list_made_from_another_is_left_out_of_three() -> None:
    """The feed holds what the sitemap holds, or less; the section pages are a list of their own."""
    two = {(True, False): 30, (False, True): 20, (True, True): 40}
    three = {(True, True, False): 10, (False, True, False): 20, (False, False, True): 20, (True, True, True): 40}
    assert estimate(three) == estimate(two)


def test_chapmans_estimate_by_hand() -> None:
    said = estimate({(True, False): 10, (False, True): 20, (True, True): 30})
    assert isinstance(said, Estimate)
    assert said.value == pytest.approx(41 * 51 / 31 - 1)


@given(st.dictionaries(st.tuples(st.booleans(), st.booleans(), st.booleans()), st.integers(0, 300), max_size=8))
def test_an_estimate_is_never_below_what_was_found_and_lies_in_its_interval(histories: dict[History, int]) -> None:
    said = estimate(histories)
    if isinstance(said, Estimate):
        found = sum(count for history, count in histories.items() if any(history))
        assert found <= said.low + 1e-6
        assert said.low <= said.value + 1e-6
        assert said.value <= said.high + 1e-6


def test_days_without_an_article_are_named_and_old_ones_are_left_out() -> None:
    both = WAYS["feed"] | WAYS["news_sitemap"]
    days = {"2026-03-01": 9, "2026-03-03": 8, "2026-03-05": 7, "2026-02-01": 50}
    catches = [
        Catch(f"{day}-{number}", "a", max(day, "2026-03-01"), day, (WAYS["feed"], WAYS["sitemap"], both)[number % 3])
        for day, count in days.items()
        for number in range(count)
    ]
    ((whole, daily),) = coverage(catches, last_day="2026-03-05", days=30)
    assert (whole.first_day, whole.found) == ("2026-03-01", 24)
    assert whole.gaps == ("2026-03-02", "2026-03-04")
    assert whole.lists == {"feed": 16, "sitemap": 15}
    assert whole.estimate is not None
    assert [each.found for each in daily] == [9, 0, 8, 0, 7]
    assert daily[1].cannot_say == "no articles"
