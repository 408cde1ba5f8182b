"""The walk-throughs of docs/, followed literally in a copy of the project; links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
DOCS = sorted((REPOSITORY / "docs").glob("*.md"))
COPIED = ("newscrawl", "pipelines", "tests", "docs", "pyproject.toml", "scrapy.cfg", "README.md")
OF_DATA = ("README.md", "sources.toml", "*.schema.json")

_BLOCK = re.compile(
    r"(?:^`(?P<path>[^`\n]+)` \((?P<how>new file|appended|diff)\)\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One block of a walk-through."""

    path: str
    how: str
    """``new file``, ``appended``, ``diff``; empty for commands."""
    text: str


def walk_throughs() -> dict[str, list[Step]]:
    """Page and section → its steps, in their order; only sections in which something is run."""
    sections = {
        f"{page.stem}: {section.partition(chr(10))[0]}": _steps(section)
        for page in DOCS
        for section in re.split(r"^## ", page.read_text("utf-8"), flags=re.MULTILINE)[1:]
    }
    return {name: steps for name, steps in sections.items() if any(not step.how for step in steps)}


def _steps(section: str) -> list[Step]:
    return [
        Step(path=block["path"] or "", how=block["how"] or "", text=block["text"])
        for block in _BLOCK.finditer(section)
        if block["path"] or block["kind"] == "console"
    ]


def project_copy(folder: Path) -> None:
    for name in COPIED:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "golden"))
        else:
            shutil.copy2(source, folder / name)
    (folder / "data").mkdir()
    for pattern in OF_DATA:
        for file in (REPOSITORY / "data").glob(pattern):
            shutil.copy2(file, folder / "data" / file.name)


def apply(step: Step, folder: Path) -> None:
    file = folder / step.path
    if step.how == "new file":
        assert not file.exists(), f"{step.path} is there already: the page needs another example"
        file.write_text(step.text, "utf-8")
    elif step.how == "appended":
        file.write_text(file.read_text("utf-8") + step.text, "utf-8")
    else:
        lines = step.text.splitlines()
        before = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
        after = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
        text = file.read_text("utf-8")
        assert text.count(before) == 1, f"{step.path} does not hold once, as the page says:\n{before}"
        file.write_text(text.replace(before, after), "utf-8")


def follow(commands: str, folder: Path) -> None:
    """Run each command; the lines below it must come out, in this order, and its exit status be that stated or 0."""
    for command, *shown in (block.splitlines() for block in commands.split("$ ")[1:]):
        stated = re.fullmatch(r"exit (\d+)", shown[0]) if shown else None
        exit_code, expected = (int(stated[1]), shown[1:]) if stated else (0, shown)
        program, *arguments = shlex.split(command)
        module = [] if program == "python" else ["-m", program]
        done = subprocess.run(
            [sys.executable, *module, *arguments],
            cwd=folder,
            env=_environment(folder),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        said = done.stdout + done.stderr
        assert done.returncode == exit_code, f"{command}\n{said}"
        place = 0
        for line in expected:
            found = said.find(line, place)
            assert found >= 0, f"{command}\ndoes not say {line!r} but\n{said[place:]}"
            place = found + len(line)


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NEWSCRAWL_", "PYTEST_"))}
    return kept | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.mark.parametrize("section", walk_throughs())
def test_a_walk_through_leads_where_it_says(section: str, tmp_path: Path) -> None:
    project_copy(tmp_path)
    steps = walk_throughs()[section]
    for step in steps:
        if step.how:
            apply(step, tmp_path)
        else:
            follow(step.text, tmp_path)


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", page.read_text("utf-8")):
        linked = page.parent / target if target else page
        assert linked.exists(), target
        assert not anchor or anchor in _anchors(linked), f"{target}#{anchor}"


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_the_files_that_a_page_names_are_there(page: Path) -> None:
    made = {step.path for steps in walk_throughs().values() for step in steps if step.how == "new file"}
    named = set(re.findall(r"`((?:newscrawl|pipelines|tests|docs|benchmarks)/[\w/.-]+)`", page.read_text("utf-8")))
    assert [name for name in sorted(named - made) if not (REPOSITORY / name).exists()] == []


def test_every_way_to_extend_is_a_walk_through() -> None:
    page = (REPOSITORY / "docs" / "extending.md").read_text("utf-8")
    sections = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert [name for name in sections if f"extending: {name}" not in walk_throughs()] == []


def test_the_index_names_every_page() -> None:
    index = (REPOSITORY / "docs" / "README.md").read_text("utf-8")
    assert [page.name for page in DOCS if page.name != "README.md" and f"({page.name}" not in index] == []


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
