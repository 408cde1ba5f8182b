"""The schemas of the streams: strict at every depth, and in step with the dataclasses."""

from __future__ import annotations

import json
from typing import Any

import fastjsonschema
import pytest

from newscrawl.article import Article, Author, Image, LinkLine, OutcomeLine, RemovedLine
from newscrawl.dump.record import record
from newscrawl.dump.schema import LINES, LINK_FIELDS, SCHEMA_FILES, STREAMS, schema

ID = "nc_" + "a" * 26
ARTICLE = Article(
    id=ID,
    url="https://harbour-times.example/a",
    source="harbour-times",
    site="harbour-times.example",
    authors=(Author(name="Ada Ahn"),),
    images=(Image(url="https://harbour-times.example/a.jpg"),),
    date_crawled="2026-11-23T10:00:00Z",
    run_id="run_1",
)
LINES_OF: dict[str, Any] = {
    "articles": ARTICLE,
    "removed": RemovedLine(id=ID, revision=1, place=0, text="Share", rule="share_buttons", why="…"),
    "outcomes": OutcomeLine(
        url="https://a.example/", source="a", outcome="article", reason=None, status=200, bytes=1, ms=1, via="feed",
        run_id="run_1",
    ),
    "links": LinkLine(id=ID, duplicate_of=None, cluster_id=ID, similarity=1.0, run_id="run_1"),
}  # fmt: skip


def objects(value: Any) -> list[dict[str, Any]]:
    """Every schema of an object inside a schema."""
    inner = [*value.get("properties", {}).values(), *([value["items"]] if "items" in value else [])]
    own = [value] if value.get("type") == "object" else []
    return own + [each for part in inner for each in objects(part)]


@pytest.mark.parametrize("stream", STREAMS)
def test_every_object_requires_all_its_properties_and_allows_no_others(stream: str) -> None:
    for each in objects(schema(stream)):
        assert each["required"] == list(each["properties"])
        assert each["additionalProperties"] is False


@pytest.mark.parametrize("stream", STREAMS)
def test_no_schema_fills_in_defaults(stream: str) -> None:
    assert '"default"' not in json.dumps(schema(stream))


@pytest.mark.parametrize("stream", STREAMS)
def test_every_field_is_described(stream: str) -> None:
    assert all(each.get("description") for each in schema(stream)["properties"].values())


@pytest.mark.parametrize("stream", LINES)
def test_a_line_of_each_stream_is_valid_and_in_the_order_of_its_schema(stream: str) -> None:
    values = record(LINES_OF[stream])
    fastjsonschema.compile(schema(stream), use_default=False)(values)
    assert list(values) == schema(stream)["required"]


def test_the_current_view_is_the_article_and_its_links() -> None:
    assert schema("current")["required"] == [*schema("articles")["required"], *LINK_FIELDS]
    validate = fastjsonschema.compile(schema("current"), use_default=False)
    validate(record(ARTICLE) | dict.fromkeys(LINK_FIELDS))
    validate(record(ARTICLE) | {"duplicate_of": None, "cluster_id": ID, "similarity": 1.0})


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "12e4"},
        {"revision": 0},
        {"revision": "1"},
        {"date_published": "2026-11-23"},
        {"date_crawled": None},
        {"flags": ["strange"]},
        {"authors": [{"name": "Ada"}]},
        {"article_type": "poem"},
        {"removed": []},
        {"text_sha256": "abc"},
    ],
)
def test_a_wrong_value_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(fastjsonschema.JsonSchemaException):
        fastjsonschema.compile(schema("articles"), use_default=False)(record(ARTICLE) | wrong)


def test_a_schema_that_is_changed_by_its_reader_does_not_change_the_next_one() -> None:
    schema("articles")["properties"].clear()
    assert schema("articles")["properties"]


def test_every_stream_has_a_schema_file() -> None:
    assert set(SCHEMA_FILES) == set(STREAMS)
    assert len(set(SCHEMA_FILES.values())) == len(STREAMS)
