"""A run without arguments does what is due and ends; what is named is always looked at."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from conftest import REPOSITORY, Crawl, crawl, crawl_arguments, environment
from test_incremental import Paper, paper, story, titles

from newscrawl.cli.main import main
from newscrawl.dump.reader import verify
from newscrawl.state.store import STORE_FILE

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["paper"]

SCHEDULED = ("NEWSCRAWL_REVISIT_MAX_S=86400", "RETRY_TIMES=0")


def settings(paper: Paper, data: Path, *more: str) -> tuple[str, ...]:
    """Those of a crawl of the paper's two feeds."""
    sources = data.parent / "sources.toml"
    feeds = f'["{paper.url}/feed.xml", "{paper.url}/feed2.xml"]'
    sources.write_text(
        f'[[source]]\nid = "paper"\nname = "Paper"\nurl = "{paper.url}"\nfeeds = {feeds}\nenabled = true\n',
        encoding="utf-8",
    )
    host = paper.url.removeprefix("http://")
    return (f"NEWSCRAWL_SOURCES={sources}", f"NEWSCRAWL_ALLOW_ADDRESSES={host}", *SCHEDULED, *more)


def look(paper: Paper, data: Path, *arguments: str) -> Crawl:
    """One run; `paper.asked` has what it asked for."""
    paper.asked.clear()
    done = crawl(data, *arguments, settings=settings(paper, data))
    assert done.exit_code == 0, done.err
    assert "Traceback" not in done.err, done.err
    return done


def paths(paper: Paper) -> list[str]:
    return sorted(path for path, _, _ in paper.asked if "feed" in path or "story" in path)


def in_store(data: Path, statement: str) -> list[Any]:
    with closing(sqlite3.connect(data / "state" / STORE_FILE, isolation_level=None)) as connection:
        return connection.execute(statement).fetchall()


def test_a_run_asks_only_for_what_is_due_and_looks_at_young_articles_again(
    paper: Paper, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    look(paper, data)
    assert paths(paper) == sorted(["/feed.xml", "/feed2.xml", *map(story, paper.stories)])

    idle = look(paper, data)
    assert paper.asked == []
    assert "nothing is due before 20" in idle.err
    assert len(json.loads((data / "manifest.json").read_text(encoding="utf-8"))["runs"]) == 1

    assert main(["next", "--json", "--data", str(data), "--sources", str(tmp_path / "sources.toml")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["source"], said["due_now"], said["young_articles"]) == ("paper", False, 3)
    assert said["look_at"] in {f"{paper.url}/feed.xml", f"{paper.url}/feed2.xml"}

    in_store(data, "UPDATE schedule SET due = 0 WHERE url LIKE '%/feed.xml'")
    in_store(data, "UPDATE revisits SET due = 0")
    paper.stories.append("four")
    paper.changes["two"] += 1
    look(paper, data)
    assert sorted(each for each in paper.asked if "feed" in each[0] or "story" in each[0]) == [
        (story("four"), 200, False),
        (story("one"), 304, True),
        (story("three"), 304, True),
        (story("two"), 200, True),
        ("/feed.xml", 200, True),
    ]
    current = Crawl(exit_code=0, out="", err="", data=data).lines("current")
    assert sorted((line["title"], line["revision"]) for line in current) == [
        ("Ferry four", 1),
        ("Ferry one", 1),
        ("Ferry three", 1),
        ("Ferry two", 2),
    ]


@pytest.mark.proof
def test_what_is_named_is_always_looked_at(paper: Paper, tmp_path: Path) -> None:
    data = tmp_path / "data"
    look(paper, data)
    look(paper, data, "-a", "source=paper")
    assert paths(paper) == ["/feed.xml", "/feed2.xml"]
    # A clock that was ahead wrote this.
    in_store(data, "UPDATE schedule SET due = 4102444800 WHERE url LIKE '%/feed2.xml'")
    look(paper, data)
    assert paths(paper) == ["/feed2.xml"]


@pytest.mark.proof
def test_the_last_look_at_an_article_is_whole(paper: Paper, tmp_path: Path) -> None:
    data = tmp_path / "data"
    look(paper, data)
    in_store(data, "UPDATE revisits SET due = 0, born = born - 604800")
    look(paper, data)
    assert {(status, conditional) for path, status, conditional in paper.asked if "story" in path} == {(200, False)}
    assert in_store(data, "SELECT count(*) FROM revisits") == [(0,)]


@pytest.mark.proof
def test_a_feed_that_fails_is_left_alone_for_a_while_and_its_source_is_not_lost(paper: Paper, tmp_path: Path) -> None:
    data = tmp_path / "data"
    paper.failing.add("/feed2.xml")
    look(paper, data)
    paper.failing.clear()
    look(paper, data)
    assert paper.asked == []
    ((due, looked),) = in_store(data, "SELECT due - unixepoch(), looked FROM schedule WHERE failures = 1")
    assert 600 < due <= 900
    assert looked == 0


def test_a_continuous_crawl_publishes_goes_on_and_stops_at_a_signal(paper: Paper, tmp_path: Path) -> None:
    data = tmp_path / "data"
    service = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "scrapy",
            *crawl_arguments(data, "-a", "continuous=true", settings=settings(paper, data)),
        ],
        cwd=REPOSITORY,
        env=environment(None),
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (data / "manifest.json").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(0.5)
    assert service.poll() is None
    os.kill(service.pid, signal.SIGTERM)
    _, err = service.communicate(timeout=30)
    assert service.returncode == 130, err
    assert "Traceback" not in err
    assert len(titles(data)) == 3
    assert verify(data) == ()
