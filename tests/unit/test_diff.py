"""Two revisions side by side: what changed is there, what did not is not, and it fits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelf import article, begin, put

from newscrawl.cli.main import main
from newscrawl.dump.publish import publish
from newscrawl.dump.record import record
from newscrawl.report.diff import diff
from newscrawl.report.diff_text import diff_lines
from newscrawl.state.store import open_store
from newscrawl.text.terminal import columns_of

if TYPE_CHECKING:
    from pathlib import Path

OLD = "The harbour is closed.\n\nNothing else is known.\n\nThe end."
NEW = "The harbour is open.\n\nNothing else is known.\n\nA ship came in today."
ID = article("a").id
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    with open_store(data) as store:
        run = begin(store)
        put(store, article("a", OLD), run)
        put(store, article("b"), run)
        put(store, article("a", NEW, title="Open again"), run)
        put(store, article("a", NEW, title="Open at last"), run)
        publish(store, data)
    return data


def shown(data: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["diff", *arguments, "--data", str(data)]) == 0
    return capsys.readouterr().out


def test_the_last_two_are_compared_when_none_is_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(data, capsys, ID)
    assert "revision 2 → 3 (page)" in out
    assert "~ Open again" in out
    assert "Open at last" in out
    assert "harbour" not in out.replace("harbour-times", "")


def test_one_revision_is_compared_with_the_newest(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "revision 1 → 3 (page)" in shown(data, capsys, ID, "1")


def test_words_that_went_and_came_are_marked_and_equal_paragraphs_counted(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = shown(data, capsys, ID, "1", "2")
    assert "The harbour is [-closed.-]" in out
    assert "The harbour is {+open.+}" in out
    assert "… 1 equal" in out
    assert "Nothing else" not in out
    assert "- The end." in out
    assert "│ A ship came in today." in out


def test_a_program_gets_json(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(shown(data, capsys, ID, "1", "2", "--json"))
    assert (found["id"], found["before"], found["after"], found["cause"]) == (ID, 1, 2, "page")
    assert {"name": "title", "before": "Title of a", "after": "Open again"} in found["fields"]
    assert found["text"][0] == {"before": "The harbour is closed.", "after": "The harbour is open."}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nc_nowhere"], "there is no article nc_nowhere"),
        ([ID, "9"], "has no revision 9; it has 1, 2, 3"),
        ([article("b").id], "has only one revision"),
    ],
)
def test_a_mistake_is_one_sentence(
    data: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(["diff", *arguments, "--data", str(data)]) == 2
    assert words in capsys.readouterr().err


@given(texts, texts, st.integers(0, 200))
def test_no_line_is_wider_than_the_terminal_and_none_drives_it(before: str, after: str, columns: int) -> None:
    old, new = record(article("a", before, title=before)), record(article("a", after, title=after, revision=2))
    for line, _ in diff_lines(diff(old, new), columns):
        assert columns_of(line) <= max(columns, 40)
        assert "\x1b" not in line


@given(texts, texts)
def test_both_texts_can_be_read_from_a_difference(before: str, after: str) -> None:
    found = diff(record(article("a", before)), record(article("a", after, revision=2)))
    for side, text in (("before", before), ("after", after)):
        paragraphs = ["".join(piece.text for piece in getattr(row, side)) for row in found.text]
        said = "".join("".join(paragraphs).split())
        assert said == "".join(text.split())
