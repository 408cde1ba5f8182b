"""A crawl whose dump is elsewhere, in a process of its own: what it brought, and what it does when nobody is there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import lead_to
from object_store import BUCKET, ObjectStore, Wire, environment, objects

import newscrawl
from newscrawl.dump.columns import duckdb_columns
from newscrawl.dump.reader import verify

sys.path.append(str(Path(__file__).parents[1] / "crash"))  # for its newsroom and its crawler

from crashing import Crawler, Newsroom, sources_file

if TYPE_CHECKING:
    from collections.abc import Iterator

SAME = ["id", "revision", "url", "title", "text", "text_sha256", "date_published"]


@pytest.fixture
def crawler(tmp_path: Path) -> Iterator[Crawler]:
    with Newsroom() as newsroom:
        newsroom.answer_s = 0.0
        yield Crawler(newsroom=newsroom, sources=sources_file(tmp_path))


@pytest.mark.proof
def test_a_crawl_that_finds_nobody_at_its_end_is_published_by_the_next(
    server: ObjectStore, s3: str, crawler: Crawler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, said = crawler.run(tmp_path / "here")
    assert status == 0, said
    expected = newscrawl.read(tmp_path / "here", columns=SAME)
    assert len(expected) > 10

    wire = Wire(server.port)
    url, data = f"{s3}/crawl", tmp_path / "there"
    crawler.extra = {
        **environment(wire.endpoint),
        "AWS_MAX_ATTEMPTS": "1",
        "NEWSCRAWL_DUMP": url,
        "NEWSCRAWL_RAW": "warc",
    }
    wire.cut_at(20, answered=True)  # it was tried at the beginning, and publishing has begun
    status, said = crawler.run(data)
    assert status == 5, said
    assert f"{url}/" in said
    assert "secret" not in said
    assert "Traceback" not in said
    assert list((data / "raw").glob("*.warc.gz"))
    assert verify(url)[0] == f"{url}/manifest.json is missing"

    wire.mend()
    status, said = crawler.run(data, extra={**crawler.extra, "NEWSCRAWL_DUMP": ""})  # it knows
    assert status == 0, said
    assert verify(url) == ()
    assert newscrawl.read(url, columns=SAME).equals(expected)
    assert not list((data / "raw").iterdir())
    assert [name for name in objects(server.endpoint, "crawl") if name.startswith("raw/")]
    assert not (data / "manifest.json").exists()

    wire.cut()
    lead_to(server.endpoint, monkeypatch)
    assert read_by_pandas(url) == read_by_duckdb(url) == sorted(expected["id"])


def read_by_pandas(url: str) -> list[str]:
    import pandas as pd

    return sorted(pd.read_json(f"{url}/current/articles.jsonl", lines=True)["id"])


def read_by_duckdb(url: str) -> list[str]:
    import duckdb
    import fsspec

    with duckdb.connect() as connection:
        connection.register_filesystem(fsspec.filesystem("s3"))
        query = (
            f"SELECT id FROM read_json('{url}/current/articles.jsonl', columns={duckdb_columns('current')}) ORDER BY id"
        )
        rows: list[tuple[Any, ...]] = connection.execute(query).fetchall()
    return [row[0] for row in rows]


@pytest.mark.proof
def test_a_crawl_for_a_place_that_refuses_fetches_nothing(
    server: ObjectStore, crawler: Crawler, tmp_path: Path
) -> None:
    crawler.extra = {**environment(server.endpoint), "NEWSCRAWL_DUMP": "s3://no-such-bucket/x"}
    status, said = crawler.run(tmp_path / "data")
    assert status == 5, said
    assert "cannot write s3://no-such-bucket/x/.newscrawl-probe-" in said
    assert ": there is no bucket no-such-bucket" in said
    assert "Traceback" not in said
    assert not objects(server.endpoint, BUCKET)
