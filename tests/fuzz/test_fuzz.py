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
from hypothesis import strategies as st
from mutations import CORPUS, corpus, mutated

SECONDS = float(os.environ.get("FUZZ_SECONDS", "6"))
"""For each target."""
EXAMPLES = 1_000_000 if "FUZZ_SECONDS" in os.environ else 4_000
QUICK = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
LONG = settings(QUICK, max_examples=EXAMPLES)


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
    end = time.monotonic() + SECONDS
    mutants = mutated(target)

    @LONG
    @given(st.data())
    def many(data: st.DataObject) -> None:
        if time.monotonic() < end:  # after that nothing is drawn, and an example costs nothing
            TARGETS[target](data.draw(mutants))

    many()


def test_each_target_has_a_corpus_and_each_corpus_its_target() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)
