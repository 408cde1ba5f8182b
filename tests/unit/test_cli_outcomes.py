"""Why an address gave no article is one command away."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import shelf

from newscrawl.cli.table import table_lines
from newscrawl.dump.publish import publish
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

ARTICLES = 3
LISTS = 60
EVIL = "12 links, \x1b[2J\x07\n\u202eno text"


def newscrawl(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "newscrawl", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs: the first stores articles and meets many list pages, the second meets one page that is gone."""
    path = tmp_path_factory.mktemp("data")
    with open_store(path) as store:
        first = shelf.begin(store, 1)
        for name in "abc"[:ARTICLES]:
            shelf.put(store, shelf.article(name), first)
        for number in range(LISTS):
            url = f"{shelf.SITE}/list/{number}"
            store.put_outcome(
                shelf.line(url, first, "list_page", reason=EVIL), fetch=shelf.Fetch(requested_url=url, status=200)
            )
        store.end_run(first, exit_code=0, counts={})
        publish(store, path)
        second = shelf.begin(store, 2)
        url = "https://other.example/gone"
        line = shelf.line(url, second, "blocked", 403, source="other", reason="HTTP 403")
        store.put_outcome(line, fetch=shelf.Fetch(requested_url=url, status=403))
        store.end_run(second, exit_code=0, counts={})
        publish(store, path)
    return path


def test_counts_come_first_then_the_newest_with_reason_address_and_day(data: Path) -> None:
    said = newscrawl("outcomes", "--data", str(data))
    assert (said.returncode, said.stderr) == (0, "")
    lines = said.stdout.splitlines()
    assert [line.split() for line in lines[:3]] == [["60", "list_page"], ["3", "article"], ["1", "blocked"]]
    assert lines[4].split() == ["OUTCOME", "DAY", "REASON", "URL"]
    assert len(lines) == 5 + 50 + 1
    assert lines[-2].split()[0] == "blocked"
    assert "https://other.example/gone" in lines[-2]
    assert "11 older" in lines[-1]
    assert "/a " not in said.stdout


def test_what_a_page_said_cannot_drive_the_terminal(data: Path) -> None:
    said = newscrawl("outcomes", "--data", str(data), "--rows", "2", "--why", "list_page")
    assert not {"\x1b", "\x07", "\u202e"} & set(said.stdout)
    assert "12 links,  [2J  no text" in said.stdout
    assert "58 older" in said.stdout


def test_source_outcome_and_run_choose(data: Path) -> None:
    last = newscrawl("outcomes", "--data", str(data), "--run", "last", "--json")
    (line,) = map(json.loads, last.stdout.splitlines())
    assert (line["outcome"], line["source"], line["status"]) == ("blocked", "other", 403)
    assert len(line["crawl_day"]) == len("2026-11-24")
    of_source = newscrawl("outcomes", "--data", str(data), "--source", "other", "--json")
    assert of_source.stdout == last.stdout
    articles = newscrawl("outcomes", "--data", str(data), "--why", "article", "--json")
    assert [json.loads(line)["url"][-1] for line in articles.stdout.splitlines()] == list("abc")
    by_id = newscrawl("outcomes", "--data", str(data), "--run", line["run_id"], "--json")
    assert by_id.stdout == last.stdout


def test_an_address_is_asked_for_by_a_part_of_it_and_says_what_became_of_it(data: Path) -> None:
    said = newscrawl("outcomes", "example/b", "--data", str(data))
    row = said.stdout.splitlines()[-1].split()
    assert (row[0], row[3]) == ("article", f"{shelf.SITE}/b")
    assert "list/17" in newscrawl("outcomes", "/list/17", "--data", str(data)).stdout.splitlines()[-1]


def test_nothing_found_is_said_and_is_no_error(data: Path) -> None:
    said = newscrawl("outcomes", "--data", str(data), "--source", "nobody")
    assert (said.returncode, said.stdout) == (0, "no address: nothing was decided for --source nobody\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--data", "no-such-folder"], "no-such-folder"),
        (["--run", "run_0"], "the newest is run_"),
        (["--why", "boredom"], "boredom"),
        (["--rows", "0"], "'0'"),
    ],
    ids=" ".join,
)
def test_a_wrong_argument_is_named_and_exits_with_2(data: Path, arguments: list[str], words: str) -> None:
    said = newscrawl("outcomes", "--data", str(data), *arguments)
    assert (said.returncode, said.stdout) == (2, "")
    assert words in said.stderr


def test_a_table_has_straight_columns_also_with_wide_letters() -> None:
    assert table_lines(("A", "B"), [("云渡", "x"), ("e\u0301", "y")]) == ["A     B", "云渡  x", "e\u0301     y"]


def test_a_cell_is_bounded() -> None:
    assert table_lines(("A",), [("x" * 10_000,)])[1] == "x" * 119 + "…"
