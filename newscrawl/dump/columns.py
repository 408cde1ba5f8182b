"""The fields of a stream as columns of other tools: DuckDB, Hugging Face, Arrow and Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newscrawl.dump.packing import suffix_of
from newscrawl.dump.schema import STREAMS_FOR_READERS, schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

DUCKDB_SQL = "current.sql"

_DUCKDB_TYPES = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN"}
_FEATURE_TYPES = {"string": "string", "integer": "int64", "number": "float64", "boolean": "bool"}


def kind_of(field: dict[str, Any]) -> tuple[str, bool]:
    """The JSON type of a field, and whether it may be null."""
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    return next(each for each in kinds if each != "null"), "null" in kinds


def is_time(field: dict[str, Any]) -> bool:
    """Whether a field holds a moment, UTC."""
    return field.get("format") == "date-time"


def duckdb_columns(stream: str) -> str:
    """The `columns` argument of DuckDB's ``read_json`` for a stream."""
    columns = (f"  {name}: '{_duckdb_type(field)}'" for name, field in schema(stream)["properties"].items())
    return "{\n" + ",\n".join(columns) + "\n}"


def duckdb_views(paths: Mapping[str, Sequence[str]]) -> str:
    """A view of each stream, as DuckDB statements; to be run in the data directory.

    Args:
        paths: of the files of each stream.
    """
    statements = ["-- Views of this dump for DuckDB. Run it in this directory: duckdb -init current.sql"]
    for stream in STREAMS_FOR_READERS:
        columns = duckdb_columns(stream)
        files = [f"'{each}'" for each in _patterns(stream, paths.get(stream, ()))]
        rows = f"read_json([{', '.join(files)}], format = 'newline_delimited', columns = {columns})"
        statements.append(f"CREATE OR REPLACE VIEW {stream} AS FROM {rows if files else _no_rows(stream)};")
    return "\n\n".join(statements) + "\n"


def _patterns(stream: str, paths: Sequence[str]) -> list[str]:
    """Few patterns for many files."""
    if stream == "current":
        return list(paths)
    return [f"{stream}/*/*{end}" for end in sorted({suffix_of(path) for path in paths})]


def _no_rows(stream: str) -> str:
    properties = schema(stream)["properties"].items()
    nulls = ", ".join(f"NULL::{_duckdb_type(field)} AS {name}" for name, field in properties)
    return f"(SELECT {nulls}) WHERE false"


def features(properties: dict[str, Any], indent: str) -> Iterator[str]:
    """The fields as `features` of a Hugging Face data set card, as lines of YAML."""
    for name, field in properties.items():
        yield f"{indent}- name: {name}"
        kind, _ = kind_of(field)
        if kind == "object":
            yield f"{indent}  struct:"
            yield from features(field["properties"], f"{indent}  ")
        elif kind == "array" and kind_of(field["items"])[0] == "object":
            yield f"{indent}  list:"
            yield from features(field["items"]["properties"], f"{indent}  ")
        elif kind == "array":
            yield f"{indent}  list: {_FEATURE_TYPES[kind_of(field['items'])[0]]}"
        else:
            yield f"{indent}  dtype: {_FEATURE_TYPES[kind]}"


def arrow_schema(stream: str) -> pa.Schema:
    """The columns of a stream in Arrow, and so in Parquet: times are ``timestamp[us, UTC]``, lists and objects nested.

    Raises:
        ImportError: pyarrow is not installed.
    """
    return arrow_columns(schema(stream)["properties"])


def arrow_columns(fields: Mapping[str, dict[str, Any]]) -> pa.Schema:
    """The same of any fields, by their JSON Schemas."""
    import pyarrow as pa

    return pa.schema([pa.field(name, _arrow_type(each), nullable=kind_of(each)[1]) for name, each in fields.items()])


def _duckdb_type(field: dict[str, Any]) -> str:
    kind, _ = kind_of(field)
    if kind == "array":
        return f"{_duckdb_type(field['items'])}[]"
    if kind == "object":
        inner = (f"{name} {_duckdb_type(each)}" for name, each in field["properties"].items())
        return f"STRUCT({', '.join(inner)})"
    return "TIMESTAMP" if is_time(field) else _DUCKDB_TYPES[kind]


def _arrow_type(field: dict[str, Any]) -> pa.DataType:
    import pyarrow as pa

    kind, _ = kind_of(field)
    if kind == "array":
        return pa.list_(_arrow_type(field["items"]))
    if kind == "object":
        return pa.struct([pa.field(name, _arrow_type(each)) for name, each in field["properties"].items()])
    if is_time(field):
        return pa.timestamp("us", tz="UTC")
    return {"string": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}[kind]
