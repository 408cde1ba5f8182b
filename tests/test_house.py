"""The house stands as its plan says."""

from __future__ import annotations

import ast
import tomllib
from importlib import import_module
from importlib.metadata import requires
from pathlib import Path

import pytest

from newscrawl import settings

REPOSITORY = Path(__file__).parents[1]
PACKAGES = ("newscrawl", "pipelines")


def component_paths() -> list[str]:
    named: dict[str, object] = {
        **settings.ITEM_PIPELINES,
        **settings.EXTENSIONS,
        **settings.DOWNLOADER_MIDDLEWARES,
        **{path: 0 for path in settings.DOWNLOAD_HANDLERS.values() if path},
    }
    return sorted(named)


@pytest.mark.parametrize("path", component_paths())
def test_every_component_that_settings_name_loads(path: str) -> None:
    module, _, name = path.rpartition(".")
    assert isinstance(getattr(import_module(module), name), type)


def test_every_cleaning_rule_has_cases() -> None:
    from newscrawl.clean.rules import RULES

    cases = {path.stem for path in (REPOSITORY / "tests" / "cases" / "rules").glob("*.toml")}
    assert {rule.__name__ for rule in RULES} == cases


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(REPOSITORY))
        for package in PACKAGES
        for path in sorted((REPOSITORY / package).rglob("*.py"))
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_what_trafilatura_needs_is_named_for_pips_that_leave_it_out() -> None:
    names = [requirement.replace("_", "-") for requirement in requires("newscrawl") or ()]
    assert any(name.startswith("lxml-html-clean") for name in names)


def test_the_extra_all_holds_every_extra_but_the_developers() -> None:
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    optional = set(extras) - {"all", "dev"}
    assert extras["all"] == [f"newscrawl[{','.join(sorted(optional))}]"]


def test_both_packages_are_typed() -> None:
    assert all((REPOSITORY / package / "py.typed").exists() for package in PACKAGES)
