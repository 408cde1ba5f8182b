"""Parquet: typed columns, in row groups that a reader can skip by their days and sources."""

from __future__ import annotations

from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any

from newscrawl.article import SCHEMA_VERSION
from newscrawl.dump.columns import arrow_columns, is_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from newscrawl.export.table import Row, Table

GROUP_ROWS = 5_000
"""What is in memory at a time, and what a reader takes or skips as a whole."""
ORDER = ("date_published", "source")


def write_parquet(rows: Iterator[Row], table: Table, path: Path, *, is_ordered: bool) -> None:
    """Zstandard, row groups of `GROUP_ROWS`; times are ``timestamp[us, UTC]``, lists and objects nested.

    Args:
        is_ordered: the rows come by `ORDER`, nulls last; the file says so.

    Raises:
        ImportError: pyarrow is not installed.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = arrow_columns(table.fields).with_metadata({"newscrawl_schema_version": SCHEMA_VERSION})
    # What is ordered by day and source is not ordered by source alone.
    by = [(each, "ascending") for each in takewhile(table.fields.__contains__, ORDER)] if is_ordered else []
    order = pq.SortingColumn.from_ordering(schema, by, null_placement="at_end") if by else None
    with pq.ParquetWriter(path, schema, compression="zstd", sorting_columns=order) as writer:
        for group in _groups(rows, tuple(table.fields)):
            arrays = [_array(pa, group.pop(name), name, table, schema) for name in table.fields]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _groups(rows: Iterator[Row], names: tuple[str, ...]) -> Iterator[dict[str, list[Any]]]:
    """The rows as columns, so many at a time: as columns they take half the memory."""
    while True:
        group: dict[str, list[Any]] = {name: [] for name in names}
        row = None
        for row in islice(rows, GROUP_ROWS):
            for name, values in group.items():
                values.append(row[name])
        if row is None:
            return
        yield group


def _array(pa: Any, values: list[Any], name: str, table: Table, schema: pa.Schema) -> pa.Array:
    kind = schema.field(name).type
    return pa.array(values, pa.string()).cast(kind) if is_time(table.fields[name]) else pa.array(values, kind)
