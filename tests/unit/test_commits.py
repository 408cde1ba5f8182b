"""What is stored close together shares a commit, and nobody is told before it is on the disk."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from shelf import article, begin, line

from newscrawl.article import Fetch
from newscrawl.errors import Outcome, StoreError
from newscrawl.extensions.commits import Commits
from newscrawl.state.store import STORE_FILE, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from newscrawl.state.store import Store

NAMES = ("a", "b", "c")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as store:
        yield store


def putting(store: Store, run: str, name: str) -> Callable[[], Any]:
    one = article(name)
    outcome = line(one.url, run)
    return partial(store.put_article, one, run_id=run, outcome=outcome, fetch=Fetch(requested_url=one.url, status=200))


def on_disk(data: Path) -> list[str]:
    """Titles' ends of the articles that another program finds, in the order they were stored."""
    with closing(sqlite3.connect(data / "state" / STORE_FILE)) as connection:
        rows = connection.execute("SELECT line FROM pending WHERE stream = 'articles' ORDER BY sequence").fetchall()
    return [name for (text,) in rows for name in NAMES if f"Title of {name}".encode() in text]


def test_each_is_told_when_all_of_its_commit_are_on_the_disk_in_their_order(store: Store, tmp_path: Path) -> None:
    run, seen = begin(store), []

    async def put(commits: Commits, name: str) -> None:
        stored = await commits.put(putting(store, run, name))
        seen.append((name, stored.outcome, on_disk(tmp_path)))

    async def all_of_them() -> None:
        commits = Commits(store.together, pytest.fail)
        waiting = [asyncio.ensure_future(put(commits, name)) for name in NAMES]
        await asyncio.sleep(0)
        assert on_disk(tmp_path) == []  # they wait for one another
        await asyncio.gather(*waiting)

    asyncio.run(all_of_them())
    assert seen == [(name, Outcome.ARTICLE, [*NAMES]) for name in NAMES]


def test_what_nobody_waits_for_is_stored_in_its_turn(store: Store, tmp_path: Path) -> None:
    run = begin(store)

    async def some() -> None:
        commits = Commits(store.together, pytest.fail)
        commits.add(putting(store, run, "a"))
        last = asyncio.ensure_future(commits.put(putting(store, run, "b")))
        await asyncio.sleep(0)
        commits.add(putting(store, run, "c"))
        await last

    asyncio.run(some())
    assert on_disk(tmp_path) == ["a", "b", "c"]


def test_a_bug_over_one_takes_no_other_along(store: Store, tmp_path: Path) -> None:
    run = begin(store)

    def bug() -> None:
        raise KeyError("headline")

    async def some() -> list[Any]:
        commits = Commits(store.together, pytest.fail)
        works = (putting(store, run, "a"), bug, putting(store, run, "b"))
        return await asyncio.gather(*(commits.put(work) for work in works), return_exceptions=True)

    _, failed, _ = asyncio.run(some())
    assert isinstance(failed, KeyError)
    assert on_disk(tmp_path) == ["a", "b"]


def test_what_cannot_be_stored_is_told_to_all_that_share_the_commit_and_nothing_of_it_is_there(
    store: Store, tmp_path: Path
) -> None:
    run, told = begin(store), list[StoreError]()

    def full() -> None:
        raise StoreError("disk full")

    async def some() -> list[Any]:
        commits = Commits(store.together, told.append)
        works = (putting(store, run, "a"), full, putting(store, run, "b"))
        return await asyncio.gather(*(commits.put(work) for work in works), return_exceptions=True)

    answers = asyncio.run(some())
    assert [str(answer) for answer in answers] == ["disk full"] * 3
    assert [str(error) for error in told] == ["disk full"]
    assert on_disk(tmp_path) == []
