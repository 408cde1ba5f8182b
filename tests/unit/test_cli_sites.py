"""`newscrawl sites`: what an operator sees and says of a site's furniture."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from test_settle import crawl, current, refined
from test_site_memory import FOLLOW, SITE

from newscrawl.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    crawl(tmp_path, range(12), run=1)
    return tmp_path


def shown(data: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    capsys.readouterr()
    assert main(["sites", "show", SITE, "--json", "--data", str(data)]) == 0
    return [json.loads(each) for each in capsys.readouterr().out.splitlines()]


def test_the_list_says_how_much_is_known(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sites", "list", "--data", str(data)]) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.split() == ["site", "articles", "lines"]
    assert row.split()[:2] == [refined(0).site, "12"]


def test_show_has_the_line_with_its_counts(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    follow = next(each for each in shown(data, capsys) if each["example"] == FOLLOW)
    assert (follow["place"], follow["articles"], follow["days"], follow["sections"]) == ("end", 12, 9, 4)
    assert main(["sites", "show", SITE, "--data", str(data)]) == 0
    table = [" ".join(each.split()) for each in capsys.readouterr().out.splitlines()]
    assert f"{follow['key']} line end 12 9 4 learned {FOLLOW}" in table


def test_a_forgotten_line_stays_in_the_next_text(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = str(next(each["key"] for each in shown(data, capsys) if each["example"] == FOLLOW))
    assert main(["sites", "forget", SITE, key[:10], "--data", str(data)]) == 0
    assert capsys.readouterr().out == f"forgotten: {FOLLOW}\n"
    crawl(data, [20], run=2)
    assert [FOLLOW in str(each["text"]) for each in current(data) if each["id"] == refined(20).id] == [True]


def test_a_pinned_line_goes_from_the_next_text(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = refined(20).paragraphs[2]
    assert main(["sites", "pin", SITE, "--line", line, "--data", str(data)]) == 0
    crawl(data, [20], run=2)
    assert [line in str(each["text"]) for each in current(data) if each["id"] == refined(20).id] == [False]
    assert f"pinned   {line}" in _table(data, capsys)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["show"], "sites show needs the name of a site; `newscrawl sites list` has them"),
        (["show", "no.example"], "nothing is remembered of no.example; `newscrawl sites list` has the sites"),
        (["forget", SITE], f"sites forget needs the key of a line; `newscrawl sites show {SITE}` has them"),
        (["forget", SITE, "xyz"], f"{SITE} has no line with the key xyz; `newscrawl sites show {SITE}` has them"),
        (["pin", SITE, "--line", "…"], "--line has no letters or digits, or is too long to be a line"),
    ],
)
def test_a_mistake_is_one_sentence(
    data: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert main(["sites", *arguments, "--data", str(data)]) != 0
    assert capsys.readouterr().err == f"newscrawl: {sentence}\n"


def _table(data: Path, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert main(["sites", "show", SITE, "--data", str(data)]) == 0
    return capsys.readouterr().out
