"""Pages that only scripts fill, crawled with a real browser: opted in and not, measured, stopped and killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser_needed import needs_chromium
from conftest import REPOSITORY, Crawl, crawl, crawl_arguments, environment
from loopback import Answer, Site, plain
from processes import descendants
from warcio.archiveiterator import ArchiveIterator

import newscrawl.demo
from newscrawl.demo.scripted import scripted_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.demo.server import DemoServer

pytestmark = needs_chromium

SCRIPT = """
const number = document.body.dataset.story;
fetch(`/data/${number}.json`).then(answer => answer.json()).then(said => {
  document.getElementById("root").innerHTML =
    `<article><h1>${said.title}</h1>${said.text.map(text => `<p>${text}</p>`).join("")}</article>`;
});
"""
HANGS = "document.getElementById('root').textContent = 'about to hang'; while (true);"
TEXT = [f"In paragraph {n} the harbour master says that boats may come and go again from Monday on." for n in range(5)]
PATIENCE_S = 40.0


def page(code: str) -> Answer:
    html = f"""<!doctype html><html lang="en"><head><title>The Harbour Times</title></head><body data-story="1">
<div id="root"></div><noscript>Please enable JavaScript.</noscript><script>{code}</script></body></html>"""
    return Answer(body=html.encode(), headers={"Content-Type": "text/html", "ETag": '"the-shell"'})


def outlet(code: str, *, host: str = "127.0.0.1", pages: int = 1) -> Site:
    """A site whose feed names pages that their script is to fill."""
    site = Site(host=host)
    paths = [f"/news/harbour-reopens-{number}" for number in range(1, pages + 1)]
    items = "".join(f"<item><link>{site.url}{path}</link></item>" for path in paths)
    feed = f"<rss version='2.0'><channel>{items}</channel></rss>"
    site.answers |= {path: page(code) for path in paths}
    site.answers |= {
        "/feed": Answer(body=feed.encode(), headers={"Content-Type": "application/rss+xml"}),
        "/robots.txt": plain("User-agent: *\nDisallow: /private"),
        "/data/1.json": Answer(body=json.dumps({"title": "Harbour reopens", "text": TEXT}).encode()),
    }
    return site


def sources_file(folder: Path, **sites: tuple[Site, bool]) -> str:
    """The setting that names a file with these sources."""
    file = folder / "sources.toml"
    entries = (
        f'[[source]]\nid = "{name}"\nname = "{name}"\nfeeds = ["{site.url}/feed"]\nenabled = true\n'
        f"javascript = {str(asks).lower()}\n"
        for name, (site, asks) in sites.items()
    )
    file.write_text("\n".join(entries))
    return f"NEWSCRAWL_SOURCES={file}"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Crawl, Site, Site]]:
    """One crawl of two outlets with the same pages: the first asks for a browser, the second does not."""
    folder = tmp_path_factory.mktemp("both")
    asking, silent = outlet(SCRIPT), outlet(SCRIPT, host="127.0.0.3")
    allowed = f"NEWSCRAWL_ALLOW_ADDRESSES={asking.netloc},{silent.netloc}"
    chosen = sources_file(folder, asking=(asking, True), silent=(silent, False))
    try:
        yield crawl(folder / "data", settings=(allowed, chosen, "NEWSCRAWL_RAW=warc")), asking, silent
    finally:
        asking.close()
        silent.close()


def test_a_page_that_scripts_fill_becomes_an_article_that_says_so(both: tuple[Crawl, Site, Site]) -> None:
    run, asking, _ = both
    (article,) = run.lines("current")
    assert article["source"] == "asking"
    assert article["title"] == "Harbour reopens"
    assert article["text"].split("\n\n") == TEXT
    assert "rendered" in article["flags"]
    assert asking.asked.count("/news/harbour-reopens-1") == 2  # as it is, and in the browser


def test_a_source_that_does_not_ask_for_it_has_the_outcome_as_ever(both: tuple[Crawl, Site, Site]) -> None:
    run, _, silent = both
    assert run.outcomes == {"article": 1, "needs_javascript": 1}
    assert silent.asked.count("/news/harbour-reopens-1") == 1
    assert "/data/1.json" not in silent.asked


def test_the_run_says_how_many_pages_were_rendered(both: tuple[Crawl, Site, Site]) -> None:
    run, *_ = both
    assert run.exit_code == 0, run.err
    assert "Traceback" not in run.err
    assert "1 page rendered in a browser: 1 of the articles (100%)" in run.err
    (described,) = json.loads((run.data / "manifest.json").read_text())["runs"]
    assert (described["counts"]["renderings"], described["counts"]["rendered"]) == (1, 1)
    last = json.loads((run.data / "state" / "last_run.json").read_text())
    assert (last["renderings"], last["rendered"]) == (1, 1)


def test_a_source_that_asks_for_a_browser_where_there_is_none_stops_the_run_before_it_begins(tmp_path: Path) -> None:
    site = outlet(SCRIPT)
    try:
        settings = (sources_file(tmp_path, asking=(site, True)), "NEWSCRAWL_RENDER_BROWSER=/no/chromium")
        run = crawl(tmp_path / "data", settings=settings)
    finally:
        site.close()
    assert run.exit_code == 2
    assert "source 'asking' has javascript = true: NEWSCRAWL_RENDER_BROWSER is '/no/chromium'" in run.err
    assert "Traceback" not in run.err
    assert site.asked == []


@pytest.mark.proof
def test_the_site_of_the_demo_is_read_whole_and_a_second_look_changes_nothing(
    newsroom: DemoServer, tmp_path: Path
) -> None:
    file = Path(newscrawl.demo.__file__).parent / "scripted_sources.toml"
    for _ in range(2):
        settings = (f"NEWSCRAWL_SOURCES={file}",)
        run = crawl(tmp_path, "-a", "refresh=true", proxy=newsroom.proxy_url, settings=settings)
        assert run.exit_code == 0, run.err
    site = scripted_site()
    found = {article["url"]: article for article in run.lines("current")}
    assert set(found) == {site.url(story.path) for story in site.stories}
    for story in site.stories:
        article = found[site.url(story.path)]
        assert article["text"].split("\n\n") == list(story.paragraphs)
        assert (article["title"], article["revision"]) == (story.title, 1)
        assert article["flags"] == ["rendered"]
        assert [author["name"] for author in article["authors"]] == [story.author]
        assert article["date_published"] == f"{story.published:%Y-%m-%dT%H:%M:%SZ}"


def test_the_raw_pages_hold_what_the_site_answered(both: tuple[Crawl, Site, Site]) -> None:
    run, asking, _ = both
    url = f"{asking.url}/news/harbour-reopens-1"
    (archive,) = (run.data / "raw").glob("*.warc.gz")
    with archive.open("rb") as file:
        kept = [
            record.content_stream().read()
            for record in ArchiveIterator(file)
            if record.rec_type == "response" and record.rec_headers.get_header("WARC-Target-URI") == url
        ]
    assert kept == [page(SCRIPT).body]


@pytest.mark.proof
def test_pages_that_wait_for_the_browser_all_have_their_turn(tmp_path: Path) -> None:
    site = outlet(SCRIPT, pages=9)
    try:
        settings = (
            sources_file(tmp_path, asking=(site, True)),
            f"NEWSCRAWL_ALLOW_ADDRESSES={site.netloc}",
            "NEWSCRAWL_RENDER_AT_ONCE=2",
            "NEWSCRAWL_RENDER_PAGES_PER_BROWSER=4",
        )
        run = crawl(tmp_path / "data", settings=settings)
    finally:
        site.close()
    assert run.outcomes == {"article": 9}, run.err
    assert "9 pages rendered in a browser: 9 of the articles (100%)" in run.err


@pytest.mark.proof
def test_a_browser_that_does_not_start_leaves_the_outcome_as_it_was(tmp_path: Path) -> None:
    site = outlet(SCRIPT)
    try:
        settings = (
            sources_file(tmp_path, asking=(site, True)),
            f"NEWSCRAWL_ALLOW_ADDRESSES={site.netloc}",
            "NEWSCRAWL_RENDER_BROWSER=/bin/false",
        )
        run = crawl(tmp_path / "data", settings=settings)
    finally:
        site.close()
    assert run.exit_code == 0
    (line,) = run.lines("outcomes")
    assert line["outcome"] == "needs_javascript"
    assert line["reason"].startswith("the browser does not start: ")


@pytest.mark.proof
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_ends_while_a_page_hangs_leaves_no_browser(tmp_path: Path, number: signal.Signals) -> None:
    site = outlet(HANGS)
    settings = (sources_file(tmp_path, asking=(site, True)), f"NEWSCRAWL_ALLOW_ADDRESSES={site.netloc}")
    arguments = crawl_arguments(tmp_path / "data", settings=settings)
    folders = Path(tempfile.mkdtemp())
    folders.chmod(0o777)  # a crawl of root has its browser as nobody
    with subprocess.Popen(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=REPOSITORY,
        env=environment(None) | {"TMPDIR": str(folders)},
        stderr=subprocess.DEVNULL,
    ) as run:
        until = time.monotonic() + PATIENCE_S
        while site.asked.count("/news/harbour-reopens-1") < 2:
            assert time.monotonic() < until
            time.sleep(0.1)
        theirs = descendants(run.pid)
        assert any("newscrawl-browser-" in command for command in theirs.values())
        assert list(folders.iterdir()) != []
        run.send_signal(number)
        assert run.wait(PATIENCE_S) == {signal.SIGKILL: -9, signal.SIGTERM: 130}[number]
    until = time.monotonic() + PATIENCE_S
    while (left := [pid for pid in theirs if Path(f"/proc/{pid}/exe").exists()]) or list(folders.iterdir()):
        assert time.monotonic() < until, ({pid: theirs[pid] for pid in left}, list(folders.iterdir()))
        time.sleep(0.1)
    folders.rmdir()
    site.close()
