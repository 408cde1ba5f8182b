"""The documents of a data directory: its README, which is a data set card too, and the schemas.

``python -m newscrawl.dump.documents data`` writes them; publishing puts them into every data directory.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newscrawl.dump.current import CURRENT
from newscrawl.dump.files import write_if_different
from newscrawl.dump.schema import SCHEMA_FILES, STREAMS, schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

README = "README.md"

_DUCKDB_TYPES = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN"}
_FEATURE_TYPES = {"string": "string", "integer": "int64", "number": "float64", "boolean": "bool"}


@cache
def documents() -> Mapping[str, bytes]:
    """Every document by its name in a data directory."""
    schemas = {
        SCHEMA_FILES[stream]: json.dumps(schema(stream), ensure_ascii=False, indent=2).encode() + b"\n"
        for stream in STREAMS
    }
    return {README: _readme().encode(), **schemas}


def field_table(stream: str) -> str:
    """The fields of a stream as a Markdown table."""
    rows = (
        f"| `{name}` | {_words(field)} | {_cell(field['description'])} |"
        for name, field in schema(stream)["properties"].items()
    )
    return "\n".join(["| field | type | meaning |", "| --- | --- | --- |", *rows])


def card_header() -> str:
    """The head that makes the README a Hugging Face data set card."""
    lines = ["---", "pretty_name: newscrawl dump", "task_categories:", "- text-generation", "configs:"]
    for stream in ("current", *(each for each in STREAMS if each != "current")):
        pattern = CURRENT if stream == "current" else f"{stream}/*/*.jsonl"
        lines += [f"- config_name: {stream}", *(["  default: true"] if stream == "current" else [])]
        lines += ["  data_files:", "  - split: train", f"    path: {pattern}"]
    lines.append("dataset_info:")
    for stream in STREAMS:
        lines += [f"- config_name: {stream}", "  features:", *_features(schema(stream)["properties"], "  ")]
    return "\n".join([*lines, "---"])


def duckdb_columns(stream: str) -> str:
    """The `columns` argument of DuckDB's ``read_json`` for a stream."""
    columns = (f"  {name}: '{_duckdb_type(field)}'" for name, field in schema(stream)["properties"].items())
    return "{\n" + ",\n".join(columns) + "\n}"


def _readme() -> str:
    text = files("newscrawl.dump").joinpath("readme.md").read_text(encoding="utf-8")
    for stream in STREAMS:
        text = text.replace(f"<!-- fields: {stream} -->", field_table(stream))
    return f"{card_header()}\n\n{text.replace('<!-- duckdb: current -->', duckdb_columns('current'))}"


def _kind(field: dict[str, Any]) -> tuple[str, bool]:
    """The JSON type of a field, and whether it may be null."""
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    return next(each for each in kinds if each != "null"), "null" in kinds


def _words(field: dict[str, Any]) -> str:
    kind, nullable = _kind(field)
    if kind == "array":
        return f"list of {_words(field['items'])}"
    if kind == "object":
        inner = (f"{name}{'?' if _kind(each)[1] else ''}" for name, each in field["properties"].items())
        return f"{{{', '.join(inner)}}}"
    words = "time" if field.get("format") == "date-time" else kind
    return f"{words}?" if nullable else words


def _cell(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|")


def _features(properties: dict[str, Any], indent: str) -> Iterator[str]:
    for name, field in properties.items():
        yield f"{indent}- name: {name}"
        kind, _ = _kind(field)
        if kind == "object":
            yield f"{indent}  struct:"
            yield from _features(field["properties"], f"{indent}  ")
        elif kind == "array" and _kind(field["items"])[0] == "object":
            yield f"{indent}  list:"
            yield from _features(field["items"]["properties"], f"{indent}  ")
        elif kind == "array":
            yield f"{indent}  list: {_FEATURE_TYPES[_kind(field['items'])[0]]}"
        else:
            yield f"{indent}  dtype: {_FEATURE_TYPES[kind]}"


def _duckdb_type(field: dict[str, Any]) -> str:
    kind, _ = _kind(field)
    if kind == "array":
        return f"{_duckdb_type(field['items'])}[]"
    if kind == "object":
        inner = (f"{name} {_duckdb_type(each)}" for name, each in field["properties"].items())
        return f"STRUCT({', '.join(inner)})"
    return "TIMESTAMP" if field.get("format") == "date-time" else _DUCKDB_TYPES[kind]


def main(arguments: list[str]) -> int:
    """Write the documents into a directory."""
    folder = Path(arguments[0] if arguments else "data")
    for name, text in documents().items():
        write_if_different(folder / name, text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
