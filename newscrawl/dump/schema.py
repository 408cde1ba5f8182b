"""JSON Schemas of the streams, generated from the dataclasses of `newscrawl.article`."""

from __future__ import annotations

import ast
import copy
import inspect
import sys
from dataclasses import fields
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from newscrawl.article import (
    SCHEMA_VERSION,
    Article,
    Author,
    Extractor,
    Image,
    LinkLine,
    OptOut,
    OutcomeLine,
    RemovedLine,
)
from newscrawl.dump.record import record_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

LINES: Mapping[str, type[Any]] = MappingProxyType(
    {"articles": Article, "removed": RemovedLine, "outcomes": OutcomeLine, "links": LinkLine}
)
"""The streams that are logs, and the dataclass of a line of each."""

PARTS: tuple[type[Any], ...] = (Author, Image, OptOut, Extractor)
"""Dataclasses of which an article has some."""

STREAMS = ("articles", "removed", "outcomes", "links", "current")
"""Every stream; `current` is the view made of articles and links."""

STREAMS_FOR_READERS = ("current", "articles", "removed", "outcomes", "links")
"""The same in the order that a reader wants them."""

LINK_FIELDS = ("duplicate_of", "cluster_id", "similarity")
"""What the current view takes from the last link of an article; null when it has none."""

SCHEMA_FILES: Mapping[str, str] = MappingProxyType(
    {
        "articles": "article.schema.json",
        "removed": "removed.schema.json",
        "outcomes": "outcome.schema.json",
        "links": "link.schema.json",
        "current": "current.schema.json",
    }
)
"""The file a stream's schema has in a data directory."""

TITLES = {
    "articles": "One revision of one article",
    "removed": "One thing that cleaning took out of one revision",
    "outcomes": "What one run decided on one address",
    "links": "A relation of an article to others, found later",
    "current": "The newest revision of one article, with its links",
}
"""What one line of a stream is."""

KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType({"articles": ("id", "revision"), "current": ("id",)})
"""Fields that no two lines of a stream share all of."""


def schema(stream: str) -> dict[str, Any]:
    """The strict JSON Schema (draft 7) of one line of a stream: every property required, no others.

    Raises:
        KeyError: there is no such stream.
    """
    return copy.deepcopy(_schema(stream))


@cache
def _schema(stream: str) -> dict[str, Any]:
    properties = _properties("articles") | _link_properties() if stream == "current" else _properties(stream)
    head = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"urn:newscrawl:{SCHEMA_VERSION}:{SCHEMA_FILES[stream]}",
        "title": TITLES[stream],
    }
    return head | _object(properties)


def _properties(stream: str) -> dict[str, Any]:
    # Imported here: itemadapter looks for scrapy when it is loaded.
    from itemadapter import ItemAdapter

    _describe()
    generated = ItemAdapter.get_json_schema(LINES[stream])["properties"]
    return {name: _strict(generated[name]) for name in record_fields(LINES[stream])}


@cache
def _describe() -> None:
    """Put the docstrings of fields where itemadapter looks first.

    It finds them itself, but parses the whole module for each field, which takes most of a second.
    """
    (module,) = {of.__module__ for of in (*LINES.values(), *PARTS)}
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    bodies = {each.name: each.body for each in tree.body if isinstance(each, ast.ClassDef)}
    for of in (*LINES.values(), *PARTS):
        docs = {
            field.target.id: inspect.cleandoc(doc.value.value)
            for field, doc in pairwise(bodies[of.__name__])
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
            if isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant) and isinstance(doc.value.value, str)
        }
        for each in fields(of):
            extra = {**each.metadata.get("json_schema_extra", {}), "description": docs[each.name]}
            each.metadata = MappingProxyType({**each.metadata, "json_schema_extra": extra})


def _link_properties() -> dict[str, Any]:
    links = _properties("links")
    return {name: _nullable(links[name]) for name in LINK_FIELDS}


def _nullable(value: dict[str, Any]) -> dict[str, Any]:
    kinds = value["type"] if isinstance(value["type"], list) else [value["type"]]
    return value | {"type": ["null", *(kind for kind in kinds if kind != "null")]}


def _strict(value: dict[str, Any]) -> dict[str, Any]:
    """The same without defaults, which a reader must not fill in, and with strict objects at every depth."""
    kept = {key: each for key, each in value.items() if key not in {"default", "required", "description"}}
    if "description" in value:  # behind what it describes
        kept["description"] = value["description"]
    if "items" in kept:
        kept["items"] = _strict(kept["items"])
    if "properties" in kept:
        properties = {name: _strict(each) for name, each in kept.pop("properties").items()}
        kept |= _object(properties)
    return kept


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }
