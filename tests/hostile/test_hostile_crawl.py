"""Every fault in crawls of real processes: they end, stay small, say what became of each address, and lose nobody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from fault import NOTHING, Fault, neighbours_of
from faults import FAULTS, NUMBER
from hostile_crawl import HONEST, HONEST_ARTICLES, MAX_MB, Hostile, crawl

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from honest import Honest
    from hostile_server import HostileWeb

Crawled = tuple[Hostile, "HostileWeb"]

NASTIEST = (
    "brotli_bomb",
    "endless_body",
    "links_1000000",
    "nested_100000",
    "redirect_inside",
    "canonical_offsite",
    "charset_lie",
    "sitemap_loop",
)
# What a process could die of is also met alone, where nothing else explains a figure.
ALONE = (
    "gzip_bomb",
    "triple_gzip",
    "robots_52mb",
    "sitemap_million",
    "feed_of_half_a_million",
    "long_line",
    "links_200000",
    "paragraphs_100000",
)
# A page whose worker was given up in time is an expected outcome on a machine that is busy with something else.
SLOW = "timeout"
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def crawl_of(names: Iterable[str], data: Path, *settings: str, timeout_s: float = 60) -> Crawled:
    return crawl([(NUMBER[name], FAULTS[name]) for name in names], data, *settings, timeout_s=timeout_s)


def assert_unharmed(crawled: Crawled, names: Iterable[str]) -> None:
    """What holds of each crawl, whatever it met."""
    done, web = crawled
    assert web.canary == []
    assert "Traceback" not in done.log
    assert not UNSEEN.search(done.log + done.out)
    assert done.mb < MAX_MB
    allowed = frozenset({0}).union(*(FAULTS[name].exit_codes for name in names))
    assert done.exit_code in allowed, done.log
    assert_stored(done, web.url(HONEST), HONEST_ARTICLES)
    assert {path.name for path in done.data.parent.iterdir()} == {"data", "sources.toml", "usage.json"}


def assert_stored(done: Hostile, site: str, articles: list[Honest]) -> None:
    """These articles are there as they were written."""
    stored = done.articles
    for one in articles:
        record: dict[str, Any] = stored[site + one.path]
        assert record["title"] == one.title
        assert record["text"] == "\n\n".join(one.paragraphs)
        assert record["date_published"] == one.published
        assert record["url_canonical"] == site + one.path


def assert_met(crawled: Crawled, fault: Fault) -> None:
    """The fault had the outcome that it must have."""
    done, web = crawled
    number = NUMBER[fault.name]
    site = web.url(fault.site(number).address)
    articles = done.articles
    for listed in fault.listed:
        path = listed.replace("{port}", str(web.port))
        url = path if "://" in path else site + path
        outcomes = {line["outcome"] for line in done.outcomes(url)}
        assert outcomes or NOTHING in fault.outcomes
        assert outcomes <= fault.outcomes | {SLOW}, done.outcomes(url)
        assert (url in articles) <= ("article" in outcomes)
        if fault.check is not None and url in articles:
            fault.check(articles[url])
    if fault.keeps_neighbours:
        assert_stored(done, site, neighbours_of(number))
    assert 0 < web.requests(fault.site(number).address) <= fault.max_requests


def test_the_nastiest_at_once_harm_nobody(tmp_path: Path) -> None:
    crawled = crawl_of(NASTIEST, tmp_path / "data")
    assert_unharmed(crawled, NASTIEST)
    for name in NASTIEST:
        assert_met(crawled, FAULTS[name])


@pytest.mark.proof
@pytest.mark.parametrize("name", ALONE)
def test_a_heavy_fault_alone_leaves_the_process_small(tmp_path: Path, name: str) -> None:
    crawled = crawl_of([name], tmp_path / "data")
    assert_unharmed(crawled, [name])
    assert_met(crawled, FAULTS[name])


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """One crawl of every fault there is."""
    return crawl_of(FAULTS, tmp_path_factory.mktemp("everything") / "data", timeout_s=240)


@pytest.mark.proof
def test_all_faults_at_once_lose_no_honest_article(everything: Crawled) -> None:
    assert_unharmed(everything, FAULTS)


@pytest.mark.proof
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_its_outcome_and_its_neighbours_stay(everything: Crawled, name: str) -> None:
    assert_met(everything, FAULTS[name])
