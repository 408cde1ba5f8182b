"""Templates of HTML pages: everything is escaped, and a name that is not there is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from jinja2 import Environment


def templates(package: str, *, finalize: Callable[[Any], Any] | None = None) -> Environment:
    """The templates in the ``templates`` folder of a package; what is printed goes through `finalize` first."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finalize,
    )
