"""A host has one owner at a time among the workers of a store, whoever dies."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from newscrawl.state.leases import Leases, all_workers
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from postgresql import Server

    from newscrawl.state.store import Store

LEASE_S = 5.0
HOST = "host/a.example"


@pytest.fixture
def stores(postgresql: Server, tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """One store, as two processes see it."""
    while float(postgresql.sql("SELECT extract(epoch FROM now() - pg_postmaster_start_time())")) < LEASE_S:
        time.sleep(0.1)
    url = postgresql.url()
    with open_store(tmp_path / "one", state=url) as one, open_store(tmp_path / "two", state=url) as two:
        yield one, two


@pytest.fixture
def one(stores: tuple[Store, Store]) -> Leases:
    return begun(stores[0], "run_one")


@pytest.fixture
def two(stores: tuple[Store, Store]) -> Leases:
    return begun(stores[1], "run_two")


def begun(store: Store, worker: str) -> Leases:
    assert store.leases is not None
    store.leases.begin(worker, machine="here", pid=1, lease_s=LEASE_S)
    return store.leases


def is_silent(store: Store, worker: str) -> None:
    """As if a worker had not renewed itself for as long as its lease is."""
    store._database.execute("UPDATE workers SET until = until - ? WHERE id = ?", (int(LEASE_S * 1000), worker))


def test_a_host_has_one_owner(one: Leases, two: Leases) -> None:
    assert one.claim([HOST], gap_s=0)
    assert one.claim([HOST], gap_s=0)
    assert not two.claim([HOST], gap_s=0)
    assert two.elsewhere("host/") == (HOST,)
    assert two.elsewhere("source/") == ()


def test_all_of_several_or_none(one: Leases, two: Leases) -> None:
    assert one.claim([HOST], gap_s=0)
    assert not two.claim(["host/b.example", HOST], gap_s=0)
    assert one.claim(["host/b.example"], gap_s=0)


def test_one_that_renews_itself_stays_the_owner(stores: tuple[Store, Store], one: Leases, two: Leases) -> None:
    assert one.claim([HOST], gap_s=0)
    is_silent(stores[0], "run_one")
    assert one.renew({}) == {HOST}
    assert not two.claim([HOST], gap_s=0)


def test_what_a_silent_one_had_goes_to_who_asks_and_it_is_told(
    stores: tuple[Store, Store], one: Leases, two: Leases
) -> None:
    assert one.claim([HOST, "host/b.example"], gap_s=0)
    is_silent(stores[0], "run_one")
    assert two.claim([HOST], gap_s=0)
    assert one.renew({}) == {"host/b.example"}
    assert not one.claim([HOST], gap_s=0)


@pytest.mark.parametrize("how", ["released", "ended"])
def test_after_its_owner_a_host_rests_for_its_gap(one: Leases, two: Leases, how: str) -> None:
    assert one.claim([HOST], gap_s=1.0)
    began = time.monotonic()
    one.release([HOST]) if how == "released" else one.end()
    assert not two.claim([HOST], gap_s=1.0)
    while not two.claim([HOST], gap_s=1.0):
        time.sleep(0.05)
    assert time.monotonic() - began > 0.9


def test_after_a_silent_owner_too_and_the_gap_that_counts_is_the_newest(
    stores: tuple[Store, Store], one: Leases, two: Leases
) -> None:
    assert one.claim([HOST], gap_s=0)
    one.renew({HOST: 100.0})
    is_silent(stores[0], "run_one")
    assert not two.claim([HOST], gap_s=0)
    one.renew({HOST: 0.0})
    is_silent(stores[0], "run_one")
    assert two.claim([HOST], gap_s=0)


def test_who_did_not_own_a_host_gives_nothing_back(one: Leases, two: Leases) -> None:
    assert one.claim([HOST], gap_s=0)
    two.release([HOST])
    two.end()
    assert one.renew({}) == {HOST}


def test_workers_are_listed_with_what_they_have(stores: tuple[Store, Store], one: Leases, two: Leases) -> None:
    assert one.claim([HOST, "source/a"], gap_s=0)
    two.renew({})
    listed = {each.id: each for each in all_workers(stores[0]._database)}
    assert (listed["run_one"].hosts, listed["run_one"].sources) == (("a.example",), ("a",))
    assert (listed["run_two"].hosts, listed["run_two"].is_alive) == ((), True)
    is_silent(stores[0], "run_one")
    assert [each.is_alive for each in all_workers(stores[0]._database)] == [False, True]
    one.end()
    assert [each.id for each in all_workers(stores[0]._database)] == ["run_two"]
