"""A folder made by `newscrawl init` is a Scrapy project that works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from newscrawl.cli.init import FILES
from newscrawl.sources import load_sources

ROOT = Path(__file__).parents[2]


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NEWSCRAWL_", "SCRAPY_"))}
    environment["PYTHONPATH"] = str(ROOT)
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_new_folder_is_a_project_with_the_news_spider(tmp_path: Path) -> None:
    made = run("newscrawl", "init", "my newsroom", cwd=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    assert "cd 'my newsroom' && scrapy crawl news" in made.stdout
    folder = tmp_path / "my newsroom"
    assert {path.name for path in folder.iterdir()} == set(FILES)
    listed = run("scrapy", "list", cwd=folder)
    assert (listed.returncode, listed.stdout) == (0, "news\n")


def test_its_settings_are_newscrawls_with_paths_in_the_folder(tmp_path: Path) -> None:
    run("newscrawl", "init", "room", cwd=tmp_path)
    (tmp_path / "room" / "deep").mkdir()
    for name, value in [
        ("NEWSCRAWL_DATA", str(tmp_path / "room" / "data")),
        ("NEWSCRAWL_SOURCES", str(tmp_path / "room" / "sources.toml")),
        ("ROBOTSTXT_OBEY", "True"),
        ("BOT_NAME", "newscrawl"),
    ]:
        asked = run("scrapy", "settings", "--get", name, cwd=tmp_path / "room" / "deep")
        assert (asked.returncode, asked.stdout.strip()) == (0, value)


def test_its_empty_sources_file_is_said_to_be_empty_before_anything_is_fetched(tmp_path: Path) -> None:
    run("newscrawl", "init", "room", cwd=tmp_path)
    crawled = run("scrapy", "crawl", "news", cwd=tmp_path / "room")
    assert crawled.returncode == 2
    assert "sources.toml" in crawled.stderr
    assert "Traceback" not in crawled.stderr


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    made = run("newscrawl", "init", ".", cwd=tmp_path)
    assert made.returncode == 2
    assert name in made.stderr
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


def test_a_file_in_the_place_of_the_folder_is_kept(tmp_path: Path) -> None:
    (tmp_path / "room").write_text("mine")
    made = run("newscrawl", "init", "room", cwd=tmp_path)
    assert made.returncode == 2
    assert "room" in made.stderr


def test_the_entry_shown_in_the_sources_file_is_a_valid_one(tmp_path: Path) -> None:
    example = FILES["sources.toml"].split("#\n", 1)[1]
    (tmp_path / "sources.toml").write_text("\n".join(line.removeprefix("# ") for line in example.splitlines()))
    [source] = load_sources(tmp_path / "sources.toml")
    assert (source.id, source.enabled, source.time_zone) == ("harbour-times", True, "Europe/Dublin")
