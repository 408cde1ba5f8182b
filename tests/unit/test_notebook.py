"""The notebook for analysts says what is true, and runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from shelf import SHARE, SITE, article, begin, gone, put

from newscrawl.article import Author
from newscrawl.cli.main import main
from newscrawl.dump.publish import publish
from newscrawl.state.store import open_store

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebooks" / "first-look.ipynb"
STORY = "The pilots of the harbour will not board a ship with ice on its ladder, five ports agreed on Friday. " * 3
# In a process of its own: a kernel has sockets and threads that this one's strict warnings would trip over.
RUN = """
import sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], 4)
nbclient.NotebookClient(notebook, timeout=60, resources={"metadata": {"path": sys.argv[3]}}).execute()
nbformat.write(notebook, sys.argv[2])
"""


def cells() -> list[str]:
    return [cell.source for cell in nbformat.read(NOTEBOOK, 4).cells if cell.cell_type == "code"]


def test_it_has_ten_cells_and_no_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, 4)
    nbformat.validate(notebook)
    assert len(notebook.cells) == 10
    assert all(not cell.outputs and cell.execution_count is None for cell in notebook.cells if "outputs" in cell)


def test_its_cells_find_what_is_in_a_dump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(tmp_path) as store:
        run = begin(store)
        put(store, article("a", STORY, removed=(SHARE,), authors=(Author(name="Ada Ahn"),)), run)
        put(store, article("b", STORY, source="other", date_published="2026-11-20T09:30:00Z"), run)
        gone(store, f"{SITE}/missing", run, 410, "2026-11-23T10:00:00Z")
        store.end_run(run, exit_code=0, counts={})
        publish(store, tmp_path)
    monkeypatch.setenv("NEWSCRAWL_DATA", str(tmp_path))
    found: dict[str, object] = {}
    for cell in cells():
        exec(compile(cell, str(NOTEBOOK), "exec"), found)  # the last line of each shows a table: it is computed, too
    assert found["by_source"].to_dict("index")["harbour-times"]["commonest_rule"] == "share_buttons"  # type: ignore[attr-defined]
    assert found["lost"]["outcome"].tolist() == ["gone"]  # type: ignore[index]
    story = found["travelled"].iloc[0]  # type: ignore[attr-defined]
    assert (story["first"], story["then"], story["printed"]) == ("harbour-times", "other", 2)
    assert str(story["took"]) == "0 days 01:30:00"


@pytest.mark.proof
def test_it_runs_in_a_kernel_over_a_crawl_of_the_newsroom(tmp_path: Path) -> None:
    data, after = tmp_path / "data", tmp_path / "after.ipynb"
    assert main(["demo", "--data", str(data), "--quiet"]) == 0
    environment = {"NEWSCRAWL_DATA": str(data), "PATH": str(Path(sys.executable).parent), "HOME": str(tmp_path)}
    command = [sys.executable, "-c", RUN, str(NOTEBOOK), str(after), str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    tables = [cell.outputs[-1].data["text/html"] for cell in nbformat.read(after, 4).cells if cell.cell_type == "code"]
    assert len(tables) == 5
    assert all("<td>" in table for table in tables)
    assert "longshore" in tables[-1]
