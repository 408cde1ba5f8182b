"""An export holds what was asked for, in whatever format, whole or not at all."""

from __future__ import annotations

import csv
import gzip
import io
import json
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from shelf import DAY_2, SHARE, SITE, article, begin, gone, put

from newscrawl.article import Author, Image, OptOut
from newscrawl.cli.main import main
from newscrawl.dump.publish import publish
from newscrawl.dump.record import record as record_of
from newscrawl.dump.record import to_line
from newscrawl.dump.schema import STREAMS, schema
from newscrawl.dump.streams import records
from newscrawl.export.cells import cell
from newscrawl.export.formats import FORMATS, PACKAGES
from newscrawl.export.ordered import by_day_and_source
from newscrawl.export.table import MINIMAL
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVIL = '=cmd|" /C calc"!A1'
ODD = 'Zeile\u2028Absatz\u0085 \U0001f5de 報道 العربية "quoted", back\\slash; \ttab'
RUNS = [f"run_20261124t0600{number:02d}z_aaaaaa" for number in (1, 2)]


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs; the second takes an article of the first away and brings two."""
    data = tmp_path_factory.mktemp("export") / "data"
    with open_store(data) as store:
        run = begin(store, 1)
        full = {
            "authors": (Author(name="Ada Ahn", url=f"{SITE}/ada"), Author(name="B", url=None)),
            "images": (Image(url=f"{SITE}/1.jpg", caption=None, credit="C"), Image(url=f"{SITE}/2.jpg")),
            "tags": ("12e4", "1.0"),
            "description": "Read\non.",
            "language": "en",
            "date_published": "2026-11-22T08:30:00Z",
        }
        put(store, article("a", f"{ODD}\n\nAnd an end.", removed=(SHARE,), **full), run)
        put(store, article("b", "Same.", title=EVIL, language="de", optout=OptOut(meta_robots="noai")), run)
        put(store, article("c", "Same.", date_published=None, date_precision=None, date_source=None), run)
        put(store, article("d"), run)
        store.end_run(run, exit_code=0, counts={})
        publish(store, data)
        run = begin(store, 2)
        put(store, article("e", "Ünïcode cafés.", source="other", optout=OptOut(tdm_reservation="1, 0")), run)
        put(store, article("f", "x" * 40_000, source="aaa", date_crawled=DAY_2), run)
        gone(store, f"{SITE}/d", run, 410, DAY_2)
        store.end_run(run, exit_code=0, counts={})
        publish(store, data)
    return data


def exported(dump: Path, file: Path, *arguments: str) -> dict[str, Any]:
    """The summary of an export into a file."""
    out = io.StringIO()
    before, sys.stdout = sys.stdout, out
    try:
        assert main(["export", "--data", str(dump), "-o", str(file), "--json", *arguments]) == 0
    finally:
        sys.stdout = before
    summary: dict[str, Any] = json.loads(out.getvalue())
    return summary


def lines_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_bytes().splitlines()]


@pytest.mark.parametrize("stream", STREAMS)
def test_json_lines_are_the_lines_of_the_dump(dump: Path, tmp_path: Path, stream: str) -> None:
    summary = exported(dump, tmp_path / "x.jsonl", "--stream", stream, "--include-gone")
    assert lines_of(tmp_path / "x.jsonl") == list(records(dump, stream, include_gone=True))
    assert summary["rows"] == len(lines_of(tmp_path / "x.jsonl"))
    assert summary["bytes"] == (tmp_path / "x.jsonl").stat().st_size
    if stream != "current":
        (written,) = {(tmp_path / "x.jsonl").read_bytes()}
        assert written == b"".join(each.read_bytes() for each in sorted(dump.glob(f"{stream}/*/*.jsonl")))


def test_packed_json_lines_hold_the_same(dump: Path, tmp_path: Path) -> None:
    import duckdb

    for end in (".jsonl", ".jsonl.gz", ".jsonl.zst"):
        exported(dump, tmp_path / f"x{end}")
    plain = (tmp_path / "x.jsonl").read_bytes()
    assert gzip.decompress((tmp_path / "x.jsonl.gz").read_bytes()) == plain
    ((count,),) = duckdb.sql(f"SELECT count(*) FROM read_json('{tmp_path}/x.jsonl.zst')").fetchall()
    assert count == len(plain.splitlines())


def test_parquet_holds_every_value_with_its_type_in_the_order_of_publication(dump: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    exported(dump, tmp_path / "x.parquet")
    file = parquet.ParquetFile(tmp_path / "x.parquet")
    rows = file.read().to_pylist()
    by_id = {each["id"]: each for each in records(dump)}
    assert {each["id"] for each in rows} == set(by_id)
    for row in rows:
        for name in ("date_published", "date_modified", "date_crawled"):
            row[name] = row[name] and f"{row[name]:%Y-%m-%dT%H:%M:%SZ}"
        assert row == by_id[row["id"]]
    keys = [(row["date_published"] or "null", row["source"]) for row in rows]
    assert keys == sorted(keys)
    first, second = file.metadata.row_group(0).sorting_columns
    assert file.metadata.schema.column(first.column_index).path == "date_published"
    assert file.metadata.schema.column(second.column_index).path == "source"
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"


@pytest.mark.parametrize("stream", ["articles", "removed", "outcomes", "links"])
def test_every_stream_can_be_parquet_and_be_read_by_duckdb(dump: Path, tmp_path: Path, stream: str) -> None:
    import duckdb

    pytest.importorskip("pyarrow")
    exported(dump, tmp_path / "x.parquet", "--stream", stream, "--include-gone")
    found = duckdb.sql(f"SELECT * FROM '{tmp_path}/x.parquet'")
    assert found.columns == list(schema(stream)["properties"])
    assert len(found.fetchall()) == len(list(records(dump, stream, include_gone=True)))


def test_csv_holds_every_value_and_no_formula(dump: Path, tmp_path: Path) -> None:
    exported(dump, tmp_path / "x.csv")
    with (tmp_path / "x.csv").open(newline="", encoding="utf-8") as file:
        rows = {each["id"]: each for each in csv.DictReader(file)}
    for record in records(dump):
        row = rows[record["id"]]
        assert list(row) == list(record)
        assert json.loads(row["authors"]) == record["authors"]
        assert row["text"].lstrip("'") == record["text"].replace("\u0085", "\ufffd")
        assert row["date_published"] == (record["date_published"] or "")
    assert EVIL not in {row["title"] for row in rows.values()}
    assert f"'{EVIL}" in {row["title"] for row in rows.values()}
    exported(dump, tmp_path / "raw.csv", "--raw-cells")
    with (tmp_path / "raw.csv").open(newline="", encoding="utf-8") as file:
        assert EVIL in {row["title"] for row in csv.DictReader(file)}


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "\t=1", "\rx", " =1", '"=1', "'=1", "\n=1", "\uff1d1", "- a list item"]
)
def test_what_a_spreadsheet_may_run_begins_with_an_apostrophe(text: str) -> None:
    safe = cell(text)
    assert isinstance(safe, str)
    assert safe.startswith("'")
    raw = cell(text, is_raw=True)
    assert isinstance(raw, str)
    assert not raw.startswith("'") or text.startswith("'")


def test_other_cells_stay_as_they_are() -> None:
    assert [cell(each) for each in ("a=1", "1-2", None, 3, -3, 0.5, ["-"])] == ["a=1", "1-2", None, 3, -3, 0.5, '["-"]']
    assert cell("a\x00b\x1b[2Jc\nd\ud800") == "a\ufffdb\ufffd[2Jc\nd\ufffd"


def test_xlsx_holds_texts_and_times_and_says_where_it_cut(dump: Path, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    openpyxl = pytest.importorskip("openpyxl")
    summary = exported(dump, tmp_path / "x.xlsx")
    assert summary["cells_cut"] == 1
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    head, *body = book["articles"].iter_rows()
    names = [each.value for each in head]
    rows = {row[names.index("id")].value: dict(zip(names, row, strict=True)) for row in body}
    by_id = {each["id"]: each for each in records(dump)}
    assert set(rows) == set(by_id)
    for article_id, row in rows.items():
        assert {each.data_type for each in row.values()} <= {"s", "n", "d"}  # no formula
        assert not any(each.hyperlink for each in row.values())
        published = by_id[article_id]["date_published"]
        assert row["date_published"].value == (published and datetime.fromisoformat(published).replace(tzinfo=None))
    assert rows[article("b").id]["title"].value == f"'{EVIL}"
    assert rows[article("a").id]["text"].value == by_id[article("a").id]["text"].replace("\u0085", "\ufffd")
    cut = rows[article("f").id]["text"].value
    assert len(cut) == 32_767
    assert cut.endswith("[cut: 40,000 characters; JSON lines, CSV, Parquet and SQLite have all of it]")


def test_a_cell_is_cut_between_characters_and_counted_as_spreadsheets_count(tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    from newscrawl.export.xlsx import _fitting

    assert _fitting("x" * 32_767) == "x" * 32_767
    assert _fitting("\U0001f5de" * 16_383) == "\U0001f5de" * 16_383
    for text in ("\U0001f5de" * 16_384, "x" + "\U0001f5de" * 16_384, "x" * 32_768):
        fitting = _fitting(text)
        assert 32_766 <= len(fitting.encode("utf-16-le")) // 2 <= 32_767
        assert "\ufffd" not in fitting


def test_sqlite_can_be_searched(dump: Path, tmp_path: Path) -> None:
    exported(dump, tmp_path / "x.sqlite")
    with closing(sqlite3.connect(tmp_path / "x.sqlite")) as database:
        database.row_factory = sqlite3.Row
        rows = {each["id"]: each for each in database.execute("SELECT * FROM articles")}
        for record in records(dump):
            row = rows[record["id"]]
            assert row.keys() == ["row", *record]
            for name, value in record.items():
                assert (json.loads(row[name]) if isinstance(value, list | dict) else row[name]) == value
        query = (
            "SELECT id FROM articles JOIN articles_fts ON articles_fts.rowid = articles.row WHERE articles_fts MATCH ?"
        )
        assert [each["id"] for each in database.execute(query, ("CAFES",))] == [article("e").id]
        facts = {each["name"]: each["value"] for each in database.execute("SELECT name, value FROM export")}
        assert facts["digest"] == json.loads((dump / "manifest.json").read_bytes())["digest"]
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


@pytest.mark.parametrize("stream", ["removed", "outcomes", "links"])
def test_every_stream_can_be_sqlite(dump: Path, tmp_path: Path, stream: str) -> None:
    exported(dump, tmp_path / "x.sqlite", "--stream", stream)
    with closing(sqlite3.connect(tmp_path / "x.sqlite")) as database:
        (count,) = database.execute(f"SELECT count(*) FROM {stream}").fetchone()
        assert count == len(list(records(dump, stream)))


@pytest.mark.parametrize("end", [ends[0] for ends in FORMATS.values()])
def test_an_export_of_nothing_is_a_file_that_can_be_read(dump: Path, tmp_path: Path, end: str) -> None:
    for needed in {".parquet": ["pyarrow"], ".xlsx": ["xlsxwriter"]}.get(end, []):
        pytest.importorskip(needed)
    summary = exported(dump, tmp_path / f"x{end}", "--source", "nobody")
    assert (summary["rows"], summary["bytes"]) == (0, (tmp_path / f"x{end}").stat().st_size)


def test_the_columns_of_cc_news_are_as_it_has_them(dump: Path, tmp_path: Path) -> None:
    exported(dump, tmp_path / "x.jsonl", "--profile", "cc_news")
    rows = {each["url"]: each for each in lines_of(tmp_path / "x.jsonl")}
    assert rows[f"{SITE}/a"] == {
        "title": "Title of a",
        "text": f"{ODD}\nAnd an end.",
        "domain": "harbour-times.example",
        "date": "2026-11-22 08:30:00",
        "description": "Read\non.",
        "url": f"{SITE}/a",
        "image_url": f"{SITE}/1.jpg",
    }
    assert rows[f"{SITE}/c"]["date"] == rows[f"{SITE}/c"]["image_url"] == rows[f"{SITE}/c"]["description"] == ""
    assert list(rows[f"{SITE}/c"]) == ["title", "text", "domain", "date", "description", "url", "image_url"]


def test_profiles_and_columns_work_in_each_format(dump: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    exported(dump, tmp_path / "x.parquet", "--profile", "cc_news")
    assert parquet.read_schema(tmp_path / "x.parquet").names[-1] == "image_url"
    exported(dump, tmp_path / "y.parquet", "--minimal")
    assert parquet.read_schema(tmp_path / "y.parquet").names == list(MINIMAL)
    assert parquet.ParquetFile(tmp_path / "y.parquet").metadata.row_group(0).sorting_columns
    exported(dump, tmp_path / "z.parquet", "--columns", "title,flags")
    assert parquet.read_table(tmp_path / "z.parquet").schema.names == ["title", "flags"]
    exported(dump, tmp_path / "s.parquet", "--columns", "source,title")  # ordered by day, and so not by source
    assert not parquet.ParquetFile(tmp_path / "s.parquet").metadata.row_group(0).sorting_columns


def test_filters_choose(dump: Path, tmp_path: Path) -> None:
    summary = exported(dump, tmp_path / "x.jsonl", "--language", "en,de", "--since", "2026-11-21", "--minimal")
    assert [each["title"] for each in lines_of(tmp_path / "x.jsonl")] == ["Title of a"]
    assert summary["columns"] == list(MINIMAL)


def test_what_publishers_forbid_to_train_with_is_left_out_and_counted(dump: Path, tmp_path: Path) -> None:
    summary = exported(dump, tmp_path / "x.jsonl", "--allow", "train-ai")
    assert {each["url"][-1] for each in lines_of(tmp_path / "x.jsonl")} == {"a", "c", "f"}
    assert (summary["rows"], summary["opted_out"]) == (3, 2)


def test_an_increment_is_what_came_after_a_run(dump: Path, tmp_path: Path) -> None:
    first = exported(dump, tmp_path / "x.jsonl", "--since-run", RUNS[0])
    rows = lines_of(tmp_path / "x.jsonl")
    assert [(each["url"][-1], each["status"]) for each in rows] == [("e", "ok"), ("f", "ok"), ("d", "gone")]
    assert first["through_run"] == RUNS[1]
    assert exported(dump, tmp_path / "y.jsonl", "--since", RUNS[1])["rows"] == 0


def test_what_is_left_and_its_increment_make_the_whole(dump: Path, tmp_path: Path) -> None:
    """A consumer who applies the increments holds the current view."""
    held: dict[str, Any] = {}
    for file, since in (("a.jsonl", []), ("b.jsonl", ["--since-run", RUNS[0]])):
        exported(dump, tmp_path / file, "--stream", "articles", "--include-gone", *since)
        for each in lines_of(tmp_path / file):
            held[each["id"]] = each
    there = {each["id"]: each["text_sha256"] for each in held.values() if each["status"] == "ok"}
    assert there == {each["id"]: each["text_sha256"] for each in records(dump)}


def test_an_increment_tells_of_purged_articles(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with open_store(data) as store:
        put(store, article("a"), begin(store, 1))
        publish(store, data)
        store.purge([article("a").id], run_id=begin(store, 2))
    with open_store(data) as store:  # finishes the purge
        publish(store, data)
    exported(data, tmp_path / "x.jsonl", "--since-run", RUNS[0])
    assert [(each["id"], each["status"]) for each in lines_of(tmp_path / "x.jsonl")] == [(article("a").id, "purged")]


def test_a_dump_of_an_earlier_version_has_nothing_in_the_columns_that_it_lacks(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    values = record_of(article("a"))
    del values["license"]
    (tmp_path / "old.jsonl").write_bytes(to_line(values))
    for end in (".jsonl", ".parquet", ".csv", ".sqlite"):
        assert exported(tmp_path / "old.jsonl", tmp_path / f"x{end}", "--stream", "articles")["rows"] == 1
    assert lines_of(tmp_path / "x.jsonl")[0]["license"] is None


def test_lines_go_to_standard_output(dump: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["export", "jsonl", "--data", str(dump)]) == 0
    out, err = capsysbinary.readouterr()
    assert [json.loads(line) for line in out.splitlines()] == list(records(dump))
    assert err == b"5 records\n"
    assert main(["export", "csv", "--minimal", "-q", "--data", str(dump)]) == 0
    out, err = capsysbinary.readouterr()
    assert out.startswith(b"id,url,source,")
    assert err == b""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-o", "x.doc"], "x.doc: no format has this ending; there are .jsonl, .jsonl.gz"),
        (["-o", "nowhere/x.csv"], "there is no folder nowhere"),
        (["csv", "-o", "x.parquet"], "x.parquet is parquet by its name, and csv was asked for"),
        (["parquet"], "parquet needs -o FILE"),
        ([], "name a FORMAT, or a file with -o"),
        (["jsonl", "--json"], "--json needs -o FILE"),
        (["jsonl", "--columns", "id,titel"], "there is no 'titel'; did you mean title?"),
        (["jsonl", "--profile", "ccnews"], "there is no 'ccnews'; did you mean cc_news?"),
        (["jsonl", "--allow", "train"], "there is no 'train'; did you mean train-ai?"),
        (["jsonl", "--allow", "train-ai", "--stream", "links"], "the lines of links have no opt-outs"),
        (["jsonl", "--profile", "cc_news", "--stream", "links"], "is made of articles, not of links"),
        (["jsonl", "--since", "yesterday"], "'yesterday' is neither a day"),
        (["jsonl", "--since-run", "run_1"], "knows no run 'run_1'"),
        (["jsonl", "--since-run", "run_1", "--stream", "current"], "current knows no withdrawals"),
    ],
)
def test_a_mistake_is_a_sentence(
    dump: Path,
    tmp_path: Path,
    arguments: list[str],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["export", "--data", str(dump), *arguments]) == 2
    assert sentence in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "package"), PACKAGES.items())
def test_a_package_that_is_missing_is_named(
    dump: Path,
    tmp_path: Path,
    name: str,
    package: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    assert main(["export", "--data", str(dump), "-o", str(tmp_path / f"x.{name}")]) == 2
    assert f"{name} needs {package}: pip install 'newscrawl[{name}]'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays_unless_it_is_forced(
    dump: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.csv").write_text("mine")
    assert main(["export", "--data", str(dump), "-o", str(tmp_path / "x.csv")]) == 2
    assert "is there already; --force replaces it" in capsys.readouterr().err
    assert (tmp_path / "x.csv").read_text() == "mine"
    assert exported(dump, tmp_path / "x.csv", "--force")["rows"] == 5


def test_no_export_stands_among_the_files_of_the_dump(dump: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("articles/x.jsonl", "current/articles.jsonl", "state/x.sqlite", "tombstones.jsonl"):
        assert main(["export", "--data", str(dump), "-o", str(dump / name), "--force"]) == 2
        assert "would be in the way of the dump" in capsys.readouterr().err


@pytest.mark.parametrize("end", [ends[0] for ends in FORMATS.values()])
def test_an_export_that_fails_leaves_what_was_there(
    dump: Path, tmp_path: Path, end: str, capsys: pytest.CaptureFixture[str]
) -> None:
    torn = tmp_path / "torn.jsonl"
    torn.write_bytes((dump / "current" / "articles.jsonl").read_bytes() + b"{")
    (tmp_path / f"x{end}").write_text("mine")
    assert main(["export", "--data", str(torn), "-o", str(tmp_path / f"x{end}"), "--force"]) == 5
    assert "torn.jsonl, line 6: not" in capsys.readouterr().err
    assert (tmp_path / f"x{end}").read_text() == "mine"
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(["torn.jsonl", f"x{end}"])


@pytest.mark.parametrize("end", [".jsonl", ".jsonl.gz", ".parquet", ".csv", ".sqlite"])
def test_a_disk_that_takes_no_more_is_one_sentence_and_leaves_what_was_there(
    dump: Path, tmp_path: Path, end: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / f"x{end}").write_text("mine")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))
    try:
        status = main(["export", "--data", str(dump), "-o", str(tmp_path / f"x{end}"), "--force"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert status == 5
    assert f"cannot write {tmp_path / f'x{end}'}" in capsys.readouterr().err
    assert (tmp_path / f"x{end}").read_text() == "mine"
    assert [each.name for each in tmp_path.iterdir()] == [f"x{end}"]


WRITE_FOREVER = """
import sys
from itertools import repeat
from pathlib import Path
from newscrawl.dump.selection import Where
from newscrawl.export import export
from newscrawl.export.table import table_of

record = next(export.selected(Path(sys.argv[1])))
export.selected = lambda *_, **__: repeat(record)
hear = lambda rows: print(rows, flush=True) if rows == 2000 else None
wanted = export.Wanted(stream="links", where=Where(), table=table_of("current"))
target = Path(sys.argv[2])
export.export(Path(sys.argv[1]), wanted, target.suffix[1:], target, hear)
"""


@pytest.mark.parametrize("end", [".jsonl", ".sqlite"])
def test_a_killed_export_leaves_nothing_under_its_name(dump: Path, tmp_path: Path, end: str) -> None:
    target = tmp_path / f"x{end}"
    command = [sys.executable, "-c", WRITE_FOREVER, str(dump), str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"2000\n"  # it is writing now
        writer.kill()
    assert not target.exists()
    assert [each.name for each in tmp_path.iterdir()] == [f".{target.name}.tmp"]
    exported(dump, target)  # and the next one takes its remains away
    assert [each.name for each in tmp_path.iterdir()] == [target.name]


def test_many_rows_are_ordered_with_what_has_no_day_last() -> None:
    def pairs() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        for number in range(5000):
            day = None if number % 7 == 0 else f"2026-11-{number % 28 + 1:02d}T00:00:00Z"
            record = {"date_published": day, "source": f"s{number % 3}", "id": f"nc_{number}", "revision": 1}
            yield record, {"key": [day or "last", record["source"], record["id"]]}

    keys = [each["key"] for each in by_day_and_source(pairs())]
    assert keys == sorted(keys)
    assert len(keys) == 5000


MEASURE = """
import re, sys
from pathlib import Path
from newscrawl.cli.main import main

assert main(["export", "-q", "--data", sys.argv[1], "-o", sys.argv[2]]) == 0
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1000)
"""


@pytest.mark.proof
@pytest.mark.parametrize(("end", "most_mb"), [(".jsonl.zst", 150), (".parquet", 450), (".sqlite", 150)])
def test_memory_does_not_grow_with_the_number_of_records(dump: Path, tmp_path: Path, end: str, most_mb: int) -> None:
    """60,000 articles of 5 KB: 300 MB of lines."""
    (line, *_) = (dump / "current" / "articles.jsonl").read_bytes().splitlines(keepends=True)
    values = json.loads(line) | {"text": "A harbour of many words. " * 160}
    source = tmp_path / "many.jsonl"
    with source.open("w") as file:
        for number in range(60_000):
            file.write(json.dumps(values | {"id": f"nc_{number:026d}", "text": f"{number} {values['text']}"}) + "\n")
    command = [sys.executable, "-c", MEASURE, str(source), str(tmp_path / f"x{end}")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) < most_mb
