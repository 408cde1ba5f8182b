"""kill -9 at every request of a crawl and of the run after it: nothing lost, doubled or torn, and nothing hangs."""

from __future__ import annotations

import shutil
import signal
from typing import TYPE_CHECKING

import pytest
from crashing import Crawler, Newsroom, Whole, figures, fresh_directory, some_of, sources_file, stored, view

from newscrawl.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with fresh_directory() as folder:
        yield folder


@pytest.fixture(scope="module")
def crawler(folder: Path) -> Iterator[Crawler]:
    with Newsroom() as newsroom:
        yield Crawler(newsroom=newsroom, sources=sources_file(folder))


@pytest.fixture(scope="module")
def requests() -> list[int]:
    """How many requests the crawl without a crash made; filled by `whole`."""
    return []


@pytest.fixture(scope="module")
def whole(crawler: Crawler, folder: Path, requests: list[int]) -> Whole:
    status, said = crawler.run(folder / "whole")
    assert status == ExitCode.DONE, said
    requests.append(len(crawler.newsroom.requests))
    result = Whole(view=view(folder / "whole"))
    assert len(result.view) == len([each for each in crawler.newsroom.gold() if each.source in said])
    result.check(folder / "whole", why="without a crash")
    return result


def kill_and_go_on(crawler: Crawler, whole: Whole, data: Path, request: int) -> dict[str, str]:
    """Killed at a request, then a second run; what was stored at the kill."""
    crawler.newsroom.signal_at(request)
    status, said = crawler.run(data)
    assert status == -signal.SIGKILL, f"request {request}: {said}"
    before = stored(data)
    status, said = crawler.run(data)
    assert status == ExitCode.DONE, f"after a kill at request {request}: {said}"
    whole.check(data, before=before, why=f"killed at request {request}")
    return before


def test_killed_at_a_request_the_next_run_ends_with_what_an_undisturbed_one_has(
    crawler: Crawler, whole: Whole, requests: list[int], folder: Path
) -> None:
    for request in some_of(range(1, requests[0] + 1), 2):
        kill_and_go_on(crawler, whole, folder / f"killed-{request}", request)


@pytest.mark.proof
def test_killed_at_every_request(crawler: Crawler, whole: Whole, requests: list[int], folder: Path) -> None:
    kept = 0
    for request in range(1, requests[0] + 1):
        data = folder / f"every-{request}"
        kept += len(kill_and_go_on(crawler, whole, data, request))
        shutil.rmtree(data)
    assert kept, "no crawl was killed with anything stored"
    figures("SIGKILL at request n", points=requests[0], articles_kept=kept)


@pytest.mark.parametrize("first", [pytest.param(signal.SIGKILL, id="kill"), pytest.param(signal.SIGTERM, id="stop")])
def test_stopped_or_killed_then_killed_while_it_goes_on(
    crawler: Crawler, whole: Whole, requests: list[int], folder: Path, first: signal.Signals
) -> None:
    stop_then_kill(crawler, whole, folder / f"again-{first.name}", first, requests[0] // 2, some_of(range(4, 12), 1)[0])


@pytest.mark.proof
@pytest.mark.parametrize("first", [pytest.param(signal.SIGKILL, id="kill"), pytest.param(signal.SIGTERM, id="stop")])
def test_stopped_or_killed_then_killed_at_every_request_of_going_on(
    crawler: Crawler, whole: Whole, requests: list[int], folder: Path, first: signal.Signals
) -> None:
    at = requests[0] // 2
    points = 0
    for second in range(1, requests[0] + 1, 3):
        data = folder / f"twice-{first.name}-{second}"
        killed = stop_then_kill(crawler, whole, data, first, at, second)
        shutil.rmtree(data)
        points += killed
        if not killed:
            break
    assert points > 2
    figures(f"{first.name}, going on, SIGKILL at request n, going on", points=points)


def stop_then_kill(crawler: Crawler, whole: Whole, data: Path, first: signal.Signals, at: int, second: int) -> bool:
    """A signal at a request, a run that is killed at a request of its own, and a last one; whether it was killed."""
    crawler.newsroom.signal_at(at, first)
    status, said = crawler.run(data)
    assert status == (-signal.SIGKILL if first is signal.SIGKILL else ExitCode.INTERRUPTED), said
    before = stored(data)
    crawler.newsroom.signal_at(second)
    status, said = crawler.run(data)
    assert status in {-signal.SIGKILL, ExitCode.DONE}, said
    assert before.items() <= stored(data).items()
    before = stored(data)
    again, said = crawler.run(data)
    assert again == ExitCode.DONE, said
    whole.check(data, before=before, why=f"{first.name} at request {at}, killed at request {second} of the next run")
    return status == -signal.SIGKILL
