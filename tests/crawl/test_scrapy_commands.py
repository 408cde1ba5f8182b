"""newscrawl is a Scrapy project like any other."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from conftest import REPOSITORY, Crawl, crawl_arguments, environment, scrapy

from newscrawl.demo.gold import gold
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newscrawl.demo.server import DemoServer

ARTICLE = gold()[0]


def test_list_names_the_spider() -> None:
    assert scrapy("list").stdout == "news\n"


def test_check_finds_nothing_wrong() -> None:
    done = scrapy("check")
    assert done.returncode == 0
    assert done.stderr.strip().endswith("OK")


@pytest.fixture
def in_a_project_folder(tmp_path: Path) -> Path:
    """A folder with nothing but a scrapy.cfg, so that what a command leaves behind is seen."""
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = newscrawl.settings\n")
    return tmp_path


def test_shell_shows_a_page_and_leaves_nothing_behind(newsroom: DemoServer, in_a_project_folder: Path) -> None:
    done = scrapy(
        "shell", ARTICLE.url, "-c", "response.css('h1::text').get()", proxy=newsroom.proxy_url, cwd=in_a_project_folder
    )
    assert ARTICLE.title in done.stdout
    assert [path.name for path in in_a_project_folder.iterdir()] == ["scrapy.cfg"]


def test_parse_shows_the_article_of_one_page_and_leaves_nothing_behind(
    newsroom: DemoServer, in_a_project_folder: Path
) -> None:
    done = scrapy(
        "parse", "--spider=news", "--nocolour", ARTICLE.url, proxy=newsroom.proxy_url, cwd=in_a_project_folder
    )
    assert re.search(rf"'title': ['\"]{re.escape(ARTICLE.title)}", done.stdout), done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in in_a_project_folder.iterdir()] == ["scrapy.cfg"]


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_crawl_keeps_and_publishes_what_it_has_and_exits_130(
    signal_number: int, newsroom: DemoServer, demo_sources: str, tmp_path: Path
) -> None:
    arguments = crawl_arguments(tmp_path, settings=(demo_sources, "DOWNLOAD_DELAY=0.2", "LOG_LEVEL=DEBUG"))
    with subprocess.Popen(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=REPOSITORY,
        env=environment(newsroom.proxy_url),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        next(line for line in process.stderr if "Scraped from" in line)
        os.kill(process.pid, signal_number)
        rest = process.stderr.read()
    assert process.returncode == 130, rest
    assert "interrupted" in rest
    stored = (tmp_path / "current" / "articles.jsonl").read_bytes().splitlines()
    assert 0 < len(stored) < len(gold())
    assert all(json.loads(line)["status"] == "ok" for line in stored)


def test_a_data_directory_that_another_run_owns_is_refused_before_the_first_request(
    crawl_demo: Callable[..., Crawl], newsroom: DemoServer, tmp_path: Path
) -> None:
    before = len(newsroom.requests)
    with open_store(tmp_path / "data"):
        run = crawl_demo()
    assert run.exit_code == 4
    assert "Traceback" not in run.err
    assert str(os.getpid()) in run.err.strip().splitlines()[-1], "the owner is named"
    assert len(newsroom.requests) == before


def test_a_source_that_cannot_be_crawled_at_all_is_named_and_exits_3_while_the_others_are_stored(
    newsroom: DemoServer, tmp_path: Path
) -> None:
    sources = tmp_path / "sources.toml"
    sources.write_text(
        """
        [[source]]
        id = "dead"
        name = "Dead"
        url = "http://dead.example/"
        enabled = true

        [[source]]
        id = "alive"
        name = "Alive"
        url = "http://www.saltmarsh-courier.example/"
        enabled = true
        """
    )
    done = scrapy(
        *crawl_arguments(tmp_path / "data", settings=(f"NEWSCRAWL_SOURCES={sources}",)), proxy=newsroom.proxy_url
    )
    assert done.returncode == 3, done.stderr
    assert re.search(r"SOURCE FAILED  dead: [^\n]*\n? *[^\n]*502", done.stderr)
    assert len((tmp_path / "data/current/articles.jsonl").read_bytes().splitlines()) == sum(
        article.source == "saltmarsh" for article in gold()
    )
