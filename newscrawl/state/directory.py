"""The data directory that a store is opened for: that it can be written, and belongs to the store."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from newscrawl.dump.files import make_directory, storage_error, sync_directory
from newscrawl.dump.manifest import MANIFEST
from newscrawl.dump.place import elsewhere
from newscrawl.dump.schema import STREAMS
from newscrawl.dump.streams import read_manifest
from newscrawl.errors import StoreError
from newscrawl.state import runs

if TYPE_CHECKING:
    from pathlib import Path

    from newscrawl.state.database import Database


def has_dump(data: Path) -> bool:
    """Whether something was published from a data directory, as far as can be told here."""
    return (data / MANIFEST).is_file() or elsewhere(data) is not None


def refuse_older(database: Database, data: Path) -> None:
    """An older copy of the store that was put back would fetch and publish a second time what the dump has.

    Raises:
        StoreError: the manifest names what the store does not know.
    """
    unknown = _unknown(database, data)
    if unknown and database.is_shared:
        unknown = _unknown(database, data)  # somebody may have published between the two looks
    if unknown:
        raise StoreError(
            f"{database.name} is older than the dump beside it: it does not know {unknown}; "
            f"`newscrawl state rebuild --data {data}` sets it aside and makes it anew from the dump"
        )


def _unknown(database: Database, data: Path) -> str | None:
    """A run or a file that the manifest names and the store does not know."""
    try:
        manifest = read_manifest(data)
        newest = [each["id"] for each in manifest["runs"][-1:]]
        files = {each["path"] for each in manifest["files"]}
    except (StoreError, KeyError, TypeError):
        return None  # there is none yet, or `newscrawl verify` says what is wrong with it
    # The store is always the first to know; what it has replaced, the manifest may still name.
    known = {path for (path,) in database.rows("SELECT path FROM files UNION SELECT path FROM leftovers")}
    strange = [each for each in newest if not runs.is_known(database, each)] + sorted(files - known)
    return strange[0] if strange else None


def prepare(data: Path) -> None:
    """Make a data directory, and try whether it can be written.

    Raises:
        StoreError: it cannot, or something in it is a link.
    """
    state = data / "state"
    try:
        if data.exists() and not data.is_dir():
            raise StoreError(f"the data directory {data} is not a directory")
        make_directory(data)
        _refuse_links(state, *(data / name for name in STREAMS), data / "raw")
        if not state.is_dir():
            state.mkdir(mode=0o700, exist_ok=True)
            sync_directory(data)
        with tempfile.TemporaryFile(dir=data):  # a read-only disk says so here
            pass
        for each in (data / name for name in STREAMS):
            if each.is_dir() and not os.access(each, os.W_OK | os.X_OK):
                raise StoreError(f"cannot write {each}: permission denied")
    except OSError as error:
        raise storage_error(data, error) from error


def _refuse_links(*folders: Path) -> None:
    """What is written stays in the data directory; that one may be a link, nothing in it is."""
    for folder in folders:
        inside = folder.iterdir() if folder.is_dir() else ()
        if link := next((each for each in (folder, *inside) if each.is_symlink()), None):
            raise StoreError(f"{link} is a symbolic link, which nothing in a data directory may be")
