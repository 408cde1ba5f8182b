"""What the project trusts: no code is read from data, and no package with a known hole is installed."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
RUNS_WHAT_IT_READS = frozenset({"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "jsonpickle", "yaml"})
BETWEEN_OUR_OWN_PROCESSES = frozenset({"newscrawl/extract/pool.py", "newscrawl/extract/worker.py"})
RUNS_TEXT = frozenset({"eval", "exec", "compile", "__import__"})


def modules() -> list[Path]:
    return [path for package in ("newscrawl", "pipelines") for path in sorted((REPOSITORY / package).rglob("*.py"))]


def imported(tree: ast.AST) -> set[str]:
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


def test_no_file_is_read_in_a_format_that_runs_code() -> None:
    found = {
        str(path.relative_to(REPOSITORY))
        for path in modules()
        if {name.partition(".")[0] for name in imported(ast.parse(path.read_text("utf-8")))} & RUNS_WHAT_IT_READS
    }
    assert found == BETWEEN_OUR_OWN_PROCESSES


def test_the_pipe_to_a_worker_is_the_only_thing_unpickled() -> None:
    for name in BETWEEN_OUR_OWN_PROCESSES:
        calls = [
            node.func.attr
            for node in ast.walk(ast.parse((REPOSITORY / name).read_text("utf-8")))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "pickle"
        ]
        assert set(calls) <= {"loads", "dumps"}  # `load` reads a file


def test_no_text_is_run_as_code() -> None:
    found = [
        f"{path.relative_to(REPOSITORY)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id in RUNS_TEXT)
            or any(keyword.arg == "shell" for keyword in node.keywords)
        )
    ]
    assert found == []


@pytest.mark.proof
def test_no_installed_package_has_a_known_hole() -> None:
    if (audit := shutil.which("pip-audit")) is None:
        pytest.skip("pip-audit is not installed")
    done = subprocess.run(
        [audit, "--local", "--skip-editable", "--format", "json", "--progress-spinner", "off"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        pytest.skip(f"its database cannot be reached: {done.stderr.strip().splitlines()[-1:]}")
    assert [package["name"] for package in packages if package.get("vulns")] == []
