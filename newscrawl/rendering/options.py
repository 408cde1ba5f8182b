"""What an operator may change about rendering, and what a source that asks for it needs."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newscrawl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newscrawl.sources import Source

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOptions:
    """Settings ``NEWSCRAWL_RENDER_*``."""

    browser: str = ""
    """Path or name of Chromium; empty: the first of `NAMES` that PATH has."""
    deadline_s: float = field(default=20.0, metadata={"minimum": 1.0})
    """Seconds that one rendering may take, from its first request to the text of its page."""
    max_requests: int = field(default=60, metadata={"minimum": 1})
    """Requests of one rendering, the page itself among them; further ones are refused."""
    max_mb: float = field(default=10.0, metadata={"minimum": 0.01})
    """Megabytes that one rendering may receive and send; then its connections are cut."""
    at_once: int = field(default=1, metadata={"minimum": 1, "maximum": 2})
    """Renderings at the same time."""
    pages_per_browser: int = field(default=50, metadata={"minimum": 1})
    """The browser is replaced after so many pages, so that what leaks is given back."""
    max_memory_mb: int = field(default=1024, metadata={"minimum": 256})
    """Megabytes of its own that the browser may take (Linux); then it is ended and started anew."""
    sandbox: bool = True
    """Chromium's own sandbox; without it a hole in the browser is a hole in the machine."""


def find_browser(options: RenderOptions) -> str:
    """The browser's path.

    Raises:
        ConfigError: there is none; says what to install or to set.
    """
    for name in (options.browser,) if options.browser else NAMES:
        if (path := shutil.which(name)) is not None:
            return path
    if options.browser:
        raise ConfigError(f"NEWSCRAWL_RENDER_BROWSER is {options.browser!r}, which is no program that can be run")
    raise ConfigError(
        "no Chromium is on PATH: install it (Debian: apt install chromium) or set NEWSCRAWL_RENDER_BROWSER"
    )


def check_rendering(sources: Iterable[Source], options: RenderOptions) -> None:
    """See before the first request whether what the sources ask for can be done.

    Raises:
        ConfigError: a source asks for rendering, and something is missing.
    """
    asking = next((source.id for source in sources if source.javascript), None)
    if asking is None:
        return
    if os.name != "posix":
        raise ConfigError(f"source {asking!r} has javascript = true, which needs a POSIX system such as Linux")
    try:
        find_browser(options)
    except ConfigError as error:
        raise ConfigError(f"source {asking!r} has javascript = true: {error}") from None
