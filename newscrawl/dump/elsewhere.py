"""A dump in a store of objects: how it is chosen, proof that it is ours, and raw pages sent there."""

from __future__ import annotations

import logging
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from newscrawl.dump.files import NewFile, make_directory, sync_directory, version_of
from newscrawl.dump.manifest import MANIFEST
from newscrawl.dump.objects import ANYTHING, ObjectPath, OvertakenError, object_path
from newscrawl.dump.place import ELSEWHERE, elsewhere
from newscrawl.dump.raw import RAW, entry_of, waiting
from newscrawl.dump.streams import read_manifest
from newscrawl.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newscrawl.dump.place import Place
    from newscrawl.state.outbox import DumpFile, Outbox


logger = logging.getLogger(__name__)

SETTING = "NEWSCRAWL_DUMP"
_PROBE = ".newscrawl-probe"


def publish_to(outbox: Outbox, data: Path, url: str | None) -> None:
    """Have a data directory publish to an address from now on; it is remembered there.

    The address is tried: a dump that cannot be written is to be known before anything is fetched for it.

    Args:
        url: None or empty: where it has published so far.

    Raises:
        ConfigError: no dump can be there, or the directory's dump is elsewhere already.
        StoreError: the store cannot be reached, refuses, or holds the dump of another data directory.
    """
    if not url or url.rstrip("/") == elsewhere(data):
        return
    if "://" not in url:
        raise ConfigError(f"{SETTING}={url} is no address such as s3://bucket/prefix; directories are for --data")
    dump, before = object_path(url), elsewhere(data)
    if before is None and (data / MANIFEST).is_file():
        before = str(data)
    if before is not None and before != str(dump):
        raise ConfigError(f"{SETTING}={url}: the dump of {data} is at {before}; docs/storage.md says how it is moved")
    _try(dump)
    seen, known = version_of(dump / MANIFEST), outbox.files()
    refuse_strange(outbox, dump, known, seen)
    make_directory(data / ELSEWHERE.parent)
    with NewFile(data / ELSEWHERE, is_shared=True) as file:
        file.write(f"{dump}\n".encode())
        file.finish()


def _try(dump: ObjectPath) -> None:
    """Write and delete an object; say so where conditions are not heeded."""
    probe = dump / f"{_PROBE}-{token_hex(4)}"  # another machine may try at the same time
    _write(probe, ANYTHING)
    try:
        for over in (None, '"of-another"'):
            try:
                _write(probe, over)
            except OvertakenError:
                continue
            logger.warning(
                "%s: puts there are not held to conditions, so see to it that only one newscrawl publishes there", dump
            )
            break
    finally:
        probe.unlink(missing_ok=True)


def _write(path: ObjectPath, over: str | None) -> None:
    with NewFile(path, over=over) as file:
        file.write(b"newscrawl tries whether it may write here\n")
        file.finish()


def send_raw(outbox: Outbox, data: Path, dump: Place) -> tuple[Path, ...]:
    """Send the archives here to a dump elsewhere, and take note of each that is there; those archives.

    Raises:
        StoreError: the store refuses.
    """
    if isinstance(dump, Path):
        return ()
    archives = tuple(waiting(outbox, data))
    known = {each.path for each in outbox.files()}
    for archive in archives:
        entry = entry_of(archive)
        if entry.path not in known:
            with archive.open("rb") as file:
                (dump / entry.path).put(file, entry.bytes)
            outbox.published([entry], 0)
    return archives


def drop_sent(archives: Sequence[Path]) -> None:
    """Delete archives that the manifest names where they were sent."""
    for archive in archives:
        archive.unlink(missing_ok=True)
    for folder in {archive.parent for archive in archives}:
        sync_directory(folder)


def refuse_strange(outbox: Outbox, dump: Place, known: Sequence[DumpFile], seen: str | None) -> None:
    """See to it that a store of objects holds the dump of this very store.

    Args:
        seen: version of the manifest there before `known` was read.

    Raises:
        OvertakenError: somebody else published since.
        StoreError: the dump there knows of what this store does not; or this store has published, and nothing is there.
    """
    if isinstance(dump, Path):  # looked at when the data directory was opened
        return
    if not (dump / MANIFEST).is_file():
        published = [each.path for each in known if each.stream != RAW]
        if published and not any((dump / each).is_file() for each in published):
            raise StoreError(
                f"{dump} is empty, but {len(published):,} files were published from here; "
                "bring them back, or say where the dump is"
            )
        return
    ours = {each.path for each in known} | set(outbox.leftovers())
    strange = sorted(str(each["path"]) for each in read_manifest(dump)["files"] if each["path"] not in ours)
    if strange and version_of(dump / MANIFEST) != seen:
        raise OvertakenError(f"{dump} was published to by somebody else meanwhile")
    if strange:
        raise StoreError(
            f"{dump} holds a dump that was not published from here, or later than what is known here: "
            f"it has {strange[0]}; choose another place, or put the newer state back"
        )
