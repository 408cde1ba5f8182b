"""What a crawl knew of a page beside its bytes; it is kept with them, so that reading it again gives the same."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from newscrawl.article import DISCOVERED_VIA, Hint

FIELD = "newscrawl"
"""Name of the field in a metadata record (application/warc-fields); its value is one line of JSON."""
PAGE_ROLES = frozenset({"page", "part"})
"""Roles whose answer may be an article or a further page of one."""
HOME = "home"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """Why an address was asked for, and what was told of it."""

    role: str
    """What it was asked as: `page`, `part` (a further page of an article), `home`, `feed`, `sitemap`, `section`,
    `robots` or `other`."""
    run_id: str
    source: str | None = None
    """Id of the source entry."""
    hint: Hint | None = None
    time_zone: str | None = None
    languages: tuple[str, ...] = ()
    robots_rule: str | None = None
    declared: tuple[str, ...] = ()
    """Opt-out signals that stood outside the page (robots.txt, well-known files), as header lines ``name: value``."""

    def to_json(self) -> str:
        """One line of ASCII; what is empty is left out."""
        return json.dumps(_filled(asdict(self)))


def context_from(line: str) -> PageContext:
    """Read what `PageContext.to_json` wrote.

    Raises:
        ValueError: it is not that.
    """
    values = json.loads(line)
    if not isinstance(values, dict):
        raise ValueError("not an object")  # noqa: TRY004 - callers expect one kind of error
    try:
        hint = values.pop("hint", None)
        context = PageContext(
            **{name: _tuple(value) for name, value in values.items()},
            hint=Hint(**{name: _tuple(value) for name, value in hint.items()}) if hint else None,
        )
    except (TypeError, AttributeError) as error:
        raise ValueError(str(error)) from error
    if context.hint is not None and context.hint.via not in DISCOVERED_VIA:
        raise ValueError(f"nothing is found via {context.hint.via!r}")
    if not all(isinstance(each, str) for each in _texts(context)):
        raise ValueError("a value is no text")
    return context


def context_in(block: bytes) -> PageContext | None:
    """What the block of a metadata record says; None when it is not one of ours."""
    for line in block.decode("utf-8", "replace").splitlines():
        name, _, value = line.partition(": ")
        if name == FIELD:
            with suppress(ValueError, RecursionError):
                return context_from(value)
    return None


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _filled(value) if isinstance(value, dict) else value
        for name, value in values.items()
        if value not in (None, (), [])
    }


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _texts(context: PageContext) -> list[Any]:
    values = [*asdict(context).values(), *(asdict(context.hint).values() if context.hint else ())]
    flat = [each for value in values for each in (value if isinstance(value, tuple) else (value,))]
    return [each for each in flat if each is not None and not isinstance(each, dict)]
