"""From a dump to one file of another format, which is there whole or not at all."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.dates import utc_now
from newscrawl.dump.files import TEMPORARY_SUFFIX, NewFile, storage_error, sync_directory
from newscrawl.dump.manifest import MANIFEST, TOMBSTONES
from newscrawl.dump.raw import RAW
from newscrawl.dump.schema import STREAMS, schema
from newscrawl.dump.selection import WITH_STATUS, Where, check_known, last_whole_run, read_whole, selected
from newscrawl.dump.streams import read_manifest
from newscrawl.errors import ConfigError, StoreError
from newscrawl.export.allow import ALLOW, forbids_training
from newscrawl.export.formats import LINES, PACKAGES
from newscrawl.export.lines import csv_lines, json_lines
from newscrawl.export.ordered import by_day_and_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newscrawl.dump.place import Place
    from newscrawl.export.table import Row, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to export."""

    stream: str
    where: Where
    table: Table
    include_gone: bool = False
    allow: str | None = None
    """One of `newscrawl.export.allow.ALLOW`: only records that may be used so."""
    raw_cells: bool = False
    """CSV and XLSX: texts that look like formulas stay as they are."""

    def __post_init__(self) -> None:
        if self.allow is not None:
            check_known("allow", self.allow, ALLOW)
            if "optout" not in schema(self.stream)["properties"]:
                raise ConfigError(f"allow {self.allow}: the lines of {self.stream} have no opt-outs")


@dataclass(slots=True, kw_only=True)
class Exported:
    """What an export came to."""

    format: str
    stream: str
    columns: tuple[str, ...]
    path: str | None = None
    """None: standard output."""
    rows: int = 0
    opted_out: int = 0
    """Records that the publisher does not allow to be used so."""
    cells_cut: int = 0
    """XLSX: texts longer than a cell."""
    bytes: int | None = None
    sha256: str | None = None
    digest: str | None = None
    """Of the dump, when the export began."""
    through_run: str | None = None
    """The next increment is what came after this run; None: everything, no run has ended yet."""


@dataclass(slots=True)
class _Source:
    """The records of one attempt, counted."""

    data: Place
    wanted: Wanted
    exported: Exported
    hear: Callable[[int], None]
    at: str = field(default_factory=utc_now)

    def records(self) -> Iterator[Row]:
        """Those that are wanted and allowed."""
        wanted = self.wanted
        for record in selected(self.data, wanted.stream, wanted.where, include_gone=wanted.include_gone):
            if wanted.allow is not None and forbids_training(record, at=self.at) is not None:
                self.exported.opted_out += 1
                continue
            self.exported.rows += 1
            self.hear(self.exported.rows)
            yield record

    def rows(self) -> Iterator[Row]:
        """The same as rows of the table."""
        return map(self.wanted.table.row, self.records())


def export(
    data: Place, wanted: Wanted, format_name: str, target: Path, hear: Callable[[int], None] = lambda _: None
) -> Exported:
    """Write what is wanted of a dump to a file, in place of one that is there.

    In memory is a part of it: a record, or a row group of Parquet. When the dump is compacted or purged meanwhile, it
    begins again.

    Args:
        hear: is told of the number of each record; from 1 again when it begins again.

    Raises:
        ConfigError: there is no such dump; or the format needs a package; or it cannot take so many rows; or the file
            would stand in the dump.
        StoreError: the dump is damaged, or the disk full; no file of this name was written or changed.
    """
    if _belongs_to_dump(data, target):
        raise ConfigError(f"{target} would be in the way of the dump: write to another folder")
    return read_whole(data, lambda: _export(data, wanted, format_name, target, hear))


def export_lines(
    data: Place, wanted: Wanted, format_name: str, hear: Callable[[int], None] = lambda _: None
) -> tuple[Exported, Iterator[bytes]]:
    """The lines of an export, for a stream that is no file; what it came to is known when the last one was taken."""
    exported = _begun(data, wanted, format_name)
    return exported, _lines(_Source(data, wanted, exported, hear), format_name)


def _begun(data: Place, wanted: Wanted, format_name: str) -> Exported:
    manifest = read_manifest(data) if (data / MANIFEST).is_file() else {}
    return Exported(
        format=format_name,
        stream=wanted.stream,
        columns=tuple(wanted.table.fields),
        digest=manifest.get("digest"),
        through_run=last_whole_run(data),
    )


def _lines(source: _Source, format_name: str) -> Iterator[bytes]:
    if format_name == "jsonl":
        return json_lines(source.rows())
    return csv_lines(source.rows(), source.wanted.table, is_raw=source.wanted.raw_cells)


def _export(data: Place, wanted: Wanted, format_name: str, target: Path, hear: Callable[[int], None]) -> Exported:
    exported = _begun(data, wanted, format_name)
    source = _Source(data, wanted, exported, hear)
    try:
        if format_name in LINES:
            with NewFile(target) as file:
                for line in _lines(source, format_name):
                    file.write(line)
                file.finish()
        else:
            with _new_path(target) as temporary:
                _write(source, format_name, temporary)
        with target.open("rb") as written:
            exported.sha256 = f"sha256:{hashlib.file_digest(written, 'sha256').hexdigest()}"
    except OSError as error:
        if isinstance(error, FileNotFoundError) and target.parent.is_dir():
            raise  # of the dump
        raise storage_error(target, error) from error
    except sqlite3.Error as error:
        raise StoreError(f"cannot write {target}: {error}") from error
    except ImportError as error:
        package = PACKAGES.get(format_name)
        if error.name != package:
            raise
        raise ConfigError(f"{format_name} needs {package}: pip install 'newscrawl[{format_name}]'") from error
    exported.path = str(target)
    exported.bytes = target.stat().st_size
    return exported


def _write(source: _Source, format_name: str, path: Path) -> None:
    wanted, exported = source.wanted, source.exported
    if format_name == "parquet":
        from newscrawl.export.parquet import write_parquet

        # An increment is to be read in the order of publication; other streams know no day of publication.
        is_ordered = wanted.stream in WITH_STATUS and wanted.where.runs is None
        pairs = ((each, wanted.table.row(each)) for each in source.records())
        rows = by_day_and_source(pairs) if is_ordered else source.rows()
        write_parquet(rows, wanted.table, path, is_ordered=is_ordered)
    elif format_name == "xlsx":
        from newscrawl.export.xlsx import write_xlsx

        exported.cells_cut = write_xlsx(source.rows(), wanted.table, path, is_raw=wanted.raw_cells)
    else:
        from newscrawl.export.sqlite import write_sqlite

        facts = {"stream": wanted.stream, "digest": exported.digest, "through_run": exported.through_run}
        write_sqlite(source.rows(), wanted.table, path, {name: each or "" for name, each in facts.items()})


@contextmanager
def _new_path(path: Path) -> Iterator[Path]:
    """A path beside the final one, for writers that want one; as with `NewFile`, a whole file gets its name."""
    temporary = path.with_name(f".{path.name}{TEMPORARY_SUFFIX}")
    temporary.unlink(missing_ok=True)  # of an attempt that was killed, or a link somebody put there
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_directory(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _belongs_to_dump(data: Place, target: Path) -> bool:
    """Whether a file of this name would be one of the dump's, or a stranger among them."""
    if not isinstance(data, Path):
        return False
    parent, root = target.parent.resolve(), data.resolve()
    folders = {root / each for each in (*STREAMS, RAW, "state")}
    return not folders.isdisjoint({parent, *parent.parents}) or (parent == root and target.name == TOMBSTONES)
