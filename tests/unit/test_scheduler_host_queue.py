from __future__ import annotations

import asyncio
from time import monotonic
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.core.scheduler import Scheduler
from scrapy.utils.test import get_crawler

from benchmarks.hosts import NO_HANDLERS, Slots, cost_us
from newscrawl import settings
from newscrawl.schedulers.host_queue import SLOW_S, HostQueue

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Crawl:
    """Scrapy's scheduler and downloader, without a network: a test says when a request is sent and when it is done."""

    def __init__(self, **chosen: Any) -> None:
        crawler = get_crawler(
            None,
            {
                "SCHEDULER_PRIORITY_QUEUE": settings.SCHEDULER_PRIORITY_QUEUE,
                "DOWNLOAD_HANDLERS": NO_HANDLERS,
                "CONCURRENT_REQUESTS": 8,
                "CONCURRENT_REQUESTS_PER_DOMAIN": 2,
                **chosen,
            },
        )
        self.downloader = Slots(crawler)
        self.asked_again = 0
        nextcall = SimpleNamespace(schedule=self._count)
        crawler.engine = SimpleNamespace(downloader=self.downloader, _slot=SimpleNamespace(nextcall=nextcall))  # type: ignore[assignment]
        self.scheduler = Scheduler.from_crawler(crawler)
        self.scheduler.open(crawler._create_spider("test"))

    def _count(self) -> None:
        self.asked_again += 1

    def queue(self, urls: Iterable[str], priority: int = 0, **meta: Any) -> None:
        for url in urls:
            request = Request(f"http://{url}", priority=priority, dont_filter=True, meta=meta)
            assert self.scheduler.enqueue_request(request)

    def send(self) -> Request | None:
        """One request, as far as its host's download slot."""
        if (request := self.scheduler.next_request()) is not None:
            self.downloader.active.add(request)
            _, slot = self.downloader._get_slot(request)
            slot.active.add(request)
            slot.transferring.add(request)
            slot.lastseen = monotonic()
        return request

    def fill(self) -> list[Request]:
        """Requests until the downloader has enough, or nothing may be sent now."""
        sent: list[Request] = []
        while not self.downloader.needs_backout() and (request := self.send()) is not None:
            sent.append(request)
        return sent

    def done(self, request: Request, latency_s: float = 0.1) -> None:
        request.meta["download_latency"] = latency_s
        self.downloader.active.remove(request)
        _, slot = self.downloader._get_slot(request)
        slot.active.remove(request)
        slot.transferring.remove(request)

    def order(self, count: int, latency_s: float = 0.1) -> list[str]:
        """The addresses of so many requests, one at a time."""
        urls = []
        for _ in range(count):
            if (request := self.send()) is None:
                break
            self.done(request, latency_s)
            urls.append(request.url.removeprefix("http://"))
        return urls


def hosts(requests: Iterable[Request]) -> list[str]:
    return [request.url.split("/")[2] for request in requests]


def pages(host: str, count: int) -> list[str]:
    return [f"{host}/{number}" for number in range(count)]


def test_a_host_gives_what_is_most_important_first_and_of_equals_what_was_found_first() -> None:
    crawl = Crawl()
    crawl.queue(["a/new", "a/newer"], priority=5)
    crawl.queue(["a/feed"], priority=9)
    crawl.queue(["a/first"], priority=5, is_start_request=True)
    crawl.queue(["a/old"], priority=-1)
    assert crawl.order(9) == ["a/feed", "a/new", "a/newer", "a/first", "a/old"]


def test_hosts_take_turns_however_much_one_of_them_has() -> None:
    crawl = Crawl(CONCURRENT_REQUESTS_PER_DOMAIN=1)
    crawl.queue([*pages("large", 50), *pages("small", 2), *pages("tiny", 1)])
    assert [url.split("/")[0] for url in crawl.order(6)] == ["large", "small", "tiny", "large", "small", "large"]


def test_a_prompt_host_sends_in_its_turn_as_many_as_it_may_at_once() -> None:
    crawl = Crawl()
    crawl.queue([*pages("a", 6), *pages("b", 6)])
    assert [url.split("/")[0] for url in crawl.order(10)] == ["a", "b", "a", "a", "b", "b", "a", "a", "b", "b"]


def test_no_host_takes_all_places() -> None:
    crawl = Crawl()
    crawl.queue(pages("large", 50))
    assert len(crawl.fill()) == 2
    crawl.queue(pages("small", 1))
    assert hosts(crawl.fill()) == ["small"]


def test_a_host_with_a_concurrency_of_its_own_has_so_many() -> None:
    crawl = Crawl(DOWNLOAD_SLOTS={"large": {"concurrency": 5}})
    crawl.queue(pages("large", 50))
    assert len(crawl.fill()) == 5


def test_a_host_goes_on_when_one_of_its_requests_is_done() -> None:
    crawl = Crawl()
    crawl.queue(pages("large", 50))
    first = crawl.fill()
    assert crawl.send() is None
    crawl.done(first[0])
    assert hosts(crawl.fill()) == ["large"]


def test_hosts_that_never_answer_leave_places_for_one_that_does() -> None:
    crawl = Crawl()
    crawl.queue(pages("answers", 90))
    crawl.order(1)
    crawl.queue(f"silent-{number}/{page}" for number in range(20) for page in range(9))
    inside = crawl.fill()
    assert sum(host.startswith("silent") for host in hosts(inside)) <= 6
    for _ in range(2):
        for request in [request for request in inside if request.url.startswith("http://answers")]:
            crawl.done(request)
            inside.remove(request)
        sent = crawl.fill()
        assert "answers" in hosts(sent)
        inside += sent


def test_a_host_whose_answers_take_long_comes_round_less_often() -> None:
    crawl = Crawl(CONCURRENT_REQUESTS_PER_DOMAIN=1)
    crawl.queue([*pages("slow", 9), *pages("prompt", 30)])
    served = []
    while len(served) < 20 and (request := crawl.send()) is not None:
        host = hosts([request])[0]
        crawl.done(request, latency_s=3 * SLOW_S if host == "slow" else 0.1)
        served.append(host)
    assert 4 <= served.count("slow") <= 6


def test_a_host_is_not_asked_before_its_gap_and_the_engine_is_woken_for_it() -> None:
    async def crawled() -> tuple[list[list[str]], int]:
        crawl = Crawl(DOWNLOAD_DELAY=0.1, DOWNLOAD_DELAY_JITTER=0)
        crawl.queue([*pages("a", 2), *pages("b", 1)])
        sent = [hosts(crawl.fill())]
        while not crawl.asked_again:
            await asyncio.sleep(0.01)
        sent.append(hosts(crawl.fill()))
        return sent, crawl.asked_again

    assert asyncio.run(crawled()) == ([["a", "b"], ["a"]], 1)


def test_a_host_in_a_pause_holds_no_place() -> None:
    async def crawled() -> list[str]:
        crawl = Crawl()
        crawl.queue([*pages("busy", 5), *pages("well", 5)])
        first = crawl.send()
        assert first is not None
        crawl.done(first)
        slot = crawl.downloader.slots["busy"]
        slot.delay, slot.lastseen = 1.0, monotonic() + 60
        return hosts(crawl.fill())

    assert set(asyncio.run(crawled())) == {"well"}


def test_what_waits_is_counted() -> None:
    crawl = Crawl()
    crawl.queue([*pages("a", 3), *pages("b", 2)])
    assert len(crawl.scheduler) == 5
    crawl.order(2)
    assert len(crawl.scheduler) == 3
    crawl.order(9)
    assert not crawl.scheduler.has_pending_requests()


def test_a_host_that_is_done_is_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newscrawl.schedulers.host_queue.MAX_IDLE_HOSTS", 10)
    crawl = Crawl()
    for number in range(200):
        crawl.queue(pages(f"host-{number}", 1))
        crawl.order(1)
    assert isinstance(crawl.scheduler.mqs, HostQueue)
    assert len(crawl.scheduler.mqs._hosts) <= 20


def test_with_jobdir_what_waits_is_on_disk_and_goes_on(tmp_path: Path) -> None:
    crawl = Crawl(JOBDIR=str(tmp_path))
    crawl.queue([*pages("a", 3), *pages("b", 2)])
    crawl.order(1)
    crawl.scheduler.close("shutdown")
    again = Crawl(JOBDIR=str(tmp_path))
    assert len(again.scheduler) == 4
    assert len(again.order(9)) == 4
    again.scheduler.close("finished")


@pytest.mark.proof
def test_a_request_costs_among_ten_thousand_hosts_what_it_costs_among_ten() -> None:
    few, many = (
        min(cost_us(settings.SCHEDULER_PRIORITY_QUEUE, hosts, requests=2_000) for _ in range(3))
        for hosts in (10, 10_000)
    )
    assert many < 3 * few  # Scrapy's: 250 times
