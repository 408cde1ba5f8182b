"""A dump as a pandas DataFrame with the right dtypes."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from newscrawl.dump.columns import is_time, kind_of
from newscrawl.dump.place import place
from newscrawl.dump.reader import records, verify
from newscrawl.dump.schema import schema
from newscrawl.dump.selection import read_columns, read_where, read_whole, selected
from newscrawl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pandas as pd

    from newscrawl.dump.place import Place
    from newscrawl.dump.selection import Where

__all__ = ["read", "read_chunks", "verify"]

TIME = "datetime64[us, UTC]"
CHUNK_ROWS = 50_000


def read(
    path: Place | str,
    stream: str = "current",
    *,
    include_gone: bool = False,
    columns: Iterable[str] | None = None,
    where: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """One row per record, one column per field, in the order of the record.

    Text is ``string``, whole numbers ``Int64``, similarities ``Float64``, times ``datetime64[us, UTC]``; lists and
    objects stay Python lists and dicts. Where there is no record, the frame has the same columns and dtypes.

    Args:
        path: a data directory, an address such as ``s3://bucket/prefix``, or one file of the stream.
        stream: `current` (the newest revision of each article, with its links), `articles` (every revision),
            `removed`, `outcomes` or `links`.
        include_gone: articles that were withdrawn, too.
        columns: names of fields, in the order wanted; None: all.
        where: which records, by ``source``, ``language`` (each a text or several; "zh" takes "zh-CN" too), ``since``
            and ``until`` (a day, a time or an age such as "7d": of publication, or the crawl day where a stream has no
            such time), ``after_run`` (the id of a run). Files that hold none of them are not opened.

    Raises:
        ConfigError: there is no such dump, stream, column or way to choose.
        StoreError: a file is missing or a line is torn.
    """
    path = place(path)
    types, wanted = _wanted(path, stream, columns, where)
    return read_whole(path, lambda: _frame(selected(path, stream, wanted, include_gone=include_gone), types))


def read_chunks(  # noqa: PLR0913 - those of `read`, and one more
    path: Place | str,
    stream: str = "current",
    *,
    include_gone: bool = False,
    columns: Iterable[str] | None = None,
    where: Mapping[str, Any] | None = None,
    rows: int = CHUNK_ROWS,
) -> Iterator[pd.DataFrame]:
    """The same as `read`, in frames of at most so many rows, one in memory at a time; none when there is no record.

    Raises:
        ConfigError: as `read`, at once.
        StoreError: as `read`, while it is read; also when the dump was compacted or purged meanwhile: begin again.
    """
    if rows < 1:
        raise ConfigError(f"rows: {rows} is not a whole number above 0")
    path = place(path)
    types, wanted = _wanted(path, stream, columns, where)
    return _chunks(selected(path, stream, wanted, include_gone=include_gone), types, rows)


def dtypes(stream: str) -> dict[str, str]:
    """The dtype of every column of a stream."""
    return {name: _dtype(each) for name, each in schema(stream)["properties"].items()}


def _wanted(
    path: Place, stream: str, columns: Iterable[str] | None, where: Mapping[str, Any] | None
) -> tuple[dict[str, str], Where]:
    """The dtypes of the columns asked for, and which records."""
    records(path, stream)  # says whether there is such a dump; nothing is read yet
    types = dtypes(stream)
    return {name: types[name] for name in read_columns(stream, columns)}, read_where(path, stream, where or {})


def _chunks(rows: Iterator[dict[str, Any]], types: Mapping[str, str], size: int) -> Iterator[pd.DataFrame]:
    while len(frame := _frame(islice(rows, size), types)):
        yield frame


def _frame(rows: Iterable[Mapping[str, Any]], types: Mapping[str, str]) -> pd.DataFrame:
    # pandas takes a second to import, and `verify` does not need it.
    import pandas as pd

    values: dict[str, list[Any]] = {name: [] for name in types}
    for row in rows:
        for name, column in values.items():
            column.append(row.get(name))
    columns: dict[str, Any] = {}
    for name, dtype in types.items():
        if dtype == TIME:
            texts = pd.Series(values.pop(name), dtype="object")
            columns[name] = pd.to_datetime(texts, utc=True, format="%Y-%m-%dT%H:%M:%SZ").dt.as_unit("us")
        else:
            columns[name] = pd.Series(values.pop(name), dtype=cast(Any, dtype))
    return pd.DataFrame(columns)


def _dtype(field: dict[str, Any]) -> str:
    kind, _ = kind_of(field)
    if kind == "string":
        return TIME if is_time(field) else "string"
    return {"integer": "Int64", "number": "Float64", "boolean": "boolean"}.get(kind, "object")
