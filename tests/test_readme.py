"""The README says what is true."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from newscrawl import settings
from newscrawl.errors import ExitCode
from newscrawl.frontier.plan import ARGUMENTS
from newscrawl.options import setting_names
from newscrawl.spiders.news import OPTIONS

REPOSITORY = Path(__file__).parents[1]
README = (REPOSITORY / "README.md").read_text("utf-8")


def test_every_setting_stands_in_the_table_and_no_other() -> None:
    own = {name for name in vars(settings) if name.startswith("NEWSCRAWL_")}
    known = own | {name for options, prefix in OPTIONS for name in setting_names(options, prefix)}
    assert set(re.findall(r"^\| `(NEWSCRAWL_\w+)`", README, re.MULTILINE)) == known


def test_the_defaults_in_the_table_are_those_of_the_code() -> None:
    stated = dict(re.findall(r"^\| `(NEWSCRAWL_\w+)` \| `([^`]*)`", README, re.MULTILINE))
    for options, prefix in OPTIONS:
        values = options()
        for field, name in zip(options.__dataclass_fields__, setting_names(options, prefix), strict=True):
            if name in stated:  # "one per core" is no value
                assert stated[name] == str(getattr(values, field)), name


def test_every_exit_code_stands_in_the_table() -> None:
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)] == [int(code) for code in ExitCode]


def test_every_argument_of_the_spider_is_explained() -> None:
    assert {name for name in ARGUMENTS if f"`-a {name}=" in README} == set(ARGUMENTS)


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(((?!https?:)[^)#]+)\)", README)
    assert [link for link in links if not (REPOSITORY / link).exists()] == []


@pytest.mark.parametrize("target", re.findall(r"^    make (\w+)", README, re.MULTILINE))
def test_its_make_targets_exist(target: str) -> None:
    done = subprocess.run(["make", "--dry-run", target], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_it_shows_of_newscrawl_clean_is_what_comes_out() -> None:
    shown = re.search(r"^\$ newscrawl clean (\S+) \| jq '\{(.*)\}'\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert shown is not None
    file, names, output = shown.groups()
    done = subprocess.run(
        [sys.executable, "-m", "newscrawl", *shlex.split(f"clean -q {file}")],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        check=True,
    )
    record = json.loads(done.stdout)
    assert json.loads(output) == {name: record[name] for name in names.split(", ")}
