"""What was met is known, and nothing else."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from newscrawl.text.seen import Seen


@given(st.lists(st.text(max_size=8)))
def test_it_answers_as_a_set_does(texts: list[str]) -> None:
    seen, known = Seen(), set[str]()
    for text in texts:
        assert (text in seen) is (text in known)
        assert seen.add(text) is (text not in known)
        known.add(text)
    assert len(seen) == len(known)


def test_an_address_takes_a_tenth_of_what_a_set_takes() -> None:
    def bytes_of(kind: type[Seen] | type[set[str]]) -> int:
        tracemalloc.start()
        kept = kind()
        for number in range(50_000):
            kept.add(f"news.example/2026/11/24/the-harbour-reopens-for-the-{number}th-time")
        taken, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(kept) == 50_000
        return taken

    assert bytes_of(Seen) * 10 < bytes_of(set)
