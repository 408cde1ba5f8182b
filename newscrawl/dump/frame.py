"""A dump as a pandas DataFrame with the right dtypes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from newscrawl.article import UTC_TIME
from newscrawl.dump.manifest import MANIFEST
from newscrawl.dump.reader import records, verify
from newscrawl.dump.schema import schema
from newscrawl.errors import StoreError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read", "verify"]

TIME = "datetime64[us, UTC]"


def read(path: Path | str, stream: str = "current", *, include_gone: bool = False) -> pd.DataFrame:
    """One row per record, one column per field, in the order of the record.

    Text is ``string``, whole numbers ``Int64``, similarities ``Float64``, times ``datetime64[us, UTC]``; lists and
    objects stay Python lists and dicts. An empty dump gives an empty frame with the same columns and dtypes.

    Args:
        path: a data directory, or one file of the stream.
        stream: `current` (the newest revision of each article, with its links), `articles` (every revision),
            `removed`, `outcomes` or `links`.
        include_gone: articles that were withdrawn, too.

    Raises:
        ConfigError: there is no such dump or stream.
        StoreError: a file is missing or a line is torn.
    """
    # pandas takes a second to import, and `verify` does not need it.
    import pandas as pd

    rows = _rows(Path(path), stream, include_gone)
    columns: dict[str, Any] = {}
    for name, dtype in dtypes(stream).items():
        values = [row.get(name) for row in rows]
        if dtype == TIME:
            texts = pd.Series(values, dtype="object")
            columns[name] = pd.to_datetime(texts, utc=True, format="%Y-%m-%dT%H:%M:%SZ").dt.as_unit("us")
        else:
            columns[name] = pd.Series(values, dtype=cast(Any, dtype))
    return pd.DataFrame(columns)


def _rows(path: Path, stream: str, include_gone: bool) -> list[dict[str, Any]]:
    """All records of a stream; read again when files were replaced meanwhile, by compacting or purging."""
    while True:
        before = _manifest(path)
        try:
            return list(records(path, stream, include_gone=include_gone))
        except (StoreError, FileNotFoundError):
            if _manifest(path) == before:
                raise


def _manifest(path: Path) -> bytes | None:
    try:
        return (path / MANIFEST).read_bytes()
    except OSError:
        return None


def dtypes(stream: str) -> dict[str, str]:
    """The dtype of every column of a stream."""
    return {name: _dtype(each) for name, each in schema(stream)["properties"].items()}


def _dtype(field: dict[str, Any]) -> str:
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    kind = next(each for each in kinds if each != "null")
    if kind == "string":
        return TIME if field.get("format") == UTC_TIME["format"] else "string"
    return {"integer": "Int64", "number": "Float64", "boolean": "boolean"}.get(kind, "object")
