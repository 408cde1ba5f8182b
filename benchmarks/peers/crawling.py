"""A list of addresses to articles, over HTTP from loopback: crawlers one after the other, in several rounds."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.crawl import serving
from benchmarks.peers.environments import UnavailableError
from benchmarks.peers.processes import Job, Peer, run_job
from benchmarks.replay.pages import address_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

PEERS = (
    Peer(name="newscrawl", adapter="crawl_newscrawl.crawl"),
    Peer(
        name="aiohttp and a pool of newscrawl's cleaner",
        adapter="crawl_own.aiohttp_pool",
        note="no robots.txt, no store",
    ),
    Peer(name="Scrapy, trafilatura inline", adapter="crawl_own.scrapy_inline"),
    Peer(name="crawlee, trafilatura inline", adapter="crawl_crawlee.crawl", environment="crawlee"),
    Peer(
        name="trafilatura, downloads in threads",
        adapter="crawl_trafilatura.threaded",
        environment="trafilatura",
        note="no robots.txt",
    ),
    Peer(
        name="trafilatura, focused crawler",
        adapter="crawl_trafilatura.focused",
        environment="trafilatura",
        note="one page at a time, each fetched twice: to find links, and to extract",
    ),
    Peer(
        name="fundus",
        adapter="crawl_fundus.crawl",
        environment="fundus",
        note="one parser for all sites, of one selector: its own classes fit no retold page",
    ),
    Peer(name="news-please", adapter="crawl_news_please.crawl", environment="news-please"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured."""

    pages: int
    rounds: int
    deadline_s: float
    """Of one job, from its first page on."""


@dataclass(slots=True, kw_only=True)
class Measured:
    """What one peer came to, in all rounds."""

    peer: Peer
    jobs: list[Job] = field(default_factory=list)
    articles: list[int] = field(default_factory=list)
    """Addresses of the list that a text came of, in each round."""
    unavailable: str = ""
    """Why it could not be run."""


def measure(bench: Path, plan: Plan, folder: Path, peers: Sequence[Peer] = PEERS) -> list[Measured]:
    """Crawl the same pages with each, another one first in each round; a crawl is stopped at the deadline."""
    listed = folder / "addresses.txt"
    with serving(bench, plan.pages, listed) as server:

        def crawl(peer: Peer, place: Path) -> tuple[Job, int]:
            job = {"list": str(listed), "out": str(place / "out.jsonl"), "folder": str(place), "proxy": server.proxy}
            before = server.count()
            done = run_job(peer, job, begun=lambda: server.count() > before, deadline_s=plan.deadline_s)
            return done, articles_in(place / "out.jsonl", listed)

        return in_rounds(peers, plan.rounds, folder, crawl)


def in_rounds(
    peers: Sequence[Peer], rounds: int, folder: Path, run: Callable[[Peer, Path], tuple[Job, int]]
) -> list[Measured]:
    """Each peer in each round, in a folder of its own; one that failed is not tried again."""
    results = [Measured(peer=peer) for peer in peers]
    for number in range(rounds):
        turn = number % len(results)
        for result in results[turn:] + results[:turn]:
            if result.unavailable:
                continue
            place = folder / f"{number}-{result.peer.adapter}"
            place.mkdir(parents=True)
            try:
                job, articles = run(result.peer, place)
            except UnavailableError as error:
                result.unavailable = str(error)
                continue
            result.jobs.append(job)
            result.articles.append(articles)
            print(f"round {number + 1}: {result.peer.name}: {articles} articles, {job.seconds:.1f} s", file=sys.stderr)
    return results


def articles_in(out: Path, listed: Path) -> int:
    """How many addresses of a list have a text in what a peer wrote; a torn last line is no article."""
    texts: dict[str, int] = defaultdict(int)
    lines = out.read_text(encoding="utf-8").split("\n")[:-1] if out.is_file() else []
    for line in lines:
        found = json.loads(line)
        texts[address_key(found["url"])] += len((found["text"] or "").strip())
    return sum(texts[address_key(url)] > 0 for url in listed.read_text(encoding="utf-8").split())
