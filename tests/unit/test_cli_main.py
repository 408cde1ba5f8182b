"""The command starts at once, says what is wrong in one sentence, and exits as the table of codes says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from newscrawl.cli.main import COMMANDS

HEAVY = ("pandas", "trafilatura", "scrapy", "twisted", "lxml", "bs4", "feedparser", "warcio", "ftfy", "rich", "pebble")
ASK_MODULES = """
import sys, json
from newscrawl.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def newscrawl(
    *arguments: str, cwd: Path | None = None, stdout: IO[str] | int = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "newscrawl", *arguments]
    return subprocess.run(command, cwd=cwd, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)], ids=" ".join
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    asked = subprocess.run(
        [sys.executable, "-c", ASK_MODULES, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(json.loads(asked.stderr.splitlines()[-1]))
    assert not loaded.intersection(HEAVY)
    assert asked.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_an_example_and_fits_a_screen(command: str) -> None:
    said = newscrawl(command, "--help")
    assert said.returncode == 0
    assert f"newscrawl {command}" in said.stdout.split("example:")[1]
    assert len(said.stdout.splitlines()) < 45


def test_the_version_is_said() -> None:
    said = newscrawl("--version")
    assert said.returncode == 0
    assert said.stdout.startswith("newscrawl ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "COMMAND"),
        (["sing"], "sing"),
        (["clean"], "FILE"),
        (["clean", "no-such-file.html"], "no-such-file.html: no such file"),
        (["clean", "."], "no file in it"),
        (["clean", "-", "-"], "standard input"),
        (["clean", "a.html", "b.html", "--url", "https://a.example/"], "--url"),
        (["clean", "a.html", "--url", "ftp://a.example/"], "--url"),
        (["clean", "-", "--workers", "0"], "'0'"),
        (["clean", "-", "--format", "pdf"], "pdf"),
        (["verify", "no-such-folder"], "no-such-folder"),
        (["publish", "--data", "."], "no data directory"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_argument_is_named_in_a_line_and_exits_with_2(arguments: list[str], words: str, tmp_path: Path) -> None:
    said = newscrawl(*arguments, cwd=tmp_path)
    assert said.returncode == 2
    assert words in said.stderr
    assert "Traceback" not in said.stderr
    assert said.stdout == ""
    assert said.stderr.splitlines()[-1].startswith("newscrawl")
    assert list(tmp_path.iterdir()) == []


def test_a_file_name_cannot_drive_the_terminal() -> None:
    said = newscrawl("clean", "\x1b[2J\nnewscrawl: all is well")
    assert said.returncode == 2
    assert "\x1b" not in said.stderr
    assert len(said.stderr.splitlines()) == 1


def test_tracebacks_are_there_for_those_who_ask() -> None:
    assert "Traceback" in newscrawl("clean", "-vv", "no-such-file").stderr


def test_a_full_disk_exits_with_5_and_one_sentence(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("w") as full:
        said = newscrawl("init", str(tmp_path / "room"), stdout=full)
    assert (said.returncode, len(said.stderr.splitlines())) == (5, 1)
    assert "No space left" in said.stderr
