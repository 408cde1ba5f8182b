"""What `scrapy crawl news` can be asked for, over real HTTP."""

from __future__ import annotations

import csv
import itertools
import json
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from conftest import Crawl, crawl

from newscrawl.demo.gold import gold

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newscrawl.demo.server import DemoServer

ENGLISH = [article for article in gold() if article.source == "saltmarsh"]


def test_a_bare_address_of_a_site_is_enough(newsroom: DemoServer, tmp_path: Path) -> None:
    run = crawl(tmp_path / "data", "-a", "url=http://www.saltmarsh-courier.example", proxy=newsroom.proxy_url)
    assert run.exit_code == 0, run.err
    assert {line["url"] for line in run.lines("current")} == {article.url for article in ENGLISH}
    # Without an entry in a sources file the site is the source.
    assert {line["source"] for line in run.lines("current")} == {"saltmarsh-courier.example"}


def test_the_address_of_one_article_gives_that_article_too(newsroom: DemoServer, tmp_path: Path) -> None:
    url = ENGLISH[0].url
    run = crawl(tmp_path / "data", "-a", f"url={url}", "-a", "limit=1", proxy=newsroom.proxy_url)
    assert [line["url"] for line in run.lines("current")] == [url]


def test_a_file_of_addresses_is_fetched_as_it_stands(newsroom: DemoServer, tmp_path: Path) -> None:
    gone = "http://www.saltmarsh-courier.example/news/never-was/"
    (tmp_path / "urls.txt").write_text(
        "\n".join(["# two and one that is not there", ENGLISH[0].url, "", ENGLISH[1].url, gone])
    )
    run = crawl(tmp_path / "data", "-a", f"urls={tmp_path / 'urls.txt'}", proxy=newsroom.proxy_url)
    assert run.exit_code == 0
    assert {line["url"]: line["outcome"] for line in run.lines("outcomes")} == {
        ENGLISH[0].url: "article",
        ENGLISH[1].url: "article",
        gone: "gone",
    }
    assert {line["discovered_via"] for line in run.lines("current")} == {"url"}


def test_since_limit_and_language_bound_the_run(crawl_demo: Callable[..., Crawl]) -> None:
    dated = sorted(
        (article for article in gold() if article.date_published), key=lambda article: article.date_published or ""
    )
    since = (dated[len(dated) // 2].date_published or "")[:10]
    run = crawl_demo("-a", f"since={since}", "-a", "lang=ru,en", "-a", "limit=5")
    assert run.exit_code == 0
    lines = run.lines("current")
    assert len(lines) == 5
    assert all(line["date_published"] is None or line["date_published"] >= since for line in lines)
    assert {line["language"][:2] for line in lines} <= {"ru", "en"}
    assert "limit reached" in run.err


def test_named_sources_only_are_crawled(crawl_demo: Callable[..., Crawl]) -> None:
    run = crawl_demo("-a", "source=longshore")
    assert {line["source"] for line in run.lines("current")} == {"longshore"}


def test_scrapys_own_exports_hold_the_records_of_the_dump(newsroom: DemoServer, tmp_path: Path) -> None:
    files = {kind: tmp_path / f"out.{kind}" for kind in ("jsonl", "json", "csv", "xml")}
    exports = [part for file in files.values() for part in ("-O", str(file))]
    run = crawl(tmp_path / "data", "-a", "url=www.saltmarsh-courier.example", *exports, proxy=newsroom.proxy_url)
    # The bare name means https, which this newsroom does not speak: nothing came, and the files are there but empty.
    assert run.exit_code == 3
    run = crawl(tmp_path / "data", "-a", "url=http://www.saltmarsh-courier.example", *exports, proxy=newsroom.proxy_url)
    assert run.exit_code == 0, run.err
    records = sorted(run.lines("articles"), key=lambda line: line["id"])
    assert (
        sorted((json.loads(line) for line in files["jsonl"].read_bytes().splitlines()), key=lambda line: line["id"])
        == records
    )
    assert sorted(json.loads(files["json"].read_bytes()), key=lambda line: line["id"]) == records
    with files["csv"].open(newline="", encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["id"])
    assert [row["title"] for row in rows] == [record["title"] for record in records]
    assert list(rows[0]) == list(records[0])
    assert len(ET.parse(files["xml"]).getroot()) == len(records)


def test_a_source_has_a_pace_of_its_own_and_paths_that_are_left_alone(newsroom: DemoServer, tmp_path: Path) -> None:
    sources = tmp_path / "sources.toml"
    sources.write_text(
        """
        [[source]]
        id = "slow"
        name = "Slow"
        url = "http://www.saltmarsh-courier.example/"
        take = ["/news/*", "/business/*"]
        leave = ["/business/*"]
        delay_s = 0.3
        """
    )
    before = len(newsroom.requests)
    settings = (f"NEWSCRAWL_SOURCES={sources}", "DOWNLOAD_DELAY_JITTER=0")
    run = crawl(tmp_path / "data", "-a", "source=slow", proxy=newsroom.proxy_url, settings=settings)
    wanted = {article.url for article in ENGLISH if "/news/" in article.url}
    assert {line["url"] for line in run.lines("current")} == wanted
    assert "left by its path: not fetched" in run.err
    times = [request.time for request in newsroom.requests[before:] if request.path != "/robots.txt"]
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) > 0.2
