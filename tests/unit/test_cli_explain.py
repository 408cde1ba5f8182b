"""`newscrawl explain` in processes of its own: files, archives, stored articles and the demo newsroom."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newscrawl.demo.gold import gold
from newscrawl.demo.server import DemoServer
from newscrawl.demo.site import build_sites

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STORY = gold()[0]
HOST = STORY.url.removeprefix("http://").partition("/")[0]


def body_of(url: str) -> bytes:
    host, _, path = url.removeprefix("http://").partition("/")
    return build_sites(1)[host][f"/{path}"].body


def environment(**more: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("NEWSCRAWL_") and "proxy" not in name.lower() and name != "NO_COLOR"
    }
    return kept | more


def newscrawl(*arguments: object, cwd: Path, **more: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "newscrawl", *map(str, arguments)],
        capture_output=True,
        check=False,
        timeout=120,
        cwd=cwd,
        env=environment(**more),
    )


def explained(*arguments: object, cwd: Path, **more: str) -> dict[str, Any]:
    done = newscrawl("explain", *arguments, "--json", cwd=cwd, **more)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def texts(explanation: dict[str, Any], kind: str) -> list[str]:
    return [line["text"] for line in explanation["lines"] if line["kind"] == kind]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_bytes(body_of(STORY.url))
    return path


@pytest.fixture(scope="module")
def newsroom() -> Iterator[DemoServer]:
    with DemoServer() as server:
        yield server


def test_a_saved_page_shows_its_text_its_removed_lines_and_its_fields(saved: Path, tmp_path: Path) -> None:
    done = newscrawl("explain", saved, "--url", STORY.url, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    shown = done.stdout.decode().splitlines()
    assert shown[:2] == [STORY.url, "article"]
    assert f"title: {STORY.title}" in shown
    assert any(line.startswith("- Read also") for line in shown)
    assert any("read_also: " in line for line in shown)
    assert any(line.startswith("  * jsonld datePublished: ") for line in shown)
    assert "\x1b" not in done.stdout.decode()


def test_the_page_of_an_address_is_found_in_an_archive(tmp_path: Path) -> None:
    urls = [story.url for story in gold() if story.url.startswith(f"http://{HOST}/")][:3]
    with (tmp_path / "crawl.warc.gz").open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for url in urls:
            http = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            body = body_of(url)
            record = writer.create_warc_record(url, "response", BytesIO(body), length=len(body), http_headers=http)
            writer.write_record(record)
    assert explained("crawl.warc.gz", cwd=tmp_path)["url"] == urls[0]
    assert explained("crawl.warc.gz", "--url", urls[2], cwd=tmp_path)["url"] == urls[2]
    missing = newscrawl("explain", "crawl.warc.gz", "--url", "http://nowhere.example/", cwd=tmp_path)
    assert missing.returncode == 2
    assert b"none of its 3 pages has the address http://nowhere.example/" in missing.stderr


def test_a_stored_article_is_shown_with_what_was_removed_in_place(saved: Path, tmp_path: Path) -> None:
    assert newscrawl("clean", saved, "--url", STORY.url, "--data", "data", cwd=tmp_path).returncode == 0
    [stored] = map(json.loads, (tmp_path / "data/current/articles.jsonl").read_bytes().splitlines())
    of_page = explained(saved, "--url", STORY.url, cwd=tmp_path)
    of_id = explained(stored["id"], cwd=tmp_path)
    for kind in ("kept", "removed"):
        assert texts(of_id, kind) == texts(of_page, kind)
    assert texts(of_id, "removed")
    [date] = [field for field in of_id["fields"] if field["name"] == "date_published"]
    assert [candidate["place"] for candidate in date["candidates"]] == [stored["date_source"]]
    elsewhere = newscrawl("explain", stored["id"], "--data", "nothing", cwd=tmp_path)
    assert (elsewhere.returncode, elsewhere.stderr) == (2, b"newscrawl: there is no dump at nothing\n")
    unknown = newscrawl("explain", f"nc_{'a' * 26}", cwd=tmp_path, NEWSCRAWL_DATA="data")
    assert (unknown.returncode, unknown.stderr) == (
        2,
        f"newscrawl: there is no article nc_{'a' * 26} in data\n".encode(),
    )


def test_a_live_page_is_fetched_through_the_crawler_and_nothing_is_left_behind(
    newsroom: DemoServer, tmp_path: Path
) -> None:
    asked_before = len(newsroom.requests)
    found = explained(STORY.url, cwd=tmp_path, http_proxy=newsroom.proxy_url)
    assert (found["url"], found["outcome"]) == (STORY.url, "article")
    assert newsroom.requests[asked_before].path == "/robots.txt"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (f"http://{HOST}/nothing/here", "gone: HTTP 404"),
        ("http://no-such-outlet.example/a", "robots: robots.txt cannot be read: status 502"),
    ],
)
def test_a_live_page_that_cannot_be_had_is_one_sentence(
    url: str, reason: str, newsroom: DemoServer, tmp_path: Path
) -> None:
    done = newscrawl("explain", url, cwd=tmp_path, http_proxy=newsroom.proxy_url)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == f"newscrawl: {reason}: {url}\n"


def test_what_robots_txt_forbids_is_not_fetched(newsroom: DemoServer, tmp_path: Path) -> None:
    rules = build_sites(1)[HOST]["/robots.txt"].body.decode()
    path = next(line.partition(": ")[2] for line in rules.splitlines() if line.startswith("Disallow: /"))
    asked_before = len(newsroom.requests)
    done = newscrawl("explain", f"http://{HOST}{path}", cwd=tmp_path, http_proxy=newsroom.proxy_url)
    assert done.returncode == 1
    assert done.stderr.startswith(b"newscrawl: robots: robots.txt forbids it: ")
    assert {request.path for request in newsroom.requests[asked_before:]} <= {"/robots.txt"}


def test_a_private_address_is_refused_and_a_wrong_setting_is_named(tmp_path: Path) -> None:
    refused = newscrawl("explain", "http://127.0.0.1:9/", cwd=tmp_path)
    assert refused.returncode == 1
    assert refused.stderr.startswith(b"newscrawl: refused_address: 127.0.0.1 is a loopback address")
    wrong = newscrawl("explain", STORY.url, cwd=tmp_path, NEWSCRAWL_ALLOW_ADDRESSES="a:b:c")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith(b"newscrawl: NEWSCRAWL_ALLOW_ADDRESSES: ")


def test_html_is_written_whole_and_one_line_says_so(saved: Path, tmp_path: Path) -> None:
    done = newscrawl("explain", saved, "--url", STORY.url, "--html", "out.html", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"out.html: article\n")
    written = (tmp_path / "out.html").read_text()
    assert written.startswith("<!doctype html>")
    assert written.endswith("</html>\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.html", "page.html"]
    refused = newscrawl("explain", saved, "--html", "no/such/folder.html", cwd=tmp_path)
    assert refused.returncode == 5
    assert b"cannot write no/such/folder.html" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("missing.html",), "missing.html: no such file"),
        ((".",), ".: is a directory"),
        (("page.html", "--url", "ftp://a.example/"), "--url: "),
        (("http://",), "TARGET: "),
        (("http://a.example/", "--url", "http://b.example/"), "--url is for files"),
    ],
)
def test_a_mistake_is_one_sentence(arguments: tuple[str, ...], words: str, saved: Path, tmp_path: Path) -> None:
    done = newscrawl("explain", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.decode().startswith(f"newscrawl: {words}")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(("no_colour", "is_coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_colour_unless_no_color_is_set(
    no_colour: dict[str, str], is_coloured: bool, saved: Path, tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "newscrawl", "explain", str(saved), "--url", STORY.url]
    with subprocess.Popen(command, stdout=theirs, cwd=tmp_path, env=environment(TERM="xterm", **no_colour)) as process:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 65536):
                shown += piece
        except OSError:
            pass  # how Linux says that the other end is closed
        finally:
            os.close(ours)
    assert process.returncode == 0
    assert (b"\x1b[" in shown) is is_coloured
    assert STORY.title.split()[0].encode() in shown


def test_an_output_that_knows_ascii_only_is_no_error(tmp_path: Path) -> None:
    url = next(story.url for story in gold() if not story.title.isascii())
    (tmp_path / "page.html").write_bytes(body_of(url))
    done = newscrawl("explain", "page.html", "--url", url, cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
