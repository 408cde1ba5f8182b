"""`newscrawl completion`: what a shell offers, asked of the shell itself."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from newscrawl.cli.completion import SCRIPTS, commands
from newscrawl.cli.main import COMMANDS, main
from newscrawl.errors import ExitCode, Outcome

if TYPE_CHECKING:
    from pathlib import Path

BASH = shutil.which("bash")
ASK = """
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
compopt() { :; }  # bash has it only while somebody types
_newscrawl
printf '%s\\n' ${COMPREPLY[@]+"${COMPREPLY[@]}"}
"""


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", shell]) == ExitCode.DONE
    return capsys.readouterr().out


@pytest.fixture
def bash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    if BASH is None:
        pytest.skip("there is no bash")
    file = tmp_path / "completion.bash"
    file.write_text(script("bash", capsys))
    return file


def offered(bash: Path, *words: str) -> list[str]:
    assert BASH
    command = [BASH, "--norc", "-uc", ASK, "bash", str(bash), "newscrawl", *words]
    done = subprocess.run(command, cwd=bash.parent, capture_output=True, text=True, timeout=30, check=True)
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


def test_bash_takes_it_as_the_completion_of_newscrawl(bash: Path) -> None:
    assert BASH
    command = [BASH, "--norc", "-c", 'eval "$(cat "$1")"; complete -p newscrawl', "bash", str(bash)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "complete -F _newscrawl newscrawl\n"


def test_bash_offers_every_command(bash: Path) -> None:
    assert set(offered(bash, "")) >= set(COMMANDS)
    assert offered(bash, "brow") == ["browse"]
    assert offered(bash, "--vers") == ["--version"]


def test_bash_offers_the_options_of_the_command(bash: Path) -> None:
    assert set(offered(bash, "outcomes", "--")) >= {
        "--data",
        "--source",
        "--why",
        "--run",
        "--rows",
        "--json",
        "--help",
    }
    assert "--why" not in offered(bash, "verify", "--")
    assert offered(bash, "-v", "outcomes", "--wh") == ["--why"]


def test_bash_offers_the_values_of_an_option(bash: Path) -> None:
    assert set(offered(bash, "outcomes", "--why", "")) == {str(outcome) for outcome in Outcome}
    assert offered(bash, "sources", "pau") == ["pause"]
    assert offered(bash, "outcomes", "--rows", "") == [""]  # nobody can know


def test_bash_offers_files_whatever_their_names(bash: Path) -> None:
    (bash.parent / "a page; $(touch x).html").touch()
    assert offered(bash, "clean", "a p") == ["a page; $(touch x).html"]
    assert offered(bash, "outcomes", "--data", "comp") == [bash.name]
    assert not (bash.parent / "x").exists()


@pytest.mark.parametrize("shell", SCRIPTS)
def test_every_script_knows_every_command_and_option(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = script(shell, capsys)
    for command in commands():
        assert command.name in text
        for option in command.options:
            assert all(flag.lstrip("-") in text for flag in option.flags)


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_shell_can_read_its_script(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell}")
    file = tmp_path / "script"
    file.write_text(script(shell, capsys))
    subprocess.run([program, "-n", str(file)], check=True, timeout=30)
