"""A dump as a DataFrame: the types are right, whatever the rows hold."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from shelf import DAY_2, SHARE, SITE, article, begin, gone, put

import newscrawl
from newscrawl.article import Author
from newscrawl.dump.frame import read
from newscrawl.dump.publish import publish
from newscrawl.dump.schema import STREAMS, schema
from newscrawl.errors import ConfigError, StoreError
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("whole") / "data"
    with open_store(data) as store:
        run = begin(store)
        put(store, article("a", "Same.", removed=(SHARE,), authors=(Author(name="Ada Ahn"),)), run)
        put(store, article("b", "Same.", date_published=None, date_precision=None, date_source=None), run)
        put(store, article("c"), run)
        gone(store, f"{SITE}/c", run, 410, DAY_2)
        publish(store, data)
    return data


@pytest.fixture
def data(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "data")
    return tmp_path / "data"


@pytest.mark.parametrize("stream", STREAMS)
def test_columns_come_in_the_order_of_the_record(data: Path, stream: str) -> None:
    assert list(read(data, stream).columns) == list(schema(stream)["properties"])


@pytest.mark.parametrize("stream", STREAMS)
def test_an_empty_dump_has_the_same_columns_and_types(data: Path, tmp_path: Path, stream: str) -> None:
    (tmp_path / "empty").mkdir()
    empty = read(tmp_path / "empty", stream)
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == read(data, stream).dtypes.to_dict()


def test_types_are_right(data: Path) -> None:
    types = read(data).dtypes.astype(str)
    assert types["title"] == "string"
    assert types["revision"] == types["word_count"] == "Int64"
    assert types["date_published"] == types["date_modified"] == types["date_crawled"] == "datetime64[us, UTC]"
    assert types["similarity"] == "Float64"
    assert types["authors"] == types["tags"] == types["optout"] == "object"


def test_values_are_right(data: Path) -> None:
    rows = read(data).set_index("id")
    a, b = rows.loc[article("a").id], rows.loc[article("b").id]
    assert a["date_published"] == pd.Timestamp("2026-11-20T08:00:00Z")
    assert pd.isna(b["date_published"])
    assert pd.isna(a["description"])
    assert a["authors"] == [{"name": "Ada Ahn", "url": None}]
    assert b["duplicate_of"] == article("a").id
    assert b["similarity"] == 1.0


def test_all_dates_missing_is_still_a_column_of_times(data: Path) -> None:
    assert str(read(data)["date_modified"].dtype) == "datetime64[us, UTC]"


def test_what_is_gone_is_left_out_unless_it_is_asked_for(data: Path) -> None:
    assert len(read(data)) == 2
    assert read(data, include_gone=True)["status"].tolist().count("gone") == 1
    assert len(read(data, "articles")) == 3
    assert len(read(data, "articles", include_gone=True)) == 4


def test_the_package_reads_a_dump(data: Path) -> None:
    pd.testing.assert_frame_equal(newscrawl.read(data), read(data))


def test_columns_and_records_are_those_asked_for(data: Path) -> None:
    rows = read(data, columns=["title", "date_published"], where={"since": "2026-11-20"})
    assert list(rows.columns) == ["title", "date_published"]
    assert rows["title"].tolist() == ["Title of a"]
    assert rows.dtypes.to_dict() == {name: read(data).dtypes[name] for name in rows.columns}
    assert len(read(data, where={"source": "nobody"}, columns=("id",))) == 0


def test_what_does_not_exist_is_named_with_what_may_have_been_meant(data: Path) -> None:
    with pytest.raises(ConfigError, match="columns: there is no 'tittle'; did you mean title"):
        read(data, columns=["tittle"])
    with pytest.raises(ConfigError, match="where: there is no 'lang'; did you mean language"):
        read(data, where={"lang": "en"})
    with pytest.raises(ConfigError, match="there is no stream 'article'"):
        read(data, "article")


def test_chunks_make_the_whole_and_are_no_larger_than_asked(data: Path) -> None:
    chunks = list(newscrawl.read_chunks(data, "articles", include_gone=True, rows=3))
    assert [len(each) for each in chunks] == [3, 1]
    whole = read(data, "articles", include_gone=True)
    pd.testing.assert_frame_equal(pd.concat(chunks, ignore_index=True), whole)
    assert list(newscrawl.read_chunks(data, where={"source": "nobody"})) == []


def test_chunks_read_no_further_than_they_are_asked(data: Path) -> None:
    with (data / "current" / "articles.jsonl").open("a") as file:
        file.write("torn")
    chunks = newscrawl.read_chunks(data, rows=1)
    assert len(next(chunks)) == len(next(chunks)) == 1
    with pytest.raises(StoreError, match="line 3: not JSON"):
        next(chunks)


def test_what_is_wrong_with_chunks_is_said_at_once(data: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean title"):
        newscrawl.read_chunks(data, columns=["titel"])
    with pytest.raises(ConfigError, match="rows: 0"):
        newscrawl.read_chunks(data, rows=0)


def test_pandas_alone_reads_the_current_view(data: Path) -> None:
    rows = pd.read_json(data / "current" / "articles.jsonl", lines=True)
    assert rows["id"].tolist() == read(data)["id"].tolist()
    # Nothing was taken for a number or a date: identifiers, versions and times are text.
    for column in ("schema_version", "id", "date_crawled", "text_sha256", "run_id"):
        assert all(isinstance(each, str) for each in rows[column])


def test_a_missing_path_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"there is no dump at {tmp_path / 'nowhere'}"):
        read(tmp_path / "nowhere")


def test_the_format_in_data_is_fresh() -> None:
    from pathlib import Path

    from newscrawl.dump.documents import documents

    here = Path(__file__).parents[2] / "data"
    stale = [name for name, text in documents().items() if (here / name).read_bytes() != text]
    assert not stale, "run: python -m newscrawl.dump.documents data"


def test_the_card_names_every_stream_and_field() -> None:
    from newscrawl.dump.documents import card_header, documents, duckdb_columns

    readme = documents()["README.md"].decode()
    for stream in STREAMS:
        assert f"- config_name: {stream}\n" in card_header()
        for name in schema(stream)["properties"]:
            assert f"| `{name}` |" in readme
    assert "<!-- fields" not in readme
    assert "  date_published: 'TIMESTAMP'" in duckdb_columns("current")
    assert "  authors: 'STRUCT(name VARCHAR, url VARCHAR)[]'" in duckdb_columns("current")
    assert all(json.dumps(schema(stream)) for stream in STREAMS)


def test_the_commands_of_the_readme_give_what_they_promise(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import re

    from newscrawl.dump.documents import documents

    monkeypatch.chdir(data.parent)
    blocks = re.findall(r"```python\n(.*?)```", documents()["README.md"].decode(), flags=re.DOTALL)
    ran: dict[str, Any] = {}
    for block in (each for each in blocks if "datasets" not in each):
        exec(compile(block, "README.md", "exec"), ran)
        assert len(ran["articles"]) == 2
    assert len(ran["history"]) == 4
