"""Many signatures at once give what each two of them give."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.dedup import bands
from newscrawl.dedup.bands import components, copies_among, in_buckets, most_similar, signed_rows
from newscrawl.dedup.minhash import BANDS, Signature, buckets, sign
from newscrawl.dedup.near_duplicates import NearDuplicateOptions, copy_similarity

ALL = NearDuplicateOptions(max_bucket=1000)


def signed(seed: int, count: int = 120) -> list[tuple[str, int, Signature]]:
    """Edited texts with numbers in them, some of which have more of those than are kept."""
    dice = random.Random(seed)
    words = [f"word{number}" for number in range(300)]
    base = [
        dice.choices(words, k=200) + [str(dice.randint(0, 60)) for _ in range(dice.choice((0, 5, 60)))]
        for _ in range(9)
    ]
    found = []
    for number in range(count):
        text = list(dice.choice(base))
        for _ in range(dice.choice((0, 1, 20))):
            text[dice.randrange(len(text))] = str(dice.randint(0, 60))
        text = text[dice.choice((0, 40)) : len(text) - dice.choice((0, 80))]
        signature = sign(" ".join(text))
        assert signature is not None
        letters = "".join(dice.choices("abcdefghijklmnopqrstuvwxyz234567", k=26))
        found.append((f"nc_{letters}", 700_000 + dice.choice((0, 3, 14, 15, number)), signature))
    return found


def pairs_of(texts: list[tuple[str, int, Signature]], options: NearDuplicateOptions) -> set[tuple[str, str, float]]:
    rows = signed_rows(texts)
    pairs = np.concatenate([copies_among(in_buckets(rows, band), options) for band in range(BANDS)])
    return {
        (one.decode(), other.decode(), similarity) for one, other, similarity in most_similar(pairs, 10_000).tolist()
    }


@pytest.mark.parametrize("seed", range(3))
def test_the_pairs_are_those_that_one_comparison_after_the_other_finds(seed: int) -> None:
    texts = signed(seed)
    expected = set()
    for (one, day, a), (other, other_day, b) in combinations(texts, 2):
        if not set(buckets(a)) & set(buckets(b)) or abs(day - other_day) > ALL.window_days:
            continue
        if (similarity := copy_similarity(a, b, ALL)) is not None:
            expected.add((max(one, other), min(one, other), similarity))
    assert len(expected) > 50
    assert pairs_of(texts, ALL) == expected


@pytest.mark.parametrize("max_bucket", [1, 3])
def test_the_order_of_rows_makes_no_difference_even_in_a_bucket_that_is_too_full(max_bucket: int) -> None:
    texts = signed(5)
    options = NearDuplicateOptions(max_bucket=max_bucket)
    found = pairs_of(texts, options)
    random.Random(1).shuffle(texts)
    assert pairs_of(texts, options) == found


def test_of_each_text_the_most_similar_among_the_smaller_ids_are_kept() -> None:
    rows = [(b"c", b"a", 0.5), (b"c", b"b", 0.9), (b"c", b"a", 0.5), (b"d", b"c", 0.4), (b"d", b"a", 0.4)]
    kept = most_similar(np.array(rows, bands.PAIR), 1)
    assert kept.tolist() == [(b"c", b"b", 0.9), (b"d", b"a", 0.4)]


@settings(max_examples=60)
@given(count=st.integers(1, 30), edges=st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=40))
def test_components_are_named_after_their_smallest_member(count: int, edges: list[tuple[int, int]]) -> None:
    edges = [(one % count, other % count) for one, other in edges]
    expected = list(range(count))
    for _ in range(count):
        for one, other in edges:
            expected[one] = expected[other] = min(expected[one], expected[other])
    one, other = (np.array([edge[side] for edge in edges], np.int64) for side in (0, 1))
    assert components(one, other, count).tolist() == expected


def test_no_rows_have_no_pairs() -> None:
    assert pairs_of([], ALL) == set()
