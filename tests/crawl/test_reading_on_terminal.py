"""What is read on a terminal has colour there, unless nobody wants it, and is the same text without."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from conftest import REPOSITORY, environment
from screen import run_on_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Crawl

LONG = 500


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "page.html"
    text = "Ships returned to the harbour on Monday, the harbour master said, after two days of repairs. " * 3
    path.write_text(
        f"<html lang=en><head><title>Harbour reopens</title></head><body><h1>Harbour reopens</h1><p>{text}</p>"
        f"<p>Read also: Storm closes harbour</p><p>{text}</p></body></html>"
    )
    return path


@pytest.fixture(params=["outcomes", "explain"])
def command(request: pytest.FixtureRequest, demo_crawl: Crawl, page: Path) -> list[str]:
    arguments = {"outcomes": ["--data", str(demo_crawl.data)], "explain": [str(page)]}[request.param]
    return [sys.executable, "-m", "newscrawl", request.param, *arguments]


def test_colour_on_a_terminal_adds_nothing_but_colour(command: list[str]) -> None:
    piped = subprocess.run(
        command, cwd=REPOSITORY, env=environment(None), capture_output=True, text=True, check=True
    ).stdout
    seen = run_on_terminal(
        command, cwd=REPOSITORY, environment=environment(None) | {"TERM": "xterm", "NO_COLOR": ""}, columns=LONG
    )
    assert "\x1b[" not in piped
    assert re.search(r"\x1b\[[\d;]*m", seen.written)
    assert _without_time(seen.lines) == _without_time(piped.splitlines())


def _without_time(lines: list[str]) -> list[str]:
    """One explanation is a moment younger than the other."""
    return "\n".join(line.rstrip() for line in lines if "crawled: " not in line).strip().splitlines()


@pytest.mark.parametrize("wish", [{"TERM": "dumb"}, {"TERM": "xterm", "NO_COLOR": "1"}], ids=str)
def test_who_wants_no_colour_gets_none(command: list[str], wish: dict[str, str]) -> None:
    seen = run_on_terminal(command, cwd=REPOSITORY, environment=environment(None) | wish, columns=LONG)
    assert (seen.exit_code, "\x1b[" in seen.written) == (0, False)
