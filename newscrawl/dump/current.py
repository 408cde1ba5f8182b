"""The current view: the newest revision of every article that is there, with its links."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING

from newscrawl.dump.files import NewFile
from newscrawl.dump.objects import ANYTHING
from newscrawl.dump.packing import unpacked
from newscrawl.dump.record import to_line
from newscrawl.dump.schema import LINK_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newscrawl.dump.files import Written
    from newscrawl.dump.place import Place
    from newscrawl.state.outbox import Outbox

CURRENT = "current/articles.jsonl"

_ID = re.compile(rb'"id": "(nc_[a-z2-7]{26})"')


def id_of(line: bytes) -> str:
    """The id of a line as we write it, without parsing all of it."""
    # The head is ours: schema_version and id come before anything a publisher wrote.
    if match := _ID.search(line, 0, 100):
        return match[1].decode()
    return str(json.loads(line)["id"])


def joined(line: bytes, link: dict[str, object]) -> bytes:
    """A line of the articles, or of an older current view, with these links."""
    values = json.loads(line)
    return to_line({**{name: values[name] for name in values if name not in LINK_FIELDS}, **link})


def write_current(
    path: Place, old: Iterable[bytes], outbox: Outbox, last: int, *, over: str | None = ANYTHING
) -> Written:
    """Merge what waits into the current view, one line in memory at a time; untouched lines stay as they are.

    Doing it twice gives the same file, so a crash between it and the note of it does no harm.

    Args:
        over: the version of an object that may be replaced.

    Raises:
        OvertakenError: the object has another version.
    """
    with NewFile(path, over=over) as file:
        for line in _merged(iter(old), outbox, last):
            file.write(line)
        return file.finish()


def read_lines(path: Place) -> Iterator[bytes]:
    """The lines of a file, unpacked; none when there is no file.

    Raises:
        StoreError: it is packed, and damaged.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(unpacked(path))
        except FileNotFoundError:
            return
        yield from file


def _merged(old: Iterator[bytes], outbox: Outbox, last: int) -> Iterator[bytes]:
    """Both are sorted by id."""
    waiting = next(old, None)
    for changed in outbox.changed_ids(last):
        while waiting is not None and id_of(waiting) < changed:
            yield waiting
            waiting = next(old, None)
        before = None
        if waiting is not None and id_of(waiting) == changed:
            before, waiting = waiting, next(old, None)
        line = outbox.newest_line(changed, last) or before
        if line is not None and outbox.status(changed) == "ok":
            yield joined(line, asdict(outbox.link(changed)))
    if waiting is not None:
        yield waiting
    yield from old
