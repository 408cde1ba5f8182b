"""Records are chosen by what they are; files that hold none of them are not opened."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from shelf import DAY_1, DAY_2, SHARE, SITE, article, begin, gone, line, put

from newscrawl.dump.compact import compact
from newscrawl.dump.publish import publish
from newscrawl.dump.rebuild import parsed_lines
from newscrawl.dump.record import record, to_line
from newscrawl.dump.schema import LINK_FIELDS
from newscrawl.dump.selection import (
    Where,
    last_whole_run,
    most_rows,
    read_columns,
    read_where,
    read_whole,
    selected,
    selected_files,
)
from newscrawl.errors import ConfigError, StoreError
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
RUNS = [f"run_20261124t0600{number:02d}z_aaaaaa" for number in range(1, 4)]


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of two days, each with its source; the second takes an article of the first away. A third goes on."""
    data = tmp_path_factory.mktemp("selection") / "data"
    with open_store(data) as store:
        run = begin(store, 1)
        put(store, article("a", "One.", language="en", removed=(SHARE,)), run)
        put(store, article("b", "Two.", language="en-GB", date_published="2026-11-22T23:59:59Z"), run)
        put(store, article("c", "Three.", date_published=None, date_precision=None, date_source=None), run)
        store.end_run(run, exit_code=0, counts={})
        publish(store, data)
        run = begin(store, 2)
        other = {"source": "other", "date_crawled": DAY_2, "date_published": "2026-11-24T08:00:00Z"}
        put(store, article("d", "Four.", language="zh-CN", **other), run)
        gone(store, f"{SITE}/a", run, 410, DAY_2)
        store.put_outcome(line(f"{SITE}/list", run, "list_page"), at=DAY_2)
        store.end_run(run, exit_code=0, counts={})
        publish(store, data)
        begin(store, 3)
        put(store, article("e", "Five.", date_crawled=DAY_2), RUNS[2])
        publish(store, data)
    return data


def texts(path: Path, stream: str = "current", **where: Any) -> set[str]:
    """Names of the articles chosen, from their titles; "gone" for what has none."""
    rows = selected(path, stream, read_where(path, stream, where, now=NOW), include_gone=stream == "articles")
    return {(each["title"] or "gone").removeprefix("Title of ") for each in rows}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, "bcde"),
        ({"source": "other"}, "d"),
        ({"source": ["other", "harbour-times"]}, "bcde"),
        ({"source": "nobody"}, ""),
        ({"language": "en"}, "b"),
        ({"language": ["zh", "EN-gb"]}, "bd"),
        ({"language": "z"}, ""),
        ({"since": "2026-11-22"}, "bd"),
        ({"until": "2026-11-22"}, "be"),
        ({"until": "2026-11-22T23:59:58Z"}, "e"),
        ({"since": "2026-11-22T23:59:59Z", "until": "2026-11-22T23:59:59Z"}, "b"),
        ({"since": "1d"}, "d"),
        ({"since": date(2026, 11, 23)}, "d"),
        ({"since": datetime(2026, 11, 23, 1, 59, 59, tzinfo=timezone(timedelta(hours=2)))}, "bd"),
        ({"source": "harbour-times", "since": "2026-11-23"}, ""),
        ({"after_run": RUNS[0]}, "de"),
    ],
)
def test_what_is_chosen_is_what_was_asked_for(dump: Path, where: dict[str, Any], expected: str) -> None:
    assert texts(dump, **where) == set(expected)


def test_after_a_run_come_its_followers_revisions_and_withdrawals(dump: Path) -> None:
    assert texts(dump, "articles", after_run=RUNS[0]) == {"d", "e", "gone"}
    assert texts(dump, "articles", after_run=RUNS[2]) == set()
    assert last_whole_run(dump) == RUNS[1]  # the third goes on, and may publish more


def test_lines_without_a_time_are_chosen_by_their_crawl_day(dump: Path) -> None:
    def outcomes(**where: str) -> int:
        return len(list(selected(dump, "outcomes", read_where(dump, "outcomes", where))))

    everything = outcomes()
    assert outcomes(until=DAY_1[:10]) + outcomes(since=DAY_2[:10]) == everything
    assert 0 < outcomes(until=DAY_1[:10]) < everything
    assert len(list(selected(dump, "removed", read_where(dump, "removed", {"until": DAY_1[:10]})))) == 1


@pytest.mark.parametrize(
    ("stream", "where", "opened"),
    [
        ("articles", {"source": "other"}, 1),
        ("articles", {"until": "2026-11-19"}, 0),
        ("articles", {"since": "2026-11-23"}, 1),
        ("articles", {"after_run": RUNS[1]}, 1),
        ("outcomes", {"since": "2026-11-25"}, 0),
        ("current", {"since": "2026-11-25"}, 0),
    ],
)
def test_files_that_hold_none_of_it_are_not_opened(dump: Path, stream: str, where: dict[str, Any], opened: int) -> None:
    chosen = read_where(dump, stream, where, now=NOW)
    assert len(selected_files(dump, stream, chosen)) == opened
    found = len(list(selected(dump, stream, chosen, include_gone=True)))
    assert found <= (most_rows(dump, stream, chosen, include_gone=False) or 0) or stream == "current"
    # and nothing is lost by it
    unpruned = [each for file in selected_files(dump, stream, Where()) for each in selected(file, stream, chosen)]
    assert len(list(selected(dump, stream, chosen))) == len(unpruned)


def test_compacting_changes_nothing_of_what_came_after_a_run(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        for number in (1, 2):
            run = begin(store, number)
            put(store, article(f"n{number}"), run)
            store.end_run(run, exit_code=0, counts={})
            publish(store, tmp_path)
        compact(store, tmp_path)
    assert len(selected_files(tmp_path, "articles", Where())) == 1
    assert texts(tmp_path, "articles", after_run=RUNS[0]) == {"n2"}


@pytest.mark.parametrize(
    ("stream", "where", "sentence"),
    [
        ("current", {"sorce": "a"}, "there is no 'sorce'; did you mean source?"),
        ("current", {"weather": "a"}, "there is no 'weather'; there are source, language, since, until, after_run"),
        ("current", {"source": 3}, "where source: a text or a list of texts is wanted, not 3"),
        ("current", {"language": []}, "where language: a text or a list of texts"),
        ("current", {"since": "soon"}, "where since: 'soon' is neither a day"),
        ("current", {"until": datetime(2026, 1, 1)}, "has no time zone"),
        ("removed", {"source": "a"}, "the lines of removed have no source"),
        ("links", {"language": "a"}, "the lines of links have no language"),
        ("removed", {"after_run": RUNS[0]}, "the lines of removed have no run_id"),
        ("articles", {"after_run": "run_1"}, f"knows no run 'run_1'; the oldest that it tells of is {RUNS[0]}"),
    ],
)
def test_a_wish_that_cannot_be_is_a_sentence(dump: Path, stream: str, where: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=r"where|after_run") as raised:
        read_where(dump, stream, where)
    assert sentence in str(raised.value)


def test_columns_are_those_asked_for_in_that_order() -> None:
    assert read_columns("current", ["title", "id"]) == ("title", "id")
    assert read_columns("links", None)[0] == "id"
    for columns, sentence in (
        (["titel"], "there is no 'titel'; did you mean title?"),
        (["id", "id"], "'id' is named twice"),
        ("id", "not the text 'id'"),
    ):
        with pytest.raises(ConfigError, match=sentence.replace("?", r"\?")):
            read_columns("current", columns)


@pytest.mark.parametrize("source", ["harbour-times", "häfen", 'a"b', "a/b"])
def test_a_source_is_found_however_its_line_is_written(tmp_path: Path, source: str) -> None:
    values = record(article("a", source=source)) | dict.fromkeys(LINK_FIELDS)
    other = record(article("b", f'"{source}"')) | dict.fromkeys(LINK_FIELDS)
    for name, text in (("ours", to_line(values).decode()), ("escaped", json.dumps(values, separators=(",", ":")))):
        file = tmp_path / f"{name}.jsonl"
        file.write_text(f"{text.strip()}\n{json.dumps(other)}\n", "utf-8")
        chosen = read_where(file, "current", {"source": source})
        expected = [source, "harbour-times"] if source == "harbour-times" else [source]
        assert [each["source"] for each in selected(file, "current", chosen)] == expected


def test_a_dump_that_is_compacted_while_it_is_read_is_read_again(tmp_path: Path) -> None:
    opened = []
    with open_store(tmp_path) as store:
        for number in (1, 2):
            put(store, article(f"n{number}"), begin(store, number))
            publish(store, tmp_path)

        def read() -> list[dict[str, Any]]:
            files = selected_files(tmp_path, "articles", Where())
            if not opened:
                compact(store, tmp_path)
            opened.append(len(files))
            return [values for file in files for _, values in parsed_lines(file)]

        assert len(read_whole(tmp_path, read)) == 2
    assert opened == [2, 1]


def test_a_missing_file_is_named(dump: Path, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes((dump / "manifest.json").read_bytes())
    with pytest.raises(StoreError, match=r"0000\.jsonl is missing"):
        list(selected(tmp_path, "articles"))
