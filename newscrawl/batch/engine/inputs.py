"""What a batch is told to read: files, folders, addresses, and listings of files as Common Crawl publishes them."""

from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.dump.objects import object_path
from newscrawl.errors import ConfigError
from newscrawl.readers.files import STDIN, Input
from newscrawl.readers.folders import files_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from newscrawl.readers.detect import Format

LISTINGS = (".paths", ".paths.gz")
"""Names of listings end so: ``warc.paths.gz``."""
SHARD_BYTES = 16_000_000
PART_BYTES = 200_000_000
"""Of compressed archives, which is some 8,000 pages: what a worker sorts, settles and compares at a time."""
MIN_PARTS, MAX_PARTS = 8, 4096


def inputs_of(
    names: Iterable[str], *, prefix: str | None = None, form: Format | None = None, source: str | None = None
) -> tuple[tuple[Input, ...], tuple[str, ...], tuple[int, ...]]:
    """The files that are named, sorted; what tells each from a changed one; and how many bytes each has.

    Args:
        prefix: goes before each line of a listing; by default its lines are relative to its folder.

    Raises:
        ConfigError: a file cannot be read, or is named twice; names it.
    """
    named = sorted(each for name in names for each in _files(name, prefix))
    for one, other in pairwise(named):
        if one == other:
            raise ConfigError(f"{one} is named twice")
    looked_at = [_look_at(name) for name in named]
    inputs = tuple(Input(name=name, format=form, source=source) for name in named)
    return inputs, tuple(version for version, _ in looked_at), tuple(size for _, size in looked_at)


def shards_of(sizes: Sequence[int]) -> tuple[int, ...]:
    """Where the shards end, as `Job.ends`: small files share one, for each costs a task in every stage."""
    ends: list[int] = []
    size = SHARD_BYTES
    for number, more in enumerate(sizes, start=1):
        if size + more > SHARD_BYTES or not ends:
            ends.append(number)
            size = 0
        ends[-1] = number
        size += more
    return tuple(ends)


def parts_for(size: int) -> int:
    """Into how many parts so many bytes of input are divided: each fits into a worker."""
    return max(MIN_PARTS, min(MAX_PARTS, size // PART_BYTES))


def _files(name: str, prefix: str | None) -> Iterator[str]:
    if name == STDIN:
        raise ConfigError("--engine cannot read standard input: its workers have none; name files")
    if name.endswith(LISTINGS):
        before = prefix if prefix is not None else name.rpartition("/")[0]
        yield from (f"{before.rstrip('/')}/{line}" if before else line for line in _lines(name))
    elif "://" in name:
        yield name
    elif Path(name).is_dir():
        yield from (str(each.resolve()) for each in files_in(Path(name)))
    else:
        yield str(Path(name).resolve())


def _lines(name: str) -> list[str]:
    try:
        data = Path(name).read_bytes()
        text = (gzip.decompress(data) if name.endswith(".gz") else data).decode()
    except (OSError, EOFError, ValueError) as error:
        raise ConfigError(f"the listing {name} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return [line.strip() for line in text.splitlines() if line.strip()]


def _look_at(name: str) -> tuple[str, int]:
    """What tells a file from a changed one, and its size.

    Raises:
        StoreError: a store of objects refuses.
    """
    try:
        if "://" in name:
            thing = object_path(name)
            size = thing.stat().st_size
            return f"{size} {thing.version()}", size
        status = Path(name).stat()
        with Path(name).open("rb"):
            return f"{status.st_size} {status.st_mtime_ns}", status.st_size
    except OSError as error:
        raise ConfigError(f"{name} cannot be read: {error.strerror or 'there is no such object'}") from error
