"""Data Package metadata of a dump (Frictionless, version 1): what its tools read and validate a dump by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from newscrawl.dump.columns import is_time, kind_of
from newscrawl.dump.schema import KEYS, STREAMS_FOR_READERS, TITLES, schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newscrawl.state.outbox import DumpFile

DATA_PACKAGE = "datapackage.json"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def data_package(files: Iterable[DumpFile], *, digest: str) -> bytes:
    """The metadata of a dump of these files; streams that have none are left out."""
    paths: dict[str, list[str]] = {}
    for each in files:
        paths.setdefault(each.stream, []).append(each.path)
    document = {
        "profile": "tabular-data-package",
        "name": "newscrawl-dump",
        "title": "Articles crawled with newscrawl",
        "version": digest,
        "resources": [_resource(stream, paths[stream]) for stream in STREAMS_FOR_READERS if stream in paths],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _resource(stream: str, paths: list[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "fields": [_field(name, each) for name, each in schema(stream)["properties"].items()],
        **({"primaryKey": list(KEYS[stream])} if stream in KEYS else {}),
    }
    return {
        "profile": "tabular-data-resource",
        "name": stream,
        "title": TITLES[stream],
        "path": paths[0] if len(paths) == 1 else paths,
        "format": "jsonl",
        "mediatype": "application/x-ndjson",
        "encoding": "utf-8",
        "schema": fields,
    }


def _field(name: str, field: dict[str, Any]) -> dict[str, Any]:
    kind, nullable = kind_of(field)
    described = {"name": name, "type": kind, "description": field["description"]}
    if is_time(field):
        described |= {"type": "datetime", "format": TIME_FORMAT}
    return described if nullable else {**described, "constraints": {"required": True}}
