"""One key of entries of a sources file is set or taken out; every other byte stays as the operator wrote it."""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from typing import TYPE_CHECKING, Any

from newscrawl.dump.files import sync_directory
from newscrawl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_ENTRY = re.compile(r"\s*\[\[\s*(?:source|\"source\"|'source')\s*\]\]\s*(?:#.*)?\Z")
_REMARK = re.compile(r"\s*(?:#.*)?\Z")
_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")
_VALUE = r"""(?:"[^"\\]*"|'[^']*'|[\w.:+-]+(?: [\w.:+-]+)?)"""
"""Of one line: a text without escapes, a boolean, a number, a date and time."""


def with_value(text: str, ids: Iterable[str], key: str, value: str | bool | None) -> str:
    """The file with `key` of some entries set to `value`, or taken out where it is None.

    The file is edited line by line, and what comes out is read again: it must differ in this key of these entries and
    in nothing else. So a layout that lines do not tell (an inline table, a header inside of a text) is never spoilt.

    Args:
        text: a file that `load_sources` reads, with entries of these ids.
        key: a bare key whose values stand on one line.

    Raises:
        ConfigError: the entry is written in a way that cannot be edited so.
    """
    mark, text = text[: text.startswith("\ufeff")], text.removeprefix("\ufeff")
    for identifier in ids:
        before = tomllib.loads(text)
        lines = _LINE.findall(text)
        place = next(at for at, entry in enumerate(before["source"]) if entry["id"].strip() == identifier)
        after = "".join(_edited(lines, place, key, None if value is None else f"{key} = {json.dumps(value)}"))
        if not _is(after, _expected(before, place, key, value)):
            raise ConfigError(
                f"the entry {identifier} is not written as a [[source]] with one key a line: set {key} there by hand"
            )
        text = after
    return mark + text


def replace_file(path: Path, text: str) -> None:
    """Put a new file in the place of a sources file, whole or not at all; link, mode and owner stay.

    Raises:
        ConfigError: the system refuses.
    """
    path = path.resolve()
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        before = path.stat()
        with temporary.open("wb") as file:
            # Root edits what a service reads: the file must go on belonging to the service.
            if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), before.st_uid, before.st_gid)
            os.fchmod(file.fileno(), stat.S_IMODE(before.st_mode))
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_directory(path.parent)
    except OSError as error:
        raise ConfigError(f"{path} cannot be changed: {error.strerror or error}; it is as it was") from None
    finally:
        temporary.unlink(missing_ok=True)


def _edited(lines: list[str], place: int, key: str, setting: str | None) -> list[str]:
    """The lines with the key of the entry at this place set, or taken out."""
    headers = [at for at, line in enumerate(lines) if _ENTRY.match(line.rstrip("\r\n"))]
    if place >= len(headers):
        return lines
    begin = headers[place] + 1
    end = next((at for at in range(begin, len(lines)) if lines[at].lstrip().startswith("[[")), len(lines))
    # Spaces between value and remark are the operator's, too.
    own = re.compile(rf"(?P<indent>\s*){key}\s*=\s*{_VALUE}(?P<rest>\s*(?:#.*)?)\Z")
    for at in range(begin, end):
        if match := own.match(lines[at].rstrip("\r\n")):
            line_end = lines[at][len(lines[at].rstrip("\r\n")) :]
            kept = [] if setting is None else [f"{match['indent']}{setting}{match['rest']}{line_end}"]
            return [*lines[:at], *kept, *lines[at + 1 :]]
    if setting is None:
        return lines
    # Below the last line of the entry that says something: what follows is a remark about the next one.
    last = max((at for at in range(begin - 1, end) if not _REMARK.match(lines[at].rstrip("\r\n"))), default=begin - 1)
    newline = "\r\n" if lines[begin - 1].endswith("\r\n") else "\n"
    above = lines[last] if lines[last].endswith("\n") else lines[last] + newline
    return [*lines[:last], above, setting + newline, *lines[last + 1 :]]


def _expected(document: dict[str, Any], place: int, key: str, value: str | bool | None) -> dict[str, Any]:
    entries = list(document["source"])
    entries[place] = {name: old for name, old in entries[place].items() if name != key}
    if value is not None:
        entries[place][key] = value
    return document | {"source": entries}


def _is(text: str, expected: dict[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == expected
    except tomllib.TOMLDecodeError:
        return False
