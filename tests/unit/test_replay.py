from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from benchmarks.replay.__main__ import sources_toml
from benchmarks.replay.pages import load_bench
from benchmarks.replay.report import main, report
from benchmarks.replay.server import ReplayServer, Sites
from newscrawl.errors import ConfigError, ExitCode
from newscrawl.sources import load_sources

REPOSITORY = Path(__file__).resolve().parents[2]
OLD = "https://www.news.example/2024/old?b=2&a=1&utm_source=feed"
NEW = "https://www.news.example/2026/new"
ROOT = "http://9front.example/"
SECOND = "http://other.example:8080/a%20b"


def row(identifier: str, url: str, published: str | None = None, *, news: bool = True) -> dict[str, Any]:
    return {"id": identifier, "url": url, "title": "Harbour\u2028reopens", "published": published, "news": news}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two datasets of five pages; one address is in both of them."""
    datasets = {
        "alpha": [row("old", OLD, "2024-01-01"), row("new", NEW, "2026-01-01"), row("root", ROOT)],
        "beta": [row("double", NEW.replace("https", "http")), row("second", SECOND, news=False)],
    }
    for name, rows in datasets.items():
        (tmp_path / "gold").mkdir(exist_ok=True)
        (tmp_path / "gold" / f"{name}.jsonl").write_text(
            "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in rows)
        )
        (tmp_path / "pages" / name).mkdir(parents=True)
        for line in rows:
            (tmp_path / "pages" / name / f"{line['id']}.html.gz").write_bytes(gzip.compress(line["id"].encode()))
    return tmp_path


def fetch(server: ReplayServer, url: str) -> tuple[int, str]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": server.proxy_url}))
    try:
        with opener.open(url, timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_every_page_is_served_at_its_address(folder: Path) -> None:
    with ReplayServer(Sites(load_bench(folder).pages)) as server:
        assert fetch(server, OLD.replace("https", "http")) == (200, "old")
        assert fetch(server, "http://www.news.example/2024/old?a=1&b=2") == (200, "old")
        assert fetch(server, ROOT) == (200, "root")
        assert fetch(server, SECOND) == (200, "second")
        assert fetch(server, "http://www.news.example/2024/older")[0] == 404
        assert fetch(server, "http://nobody.example/")[0] == 404


def test_a_site_leads_to_all_its_pages_newest_first_and_tells_nothing_of_the_gold_list(folder: Path) -> None:
    pages = ["http://www.news.example/2026/new", "http://www.news.example/2024/old?a=1&b=2"]
    with ReplayServer(Sites(load_bench(folder).pages)) as server:
        feed = fetch(server, "http://www.news.example/feed")[1]
        sitemap = fetch(server, "http://www.news.example/sitemap.xml")[1]
        assert "Sitemap: http://www.news.example/sitemap.xml" in fetch(server, "http://www.news.example/robots.txt")[1]
        assert 'href="/feed"' in fetch(server, "http://www.news.example/")[1]
    assert [item.text for item in ET.fromstring(feed).iter("link")] == pages
    assert [place.text for place in ET.fromstring(sitemap).iterfind(".//{*}loc")] == pages
    assert "Harbour" not in feed + sitemap
    assert "<pubDate>" not in feed


def test_a_second_page_at_the_same_address_is_counted_and_not_served(folder: Path) -> None:
    bench = load_bench(folder)
    assert [page.id for page in bench.pages] == ["old", "new", "root", "second"]
    assert bench.doubles == ("double",)
    assert [page.id for page in load_bench(folder, news_only=True).pages] == ["old", "new", "root"]
    assert [page.id for page in load_bench(folder, ["beta"]).pages] == ["double", "second"]
    with pytest.raises(ConfigError, match="gamma"):
        load_bench(folder, ["gamma"])


def test_nobody_is_led_to_the_internet(folder: Path) -> None:
    with ReplayServer(Sites(load_bench(folder).pages)) as server:
        host, port = server.proxy_url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(b"CONNECT www.news.example:443 HTTP/1.1\r\n\r\n")
            assert b" 403 " in connection.recv(100)


def test_the_sources_file_has_one_enabled_entry_per_host(tmp_path: Path) -> None:
    hosts = ("www.news.example", "www-news.example", "9front.example", "other.example:8080", "a" * 60 + ".example")
    file = tmp_path / "sources.toml"
    file.write_text(sources_toml(hosts))
    sources = load_sources(file)
    assert len({source.id for source in sources}) == len(hosts)
    assert all(source.enabled and source.feeds and source.sitemaps for source in sources)
    assert sources[0].id == "www-news-example"
    assert sources[0].feeds == ("http://www.news.example/feed",)


def test_the_command_serves_and_says_how_to_crawl(folder: Path, tmp_path: Path) -> None:
    sources = tmp_path / "sources.toml"
    told = [folder, "--sources", sources, "--max-seconds", "0.1"]
    child = subprocess.run(
        [sys.executable, "-m", "benchmarks.replay", *told], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert "4 pages of 3 sites at http://127.0.0.1:" in child.stdout
    assert "1 pages left out, their address is taken: double" in child.stdout
    assert f"-s NEWSCRAWL_SOURCES={sources}" in child.stdout
    assert len(tomllib.loads(sources.read_text())["source"]) == 3


def dump(data: Path, records: list[tuple[str, str]], outcomes: list[tuple[str, str]]) -> None:
    """A dump with these (url, text) and (url, outcome)."""
    (data / "current").mkdir(parents=True)
    (data / "outcomes" / "crawl_day=2026-11-24").mkdir(parents=True)
    lines = [
        {
            "url": url,
            "title": "Harbour reopens",
            "authors": [{"name": "A. Writer", "url": None}],
            "date_published": "2026-03-04T00:00:00Z",
            "date_precision": "day",
            "text": text,
            "description": "Two days of repairs.",
        }
        for url, text in records
    ]
    (data / "current" / "articles.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    decided = [{"url": url, "outcome": outcome, "reason": "seen", "run_id": "run_1"} for url, outcome in outcomes]
    file = data / "outcomes" / "crawl_day=2026-11-24" / "run_1-0000.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in decided))


def test_a_crawl_is_complete_when_each_page_is_a_record_or_a_reason(folder: Path, tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out.jsonl"
    dump(
        data,
        [(NEW.replace("https", "http"), "One.\n\nTwo."), ("http://www.news.example/2024/old?a=1&b=2", "Three.")],
        [(NEW, "article"), (OLD, "article"), (ROOT, "list_page"), (SECOND, "too_short"), ("http://x.example/", "gone")],
    )
    result = report(load_bench(folder), data)
    assert result.complete
    assert result.outcomes == {"article": 2, "list_page": 1, "too_short": 1}
    assert result.reasons == {"list_page": ("root: seen",), "too_short": ("second: seen",)}
    assert main([str(folder), str(data), "--out", str(out)]) == ExitCode.DONE
    assert [json.loads(line) for line in out.read_text().splitlines()][1] == {
        "id": "new",
        "title": "Harbour reopens",
        "authors": ["A. Writer"],
        "published": "2026-03-04",
        "text": "One.\nTwo.",
        "standfirst": "Two days of repairs.",
    }


def test_a_page_that_is_missing_doubled_or_torn_is_named(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    dump(data, [(OLD, "x")], [(OLD, "article"), (OLD, "article"), (NEW, "article"), (ROOT, "too_short")])
    result = report(load_bench(folder), data)
    assert not result.complete
    assert [page.id for page in result.doubled] == ["old"]
    assert [page.id for page in result.torn] == ["new"]
    assert [page.id for page in result.missing] == ["second"]
    assert main([str(folder), str(data)]) == ExitCode.ERROR
