"""Compacting changes the files and nothing that they say."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from shelf import SHARE, SITE, article, begin, line, put

import newscrawl
from newscrawl.cli.main import main
from newscrawl.dump import frame
from newscrawl.dump.compact import compact
from newscrawl.dump.publish import publish
from newscrawl.dump.reader import verify
from newscrawl.dump.streams import records
from newscrawl.errors import StoreError
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAYS = ("2026-11-22", "2026-11-23")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Six runs over two days, of copies of one text, so that there are links."""
    data = tmp_path / "data"
    with open_store(data) as store:
        for number, name in enumerate("abcdef", start=1):
            run = begin(store, number)
            at = f"{DAYS[number % 2]}T10:0{number}:00Z"
            put(store, article(name, "Same.", removed=(SHARE,), date_crawled=at), run)
            store.put_outcome(line(f"{SITE}/{name}/gallery", run, "no_text"), at=at)
            publish(store, data)
    return data


def files(data: Path) -> list[str]:
    return sorted(str(path.relative_to(data)) for path in data.rglob("crawl_day=*/*"))


def said(data: Path) -> dict[str, list[Any]]:
    """The lines of every stream; of links, in order."""
    return {
        stream: sorted(map(json.dumps, records(data, stream))) if stream != "links" else list(records(data, stream))
        for stream in ("articles", "removed", "outcomes", "links", "current")
    }


def digest(data: Path) -> Any:
    return json.loads((data / "manifest.json").read_bytes())["digest"]


def test_no_line_changes_and_there_are_fewer_files(data: Path) -> None:
    before, digest_before, many = said(data), digest(data), files(data)
    with open_store(data) as store:
        compacted = compact(store, data)
    assert len(many) - len(files(data)) == compacted.merged - compacted.written > 0
    assert len([each for each in files(data) if each.startswith("articles/")]) == len(DAYS)
    assert (said(data), digest(data)) == (before, digest_before)
    assert verify(data) == ()


def test_compacting_again_changes_nothing(data: Path) -> None:
    with open_store(data) as store:
        compact(store, data)
        once = files(data)
        assert compact(store, data).merged == 0
    assert files(data) == once


def test_what_is_published_afterwards_joins_in(data: Path) -> None:
    with open_store(data) as store:
        compact(store, data)
        put(store, article("g", "Same."), begin(store, 7))
        publish(store, data)
        compact(store, data)
    assert len([each for each in files(data) if each.startswith("articles/")]) == len(DAYS)
    assert len(list(records(data))) == 7
    assert verify(data) == ()


def test_no_file_gets_larger_than_the_limit_by_merging(data: Path) -> None:
    with open_store(data) as store:
        compact(store, data, max_file_bytes=2500)
    sizes = [path.stat().st_size for path in (data / "articles").rglob("*.jsonl")]
    assert max(sizes) <= 2500
    assert len(sizes) > len(DAYS)
    assert verify(data) == ()


def test_a_reader_of_an_old_file_keeps_it(data: Path) -> None:
    path = data / files(data)[0]
    whole = path.read_bytes()
    with path.open("rb") as reader, open_store(data) as store:
        compact(store, data)
        assert not path.exists()
        assert reader.read() == whole


def test_files_that_are_replaced_while_a_frame_is_read_are_read_again(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def halfway(path: Path, stream: str, *, include_gone: bool = False, **how: Any) -> Iterator[dict[str, Any]]:
        rows = records(path, stream, include_gone=include_gone, **how)
        yield next(rows)
        monkeypatch.undo()
        with open_store(data) as store:
            compact(store, data)
        yield from rows

    before = sorted(newscrawl.read(data, "articles")["id"])
    monkeypatch.setattr(frame, "records", halfway)
    assert sorted(newscrawl.read(data, "articles")["id"]) == before
    next((data / "articles").rglob("*.jsonl")).unlink()
    with pytest.raises(StoreError, match="is missing"):
        newscrawl.read(data, "articles")


def test_a_failed_attempt_leaves_a_whole_dump_after_the_next_publication(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = said(data)
    replace = os.replace
    for point in range(12):
        left = [point]

        def fail(*args: Any, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == -1:
                raise OSError(28, "No space left on device")
            replace(*args)

        with open_store(data) as store:
            with monkeypatch.context() as patch:
                patch.setattr(os, "replace", fail)
                try:
                    compact(store, data)
                except StoreError as error:
                    assert str(error).startswith("disk full")  # noqa: PT017 - the last points are past its end
            publish(store, data)
        assert verify(data) == ()
        assert said(data) == before


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_file_is_not_merged(data: Path, damage: str) -> None:
    path = next((data / "articles").rglob("*.jsonl"))
    path.write_bytes(b"" if damage == "cut" else path.read_bytes().replace(b"Title", b"Titlf"))
    with open_store(data) as store, pytest.raises(StoreError, match="is not what was published"):
        compact(store, data)
    assert path.exists()


def test_the_command_takes_a_day_or_those_before_one(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compact", "--day", DAYS[0], "--data", str(data)]) == 0
    assert "files became" in capsys.readouterr().out
    left = [each for each in files(data) if each.startswith("articles/")]
    assert len(left) == 1 + 3
    assert main(["compact", "--before", "2026-11-22", "--data", str(data)]) == 0
    assert capsys.readouterr().out == "nothing to merge\n"
    assert main(["compact", "--day", "yesterday", "--data", str(data)]) == 2
    assert "--day yesterday: not a day" in capsys.readouterr().err
