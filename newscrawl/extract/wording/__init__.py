"""Wording of news pages, per language, as data: TOML files beside this module."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def wording(name: str) -> Mapping[str, Mapping[str, Any]]:
    """The file ``<name>.toml``: language -> key -> words."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


@cache
def words(name: str, key: str) -> tuple[str, ...]:
    """The words of one key in every language, longest first."""
    found = {word for language in wording(name).values() for word in language.get(key, ())}
    return tuple(sorted(found, key=lambda word: (-len(word), word)))
