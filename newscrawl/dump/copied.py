"""A copy on this machine of a dump that is elsewhere, for who reads all of it several times."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from newscrawl.dump.files import storage_error
from newscrawl.dump.manifest import MANIFEST
from newscrawl.dump.schema import STREAMS
from newscrawl.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.dump.objects import ObjectPath

MAX_TRIES = 5
"""A dump that is published to meanwhile is copied once more."""


@contextmanager
def copied(dump: ObjectPath) -> Iterator[Path]:
    """A dump as it was at one moment, without its raw pages, among the system's temporary files.

    Raises:
        StoreError: the store cannot be read, or an object has a name that no file of a dump has; or the disk is full.
    """
    with TemporaryDirectory(prefix="newscrawl-") as folder:
        for number in range(MAX_TRIES):
            copy = Path(folder, str(number))
            before = (dump / MANIFEST).version(), (dump / MANIFEST).read_bytes()
            try:
                is_whole = _copy(dump, copy)
            except OSError as error:
                raise storage_error(copy, error) from error
            if is_whole and before == ((dump / MANIFEST).version(), (dump / MANIFEST).read_bytes()):
                yield copy
                return
            shutil.rmtree(copy)
    raise StoreError(f"{dump} changes faster than it is read")


def _copy(dump: ObjectPath, copy: Path) -> bool:
    """Whether everything that was listed was still there."""
    described = (each for each in dump.iterdir() if each.is_file())
    for each in (*described, *(each for stream in STREAMS for each in (dump / stream).rglob("*"))):
        name = each.relative_to(dump)
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or PurePosixPath(name).is_absolute():
            raise StoreError(f"{each} has a name that no file of a dump has")
        path = copy.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            opened = each.open()
        except FileNotFoundError:
            return False
        with opened, path.open("xb") as file:
            shutil.copyfileobj(opened, file)
    return True
