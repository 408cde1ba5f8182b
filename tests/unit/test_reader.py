"""Reading a dump record by record."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from shelf import DAY_2, SHARE, SITE, article, begin, gone, put

from newscrawl.dump.publish import publish
from newscrawl.dump.reader import records
from newscrawl.dump.schema import STREAMS
from newscrawl.errors import ConfigError, StoreError
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("whole") / "data"
    with open_store(data) as store:
        run = begin(store)
        for name in "abc":
            put(store, article(name, "Same.", removed=(SHARE,)), run)
        gone(store, f"{SITE}/b", run, 410, DAY_2)
        publish(store, data)
    return data


@pytest.fixture
def data(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "data")
    return tmp_path / "data"


def test_the_current_view_comes_by_id_without_what_is_gone(data: Path) -> None:
    assert [each["id"] for each in records(data)] == sorted(article(name).id for name in "ac")


def test_what_is_gone_comes_when_it_is_asked_for(data: Path) -> None:
    found = {each["id"]: each["status"] for each in records(data, include_gone=True)}
    assert found == {article("a").id: "ok", article("b").id: "gone", article("c").id: "ok"}
    assert all("cluster_id" in each for each in records(data, include_gone=True))


def test_revisions_come_in_the_order_they_were_stored(data: Path) -> None:
    found = [(each["id"], each["revision"]) for each in records(data, "articles", include_gone=True)]
    a, b, c = (article(name).id for name in "abc")
    assert found == [(a, 1), (b, 1), (c, 1), (b, 2)]
    assert len(list(records(data, "articles"))) == 3


@pytest.mark.parametrize("stream", STREAMS)
def test_every_stream_can_be_read_without_a_manifest(data: Path, stream: str) -> None:
    with_manifest = list(records(data, stream))
    (data / "manifest.json").unlink()
    assert with_manifest
    assert list(records(data, stream)) == with_manifest


def test_one_file_can_be_read(data: Path) -> None:
    assert len(list(records(data / "current" / "articles.jsonl"))) == 2


def test_a_file_the_manifest_does_not_name_is_not_read(data: Path) -> None:
    stray = data / "outcomes" / "crawl_day=2026-11-23" / "run_x-0000.jsonl"
    stray.write_text('{"torn')
    assert len(list(records(data, "outcomes"))) == 3


def test_an_empty_directory_is_an_empty_dump(tmp_path: Path) -> None:
    assert [list(records(tmp_path, stream)) for stream in STREAMS] == [[]] * len(STREAMS)


def test_a_missing_path_and_an_unknown_stream_are_sentences(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"there is no dump at {tmp_path / 'nowhere'}"):
        records(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match="there is no stream 'texts'; streams are articles, removed"):
        records(data, "texts")


def test_a_torn_line_is_named(data: Path) -> None:
    path = data / "current" / "articles.jsonl"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(StoreError, match=f"{path}, line 2: not a whole record"):
        list(records(data))
    path.unlink()
    with pytest.raises(StoreError, match=f"{path} is missing"):
        list(records(data))


def test_reading_needs_no_pandas_and_no_scrapy() -> None:
    code = "import sys, newscrawl.dump.reader; sys.exit(any(each in sys.modules for each in ('pandas', 'scrapy')))"
    assert subprocess.run([sys.executable, "-c", code], env=dict(os.environ), check=False).returncode == 0
