"""Values as cells of a spreadsheet: one text or number each, and none that a spreadsheet would run."""

from __future__ import annotations

import json
import re

Cell = str | int | float | None

# What spreadsheets take for a formula (OWASP, "CSV Injection"), at the beginning or after what they may strip there.
_FORMULA = re.compile("[\\s\"']*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
# Controls but for tab and line feed, what XML does not know, and halves of characters.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


def cell(value: object, *, is_raw: bool = False) -> Cell:
    """The value of a field as a cell: lists and objects as JSON; control characters become U+FFFD.

    Args:
        is_raw: a text that looks like a formula stays as it is; else an apostrophe is put before it, by which
            spreadsheets know a text.
    """
    if value is None or isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = _FORBIDDEN.sub("\ufffd", text)
    return f"'{text}" if not is_raw and _FORMULA.match(text) else text
