from __future__ import annotations

import random
from typing import Any

from scrapy import Request, Spider

from newscrawl.article import Hint
from newscrawl.middlewares.validators import VALIDATORS, Validators
from newscrawl.schedulers.request_heap import RequestHeap
from newscrawl.schedulers.shelf import LEAST_OF_A_HOST, Shelf
from newscrawl.sources import Source
from newscrawl.spiders.packing import ArticlePacking
from newscrawl.spiders.page import ANSWERED

SOURCE = Source(id="harbour-times", name="The Harbour Times", url="https://harbour-times.example")


class Reader(Spider):
    name = "reader"

    def parse_article(self, *_: Any) -> None:
        pass

    def failed(self, *_: Any) -> None:
        pass


SPIDER = Reader()
PACKING = ArticlePacking(SPIDER.parse_article, SPIDER.failed)


def article(path: str, priority: int = 0, **meta: Any) -> Request:
    """A request as the spider makes it."""
    hint = Hint(
        url=f"https://harbour-times.example/{path}",
        via="feed",
        title="Fähre «Möwe» läuft aus",
        authors=("A. Sailor",),
        date_published="2026-11-05T17:40:00+00:00",
    )
    return Request(
        hint.url,
        SPIDER.parse_article,
        errback=SPIDER.failed,
        cb_kwargs={"hint": hint, "source": SOURCE.id, "of": SOURCE},
        priority=priority,
        dont_filter=True,
        headers={"Referer": "https://harbour-times.example/rss.xml"},
        meta={"handle_httpstatus_list": ANSWERED, VALIDATORS: None, **meta},
    )


def test_a_request_for_an_article_is_the_same_when_it_comes_back() -> None:
    before = article("ferry", 7, depth=2, is_start_request=True, **{VALIDATORS: Validators('W/"é"', None, "https://a")})
    text = PACKING.pack(before)
    assert text is not None
    assert PACKING.unpack(text).to_dict(spider=SPIDER) == before.to_dict(spider=SPIDER)
    assert isinstance(PACKING.unpack(text).meta[VALIDATORS], Validators)


def test_what_is_no_plain_request_for_an_article_stays_as_it_is() -> None:
    assert PACKING.pack(article("ferry", retry_times=1)) is None
    assert PACKING.pack(article("ferry").replace(callback=SPIDER.failed)) is None
    assert PACKING.pack(article("ferry").replace(cb_kwargs={"ask": 1})) is None


def test_requests_come_in_the_same_order_wherever_they_waited() -> None:
    chance = random.Random(5)
    wanted = RequestHeap("a", Shelf(None))
    ours = RequestHeap("a", shelf := Shelf(PACKING, most_in_memory=0))
    got, expected = [], []
    for number in range(600):
        meta = {"is_start_request": True} if chance.random() < 0.2 else {}
        # Now and then one that must stay in memory.
        meta |= {"retry_times": 1} if chance.random() < 0.1 else {}
        request = article(str(number), chance.randrange(5), **meta)
        ours.push(request)
        wanted.push(request)
        assert len(ours) == len(wanted)
        if chance.random() < 0.4:
            got.append(ours.pop())
            expected.append(wanted.pop())
    while wanted:
        got.append(ours.pop())
        expected.append(wanted.pop())
    assert [request and request.url for request in got] == [request and request.url for request in expected]
    assert ours.pop() is None
    assert (len(ours), shelf.in_memory) == (0, 0)
    shelf.close()


def test_each_host_keeps_some_in_memory_and_the_rest_is_on_disk() -> None:
    shelf = Shelf(PACKING, most_in_memory=20)
    hosts = [RequestHeap(str(number), shelf) for number in range(5)]
    for number in range(100):
        for host in hosts:
            host.push(article(str(number)))
    assert sum(map(len, hosts)) == 500
    assert shelf.in_memory == len(hosts) * LEAST_OF_A_HOST
    shelf.close()


def test_without_a_spider_that_packs_all_stays_in_memory() -> None:
    shelf = Shelf(None, most_in_memory=0)
    heap = RequestHeap("a", shelf)
    for number in range(50):
        heap.push(article(str(number)))
    assert shelf.in_memory == 50
