"""What a person sees while a crawl goes on: on a terminal, on one that cannot move its cursor, and in a log."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest
from conftest import REPOSITORY, crawl_arguments, environment
from screen import Shown, run_on_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from newscrawl.demo.server import DemoServer

IDS = ("aqzhailau", "longshore", "marfa", "saltmarsh", "verkhneluzhsk", "yundu")


def on_terminal(
    data: Path,
    newsroom: DemoServer,
    demo_sources: str,
    *settings: str,
    term: str = "xterm",
    interrupts: tuple[bytes, ...] = (),
) -> Shown:
    # Slow enough to be seen.
    arguments = crawl_arguments(data, settings=(demo_sources, "CONCURRENT_REQUESTS_PER_DOMAIN=1", *settings))
    return run_on_terminal(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=REPOSITORY,
        environment=environment(newsroom.proxy_url) | {"TERM": term},
        interrupts=interrupts,
    )


@pytest.fixture(scope="module")
def seen(newsroom: DemoServer, demo_sources: str, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return on_terminal(tmp_path_factory.mktemp("seen"), newsroom, demo_sources)


def test_on_a_terminal_each_source_stands_there_with_its_numbers(seen: Shown) -> None:
    assert seen.exit_code == 0, seen.written
    for name in IDS:
        rows = re.findall(rf"{name} +(\d+)/(\d+)\+? +(\d+) +(\d+)", seen.written)
        assert rows, f"{name} is not shown"
        assert all(int(pages) == int(articles) + int(others) <= int(of) for pages, of, articles, others in rows)
        pages, of, articles, _ = rows[-1]
        assert pages == of, f"{name} did not come to its end"
        assert int(articles) > 0
    assert re.findall(r"all sources +(\d+)/(\d+)\+? +(\d+) +(\d+)", seen.written)[-1] == ("66", "66", "63", "3")


def test_at_the_end_the_terminal_is_clean_and_holds_log_and_summary_only(seen: Shown) -> None:
    assert seen.has_cursor
    assert not [line for line in seen.lines if "━" in line or "─" in line or "all sources" in line]
    text = "\n".join(seen.lines)
    assert "63 articles stored" in text
    # Whole log lines: each begins with its time, and the table has torn none.
    logged = [line for line in seen.lines if " INFO [" in line]
    assert logged
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d INFO \[", line) for line in logged)


def test_a_terminal_that_cannot_move_its_cursor_gets_lines(
    tmp_path: Path, newsroom: DemoServer, demo_sources: str
) -> None:
    dumb = on_terminal(tmp_path, newsroom, demo_sources, "LOGSTATS_INTERVAL=0.2", term="dumb")
    assert dumb.exit_code == 0, dumb.written
    assert "\x1b" not in dumb.written
    assert re.search(r"\d+/\d\d\+? pages decided, \d+ articles, \d+ others", dumb.written)


def test_who_asks_for_trouble_only_sees_no_table(tmp_path: Path, newsroom: DemoServer, demo_sources: str) -> None:
    quiet = on_terminal(tmp_path, newsroom, demo_sources, "LOG_LEVEL=ERROR")
    assert (quiet.exit_code, quiet.written) == (0, "")


@pytest.mark.parametrize("interrupts", [(b"all sources",), (b"all sources", b"Closing spider")], ids=["once", "twice"])
def test_an_interrupted_crawl_leaves_the_terminal_clean_too(
    tmp_path: Path, newsroom: DemoServer, demo_sources: str, interrupts: tuple[bytes, ...]
) -> None:
    seen = on_terminal(tmp_path, newsroom, demo_sources, "DOWNLOAD_DELAY=0.3", interrupts=interrupts)
    assert seen.exit_code, seen.written
    assert seen.has_cursor
    assert not [line for line in seen.lines if "━" in line or "─" in line or "all sources" in line]


def test_cleaning_files_shows_how_far_it_is_and_takes_that_away(tmp_path: Path) -> None:
    texts = "".join(f'{{"url": "https://a.example/{each}", "text": "{"Some words. " * 20}"}}\n' for each in range(300))
    (tmp_path / "texts.jsonl").write_text(texts, encoding="utf-8")
    command = [sys.executable, "-m", "newscrawl", "clean", "texts.jsonl", "--data", "data", "--workers", "1"]
    seen = run_on_terminal(command, cwd=tmp_path, environment=environment("http://127.0.0.1:9"), columns=100)
    assert seen.exit_code == 0, seen.written
    assert re.search(r"━+─* +\d+% of \d+\.\d KB.* [\d,]+ pages", seen.written)
    assert not any("━" in line or "─" in line for line in seen.lines)
    assert seen.has_cursor
    assert any("300 pages or texts" in line for line in seen.lines)
