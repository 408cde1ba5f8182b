"""What docs/export.md shows is what happens."""

from __future__ import annotations

import argparse
import re
import shlex
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from shelf import DAY_2, SHARE, SITE, article, begin, gone, put

from newscrawl.cli import export as command
from newscrawl.cli.main import main
from newscrawl.dump.publish import publish
from newscrawl.dump.reader import verify
from newscrawl.dump.selection import WHERE
from newscrawl.export.formats import FORMATS
from newscrawl.export.parquet import GROUP_ROWS
from newscrawl.export.xlsx import MAX_CELL_UNITS
from newscrawl.state.store import open_store

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "export.md").read_text("utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a dump in ``data``."""
    path = tmp_path_factory.mktemp("docs")
    with open_store(path / "data") as store:
        run = begin(store, 1)
        put(store, article("a", language="en", removed=(SHARE,)), run)
        put(store, article("b", language="de"), run)
        store.end_run(run, exit_code=0, counts={})
        publish(store, path / "data")
        run = begin(store, 2)
        gone(store, f"{SITE}/b", run, 410, DAY_2)
        store.end_run(run, exit_code=0, counts={})
        publish(store, path / "data")
    return path


def test_the_python_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    ran: dict[str, Any] = {}
    for block in blocks("python"):
        exec(compile(block, "export.md", "exec"), ran)
    assert [len(ran[name]) for name in ("articles", "headlines", "recent", "history")] == [1, 1, 1, 3]
    assert ran["words"] == ran["articles"]["word_count"].sum() > 0


def test_the_commands_run(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for needed in ("pyarrow", "xlsxwriter"):
        pytest.importorskip(needed)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(folder / "data")
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("newscrawl export")]
    assert len(lines) > 9
    for line in lines:
        arguments = shlex.split(line.partition(" > ")[0])[1:]
        assert main(arguments) == 0, capsys.readouterr().err
        assert "-o" not in arguments or Path(arguments[arguments.index("-o") + 1]).is_file()
    with closing(sqlite3.connect(tmp_path / "articles.sqlite")) as database:
        for query in blocks("sql"):
            assert len(database.execute(query).fetchall()) == 1


@pytest.mark.skipif(which("rsync") is None, reason="rsync is not installed")
def test_the_copy_is_a_dump(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(folder / "data")
    (tmp_path / "deploy").symlink_to(REPOSITORY / "deploy")
    (block,) = (each for each in blocks("sh") if "copy-dump" in each)
    subprocess.run(["sh", "-e"], input=block, text=True, cwd=tmp_path, check=True, timeout=60)
    assert verify(tmp_path / "backup" / "data") == ()


def test_every_format_option_and_choice_is_explained() -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    options = {each for action in parser._actions for each in action.option_strings if each.startswith("--")}
    assert sorted(each for each in options - {"--help", "--output", "--data"} if f"`{each}" not in PAGE) == []
    assert [each for each in WHERE if f"`{each}`" not in PAGE] == []
    assert [ends[0] for ends in FORMATS.values() if f"`{ends[0]}`" not in PAGE] == []


def test_its_figures_of_the_formats_are_those_of_the_code() -> None:
    assert f"row groups of {GROUP_ROWS:,}" in PAGE
    assert f"holds {MAX_CELL_UNITS:,} characters" in PAGE


def test_its_table_of_files_can_be_made_again(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    from benchmarks.readers import FILES, READERS, make

    made = make(tmp_path, 3)
    assert list(made) == list(FILES)
    assert all((tmp_path / name).stat().st_size == size for name, (size, _) in made.items())
    assert (
        sorted(each for each in (*FILES, *READERS) if f"| {each} |" not in PAGE and f"| `{each}` |" not in PAGE) == []
    )
