"""A crawl that keeps raw pages: every article's page is there, and gives the same article again."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Crawl, crawl
from fastwarc import ArchiveIterator
from loopback import Answer, Site, plain
from scrapy.settings import Settings

from newscrawl.article import Page
from newscrawl.cli.main import main
from newscrawl.dump.raw import archives
from newscrawl.dump.reader import verify
from newscrawl.dump.streams import records
from newscrawl.errors import ConfigError, ExitCode
from newscrawl.readers.files import Input, read_input
from newscrawl.spiders.news import NewsSpider

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newscrawl.demo.server import DemoServer

ARTICLE = b"".join(
    b"<p>The harbour of the old town reopened on day %d after repairs to the northern gate.</p>" % number
    for number in range(5)
)
HEAD = b'<!doctype html><html lang="en"><title>Harbour reopens</title><article><h1>Harbour reopens</h1>'
HTML = {"Content-Type": "text/html; charset=utf-8"}


def answers(data: Path) -> list[tuple[str, int, dict[str, str], bytes]]:
    """Address, status, header fields and body of every answer, as another reader sees them; digests are right."""
    found = []
    for path in sorted((data / "raw").iterdir()):
        with path.open("rb") as file:
            for record in ArchiveIterator(file, parse_http=False):
                kind = record.headers["WARC-Type"]
                assert record.verify_block_digest(), (path, kind)
                if kind in {"response", "revisit"}:
                    record.parse_http()
                    head = record.http_headers
                    fields = {name.lower(): value for name, value in head.asdict().items()}
                    found.append((record.headers["WARC-Target-URI"], head.status_code, fields, record.reader.read()))
    return found


def pages(data: Path) -> list[Page]:
    items = [item for path in archives(data) for item in read_input(Input(name=str(path)))]
    return [item for item in items if isinstance(item, Page)]


def comparable(data: Path) -> dict[str, dict[str, Any]]:
    return {each["id"]: {**each, "run_id": ""} for each in records(data)}


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not change what comes of a page."""
    monkeypatch.setenv("NEWSCRAWL_POOL_DEADLINE_S", "60")
    monkeypatch.setenv("NEWSCRAWL_POOL_WORKERS", "1")


NAMES = ("packed", "moved", "gone")
PATHS = {name: f"/2026/{name}-harbour-reopens" for name in NAMES}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A home page, its feed, and what the feed names: a compressed page, a redirect to it, and one that is gone."""
    packed = Answer(
        body=gzip.compress(HEAD + ARTICLE), headers=HTML | {"Content-Encoding": "gzip", "Set-Cookie": "id=s3cret"}
    )
    site = Site(
        {
            "/robots.txt": plain("License: https://harbour.example/licence\n"),
            "/": Answer(body=b'<!doctype html><link rel="alternate" type="application/rss+xml" href="/feed.xml">'),
            PATHS["packed"]: packed,
            PATHS["moved"]: Answer(status=301, body=b"", headers={"Location": PATHS["packed"]}),
            PATHS["gone"]: Answer(status=410, body=b"gone"),
        }
    )
    items = "".join(
        f"<item><title>Harbour reopens</title><link>{site.url}{PATHS[name]}</link></item>" for name in NAMES
    )
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour</title>{items}</channel></rss>'
    site.answers["/feed.xml"] = Answer(body=feed.encode(), headers={"Content-Type": "application/rss+xml"})
    yield site
    site.close()


@pytest.fixture(scope="module")
def crawled(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    settings = (f"NEWSCRAWL_ALLOW_ADDRESSES={site.netloc}", "NEWSCRAWL_RAW=warc", "NEWSCRAWL_RAW_MAX_MB=0.004")
    done = crawl(tmp_path_factory.mktemp("raw") / "data", "-a", f"url={site.url}", settings=settings)
    assert done.exit_code == ExitCode.DONE, done.err
    assert len(done.lines("current")) == 1, done.err
    return done


def test_archives_are_in_the_manifest_and_hold_all_that_was_asked(crawled: Crawl, site: Site) -> None:
    assert verify(crawled.data) == ()
    files = json.loads((crawled.data / "manifest.json").read_text())["files"]
    raw = {each["path"] for each in files if each["stream"] == "raw"}
    assert raw == {f"raw/{path.name}" for path in (crawled.data / "raw").iterdir()}
    assert len(raw) > 1
    assert {url.removeprefix(site.url) for url, *_ in answers(crawled.data)} == set(site.asked)


def test_what_came_over_the_wire_is_kept_as_it_came(crawled: Crawl, site: Site) -> None:
    kept = {url.removeprefix(site.url): (status, fields, body) for url, status, fields, body in answers(crawled.data)}
    status, fields, body = kept[PATHS["packed"]]
    sent = site.answers[PATHS["packed"]]
    assert isinstance(sent, Answer)
    assert (status, body) == (200, sent.body)
    assert (fields["content-encoding"], fields["content-length"]) == ("gzip", str(len(sent.body)))
    assert "set-cookie" not in fields
    assert (kept[PATHS["moved"]][0], kept[PATHS["gone"]][0]) == (301, 410)


def test_what_was_declared_outside_of_a_page_comes_back_with_it(crawled: Crawl) -> None:
    (article,) = crawled.lines("current")
    page = next(page for page in pages(crawled.data) if page.url == article["url"])
    assert article["license"] == dict(page.headers)["license"] == "https://harbour.example/licence"


def test_cleaning_the_archives_gives_the_articles_of_the_crawl(crawled: Crawl, tmp_path: Path) -> None:
    archives_of = [str(path) for path in archives(crawled.data)]
    assert main(["clean", *archives_of, "--data", str(tmp_path), "--quiet"]) == 0
    assert comparable(tmp_path) == comparable(crawled.data)
    assert {each["discovered_via"] for each in records(tmp_path)} == {"feed"}


def test_todays_code_changes_nothing(crawled: Crawl, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reclean", "--json", "--data", str(crawled.data)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["articles"], found["same"], found["without_page"]) == (1, 1, 0)


@pytest.mark.parametrize("setting", [("NEWSCRAWL_RAW", "arc"), ("NEWSCRAWL_RAW_MAX_MB", "much")])
def test_a_wrong_setting_is_refused_before_anything_is_opened(setting: tuple[str, str]) -> None:
    settings = Settings({"NEWSCRAWL_SOURCES": "sources.toml"} | dict([setting]))
    with pytest.raises(ConfigError, match=f"{setting[0]} is '{setting[1]}'"):
        NewsSpider.check_arguments(settings, {"url": "https://harbour.example"})


@pytest.mark.proof
def test_a_disk_that_refuses_raw_pages_ends_the_run_as_any_other_failure(
    newsroom: DemoServer, demo_sources: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    (data).mkdir()
    (data / "raw").write_text("a file where the folder should be")
    done = crawl(
        data, "-a", "source=longshore", proxy=newsroom.proxy_url, settings=(demo_sources, "NEWSCRAWL_RAW=warc")
    )
    assert done.exit_code == ExitCode.STORAGE, done.err
    assert f"cannot write {data / 'raw'}" in done.err
    assert done.lines("articles") == []
