"""Sources are listed, checked and added from the command line, and the file keeps what a person wrote into it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import newscrawl.demo
from newscrawl.demo.server import DemoServer
from newscrawl.errors import ConfigError
from newscrawl.readers.opml import feeds_from_opml, sources_from_feeds
from newscrawl.sources import Source, entry_text, load_sources, new_source

DEMO_SOURCES = Path(newscrawl.demo.__file__).parent / "sources.toml"
BEFORE = """# mine
[[source]]
id = "a" # the first
name = "Evil \\u001b[2J name"
url = "https://a.example/"
country = "KZ"
languages = ["kk", "ru"]
feeds = ["https://a.example/rss"]
enabled = true"""
OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="World">
  <outline text="Harbour &amp; Sea" xmlUrl="https://feeds.host.example/harbour" htmlUrl="https://www.harbour.example/"
           language="en-GB"/>
  <outline text="Harbour sport" xmlUrl="https://www.harbour.example/sport.rss"
           htmlUrl="https://www.harbour.example/sport"/>
</outline>
<outline title="Тау &#27;хабарлары" xmlUrl="https://tau.example/rss?a=1&amp;b=2" language="english"/>
<outline text="A" xmlUrl="https://a.example/rss"/>
<outline text="no feed" htmlUrl="https://b.example/"/>
<outline text="no address" xmlUrl="file:///etc/passwd"/>
</body></opml>""".replace("&#27;", "")


def newscrawl_sources(
    *arguments: str, cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "newscrawl", "sources", *arguments]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sources.toml"
    path.write_text(BEFORE, encoding="utf-8")
    return path


def test_the_list_is_a_table_and_no_name_drives_the_terminal(file: Path) -> None:
    said = newscrawl_sources("list", "--file", str(file))
    assert (said.returncode, said.stderr) == (0, "")
    header, row = said.stdout.splitlines()
    assert header.split() == ["ID", "NAME", "COUNTRY", "LANGUAGES", "ENABLED"]
    assert row.split() == ["a", "Evil", "[2J", "name", "KZ", "kk,ru", "yes"]


def test_the_file_is_checked_without_asking_any_site(file: Path) -> None:
    said = newscrawl_sources("check", "--file", str(file))
    assert (said.returncode, said.stdout) == (0, "ok; sources: 1, enabled: 1, countries: 1, languages: 2\n")
    file.write_text(BEFORE.replace('"KZ"', '"Kazakhstan"'), encoding="utf-8")
    said = newscrawl_sources("check", "--file", str(file))
    assert said.returncode == 2
    assert "'country'" in said.stderr


def test_an_added_site_stands_at_the_end_and_all_before_it_is_as_it_was(file: Path) -> None:
    file.chmod(0o640)
    said = newscrawl_sources("add", "www.Harbour-Times.example", "--name", "The Harbour Times", "--file", str(file))
    assert (said.returncode, said.stderr) == (0, "")
    assert "added harbour-times-example" in said.stdout
    text = file.read_text(encoding="utf-8")
    assert text.startswith(BEFORE + "\n")
    assert file.stat().st_mode & 0o777 == 0o640
    assert load_sources(file)[1] == Source(
        id="harbour-times-example", name="The Harbour Times", url="https://www.harbour-times.example/"
    )
    assert [path.name for path in file.parent.iterdir()] == ["sources.toml"]


def test_a_link_to_the_sources_file_stays_a_link(file: Path) -> None:
    link = file.with_name("link.toml")
    link.symlink_to(file)
    assert newscrawl_sources("add", "https://b.example", "--enable", "--file", str(link)).returncode == 0
    assert link.is_symlink()
    assert [source.enabled for source in load_sources(file)] == [True, True]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["add", "https://a.example"], "has that address already"),
        (["add", "https://A.example/rss"], "has that address already"),
        (["add", "https://a/"], "a source a already"),
        (["add", "ftp://b.example"], "ftp://b.example"),
        (["add"], "needs a URL"),
        (["import"], "needs a FILE"),
        (["import", "none.opml"], "none.opml: cannot be read"),
        (["list", "a"], "takes no 'a'"),
        (["check", "b"], "no source b"),
        (["check", "a", "--timeout", "0"], "'0'"),
        (["sell"], "sell"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_sentence_and_changes_nothing(file: Path, arguments: list[str], words: str) -> None:
    said = newscrawl_sources(*arguments, "--file", str(file))
    assert (said.returncode, said.stdout) == (2, "")
    assert words in said.stderr
    assert file.read_text(encoding="utf-8") == BEFORE


def test_an_opml_file_gives_one_source_a_site_and_what_is_known_stays_out(file: Path) -> None:
    opml = file.with_name("mine.opml")
    opml.write_text(OPML, encoding="utf-8")
    said = newscrawl_sources("import", str(opml), "--file", str(file))
    assert (said.returncode, said.stderr) == (0, "")
    assert "added 2 of 3 sites" in said.stdout
    assert "left out: the source a has that address already" in said.stdout
    assert load_sources(file)[1:] == (
        Source(
            id="harbour-example",
            name="Harbour & Sea",
            url="https://www.harbour.example/",
            languages=("en-GB",),
            feeds=("https://feeds.host.example/harbour", "https://www.harbour.example/sport.rss"),
        ),
        Source(
            id="tau-example",
            name="Тау хабарлары",
            url="https://tau.example/",
            feeds=("https://tau.example/rss?a=1&b=2",),
        ),
    )
    again = newscrawl_sources("import", str(opml), "--file", str(file))
    assert "added 0 of 3 sites" in again.stdout


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not well-formed"),
        (b"<opml><body>", "not well-formed"),
        (b"<html/>", "not OPML"),
        (b'<!DOCTYPE opml [<!ENTITY a "b">]><opml/>', "document type"),
        (b'<!DOCTYPE opml SYSTEM "file:///etc/passwd"><opml/>', "document type"),
        (b'<?xml version="1.0" encoding="no-such"?><opml/>', "not well-formed"),
        (b"\xff\xfe\x00", "not well-formed"),
        (b"<opml>" + b" " * (16 * 1024 * 1024), "larger than"),
        (b"<opml>" + b'<outline xmlUrl="https://a.example/"/>' * 10_001 + b"</opml>", "more than 10000 feeds"),
    ],
    ids=range(9),
)
def test_what_is_no_plain_opml_is_refused_with_the_reason(data: bytes, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        feeds_from_opml(data)


def test_no_depth_of_folders_is_too_deep() -> None:
    deep = b"<opml>" + b"<outline>" * 50_000 + b'<outline xmlUrl="https://a.example/"/>' + b"</outline>" * 50_000
    assert len(feeds_from_opml(deep + b"</opml>")) == 1


def test_a_feed_without_a_page_stands_for_the_site_that_serves_it() -> None:
    (source,) = sources_from_feeds(feeds_from_opml(b'<opml><outline xmlUrl="http://x.a.example:81/r/s.xml"/></opml>'))
    assert (source.url, source.feeds) == ("http://x.a.example:81/", ("http://x.a.example:81/r/s.xml",))


@given(st.text(max_size=60), st.text(max_size=20))
@settings(max_examples=60)
def test_what_is_written_is_read_back_whatever_strangers_call_it(name: str, language: str) -> None:
    import tomllib

    source = new_source("https://a.example/", name=name, feeds=("https://a.example/ы?a=\\&b",), language=language)
    entry = tomllib.loads(entry_text(source).encode().decode())["source"][0]
    assert (entry["name"], entry["feeds"], entry["enabled"]) == (source.name, list(source.feeds), False)


def test_a_check_shows_what_a_site_offers_and_its_first_article(tmp_path: Path) -> None:
    # The settings of the project in the current directory count: this one is on good terms with the newsroom.
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = room\n")
    (tmp_path / "room.py").write_text(
        "from newscrawl.settings import *\nDOWNLOAD_DELAY = 0\nAUTOTHROTTLE_ENABLED = False\n"
        "NEWSCRAWL_POOL_WORKERS = 1\n"
    )
    kept = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    with DemoServer() as newsroom:
        env = kept | {"http_proxy": newsroom.proxy_url}
        said = newscrawl_sources("check", "saltmarsh", "--file", str(DEMO_SOURCES), cwd=tmp_path, env=env)
        lost = newscrawl_sources("check", "gone", "--file", str(_gone(tmp_path)), cwd=tmp_path, env=env)
    assert (said.returncode, said.stderr) == (0, "")
    rows = [line.split(maxsplit=3) for line in said.stdout.splitlines()]
    assert ["robots", "200", "http://www.saltmarsh-courier.example/robots.txt", "1 sitemap"] in rows
    assert ["feed", "200", "http://www.saltmarsh-courier.example/latest/courier.rss", "8 articles"] in rows
    shown = said.stdout.partition("the first article:")[2]
    assert all(f"\n  {name} " in shown for name in ("title", "text", "authors", "date_published", "optout"))
    assert not list(tmp_path.glob("data*"))

    assert lost.returncode == 3
    assert "no article" in lost.stdout
    assert "SOURCE FAILED  gone" in lost.stdout


def _gone(folder: Path) -> Path:
    path = folder / "gone.toml"
    path.write_text(
        '[[source]]\nid = "gone"\nname = "Gone"\nfeeds = ["http://www.saltmarsh-courier.example/gone.rss"]\n'
    )
    return path
