"""The documents of a data directory: its README, which is a data set card too and the schemas.

``python -m newscrawl.dump.documents data`` writes them; publishing puts them into every data directory.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newscrawl.dump.columns import duckdb_columns, features, is_time, kind_of
from newscrawl.dump.current import CURRENT
from newscrawl.dump.files import write_if_different
from newscrawl.dump.schema import SCHEMA_FILES, STREAMS, STREAMS_FOR_READERS, schema

if TYPE_CHECKING:
    from collections.abc import Mapping

README = "README.md"


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
    for stream in STREAMS_FOR_READERS:
        pattern = CURRENT if stream == "current" else f"{stream}/*/*.jsonl*"
        lines += [f"- config_name: {stream}", *(["  default: true"] if stream == "current" else [])]
        lines += ["  data_files:", "  - split: train", f"    path: {pattern}"]
    lines.append("dataset_info:")
    for stream in STREAMS:
        lines += [f"- config_name: {stream}", "  features:", *features(schema(stream)["properties"], "  ")]
    return "\n".join([*lines, "---"])


def _readme() -> str:
    text = files("newscrawl.dump").joinpath("readme.md").read_text(encoding="utf-8")
    for stream in STREAMS:
        text = text.replace(f"<!-- fields: {stream} -->", field_table(stream))
    return f"{card_header()}\n\n{text.replace('<!-- duckdb: current -->', duckdb_columns('current'))}"


def _words(field: dict[str, Any]) -> str:
    kind, nullable = kind_of(field)
    if kind == "array":
        return f"list of {_words(field['items'])}"
    if kind == "object":
        inner = (f"{name}{'?' if kind_of(each)[1] else ''}" for name, each in field["properties"].items())
        return f"{{{', '.join(inner)}}}"
    words = "time" if is_time(field) else kind
    return f"{words}?" if nullable else words


def _cell(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write the documents into a directory."""
    folder = Path(arguments[0] if arguments else "data")
    for name, text in documents().items():
        write_if_different(folder / name, text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
