from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from newscrawl.errors import ConfigError
from newscrawl.middlewares.redirects import without_user_info
from newscrawl.middlewares.wire import host_of
from newscrawl.report.politeness import MAX_HOSTS, Traffic, read_rows
from newscrawl.state.politeness import KEPT_RUNS, read_traffic
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from pathlib import Path


def traffic() -> Traffic:
    counted = Traffic()
    counted.sent("a.example", "/robots.txt", 10.0)
    counted.sent("a.example", "/1", 12.0)
    counted.sent("b.example", "/1", 12.5)
    counted.sent("a.example", "/2", 13.0)
    counted.answered("a.example", 304)
    counted.answered("a.example", 503)
    counted.of("a.example").crawl_delay_s = 2.0
    return counted


def test_gaps_are_between_requests_to_the_same_host() -> None:
    first, second = traffic()
    assert (first.host, first.requests, first.smallest_gap_s, first.mean_gap_s) == ("a.example", 3, 1.0, 1.5)
    assert (first.not_modified, first.busy, first.robots_first, first.keeps_delay) == (1, 1, True, False)
    assert (second.requests, second.smallest_gap_s, second.mean_gap_s) == (1, None, None)
    assert (second.robots_first, second.keeps_delay) == (False, True)


def test_what_is_stored_says_the_same() -> None:
    rows = json.loads(json.dumps(traffic().as_rows()))
    assert read_rows(rows) == list(traffic())
    assert read_rows([rows[0] | {"a_field_of_a_later_version": 1}]) == [next(iter(traffic()))]


def test_hosts_beyond_the_bound_are_counted_together() -> None:
    counted = Traffic()
    for n in range(MAX_HOSTS + 10):
        counted.sent(f"h{n}.example", "/", float(n))
    assert sum(host.requests for host in counted) == MAX_HOSTS + 10
    assert len(list(counted)) == MAX_HOSTS + 1


def test_the_newest_runs_are_kept_and_read_beside_a_run(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        for n in range(KEPT_RUNS + 5):
            store.put_traffic(f"run_{n:05}", traffic().as_rows())
        store.put_traffic("run_99999", [])
        assert read_traffic(tmp_path) == (f"run_{KEPT_RUNS + 4:05}", traffic().as_rows())
        assert read_traffic(tmp_path, "run_00005")[0] == "run_00005"
        with pytest.raises(ConfigError, match="holds nothing of run_00004"):
            read_traffic(tmp_path, "run_00004")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://a.example/x", "a.example"),
        ("https://a.example:443/x", "a.example"),
        ("https://a.example:80/x", "a.example:80"),
        ("http://[fd00::1]:8080/", "[fd00::1]:8080"),
    ],
)
def test_a_host_is_named_as_its_requests_name_it(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("url", "bare"),
    [
        ("http://user:word@a.example/x", "http://a.example/x"),
        ("http://a@b@c.example", "http://c.example"),
        ("http://user@a.example?x=@y", "http://a.example?x=@y"),
        ("http://a.example/@handle/1", "http://a.example/@handle/1"),
        ("http://a.example#@x", "http://a.example#@x"),
        ("http://a.example", "http://a.example"),
    ],
)
def test_user_info_is_what_stands_before_the_host(url: str, bare: str) -> None:
    assert without_user_info(url) == bare
