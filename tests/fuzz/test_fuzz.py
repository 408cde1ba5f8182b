"""Every reader of strangers' bytes, given files it has not seen. The corpus is read in each run, mutants in a budget.

`FUZZ_SECONDS=600 pytest -m proof tests/fuzz` looks longer. What breaks a target is printed as small as it can be
made: put it into a file of the target's corpus, so that it is tried for ever.
"""

from __future__ import annotations

import os
import time

import pytest
from fuzz_targets import TARGETS
from hypothesis import HealthCheck, given, settings
from mutations import CORPUS, corpus, mutated

SECONDS = float(os.environ.get("FUZZ_SECONDS", "6"))
"""For each target."""
QUICK = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
LONG = settings(QUICK, max_examples=200)


@pytest.mark.parametrize("target", TARGETS)
def test_a_reader_takes_its_corpus_and_some_mutants(target: str) -> None:
    for path in corpus(target):
        TARGETS[target](path.read_bytes())

    @QUICK
    @given(mutated(target))
    def some(data: bytes) -> None:
        TARGETS[target](data)

    some()


@pytest.mark.proof
@pytest.mark.parametrize("target", TARGETS)
def test_a_reader_takes_whatever_it_is_given(target: str) -> None:
    @LONG
    @given(mutated(target))
    def many(data: bytes) -> None:
        TARGETS[target](data)

    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        many()


def test_each_target_has_a_corpus_and_each_corpus_its_target() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)
