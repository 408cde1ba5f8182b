"""The second look costs next to nothing, and what the first one left undone is done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from conftest import REPOSITORY, Crawl, crawl, crawl_arguments, environment

from newscrawl.demo.gold import gold
from newscrawl.demo.server import DemoServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STORY = (
    "The harbour authority said on Monday that the ferry would sail again from the new pier before the end of the "
    "week, after divers had checked each of the forty piles that the storm of last winter had moved."
)


@dataclass
class Paper:
    """A small site whose answers a test can change while it runs."""

    stories: list[str] = field(default_factory=lambda: ["one", "two", "three"])
    failing: set[str] = field(default_factory=set)
    lying: bool = False
    """Says "not modified" to whoever asks, whatever changed."""
    unasked: set[str] = field(default_factory=set)
    """Paths answered with 304 although nobody asked."""
    moved_to: str | None = None
    gone: set[str] = field(default_factory=set)
    published: str = ""
    known: list[str] = field(default_factory=list)
    """Stories that are there, although the feed does not name them."""
    changes: Counter[str] = field(default_factory=Counter)
    asked: list[tuple[str, int, bool]] = field(default_factory=list)
    """(path, status, whether it was asked with a validator)"""
    url: str = ""

    def answer(self, path: str, tag: str | None) -> tuple[int, str, bytes, dict[str, str]]:
        if path in self.failing:
            return 503, "text/html", b"busy", {}
        if path == "/robots.txt":
            return 404, "text/plain", b"", {}
        if path in self.gone:
            return 410, "text/html", b"gone", {}
        if self.moved_to and path == "/feed.xml":
            return 302, "text/html", b"", {"Location": self.moved_to}
        if path in self.unasked and tag is None:
            self.unasked.discard(path)
            return 304, "", b"", {}
        if path in {"/feed.xml", "/feed2.xml"}:
            items = "".join(
                f"<item><title>Ferry {name}</title><link>{self.url}/2026/ferry-story-{name}.html</link></item>"
                for name in self.stories
            )
            body = f"<rss version='2.0'><channel><title>Paper</title>{items}</channel></rss>".encode()
            return self._conditional("application/rss+xml", body, tag)
        name = path.removeprefix("/2026/ferry-story-").removesuffix(".html")
        if name not in (*self.stories, *self.known):
            return 404, "text/html", b"<h1>Not found</h1>", {}
        text = "".join(f"<p>{STORY} Part {part} of {name}, edition {self.changes[name]}.</p>" for part in range(3))
        head = f"<meta property=article:published_time content='{self.published}'><title>Ferry {name}</title>"
        body = f"<html lang=en>{head}<h1>Ferry {name}</h1><article>{text}</article></html>".encode()
        return self._conditional("text/html", body, tag)

    def _conditional(self, kind: str, body: bytes, tag: str | None) -> tuple[int, str, bytes, dict[str, str]]:
        etag = f'"{hash(body)}"'
        if tag is not None and (self.lying or tag == etag):
            return 304, kind, b"", {"ETag": etag}
        return 200, kind, body, {"ETag": etag}


@pytest.fixture
def paper() -> Iterator[Paper]:
    paper = Paper()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            tag = self.headers.get("If-None-Match")
            status, kind, body, headers = paper.answer(self.path, tag)
            paper.asked.append((self.path, status, tag is not None))
            self.send_response(status)
            for name, value in {"Content-Type": kind, **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    paper.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield paper
    server.shutdown()
    server.server_close()
    thread.join()


def look(paper: Paper, data: Path, *arguments: str, settings: tuple[str, ...] = ()) -> list[tuple[str, int, bool]]:
    """One run over the paper's feed; what it asked for."""
    paper.asked.clear()
    sources = data.parent / "sources.toml"
    sources.write_text(
        f'[[source]]\nid = "paper"\nname = "Paper"\nurl = "{paper.url}"\nfeeds = ["{paper.url}/feed.xml"]\n'
        "enabled = true\n",
        encoding="utf-8",
    )
    host = paper.url.removeprefix("http://")
    done = crawl(
        data,
        *arguments,
        settings=(f"NEWSCRAWL_SOURCES={sources}", f"NEWSCRAWL_ALLOW_ADDRESSES={host}", "RETRY_TIMES=0", *settings),
    )
    assert "Traceback" not in done.err, done.err
    return [asked for asked in paper.asked if asked[0] not in {"/robots.txt", "/.well-known/tdmrep.json"}]


def titles(data: Path) -> list[str]:
    return sorted(str(line["title"]) for line in Crawl(exit_code=0, out="", err="", data=data).lines("current"))


def story(name: str) -> str:
    return f"/2026/ferry-story-{name}.html"


def test_an_unchanged_newsroom_sends_no_page_twice(demo_sources: str, tmp_path: Path) -> None:
    with DemoServer() as newsroom:
        first = crawl(tmp_path / "data", proxy=newsroom.proxy_url, settings=(demo_sources,))
        before = len(newsroom.requests)
        second = crawl(tmp_path / "data", proxy=newsroom.proxy_url, settings=(demo_sources,))
        asked = newsroom.requests[before:]
    assert len(first.lines("current")) == len(second.lines("current")) == len(gold())
    whole = [each for each in asked if each.status == 200 and each.path != "/robots.txt"]
    assert whole == []
    assert len([each for each in asked if each.status == 304]) > 10
    assert len(second.lines("articles")) == len(gold())


def test_a_feed_that_has_not_changed_still_leads_to_what_failed(paper: Paper, tmp_path: Path) -> None:
    data = tmp_path / "data"
    paper.failing.add(story("two"))
    assert (story("two"), 503, False) in look(paper, data)
    paper.failing.clear()
    # Too soon for a page that failed a moment ago, but not for an operator who names the source.
    assert look(paper, data) == [("/feed.xml", 304, True)]
    assert look(paper, data, "-a", "source=paper") == [("/feed.xml", 304, True), (story("two"), 200, False)]


def test_refresh_fetches_whole_what_is_known(paper: Paper, tmp_path: Path) -> None:
    look(paper, tmp_path / "data")
    asked = look(paper, tmp_path / "data", "-a", "refresh=true")
    assert sorted(asked) == sorted(
        ("/feed.xml" if name is None else story(name), 200, False) for name in (None, *paper.stories)
    )


def test_a_site_that_always_says_not_modified_is_fetched_whole_now_and_then(paper: Paper, tmp_path: Path) -> None:
    data = tmp_path / "data"
    look(paper, data)
    paper.lying = True
    paper.stories.append("four")
    every = ("NEWSCRAWL_FULL_FETCH_EVERY=3",)
    assert look(paper, data, settings=every) == [("/feed.xml", 304, True)]
    assert look(paper, data, settings=every) == [("/feed.xml", 304, True)]
    assert look(paper, data, settings=every) == [("/feed.xml", 200, False), (story("four"), 200, False)]


def test_not_modified_that_nobody_asked_for_is_asked_again(paper: Paper, tmp_path: Path) -> None:
    paper.unasked.update({"/feed.xml", story("one")})
    asked = look(paper, tmp_path / "data")
    assert Counter(path for path, _, _ in asked) == {
        "/feed.xml": 2,
        story("one"): 2,
        story("two"): 1,
        story("three"): 1,
    }


def test_validators_go_to_the_origin_they_came_from_and_no_other(paper: Paper, tmp_path: Path) -> None:
    data = tmp_path / "data"
    host = paper.url.removeprefix("http://")
    both = (f"NEWSCRAWL_ALLOW_ADDRESSES={host},localhost:{host.partition(':')[2]}",)
    look(paper, data)
    paper.moved_to = paper.url.replace("127.0.0.1", "localhost") + "/feed2.xml"
    # Those of the old place are not for the new one; the new one's are, although another address was asked for.
    assert look(paper, data, settings=both)[:2] == [("/feed.xml", 302, True), ("/feed2.xml", 200, False)]
    assert look(paper, data, settings=both)[:2] == [("/feed.xml", 302, False), ("/feed2.xml", 304, True)]


def test_an_article_that_was_withdrawn_and_is_back_comes_back(paper: Paper, tmp_path: Path) -> None:
    data, urls = tmp_path / "data", tmp_path / "urls.txt"
    look(paper, data)
    urls.write_text(f"{paper.url}{story('two')}\n", encoding="utf-8")
    paper.gone.add(story("two"))
    look(paper, data, "-a", f"urls={urls}")
    assert titles(data) == ["Ferry one", "Ferry three"]
    paper.gone.clear()
    assert look(paper, data, "-a", f"urls={urls}") == [(story("two"), 200, False)]
    assert titles(data) == ["Ferry one", "Ferry three", "Ferry two"]


def test_what_a_run_was_not_to_have_is_left_to_a_run_that_is(paper: Paper, tmp_path: Path) -> None:
    data = tmp_path / "data"
    paper.published = "2020-01-01T10:00:00Z"
    assert len(look(paper, data, "-a", "since=7d")) == 4
    assert look(paper, data, "-a", "since=7d") == [("/feed.xml", 304, True)]
    paper.stories.clear()  # the feed forgets them
    paper.known = ["one", "two", "three"]
    assert set(map(story, paper.known)) <= {path for path, _, _ in look(paper, data)}
    assert len(titles(data)) == 3


def test_guessed_addresses_that_are_not_there_are_not_asked_for_in_every_run(paper: Paper, tmp_path: Path) -> None:
    data = tmp_path / "data"
    paper.asked.clear()
    host = paper.url.removeprefix("http://")
    settings = (f"NEWSCRAWL_ALLOW_ADDRESSES={host}",)
    crawl(data, "-a", f"url={paper.url}", settings=settings)
    missing = [path for path, status, _ in paper.asked if status == 404 and path != "/robots.txt"]
    assert "/sitemap.xml" in missing
    paper.asked.clear()
    crawl(data, "-a", f"url={paper.url}", settings=settings)
    assert not [path for path, _, _ in paper.asked if path in missing and path != "/"]


def test_what_a_killed_run_had_found_is_fetched_by_the_next_though_the_feed_forgot_it(
    paper: Paper, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    sources = tmp_path / "sources.toml"
    paper.stories = [f"n{number}" for number in range(12)]
    sources.write_text(
        f'[[source]]\nid = "paper"\nname = "Paper"\nurl = "{paper.url}"\nfeeds = ["{paper.url}/feed.xml"]\n'
        "enabled = true\n",
        encoding="utf-8",
    )
    host = paper.url.removeprefix("http://")
    settings = (f"NEWSCRAWL_SOURCES={sources}", f"NEWSCRAWL_ALLOW_ADDRESSES={host}", "DOWNLOAD_DELAY=0.15")
    killed = subprocess.Popen(
        [sys.executable, "-m", "scrapy", *crawl_arguments(data, settings=settings)],
        cwd=REPOSITORY,
        env=environment(None),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while len(paper.asked) < 6 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    names, paper.stories = paper.stories, [*paper.stories]
    hidden = {name for name in names if story(name) not in {path for path, _, _ in paper.asked}}
    assert hidden, "it was killed too late"
    full = paper.answer

    def short_feed(path: str, tag: str | None) -> tuple[int, str, bytes, dict[str, str]]:
        return (
            (200, "application/rss+xml", b"<rss><channel></channel></rss>", {})
            if path == "/feed.xml"
            else full(path, tag)
        )

    paper.answer = short_feed  # type: ignore[method-assign]
    asked = look(paper, data)
    assert {path for path, status, _ in asked if status == 200} >= {story(name) for name in hidden}
    done = Crawl(exit_code=0, out="", err="", data=data)
    titles = sorted(str(line["title"]) for line in done.lines("current"))
    assert titles == sorted(f"Ferry {name}" for name in names)


def test_a_changed_story_is_a_revision_when_it_is_fetched_again(paper: Paper, tmp_path: Path) -> None:
    data = tmp_path / "data"
    look(paper, data)
    paper.changes["two"] += 1
    look(paper, data, "-a", "refresh=true")
    current = {line["title"]: line for line in Crawl(exit_code=0, out="", err="", data=data).lines("current")}
    assert {title: (line["revision"], line["revision_cause"]) for title, line in current.items()} == {
        "Ferry one": (1, "first"),
        "Ferry two": (2, "page"),
        "Ferry three": (1, "first"),
    }
