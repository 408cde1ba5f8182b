"""Addresses that wait are never hidden by a clock that was wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from newscrawl.article import Hint
from newscrawl.state import frontier
from newscrawl.state.store import Store, key_of, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

URL = "https://harbour.example/ferry"
KEY = key_of(URL)
NOW = "2026-11-24T12:00:00Z"


@pytest.fixture
def store(tmp_path: Path, database_kind: str) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        opened.want([Hint(url=URL, via="feed")], source="harbour")
        yield opened


def waiting(store: Store, at: str) -> list[str]:
    return [hint.url for hint in store.wanted("harbour", at=at)]


@pytest.mark.parametrize("at", ["1970-01-01T00:00:00Z", NOW, "2999-01-01T00:00:00Z"])
def test_an_address_that_waits_is_due_whatever_the_clock_says(store: Store, at: str) -> None:
    assert waiting(store, at) == [URL]


def test_a_pause_is_kept(store: Store) -> None:
    frontier.settle(store._database, [KEY], "timeout", at=NOW)
    assert frontier.is_paused(store._database, KEY, at=NOW)
    assert waiting(store, NOW) == []
    assert waiting(store, "2026-11-24T12:15:00Z") == [URL]


def test_the_longest_pause_is_kept_whole(store: Store) -> None:
    for _ in range(frontier.MAX_TRIES - 1):
        frontier.settle(store._database, [KEY], "timeout", at=NOW)
    assert waiting(store, NOW) == []
    assert frontier.is_paused(store._database, KEY, at=NOW)
    assert waiting(store, "2026-11-24T16:00:00Z") == [URL]


@pytest.mark.parametrize("ahead", ["2026-11-25T12:00:00Z", "2038-01-19T03:14:07Z", "2999-01-01T00:00:00Z"])
def test_a_pause_written_by_a_clock_that_was_ahead_does_not_count(store: Store, ahead: str) -> None:
    frontier.settle(store._database, [KEY], "timeout", at=ahead)
    assert waiting(store, NOW) == [URL]
    assert not frontier.is_paused(store._database, KEY, at=NOW)
