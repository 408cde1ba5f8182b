from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from loopback import Answer, Crawled, RawSite, Site, crawl

from newscrawl import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = 20


def busy(status: int, wait: str | None = None) -> Answer:
    return Answer(status=status, body=b"", headers={"Retry-After": wait} if wait else {})


@dataclass(frozen=True, kw_only=True)
class Scene:
    sites: dict[str, Site]
    down: str
    slow: RawSite
    crawled: Crawled

    def errors(self, place: str) -> list[dict[str, object]]:
        return [result for url, result in self.crawled.results.items() if url.startswith(place)]


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """One crawl: a host that is down and one whose robots.txt never comes stand first in the queue, with many pages."""
    sites = {
        "well": Site(),
        "asks": Site({"/0": [busy(429, "1"), Answer()]}),
        "asks_for_an_hour": Site({f"/{n}": busy(503, "3600") for n in range(PAGES)}),
        "never_free": Site({f"/{n}": busy(503, "0") for n in range(PAGES)}),
    }
    with socket.create_server(("127.0.0.1", 0)) as gone:
        down = f"http://127.0.0.1:{gone.getsockname()[1]}"
    slow = RawSite({"/robots.txt": b""})
    places = [down, slow.url, *(site.url for site in sites.values())]
    requests = [
        {"url": f"{place}/{n}", "meta": {"download_slot": place, "dont_obey_robotstxt": place != slow.url}}
        for place in places
        for n in range(PAGES)
    ]
    chosen = {
        "DOWNLOADER_MIDDLEWARES": settings.DOWNLOADER_MIDDLEWARES,
        "SCHEDULER_PRIORITY_QUEUE": settings.SCHEDULER_PRIORITY_QUEUE,
        "ROBOTSTXT_OBEY": True,
        "NEWSCRAWL_ALLOW_ADDRESSES": "127.0.0.1:*",
        "NEWSCRAWL_FIRST_BYTE_S": 2,
        "NEWSCRAWL_HOST_FIRST_PAUSE_S": 1,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 2,
    }
    try:
        yield Scene(sites=sites, down=down, slow=slow, crawled=crawl(requests, chosen))
    finally:
        slow.close()
        for site in sites.values():
            site.close()


def test_a_host_that_asks_for_time_is_given_it_and_then_crawled(scene: Scene) -> None:
    site = scene.sites["asks"]
    assert all(result["status"] == 200 for result in scene.errors(site.url))
    first = site.asked.index("/0")
    later = [came - site.times[first] for came in site.times[first + 1 :]]
    assert all(pause_s >= 1 for pause_s in later[2:])  # two may have been on their way
    assert len(later) == PAGES


def test_a_host_that_asks_for_long_twice_is_left_for_a_later_run(scene: Scene) -> None:
    assert len(scene.sites["asks_for_an_hour"].asked) <= 4
    left = [result for result in scene.errors(scene.sites["asks_for_an_hour"].url) if result.get("error") == "HostDown"]
    assert len(left) >= PAGES - 4


def test_a_host_that_is_never_free_is_left_for_a_later_run(scene: Scene) -> None:
    assert len(scene.sites["never_free"].asked) < PAGES
    assert any("keeps saying" in str(result.get("reason")) for result in scene.errors(scene.sites["never_free"].url))


def test_a_host_that_is_down_has_one_line_and_the_rest_of_its_pages_no_request(scene: Scene) -> None:
    assert scene.crawled.log.count(f"{scene.down} is left alone") == 1
    left = [result for result in scene.errors(scene.down) if result["error"] == "HostDown"]
    assert len(left) >= PAGES - 4
    assert all("4 addresses in a row had no answer" in str(result["reason"]) for result in left)


def test_hosts_in_trouble_hold_no_other_up(scene: Scene) -> None:
    """The well host is done before the robots.txt that never comes is given up."""
    order = list(scene.crawled.results)
    last_of_well = max(order.index(f"{scene.sites['well'].url}/{n}") for n in range(PAGES))
    assert last_of_well < min(order.index(f"{scene.slow.url}/{n}") for n in range(PAGES))


def test_nothing_of_it_leaves_a_traceback(scene: Scene) -> None:
    assert "Traceback" not in scene.crawled.log
