"""Log lines that an operator can grep, and a program can read: a word for what happened, then ``key=value`` words.

The words are part of the interface: docs/operating/logs.md lists them, and a change of them stands in the changelog.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from newscrawl.text.terminal import plain

if TYPE_CHECKING:
    import logging
    from collections.abc import Mapping

Value = str | int | float | bool | None
_BARE = re.compile(r'[^\s"=\x00-\x1f\x7f-\x9f]+\Z')


def event_line(event: str, fields: Mapping[str, Value]) -> str:
    """``run_end run=run_… exit=0``: a text with spaces, quotes or ``=`` is a JSON string, None is ``-``."""
    return " ".join([event, *(f"{key}={_word(value)}" for key, value in fields.items())])


def log_event(logger: logging.Logger, level: int, event: str, **fields: Value) -> None:
    """Log it as a line; a JSON log has the word as ``event`` and the values, with their types, as ``fields``."""
    logger.log(level, "%s", event_line(event, fields), extra={"event": event, "fields": fields})


def _word(value: Value) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = plain(str(value))
    return text if _BARE.match(text) else json.dumps(text, ensure_ascii=False)
