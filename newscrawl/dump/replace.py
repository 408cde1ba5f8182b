"""Replacing published files by others, so that a reader and a crash see the old ones or the new ones.

New names are noted before they are written; one transaction makes the new files known and the old ones leftovers; the
manifest follows; leftovers go last. Whatever a crash leaves is a leftover in the store's eyes, and the next publication
takes it away. A reader who has an old file open keeps it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.dump.files import TEMPORARY_SUFFIX, NewFile, make_directory, sync_directory

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newscrawl.dump.place import Place
    from newscrawl.state.outbox import DumpFile, Outbox


def write_replacement(outbox: Outbox, dump: Place, entry: DumpFile, lines: Iterable[bytes]) -> DumpFile | None:
    """Write a file that no manifest names yet; `entry` says where and what for, and is given back with its figures.

    None, and no file, when there is no line.
    """
    path = dump / entry.path
    outbox.note_leftovers([entry.path])
    make_directory(path.parent)
    with NewFile(path) as file:
        for line in lines:
            file.write(line)
        if not file.lines:
            return None
        written = file.finish()
    return replace(entry, lines=written.lines, bytes=written.bytes, sha256=written.sha256)


def remove_leftovers(outbox: Outbox, data: Path, dump: Place) -> None:
    """Delete what belongs to no dump; the manifest no longer names it. Raw pages may still lie in `data`."""
    paths = outbox.leftovers()
    if not isinstance(dump, Path):
        for each in paths:
            (dump / each).unlink(missing_ok=True)
    _remove_files(data, paths)
    if paths:
        outbox.forget_leftovers(paths)


def _remove_files(data: Path, paths: Iterable[str]) -> None:
    folders = set()
    for each in paths:
        path = data / each
        if path.parent.is_dir():
            path.unlink(missing_ok=True)
            path.with_name(f".{path.name}{TEMPORARY_SUFFIX}").unlink(missing_ok=True)
            folders.add(path.parent)
    for folder in sorted(folders):
        if not any(folder.iterdir()) and folder.name.startswith("crawl_day="):
            folder.rmdir()
            folder = folder.parent  # noqa: PLW2901 - the name that went stood there
        sync_directory(folder)
