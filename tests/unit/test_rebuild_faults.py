"""A rebuild after, and in the middle of, something else that went wrong."""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

import pytest
from shelf import DAY_1, SHARE, SITE, article, begin, line

from newscrawl.dump.publish import publish
from newscrawl.dump.reader import verify
from newscrawl.dump.streams import records
from newscrawl.errors import StoreError
from newscrawl.state import rebuild as rebuilding
from newscrawl.state.backup import check
from newscrawl.state.rebuild import rebuild
from newscrawl.state.salvage import SIDE_FILES, STORE_FILE, asides
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

SECRET = "Xanthippe"
each_step = pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.proof)])
"""Every so many steps of a sweep; all of them in the proofs."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """One published run, and one that waits with all kinds of lines."""
    data = tmp_path / "data"
    with open_store(data) as store:
        run_id = begin(store, 1)
        for each in (article("a"), article("b", f"{SECRET} was seen.", removed=(SHARE,))):
            store.put_article(each, run_id=run_id, outcome=line(each.url, run_id))
        store.end_run(run_id, exit_code=0, counts={})
        publish(store, data)
        second_run(data, store)
    return data


def second_run(data: Path, store: object) -> None:
    from newscrawl.state.store import Store

    assert isinstance(store, Store)
    run_id = begin(store, 2)
    changed = (article("a", "Changed.", removed=(SHARE,)), article("c", "Changed.", removed=(SHARE,)))
    for each in changed:
        store.put_article(each, run_id=run_id, outcome=line(each.url, run_id))
    store.put_outcome(line(f"{SITE}/list", run_id, "list_page"), at=DAY_1)
    store.end_run(run_id, exit_code=0, counts={})


def whole(data: Path) -> dict[str, list[tuple[object, ...]]]:
    """Publish what waits, prove the dump, and give what must be in it, once."""
    with open_store(data) as store:
        publish(store, data)
    assert verify(data) == ()
    found = {
        "articles": [(each["id"], each["revision"], each["text"]) for each in records(data, "articles")],
        "removed": [(each["id"], each["revision"], each["text"]) for each in records(data, "removed")],
        "outcomes": [(each["run_id"], each["url"], each["outcome"]) for each in records(data, "outcomes")],
        "links": [(each["id"], each["cluster_id"], each["run_id"]) for each in records(data, "links")],
        "current": [(each["id"], each["revision"], each["duplicate_of"]) for each in records(data)],
    }
    for stream, keys in found.items():
        assert max(Counter(keys).values(), default=1) == 1, f"doubled in {stream}"
    return {stream: sorted(keys, key=repr) for stream, keys in found.items()}


def before(data: Path, tmp_path: Path) -> dict[str, list[tuple[object, ...]]]:
    """What is published of a dump whose store is gone."""
    shutil.copytree(data, tmp_path / "before")
    for each in (tmp_path / "before" / "state").glob(f"{STORE_FILE}*"):
        each.unlink()
    rebuild(tmp_path / "before")
    return whole(tmp_path / "before")


def killed_at(number: int, module: ModuleType, work: Callable[[], object]) -> bool:
    """Do it in a child that is killed before its n-th rename or flush; whether there were as many."""
    child = os.fork()
    if not child:
        count = 0

        def counted(call: Callable[..., object]) -> Callable[..., object]:
            def wrapper(*values: object) -> object:
                nonlocal count
                count += 1
                if count == number:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*values)

            return wrapper

        os.replace, os.fsync = counted(os.replace), counted(os.fsync)  # type: ignore[assignment]
        work()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def leave_with_log(data: Path) -> None:
    """As a killed run leaves its store: the newest articles stand in the log only."""
    store = open_store(data)
    second_run(data, store)
    kept = data.parent / "kept"
    kept.mkdir()
    for each in ("", *SIDE_FILES):
        shutil.copyfile(data / "state" / f"{STORE_FILE}{each}", kept / f"{STORE_FILE}{each}")
    store.close()
    for each in kept.iterdir():
        shutil.copyfile(each, data / "state" / each.name)
    shutil.rmtree(kept)


@each_step
def test_killed_at_any_step_a_rebuild_is_begun_again_and_loses_nothing(tmp_path: Path, every: int) -> None:
    with open_store(tmp_path / "data") as store:
        run_id = begin(store, 1)
        each = article("a")
        store.put_article(each, run_id=run_id, outcome=line(each.url, run_id))
        store.end_run(run_id, exit_code=0, counts={})
        publish(store, tmp_path / "data")
    leave_with_log(tmp_path / "data")
    shutil.copytree(tmp_path / "data", tmp_path / "unharmed")
    expected = whole(tmp_path / "unharmed")
    number, states = 1, set()
    while True:
        data = tmp_path / f"killed{number}"
        shutil.copytree(tmp_path / "data", data)
        if not killed_at(number, rebuilding, lambda data=data: rebuild(data)):  # type: ignore[misc]
            break
        states.add((data / "state" / STORE_FILE).exists())
        if not (data / "state" / STORE_FILE).exists():
            with pytest.raises(StoreError, match="newscrawl state rebuild --data"):
                open_store(data).close()
        rebuild(data)
        assert whole(data) == expected, f"killed before step {number}"
        number += every
    assert True in states
    assert False in states or every > 1  # between setting aside and the new store there is none


@each_step
def test_a_publication_killed_at_any_step_and_then_the_store_lost_or_damaged(
    data: Path, tmp_path: Path, every: int
) -> None:
    shutil.copytree(data, tmp_path / "unharmed")
    expected = whole(tmp_path / "unharmed")
    published = {stream: set(keys) for stream, keys in before(data, tmp_path).items()}
    number = 1

    def publishing(data: Path) -> None:
        with open_store(data) as store:
            publish(store, data)

    while True:
        killed = tmp_path / f"killed{number}"
        shutil.copytree(data, killed)
        if not killed_at(number, rebuilding, lambda killed=killed: publishing(killed)):  # type: ignore[misc]
            break
        shutil.copytree(killed, lost := tmp_path / f"lost{number}")
        rebuild(killed)  # the store can be read, so nothing is lost
        assert whole(killed) == expected, f"killed before step {number}"
        for each in (lost / "state").glob(f"{STORE_FILE}*"):
            each.unlink()
        rebuild(lost)  # files that no manifest names are all that is left of what waited
        for stream, keys in whole(lost).items():
            assert set(keys) <= set(expected[stream]) | published[stream], f"killed before step {number}"
            assert set(keys) >= published[stream] or stream == "current", f"killed before step {number}"
        shutil.rmtree(killed)
        shutil.rmtree(lost)
        number += every
    assert number > 20


def test_lines_of_a_store_that_does_not_know_they_are_published_are_not_published_again(
    data: Path, tmp_path: Path
) -> None:
    shutil.copytree(data / "state", tmp_path / "older")
    expected = whole(data)
    shutil.rmtree(data / "state")
    shutil.copytree(tmp_path / "older", data / "state")
    with pytest.raises(StoreError, match=r"is older than the dump beside it.*newscrawl state rebuild --data"):
        open_store(data).close()
    assert rebuild(data).waiting == 0
    assert whole(data) == expected


def test_a_store_that_never_published_is_saved_as_far_as_it_can_be_read(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        second_run(tmp_path, store)
    rebuilt = rebuild(tmp_path)
    assert (rebuilt.articles, rebuilt.waiting) == (2, 9)
    (tmp_path / "state" / STORE_FILE).unlink()
    with pytest.raises(StoreError, match="is missing; `newscrawl state rebuild"):
        open_store(tmp_path).close()
    rebuild(tmp_path)
    assert len(whole(tmp_path)["articles"]) == 2


def test_rebuilding_twice_within_a_second_overwrites_nothing(data: Path) -> None:
    first, second = rebuild(data).aside, rebuild(data).aside
    assert first != second
    assert asides(data / "state") == [first, second]


def test_a_purge_that_only_the_damaged_store_knows_is_done(data: Path) -> None:
    with open_store(data) as store:
        publish(store, data)
        store.purge([article("b").id], run_id=begin(store, 3), at="2026-11-24T12:00:00Z")
    rebuild(data)
    found = whole(data)
    assert article("b").id not in {key[0] for key in found["current"]}
    held = [path for path in data.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert not [path for path in held if ".damaged-" not in path.name]
    with open_store(data) as store:
        assert store.is_blocked(f"{SITE}/b")


def test_a_tombstone_whose_record_cannot_be_read_any_more_makes_another(data: Path) -> None:
    with open_store(data) as store:
        publish(store, data)
        store.purge([article("b").id], run_id=begin(store, 3), at="2026-11-24T12:00:00Z")
        store._database.execute("DELETE FROM pending")
    rebuild(data)
    whole(data)
    newest = {each["id"]: each["status"] for each in records(data, "articles", include_gone=True)}
    assert newest[article("b").id] == "purged"


def test_links_that_waited_stand_in_the_current_view(data: Path) -> None:
    rebuild(data)
    found = whole(data)
    assert found["links"]
    assert {key[2] for key in found["current"]} - {None}


def damaged_page(store: Path, rng: Random, how: int) -> None:
    """Something a disk does to one page of a store."""
    held = bytearray(store.read_bytes())
    size = 4096
    pages = len(held) // size
    start = size * rng.randrange(pages)
    if how == 0:
        held[start : start + size] = rng.randbytes(size)
    elif how == 1:
        held[start : start + size] = bytes(size)
    elif how == 2:
        for _ in range(8):
            held[start + rng.randrange(size)] = rng.randrange(256)
    else:
        other = size * rng.randrange(pages)
        held[start : start + size] = held[other : other + size]
    store.write_bytes(held)


@pytest.mark.parametrize("times", [8, pytest.param(200, marks=pytest.mark.proof)])
def test_a_damaged_page_is_a_sentence_or_harmless_and_a_rebuild_keeps_all_that_was_published(
    data: Path, tmp_path: Path, times: int
) -> None:
    published = {each["id"] for each in records(data, "articles")}
    rng = Random(5)
    for number in range(times):
        damaged, used = tmp_path / f"damaged{number}", tmp_path / f"used{number}"
        shutil.copytree(data, damaged)
        damaged_page(damaged / "state" / STORE_FILE, rng, number % 4)
        shutil.copytree(damaged, used)
        with suppress(StoreError), open_store(used) as store:  # any other error is a bug
            run_id = begin(store, 3)
            for each in (article("a", "Changed again."), article("c"), article("d")):
                store.put_article(each, run_id=run_id, outcome=line(each.url, run_id))
            store.end_run(run_id, exit_code=0, counts={})
            publish(store, used)
        check(damaged)
        rebuild(damaged)
        assert check(damaged) == ()
        whole(damaged)
        assert published <= {each["id"] for each in records(damaged, "articles")}, f"damage {number}"
