"""Croissant metadata of a dump (MLCommons, version 1.0): what machine-learning tools read a data set by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from newscrawl.dump.columns import kind_of
from newscrawl.dump.current import CURRENT
from newscrawl.dump.packing import suffix_of
from newscrawl.dump.schema import KEYS, STREAMS_FOR_READERS, TITLES, schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newscrawl.state.outbox import DumpFile

CROISSANT = "croissant.json"
CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
MEDIA_TYPE = "application/jsonlines"

_TYPES = {"string": "sc:Text", "integer": "sc:Integer", "number": "sc:Float", "boolean": "sc:Boolean"}
_OWN_WORDS = (
    *("citeAs", "column", "extract", "field", "fileObject", "fileProperty", "fileSet", "format", "includes"),
    *("isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex"),
    *("repeated", "replace", "separator", "source", "subField", "transform"),
)
# The context that the specification asks for, word for word.
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "equivalentProperty": "cr:equivalentProperty",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "samplingRate": "cr:samplingRate",
    **{word: f"cr:{word}" for word in _OWN_WORDS},
}


def croissant(files: Iterable[DumpFile], *, digest: str) -> bytes:
    """The metadata of a dump of these files; streams that have none are left out."""
    by_stream: dict[str, list[DumpFile]] = {}
    for each in files:
        by_stream.setdefault(each.stream, []).append(each)
    streams = [stream for stream in STREAMS_FOR_READERS if stream in by_stream]
    last_day = max((each.last_crawled or "" for each in by_stream.get("current", ())), default="")[:10]
    document = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": "newscrawl-dump",
        "description": "News articles crawled and cleaned with newscrawl.",
        "citeAs": f"A newscrawl dump, digest {digest}",
        "license": "The articles belong to their publishers; the field `license` has what each of them states.",
        "datePublished": last_day or None,
        "version": "1.0.0",
        "isLiveDataset": True,
        "distribution": [each for stream in streams for each in _distribution(stream, by_stream[stream])],
        "recordSet": [_record_set(stream) for stream in streams],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _distribution(stream: str, files: list[DumpFile]) -> Iterator[dict[str, Any]]:
    if stream == "current":
        yield {
            "@type": "cr:FileObject",
            "@id": "current-file",
            "name": CURRENT,
            "description": TITLES[stream],
            "contentUrl": CURRENT,
            "contentSize": f"{files[0].bytes} B",
            "encodingFormat": MEDIA_TYPE,
            "sha256": files[0].sha256,
        }
    else:
        yield {
            "@type": "cr:FileSet",
            "@id": f"{stream}-files",
            "name": stream,
            "description": TITLES[stream],
            "encodingFormat": MEDIA_TYPE,
            "includes": [f"{stream}/*/*{end}" for end in sorted({suffix_of(each.path) for each in files})],
        }


def _record_set(stream: str) -> dict[str, Any]:
    file = {"fileObject": {"@id": "current-file"}} if stream == "current" else {"fileSet": {"@id": f"{stream}-files"}}
    record: dict[str, Any] = {
        "@type": "cr:RecordSet",
        "@id": stream,
        "name": stream,
        "description": TITLES[stream],
        "field": [_field(stream, name, each, file) for name, each in schema(stream)["properties"].items()],
    }
    if stream in KEYS:
        record["key"] = [{"@id": f"{stream}/{name}"} for name in KEYS[stream]]
    return record


def _field(stream: str, name: str, field: dict[str, Any], file: dict[str, Any]) -> dict[str, Any]:
    kind, _ = kind_of(field)
    described = {"@type": "cr:Field", "@id": f"{stream}/{name}", "name": name, "description": field["description"]}
    inner = field
    if kind == "array":
        described["repeated"] = True
        inner = field["items"]
        kind, _ = kind_of(inner)
    source = {**file, "extract": {"column": name}}
    if kind != "object":
        return {**described, "dataType": _TYPES[kind], "source": source}
    return {
        **described,
        "subField": [
            {
                "@type": "cr:Field",
                "@id": f"{stream}/{name}/{part}",
                "name": part,
                "description": each["description"],
                "dataType": _TYPES[kind_of(each)[0]],
                "source": {**source, "transform": {"jsonPath": part}},
            }
            for part, each in inner["properties"].items()
        ],
    }
