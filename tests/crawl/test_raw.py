"""A crawl that keeps raw pages: every article's page is there, and gives the same article again."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Crawl, crawl
from fastwarc import ArchiveIterator
from loopback import Answer, Site, plain

from newscrawl.article import Page
from newscrawl.cli.main import main
from newscrawl.dump.raw import archives
from newscrawl.dump.reader import verify
from newscrawl.dump.streams import records
from newscrawl.errors import ExitCode
from newscrawl.readers.files import Input, read_input

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newscrawl.demo.server import DemoServer

RAW = ("NEWSCRAWL_RAW=warc", "NEWSCRAWL_RAW_MAX_MB=0.005")
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


@pytest.fixture(scope="module")
def crawled(newsroom: DemoServer, demo_sources: str, tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    data = tmp_path_factory.mktemp("raw") / "data"
    done = crawl(data, "-a", "source=longshore", proxy=newsroom.proxy_url, settings=(demo_sources, *RAW))
    assert done.exit_code == ExitCode.DONE, done.err
    return done


def test_archives_are_in_the_manifest_and_hold_all_that_was_asked(crawled: Crawl) -> None:
    assert verify(crawled.data) == ()
    files = json.loads((crawled.data / "manifest.json").read_text())["files"]
    raw = {each["path"] for each in files if each["stream"] == "raw"}
    assert raw == {f"raw/{path.name}" for path in (crawled.data / "raw").iterdir()}
    assert len(raw) > 1
    addresses = {url for url, *_ in answers(crawled.data)}
    assert {each["url"] for each in crawled.lines("articles")} <= addresses
    assert any(url.endswith("/robots.txt") for url in addresses)


def test_cleaning_the_archives_gives_the_articles_of_the_crawl(crawled: Crawl, tmp_path: Path) -> None:
    archives = [str(path) for path in sorted((crawled.data / "raw").iterdir())]
    assert main(["clean", *archives, "--data", str(tmp_path), "--quiet"]) == 0
    assert comparable(tmp_path) == comparable(crawled.data)
    assert len(comparable(tmp_path)) == 3


def test_todays_code_changes_nothing(crawled: Crawl, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reclean", "--json", "--data", str(crawled.data)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["articles"], found["same"], found["without_page"]) == (3, 3, 0)


@pytest.fixture
def site() -> Iterator[Site]:
    page = HEAD + ARTICLE
    packed = Answer(body=gzip.compress(page), headers=HTML | {"Content-Encoding": "gzip", "Set-Cookie": "id=s3cret"})
    moved = Answer(status=301, body=b"", headers={"Location": "/2026/packed-harbour-reopens"})
    site = Site(
        {
            "/robots.txt": plain("License: https://harbour.example/licence\n"),
            "/2026/packed-harbour-reopens": packed,
            "/2026/moved-harbour-reopens": moved,
            "/2026/gone-harbour-reopens": Answer(status=410, body=b"gone"),
        }
    )
    yield site
    site.close()


def test_what_came_over_the_wire_is_kept_as_it_came(site: Site, tmp_path: Path) -> None:
    addresses = tmp_path / "urls.txt"
    names = ("packed", "moved", "gone")
    addresses.write_text("".join(f"{site.url}/2026/{name}-harbour-reopens\n" for name in names))
    settings = (f"NEWSCRAWL_ALLOW_ADDRESSES={site.netloc}", "NEWSCRAWL_RAW=warc")
    done = crawl(tmp_path / "data", "-a", f"urls={addresses}", settings=settings)
    assert done.exit_code == ExitCode.DONE, done.err
    kept = {url.removeprefix(site.url): (status, fields, body) for url, status, fields, body in answers(done.data)}
    status, fields, body = kept["/2026/packed-harbour-reopens"]
    sent = site.answers["/2026/packed-harbour-reopens"]
    assert isinstance(sent, Answer)
    assert (status, body) == (200, sent.body)
    assert (fields["content-encoding"], fields["content-length"]) == ("gzip", str(len(sent.body)))
    assert "set-cookie" not in fields
    assert (kept["/2026/moved-harbour-reopens"][0], kept["/2026/gone-harbour-reopens"][0]) == (301, 410)
    assert "/robots.txt" in kept
    # What was declared outside of the page comes back with it.
    (article,) = done.lines("current")
    page = next(page for page in pages(done.data) if page.url == article["url"])
    assert article["license"] == dict(page.headers)["license"] == "https://harbour.example/licence"


def test_a_wrong_setting_stops_the_run_before_the_first_request(site: Site, tmp_path: Path) -> None:
    done = crawl(tmp_path / "data", "-a", f"url={site.url}", settings=("NEWSCRAWL_RAW=arc",))
    assert done.exit_code == ExitCode.USAGE
    assert "NEWSCRAWL_RAW is 'arc': it must be one of" in done.err
    assert site.asked == []


@pytest.mark.proof
def test_a_disk_that_refuses_raw_pages_ends_the_run_as_any_other_failure(
    newsroom: DemoServer, demo_sources: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    (data).mkdir()
    (data / "raw").write_text("a file where the folder should be")
    done = crawl(data, "-a", "source=longshore", proxy=newsroom.proxy_url, settings=(demo_sources, *RAW))
    assert done.exit_code == ExitCode.STORAGE, done.err
    assert f"cannot write {data / 'raw'}" in done.err
    assert done.lines("articles") == []
