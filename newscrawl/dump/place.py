"""Where the files of a dump are: in its data directory, or elsewhere."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from newscrawl.dump.objects import ObjectPath, object_path

Place: TypeAlias = Path | ObjectPath
"""A directory or file, or a name in a store of objects. What a dump is read and written by, both have."""

ELSEWHERE = Path("state", "dump-url")
"""In a data directory: the address of its dump, when it is not in there itself."""


def place(path: Place | str) -> Place:
    """What a path or an address such as ``s3://bucket/prefix`` names; for a data directory, the place of its dump.

    Raises:
        ConfigError: there can be no dump at such an address.
    """
    if isinstance(path, str) and "://" in path and not path.startswith("file://"):
        return object_path(path)
    if isinstance(path, ObjectPath):
        return path
    return dump_of(Path(path.removeprefix("file://") if isinstance(path, str) else path))


def dump_of(data: Path) -> Place:
    """The place of the dump of a data directory: the directory itself unless it was told another one.

    Raises:
        ConfigError: it names a place where no dump can be.
    """
    url = elsewhere(data)
    return data if url is None else object_path(url)


def elsewhere(data: Path) -> str | None:
    """The address that a data directory was told for its dump; None: the dump is in the directory."""
    with suppress(FileNotFoundError, NotADirectoryError):
        return (data / ELSEWHERE).read_text(encoding="utf-8").strip() or None
    return None
