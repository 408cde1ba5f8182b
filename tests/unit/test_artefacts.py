"""What other tools read a dump by: their own readers and validators find in it what was stored."""

from __future__ import annotations

import json
import subprocess
from shutil import copytree, ignore_patterns, which
from typing import TYPE_CHECKING, Any

import pytest
from shelf import DAY_1, SHARE, SITE, article, begin, gone, line, put

from newscrawl.article import Author, Image, OptOut
from newscrawl.dump.columns import DUCKDB_SQL, arrow_schema, duckdb_columns
from newscrawl.dump.compact import compact
from newscrawl.dump.croissant import CROISSANT
from newscrawl.dump.current import CURRENT
from newscrawl.dump.datapackage import DATA_PACKAGE
from newscrawl.dump.frame import read
from newscrawl.dump.packing import PACKINGS
from newscrawl.dump.publish import publish
from newscrawl.dump.reader import records, verify
from newscrawl.dump.schema import STREAMS
from newscrawl.errors import ConfigError
from newscrawl.state.rebuild import rebuild
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newscrawl.article import Article
    from newscrawl.state.store import Store

ODD = 'Zeile\u2028Absatz\u2029Ende\u0085 \U0001f5de \u0301é 報道 العربية "quoted" \\ back\ttab'


def mixed(number: int) -> Article:
    """An article of many kinds: full ones, ones of nulls and empty lists, odd characters, other languages."""
    if number % 3 == 0:  # the first of all among them: readers guess types from it
        text = f"The notice of {number // 6}."  # two have the same
        return article(f"n{number}", text, title=None, date_published=None, date_precision=None, date_source=None)
    return article(
        f"n{number}",
        f"{ODD} {number}",
        language=("de", "ar", "ja")[number % 3],
        authors=(Author(name=f"Author {number}", url=None), Author(name="B", url=f"{SITE}/b"))[: number % 3],
        images=(Image(url=f"{SITE}/{number}.jpg", caption=None, credit="C"),) * (number % 2),
        tags=("12e4", "1.0", "2026-11-24")[: number % 4],
        optout=OptOut(meta_robots="noai") if number % 2 else OptOut(),
        removed=(SHARE,) * (number % 2),
        flags=("short",),
    )


def fill(store: Store, data: Path, *, runs: int, articles: int, compression: str = "none") -> None:
    """So many runs with so many articles each, published one by one."""
    for number in range(1, runs + 1):
        run_id = begin(store, number)
        for each in range(articles):
            put(store, mixed(number * 1000 + each), run_id)
        store.put_outcome(line(f"{SITE}/list{number}", run_id, "list_page"), at=DAY_1)
        store.end_run(run_id, exit_code=0, counts={})
        publish(store, data, compression=compression)


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dump of three runs, with an article that is gone."""
    data = tmp_path_factory.mktemp("artefacts") / "data"
    with open_store(data) as store:
        fill(store, data, runs=3, articles=6)
        run_id = begin(store, 4)
        gone(store, mixed(1001).url, run_id, 410, "2026-11-24T10:00:00Z")
        store.end_run(run_id, exit_code=0, counts={})
        publish(store, data)
    assert verify(data) == ()
    return data


@pytest.fixture
def within(dump: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The dump as working directory."""
    monkeypatch.chdir(dump)
    return dump


def by_id(rows: Iterator[dict[str, Any]] | list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in rows}


def test_a_validator_of_data_packages_finds_nothing_wrong(dump: Path) -> None:
    from frictionless import Package, validate

    report = validate(str(dump / DATA_PACKAGE))
    assert report.valid, report.flatten(["title", "message"])
    package = Package(str(dump / DATA_PACKAGE))
    assert {each.name for each in package.resources} == {"current", "articles", "removed", "outcomes", "links"}
    rows = package.get_resource("articles").read_rows()
    assert len(rows) == len(list(records(dump, "articles", include_gone=True)))


def test_a_validator_of_data_packages_finds_what_does_not_fit(dump: Path, tmp_path: Path) -> None:
    from frictionless import validate

    package = json.loads((dump / DATA_PACKAGE).read_bytes())
    package["resources"] = [{**package["resources"][0], "path": "broken.jsonl"}]
    broken = json.loads((dump / CURRENT).read_bytes().splitlines()[0]) | {"revision": "one"}
    (tmp_path / "broken.jsonl").write_text(json.dumps(broken) + "\n")
    (tmp_path / DATA_PACKAGE).write_text(json.dumps(package))
    assert not validate(str(tmp_path / DATA_PACKAGE)).valid


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of a library that mlcroissant uses
def test_croissant_is_valid_and_its_records_are_those_of_the_dump(dump: Path) -> None:
    import mlcroissant

    found = mlcroissant.Dataset(str(dump / CROISSANT))
    assert found.metadata.issues.report() == ""
    for stream in STREAMS:
        ours = list(records(dump, stream, include_gone=True))
        ours = [each for each in ours if stream != "current" or each["status"] == "ok"]
        theirs = list(found.records(stream))
        assert len(theirs) == len(ours) > 0
        assert set(theirs[0]) == {f"{stream}/{name}" for name in ours[0]}
    texts = {each["current/text"].decode() for each in found.records("current")}
    assert texts == {each["text"] for each in records(dump)}


def test_the_views_of_duckdb_hold_what_the_streams_hold(within: Path) -> None:
    import duckdb

    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        database.execute((within / DUCKDB_SQL).read_text())
        for stream in STREAMS:
            ((count,),) = database.sql(f"SELECT count(*) FROM {stream}").fetchall()
            lines = [each for file in files_of(within, stream) for each in file.read_bytes().splitlines()]
            assert count == len(lines)
        texts = dict(database.sql("SELECT id, text FROM current").fetchall())
        assert texts == {each["id"]: each["text"] for each in records(within)}


def files_of(data: Path, stream: str) -> list[Path]:
    manifest = json.loads((data / "manifest.json").read_bytes())
    return [data / each["path"] for each in manifest["files"] if each["stream"] == stream]


def test_a_dump_without_articles_has_views_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb

    with open_store(tmp_path) as store:
        publish(store, tmp_path)
    monkeypatch.chdir(tmp_path)
    with duckdb.connect() as database:
        database.execute((tmp_path / DUCKDB_SQL).read_text())
        assert database.sql("SELECT count(*) FROM removed").fetchall() == [(0,)]
        assert database.sql("SELECT id FROM current").fetchall() == []


def test_duckdb_reads_the_current_view_with_columns_and_without(within: Path) -> None:
    import duckdb

    with duckdb.connect() as database:
        for columns in ("", f", columns = {duckdb_columns('current')}"):
            rows = database.sql(
                f"SELECT id, revision, word_count FROM read_json('{CURRENT}', format = 'newline_delimited'{columns})"
            )
            ours = {(each["id"], each["revision"], each["word_count"]) for each in records(within)}
            assert set(rows.fetchall()) == ours


def test_polars_reads_the_current_view(dump: Path) -> None:
    import polars

    frame = polars.read_ndjson(dump / CURRENT, infer_schema_length=None)
    ours = by_id(records(dump))
    assert dict(zip(frame["id"], frame["text"], strict=True)) == {each: row["text"] for each, row in ours.items()}
    assert frame["tags"].to_list() == [ours[each]["tags"] for each in frame["id"]]


def test_pandas_alone_reads_the_current_view(dump: Path) -> None:
    import pandas

    frame = pandas.read_json(dump / CURRENT, lines=True)
    assert list(frame["id"]) == list(read(dump)["id"])
    assert frame["schema_version"].unique().tolist() == ["v1.0"]


@pytest.mark.parametrize("stream", STREAMS)
def test_hugging_face_reads_each_configuration_of_the_card(
    dump: Path, stream: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets

    datasets.disable_progress_bars()
    found = datasets.load_dataset(str(dump), stream, split="train", cache_dir=str(tmp_path))
    lines = [json.loads(each) for file in files_of(dump, stream) for each in file.read_bytes().splitlines()]
    key = {"outcomes": "url", "links": "id"}.get(stream, "text")
    assert sorted(str(each) for each in found[key]) == sorted(str(each[key]) for each in lines)


def test_an_arrow_schema_takes_every_record(dump: Path) -> None:
    import pyarrow

    for stream in STREAMS:
        schema = arrow_schema(stream)
        assert schema.names == list(next(iter(records(dump, stream, include_gone=True))))
    assert arrow_schema("current").field("date_published").type == pyarrow.timestamp("us", tz="UTC")
    assert not arrow_schema("current").field("id").nullable


@pytest.mark.skipif(which("jq") is None, reason="jq is not installed")
def test_jq_reads_every_line(dump: Path) -> None:
    done = subprocess.run(["jq", "-r", ".id", dump / CURRENT], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [each["id"] for each in records(dump)]


@pytest.mark.skipif(which("sha256sum") is None, reason="sha256sum is not installed")
def test_the_checksums_are_those_of_the_files(dump: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=dump, check=True)


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_packed_files_hold_the_same_and_everything_works_on_them(tmp_path: Path, compression: str) -> None:
    end = PACKINGS[compression]
    plain, packed = tmp_path / "plain", tmp_path / "packed"
    for data, how in ((plain, "none"), (packed, compression)):
        with open_store(data) as store:
            fill(store, data, runs=2, articles=5, compression=how)
    assert verify(packed) == ()
    for stream in STREAMS:
        assert list(records(packed, stream)) == list(records(plain, stream))
    logs = [each for stream in STREAMS[:-1] for each in files_of(packed, stream)]
    assert logs
    assert all(each.name.endswith(end) for each in logs)
    with open_store(packed) as store:
        compact(store, packed)
        store.purge([mixed(1001).id], run_id=begin(store, 3))
    with open_store(packed):  # finishes the purge
        pass
    assert verify(packed) == ()
    assert mixed(1001).id not in {each["id"] for each in records(packed)}
    (packed / "state" / "newscrawl.sqlite").unlink()
    rebuild(packed)
    with open_store(packed) as store:
        publish(store, packed)
    assert verify(packed) == ()


def test_a_damaged_packed_file_is_found(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        fill(store, tmp_path, runs=1, articles=5, compression="zstd")
    file = files_of(tmp_path, "articles")[0]
    file.write_bytes(file.read_bytes()[:-20])
    assert any(str(file) in problem for problem in verify(tmp_path))


def test_the_same_lines_always_give_the_same_packed_file(tmp_path: Path) -> None:
    sums = []
    for name in ("a", "b"):
        with open_store(tmp_path / name) as store:
            fill(store, tmp_path / name, runs=1, articles=5, compression="gzip")
        sums.append((tmp_path / name / "SHA256SUMS").read_bytes())
    assert sums[0] == sums[1]


def test_a_packing_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, pytest.raises(ConfigError, match="NEWSCRAWL_DUMP_COMPRESSION=rar"):
        publish(store, tmp_path, compression="rar")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.proof
def test_thirty_thousand_mixed_rows_in_two_hundred_files_are_read_by_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets
    import duckdb
    import mlcroissant
    import pandas
    import polars
    from frictionless import Resource

    data = tmp_path / "data"
    with open_store(data) as store:
        store._database.execute("PRAGMA synchronous = OFF")  # no power fails here
        for number in range(1, 11):
            run_id = begin(store, number)
            for each in range(3000):
                put(store, mixed(number * 6000 + each), run_id)
            store.end_run(run_id, exit_code=0, counts={})
            publish(store, data, max_file_bytes=150_000)
    assert sum(len(files_of(data, stream)) for stream in STREAMS) > 200
    monkeypatch.chdir(data)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    ids = sorted(each["id"] for each in records(data))
    assert len(ids) == 30_000
    assert sorted(read(data)["id"]) == ids
    assert sorted(pandas.read_json(CURRENT, lines=True)["id"]) == ids
    assert sorted(polars.read_ndjson(CURRENT, infer_schema_length=None)["id"]) == ids
    with duckdb.connect() as database:
        database.execute((data / DUCKDB_SQL).read_text())
        for view in ("current", "articles", f"read_json('{CURRENT}')"):
            assert sorted(each for (each,) in database.sql(f"SELECT id FROM {view}").fetchall()) == ids
    found = datasets.load_dataset(str(data), "articles", split="train", cache_dir=str(tmp_path / "cache"))
    assert sorted(found["id"]) == ids
    rows = mlcroissant.Dataset(str(data / CROISSANT)).records("articles")
    assert sorted(each["articles/id"].decode() for each in rows) == ids
    package = json.loads((data / DATA_PACKAGE).read_bytes())
    (resource,) = (each for each in package["resources"] if each["name"] == "current")
    assert Resource(resource, basepath=str(data)).validate().valid
    assert verify(data) == ()


def test_a_dump_of_an_earlier_minor_version_is_read_with_nulls_for_what_it_has_not(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets
    import duckdb

    later = ("license", "description")  # as if they had come with this version
    old = tmp_path / "old"
    copytree(dump, old, ignore=ignore_patterns("state"))
    for file in (each for stream in ("articles", "current") for each in files_of(old, stream)):
        rows = [json.loads(line) for line in file.read_bytes().splitlines()]
        lines = [json.dumps({name: row[name] for name in row if name not in later}) for row in rows]
        file.write_text("".join(f"{line}\n" for line in lines))
    monkeypatch.chdir(old)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    frame = read(old)
    assert list(frame.columns) == list(read(dump).columns)
    assert frame["license"].isna().all()
    with duckdb.connect() as database:
        database.execute((old / DUCKDB_SQL).read_text())
        assert database.sql("SELECT DISTINCT license FROM current").fetchall() == [(None,)]
    found = datasets.load_dataset(str(old), split="train", cache_dir=str(tmp_path / "cache"))
    assert set(found["license"]) == {None}
