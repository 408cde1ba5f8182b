"""Proving that a dump is whole; `records` reads it."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from newscrawl.article import STATUSES
from newscrawl.dump.copied import copied
from newscrawl.dump.current import CURRENT, read_lines
from newscrawl.dump.manifest import CHECKSUMS, MANIFEST, TOMBSTONES, digest_of
from newscrawl.dump.place import place
from newscrawl.dump.raw import RAW, members
from newscrawl.dump.rebuild import newest_lines, parsed_lines
from newscrawl.dump.schema import STREAMS, schema
from newscrawl.dump.streams import read_manifest, records, stream_files
from newscrawl.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newscrawl.dump.place import Place

__all__ = ["records", "verify"]

MAX_PROBLEMS = 100
"""Of one kind and file; the rest is counted."""


def verify(path: Place | str) -> tuple[str, ...]:
    """Every problem of a dump, as sentences; none when it is whole.

    Proves: the manifest; that each file it names is there, with its size, rows and checksum, and that nothing
    else is in the folders of the streams; that each line holds to its schema; that (id, revision) is unique and
    that each address has one outcome in a run; that the current view is what the logs say; the digest; that
    nothing but its record stands of a purged article. Of a dump elsewhere a copy is proved, but for its raw pages.

    Raises:
        StoreError: the store that it lies in cannot be read, or the disk has no room for a copy.
    """
    path = place(path)
    if isinstance(path, Path) or not (path / MANIFEST).is_file():
        return _verify(path, path)
    with copied(path) as copy:
        return tuple(each.replace(str(copy), str(path)) for each in _verify(copy, path))


def _verify(path: Place, raw: Place) -> tuple[str, ...]:
    """The problems of a dump whose raw pages may lie elsewhere."""
    if not path.is_dir():
        return (f"there is no dump at {path}",)
    if not (path / MANIFEST).is_file():
        strays = _strays(path, set())
        return (f"{path / MANIFEST} is missing", *strays)
    try:
        manifest = read_manifest(path)
        named = {str(each["path"]) for each in manifest["files"]}
        problems = [
            problem
            for each in manifest["files"]
            for problem in _file_problems(raw if each["stream"] == RAW else path, each)
        ]
    except (StoreError, KeyError, TypeError) as error:
        return (f"{path / MANIFEST} is damaged: {error!r}",)
    problems += _strays(path, named)
    problems += _checksum_problems(path, manifest)
    if not problems:  # what follows reads whole, valid files
        problems += _unique_problems(path)
        problems += _current_problems(path, manifest)
        problems += _purged_problems(path)
    return tuple(problems)


def _file_problems(path: Place, entry: dict[str, Any]) -> Iterator[str]:
    file = path / entry["path"]
    if _is_outside(path, file, entry["path"]):
        yield f"{entry['path']} is outside of the dump"
        return
    if not file.is_file():
        yield f"{file} is missing"
        return
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256")
    size = file.stat().st_size
    if size != entry["bytes"]:
        yield f"{file}: {size} bytes, the manifest says {entry['bytes']}"
    try:
        rows = sum(1 for _ in (members(file) if entry["stream"] == RAW else read_lines(file)))
        if rows != entry["rows"]:
            yield f"{file}: {rows} rows, the manifest says {entry['rows']}"
    except StoreError as error:
        yield str(error)
    if f"sha256:{digest.hexdigest()}" != entry["sha256"]:
        yield f"{file}: the checksum is not that of the manifest"
    if entry["stream"] != RAW:
        yield from _limited(_line_problems(file, entry["stream"]), str(file))


def _is_outside(path: Place, file: Place, named: str) -> bool:
    if isinstance(path, Path) and isinstance(file, Path):
        return not file.resolve().is_relative_to(path.resolve())
    parts = PurePosixPath(named)
    return parts.is_absolute() or ".." in parts.parts


def _line_problems(file: Place, stream: str) -> Iterator[str]:
    import fastjsonschema

    validate: Callable[[object], object] = _validator(stream)
    number = 0
    try:
        for number, (_, values) in enumerate(parsed_lines(file), start=1):
            try:
                validate(values)
            except fastjsonschema.JsonSchemaException as error:
                yield f"{file}, line {number}: {error}"
                continue
            if stream in {"articles", "current"}:
                yield from (f"{file}, line {number}: {each}" for each in _contradictions(values))
    except StoreError as error:
        yield str(error)


@cache
def _validator(stream: str) -> Callable[[object], object]:
    import fastjsonschema

    compiled: Callable[[object], object] = fastjsonschema.compile(schema(stream), use_default=False)
    return compiled


def _contradictions(values: dict[str, Any]) -> Iterator[str]:
    """What a schema cannot say."""
    gone = values["status"] != STATUSES[0]
    if gone and (values["title"] is not None or values["text"] is not None or values["description"] is not None):
        yield f"status is {values['status']}, but there is content"
    if (values["text"] is None) != (values["text_sha256"] is None):
        yield "text and text_sha256: one is null and the other is not"
    elif values["text"] is not None:
        digest = hashlib.sha256(values["text"].encode("utf-8", "surrogatepass")).hexdigest()
        if values["text_sha256"] != f"sha256:{digest}":
            yield "text_sha256 is not that of the text"
    if (values["revision"] == 1) != (values["revision_cause"] == "first"):
        yield f"revision {values['revision']} cannot be caused by {values['revision_cause']!r}"
    if (values["date_published"] is None) != (values["date_precision"] is None):
        yield "date_published and date_precision: one is null and the other is not"


def _strays(path: Place, named: set[str]) -> list[str]:
    """Files in the folders of the streams that the manifest does not name."""
    found = (name for stream in STREAMS for name in _below(path, stream))
    return [f"{path / each}: the manifest does not name it" for each in found if each not in named]


def _below(path: Place, folder: str) -> Iterator[str]:
    """Names of all files in a folder and its folders, relative to the path."""
    if isinstance(path, Path):
        yield from (str(each.relative_to(path)) for each in sorted((path / folder).rglob("*")) if not each.is_dir())
    else:
        yield from (each.relative_to(path) for each in sorted((path / folder).rglob("*")))


def _checksum_problems(path: Place, manifest: dict[str, Any]) -> Iterator[str]:
    expected = {f"{each['sha256'].removeprefix('sha256:')}  {each['path']}" for each in manifest["files"]}
    try:
        lines = set((path / CHECKSUMS).read_bytes().decode().splitlines())
    except (OSError, ValueError) as error:
        yield f"{path / CHECKSUMS} cannot be read: {error}"
        return
    if lines != expected:
        yield f"{path / CHECKSUMS} does not name the files of the manifest with their checksums"


def _unique_problems(path: Place) -> Iterator[str]:
    keys = {
        "articles": ("id", "revision"),
        "outcomes": ("run_id", "url"),
        "current": ("id",),
    }
    for stream, names in keys.items():
        yield from _limited(_repeated(path, stream, names), f"{path / stream}")


def _repeated(path: Place, stream: str, names: tuple[str, ...]) -> Iterator[str]:
    seen: set[tuple[Any, ...]] = set()
    for values in records(path, stream, include_gone=True) if stream != "current" else records(path, stream):
        key = tuple(values[name] for name in names)
        if key in seen:
            yield f"{stream}: {' '.join(map(str, key))} stands there twice"
        seen.add(key)


def _current_problems(path: Place, manifest: dict[str, Any]) -> Iterator[str]:
    expected = newest_lines(stream_files(path, "articles"), stream_files(path, "links"))
    written = read_lines(path / CURRENT)
    for line, other in zip_longest(written, expected):
        if line != other:
            values = json.loads(other or line or b"{}")
            yield f"{path / CURRENT}: {values.get('id')} is not what articles and links say"
            break
    view = records(path, "current")
    digest, count = digest_of((each["id"], each["revision"], each["text_sha256"], each["status"]) for each in view)
    if digest != manifest.get("digest"):
        yield f"{path / MANIFEST}: the digest is not that of the current view"
    if count != manifest.get("articles"):
        yield f"{path / MANIFEST}: {manifest.get('articles')} articles, the current view holds {count}"
    known = {each.get("id") for each in manifest.get("runs", ())}
    for each in manifest["files"]:
        if each["run_id"] not in known and each["run_id"] is not None:  # compacted files are of many
            yield f"{path / each['path']}: the manifest does not know its run {each['run_id']}"


def _purged_problems(path: Place) -> Iterator[str]:
    """Lines of articles that have a tombstone."""
    if not (path / TOMBSTONES).is_file():
        return
    try:
        purged = {str(values["id"]) for _, values in parsed_lines(path / TOMBSTONES)}
    except (StoreError, KeyError) as error:
        yield f"{path / TOMBSTONES} is damaged: {error}"
        return
    for stream in ("articles", "removed", "links", "current"):
        for file in stream_files(path, stream):
            lines = enumerate(parsed_lines(file), start=1)
            yield from _limited(
                (
                    f"{file}, line {number}: {values['id']} is purged, and its line is still there"
                    for number, (_, values) in lines
                    if values["id"] in purged and values.get("status") != "purged"
                ),
                str(file),
            )


def _limited(problems: Iterator[str], name: str) -> Iterator[str]:
    more = 0
    for number, problem in enumerate(problems):
        if number < MAX_PROBLEMS:
            yield problem
        else:
            more += 1
    if more:
        yield f"{name}: {more} more problems"
