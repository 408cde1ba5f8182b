"""Several processes of `scrapy crawl news` share a store in PostgreSQL: each host is crawled by one at a time."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from conftest import REPOSITORY, Crawl, crawl_arguments, environment
from postgresql import Server
from postgresql import programs as postgresql_programs

from newscrawl.demo.server import DemoServer
from newscrawl.dump.reader import verify
from newscrawl.errors import ExitCode
from newscrawl.state.leases import all_workers
from newscrawl.state.where import reader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DELAY_S = 0.2
DIFFERS_BY_RUN = {"revision", "run_id", "date_crawled", "discovered_via"}
SHARED = (
    f"DOWNLOAD_DELAY={DELAY_S}",
    "CONCURRENT_REQUESTS_PER_DOMAIN=1",
    "NEWSCRAWL_POOL_WORKERS=1",
    "NEWSCRAWL_SOURCES_PER_WORKER=2",
    "NEWSCRAWL_REVISIT_MAX_S=86400",
)


class Workers:
    """Processes that crawl the demo newsroom into one data directory."""

    def __init__(self, newsroom: DemoServer, sources: str, data: Path, url: str, *, lease_s: float = 60.0) -> None:
        self.data = data
        settings = (sources, f"NEWSCRAWL_STATE={url}", f"NEWSCRAWL_LEASE_S={lease_s}", *SHARED)
        self._command = [sys.executable, "-m", "scrapy", *crawl_arguments(data, settings=settings)]
        self._environment = environment(newsroom.proxy_url)
        self._running: list[subprocess.Popen[str]] = []

    def start(self, number: int = 1) -> subprocess.Popen[str]:
        """Start some; the last of them."""
        for _ in range(number):
            self._running.append(
                subprocess.Popen(
                    self._command,
                    cwd=REPOSITORY,
                    env=self._environment,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
        return self._running[-1]

    def ended(self) -> list[tuple[int, str]]:
        """How each ended, and what it said; they do so by themselves."""
        return [(each.wait(120), each.stderr.read() if each.stderr else "") for each in self._running]

    def stop(self) -> None:
        for each in self._running:
            if each.poll() is None:
                each.kill()
            each.communicate()


@contextmanager
def workers(*arguments: Any, **named: Any) -> Iterator[Workers]:
    running = Workers(*arguments, **named)
    try:
        yield running
    finally:
        running.stop()


def view(data: Path) -> dict[str, dict[str, Any]]:
    lines = (data / "current" / "articles.jsonl").read_bytes().splitlines()
    records = [json.loads(line) for line in lines]
    return {each["id"]: {name: each[name] for name in each if name not in DIFFERS_BY_RUN} for each in records}


def is_one_worker_s(data: Path, one: Crawl) -> None:
    """The current view is the one that a worker alone has, and nothing is doubled."""
    assert view(data) == view(one.data)
    assert verify(data) == ()
    written = Crawl(exit_code=0, out="", err="", data=data).lines("articles")
    assert len({(each["id"], each["revision"]) for each in written}) == len(written)


def smallest_gaps(newsroom: DemoServer, since: int = 0) -> dict[str, float]:
    """Host → seconds, from the newsroom's own log."""
    times: defaultdict[str, list[float]] = defaultdict(list)
    for each in newsroom.requests[since:]:
        times[each.host].append(each.time)
    return {
        host: min(after - before for before, after in pairwise(each))
        for host, each in ((host, sorted(each)) for host, each in times.items())
        if len(each) > 1
    }


def newscrawl_workers(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "newscrawl", "workers", "--data", str(data), *arguments],
        cwd=REPOSITORY,
        env=environment(None),
        capture_output=True,
        text=True,
        check=False,
    )


def test_two_workers_store_what_one_would_and_never_hurry_a_host(
    postgresql: Server, demo_crawl: Crawl, demo_sources: str, tmp_path: Path
) -> None:
    with DemoServer() as newsroom, workers(newsroom, demo_sources, tmp_path / "data", postgresql.url()) as both:
        both.start(2)
        ended = both.ended()
        assert [code for code, _ in ended] == [ExitCode.DONE] * 2, ended
        asked = [(each.host, each.path) for each in newsroom.requests if not each.path.endswith("robots.txt")]
        # Answers come a moment after requests, so what the log sees may vary a little.
        assert min(smallest_gaps(newsroom).values()) > DELAY_S * 0.5 - 0.05
    assert len(set(asked)) == len(asked), "an address was fetched by both"
    is_one_worker_s(tmp_path / "data", demo_crawl)
    said = newscrawl_workers(tmp_path / "data", "--json")
    assert json.loads(said.stdout) == {"workers": []}
    runs = {each["run_id"] for each in Crawl(exit_code=0, out="", err="", data=tmp_path / "data").lines("articles")}
    assert len(runs) == 2, "one of them had nothing to do"


@pytest.mark.proof
def test_who_lives_goes_on_with_what_one_that_was_killed_had(
    postgresql: Server, demo_crawl: Crawl, demo_sources: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with DemoServer() as newsroom, workers(newsroom, demo_sources, data, postgresql.url(), lease_s=4.0) as both:
        first = both.start()
        while len(newsroom.requests) < 12:
            assert first.poll() is None, first.communicate()
            time.sleep(0.05)
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert first.pid in [each["pid"] for each in json.loads(newscrawl_workers(data, "--json").stdout)["workers"]]
        with reader(data) as database:
            (dead,) = all_workers(database)
        assert dead.hosts
        assert dead.pid == first.pid
        both.start()
        ended = both.ended()
        assert [code for code, _ in ended] == [-signal.SIGKILL, ExitCode.DONE], ended
        with reader(data) as database:
            assert [each.hosts for each in all_workers(database)] in ([], [()])
    is_one_worker_s(data, demo_crawl)


@pytest.mark.proof
@pytest.mark.parametrize("number", [1, 2, 4])
def test_more_workers_store_the_same(
    postgresql: Server, demo_crawl: Crawl, demo_sources: str, tmp_path: Path, number: int
) -> None:
    with DemoServer() as newsroom, workers(newsroom, demo_sources, tmp_path / "data", postgresql.url()) as some:
        began = time.monotonic()
        some.start(number)
        ended = some.ended()
        sys.stdout.write(f"{number} workers: {time.monotonic() - began:.1f} s, {len(newsroom.requests)} requests\n")
        assert [code for code, _ in ended] == [ExitCode.DONE] * number, ended
        assert min(smallest_gaps(newsroom).values()) > DELAY_S * 0.5 - 0.05
    is_one_worker_s(tmp_path / "data", demo_crawl)


@pytest.mark.proof
def test_a_worker_is_killed_at_every_tenth_request(
    postgresql: Server, demo_crawl: Crawl, demo_sources: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    kills = 0
    with DemoServer() as newsroom, workers(newsroom, demo_sources, data, postgresql.url(), lease_s=3.0) as some:
        victim = some.start(2)
        target = 10
        while kills < 8:
            while len(newsroom.requests) < target and victim.poll() is None:
                time.sleep(0.02)
            if victim.poll() is not None:
                break  # all is done
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            kills, target = kills + 1, len(newsroom.requests) + 10
            victim = some.start()
        ended = some.ended()
        assert {code for code, _ in ended} <= {ExitCode.DONE, -signal.SIGKILL}, ended
        assert ended[-1][0] == ExitCode.DONE
        assert min(smallest_gaps(newsroom).values()) > DELAY_S * 0.5 - 0.05
    assert kills >= 3
    sys.stdout.write(f"{kills} kills\n")
    is_one_worker_s(data, demo_crawl)


@pytest.mark.proof
def test_the_database_crashes_in_the_middle_and_comes_back(
    demo_crawl: Crawl, demo_sources: str, tmp_path: Path
) -> None:
    if (programs := postgresql_programs()) is None:
        pytest.skip("there is no PostgreSQL server on this machine (Debian: apt-get install postgresql)")
    server = Server(programs, is_durable=True)
    try:
        with DemoServer() as newsroom, workers(newsroom, demo_sources, tmp_path / "data", server.url()) as both:
            both.start(2)
            for requests in (15, 60):
                while len(newsroom.requests) < requests:
                    time.sleep(0.02)
                server.stop("immediate")
                time.sleep(2)
                server.start()
            ended = both.ended()
            assert [code for code, _ in ended] == [ExitCode.DONE] * 2, ended
            assert any("waiting for it" in said for _, said in ended), "nobody noticed"
            assert min(smallest_gaps(newsroom).values()) > DELAY_S * 0.5 - 0.05
        is_one_worker_s(tmp_path / "data", demo_crawl)
    finally:
        server.close()


def test_a_store_in_a_file_has_one_worker(demo_crawl: Crawl) -> None:
    said = newscrawl_workers(demo_crawl.data)
    assert said.returncode == ExitCode.USAGE
    assert "NEWSCRAWL_STATE" in said.stderr
