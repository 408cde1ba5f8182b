"""Taking every line of purged articles out of the files of a dump."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from newscrawl.dump.caches import forget_caches
from newscrawl.dump.current import id_of, read_lines
from newscrawl.dump.files import storage_error
from newscrawl.dump.objects import ObjectPath
from newscrawl.dump.packing import suffix_of
from newscrawl.dump.place import dump_of
from newscrawl.dump.publish import publish
from newscrawl.dump.purge_raw import purge_raw, take_in
from newscrawl.dump.replace import write_replacement

if TYPE_CHECKING:
    from pathlib import Path

    from newscrawl.dump.place import Place
    from newscrawl.state.outbox import DumpFile, Outbox
    from newscrawl.state.store import Store

logger = logging.getLogger(__name__)

WITH_ARTICLES = ("articles", "removed", "links")
"""Streams whose lines are about one article; outcomes are about addresses, and stay."""


def finish_purges(store: Store, data: Path) -> None:
    """Do what purging in the store has left to do: files, the current view, raw pages, and the store's free pages.

    It may be interrupted at any moment and done again.

    Raises:
        StoreError: the disk is full or failed; the purge goes on at the next start.
    """
    ids = frozenset(store.unfinished_purges())
    if not ids:
        return
    with store.dump_alone():
        _finish(store, data, ids)


def _finish(store: Store, data: Path, ids: frozenset[str]) -> None:
    dump = dump_of(data)
    publish(store, data)  # the `purged` records, and a current view without the articles
    try:
        for entry in store.outbox.files():
            if entry.stream in WITH_ARTICLES:
                _purge_file(store.outbox, dump, entry, ids)
        take_in(store, data)
        purge_raw(store.outbox, data, store.addresses_of(ids))
        forget_caches(data)
    except OSError as error:
        raise storage_error(dump, error) from error
    publish(store, data)  # the manifest, and then the old files go
    if isinstance(dump, ObjectPath) and dump.keeps_versions():
        logger.warning("%s keeps older versions of what was purged: have them deleted, see docs/storage.md", dump)
    store.finish_purges(ids)


def _purge_file(outbox: Outbox, dump: Place, entry: DumpFile, ids: frozenset[str]) -> None:
    path = dump / entry.path
    if all(_stays(line, entry.stream, ids) for line in read_lines(path)):
        return
    kept = (line for line in read_lines(path) if _stays(line, entry.stream, ids))
    new = replace(entry, path=_new_name(entry, ids))
    outbox.replace_files([entry.path], write_replacement(outbox, dump, new, kept))


def _stays(line: bytes, stream: str, ids: frozenset[str]) -> bool:
    if id_of(line) not in ids:
        return True
    return stream == "articles" and json.loads(line)["status"] == "purged"


def _new_name(entry: DumpFile, ids: frozenset[str]) -> str:
    """Follows from what was there and what goes: an interrupted purge writes the same file again."""
    path = PurePosixPath(entry.path)
    change = hashlib.sha256(f"{entry.sha256} {' '.join(sorted(ids))}".encode()).hexdigest()[:10]
    return str(path.with_name(f"{path.stem.split('.')[0]}.{change}{suffix_of(entry.path)}"))
