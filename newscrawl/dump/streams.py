"""Reading a dump, record by record, without pandas."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from newscrawl.dump.current import CURRENT
from newscrawl.dump.manifest import MANIFEST
from newscrawl.dump.packing import PACKINGS
from newscrawl.dump.place import place
from newscrawl.dump.rebuild import newest_lines, parsed_lines
from newscrawl.dump.schema import STREAMS
from newscrawl.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.dump.place import Place


def records(path: Place | str, stream: str = "current", *, include_gone: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the records of a stream of a dump, one in memory at a time.

    `current` comes by id, the others in the order of publication. Of `articles` and `current`, what is gone or
    purged is left out unless `include_gone`.

    Args:
        path: a data directory, an address such as ``s3://bucket/prefix``, or one file of the stream.

    Raises:
        ConfigError: there is no such dump or stream.
        StoreError: a file is missing or a line is torn; names both.
    """
    path = place(path)
    if stream not in STREAMS:
        raise ConfigError(f"there is no stream {stream!r}; streams are {', '.join(STREAMS)}")
    if not path.exists():
        raise ConfigError(f"there is no dump at {path}")
    return _records(path, stream, include_gone)


def _records(path: Place, stream: str, include_gone: bool) -> Iterator[dict[str, Any]]:
    if stream == "current" and include_gone and path.is_dir():
        articles, links = stream_files(path, "articles"), stream_files(path, "links")
        yield from map(json.loads, newest_lines(articles, links, include_gone=True))
        return
    for file in [path] if path.is_file() else stream_files(path, stream):
        for _, values in parsed_lines(file):
            if include_gone or values.get("status") in {None, "ok"} or stream not in {"articles", "current"}:
                yield values


def stream_files(path: Place, stream: str) -> list[Place]:
    """Files of a stream in the order of publication; by name where a dump has no manifest."""
    if (path / MANIFEST).is_file():
        return [path / each["path"] for each in read_manifest(path)["files"] if each["stream"] == stream]
    if stream == "current":
        return [path / CURRENT] if (path / CURRENT).is_file() else []
    ends = tuple(PACKINGS.values())
    days = sorted(each for each in _inside(path / stream) if each.name.startswith("crawl_day="))
    return [each for day in days for each in sorted(_inside(day)) if each.name.endswith(ends) and each.name[0] != "."]


def _inside(folder: Place) -> list[Any]:
    return list(folder.iterdir()) if folder.is_dir() else []


def read_manifest(path: Place) -> dict[str, Any]:
    """The manifest of a data directory.

    Raises:
        StoreError: it is missing, damaged, or something else.
    """
    try:
        manifest = json.loads((path / MANIFEST).read_bytes())
    except (ValueError, OSError) as error:
        raise StoreError(f"{path / MANIFEST} cannot be read: {error}") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), list):
        raise StoreError(f"{path / MANIFEST} is not the manifest of a dump")
    return manifest
