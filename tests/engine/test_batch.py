"""A batch: one dump of many files, the same whoever does the work and in whatever order."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from corpus import batch, contents, job_of, run_here, write_files

from newscrawl.cli.main import main
from newscrawl.dump.reader import verify
from newscrawl.dump.streams import read_manifest, records
from newscrawl.errors import ConfigError, LockedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

FILES = [30]
"""Lines of the first file; the rest stand alone, which starts no worker."""


@pytest.fixture(scope="module")
def one_process(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `newscrawl clean --data` makes of it."""
    folder = tmp_path_factory.mktemp("one")
    paths = write_files(folder / "in", batch(), [len(batch())])
    assert main(["clean", "-q", "--workers", "1", "--data", str(folder / "data"), *map(str, paths)]) == 0
    return contents(folder / "data")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a batch."""
    folder = tmp_path_factory.mktemp("made")
    run_here(job_of(write_files(folder / "in", batch(), FILES)), folder / "data")
    return folder / "data"


def test_a_batch_makes_the_dump_that_one_process_makes(made: Path, one_process: dict[str, Any]) -> None:
    assert contents(made) == one_process
    assert verify(made) == ()


def test_there_is_something_to_find(one_process: dict[str, Any]) -> None:
    links = one_process["links"].values()
    assert {each["similarity"] for each in links} > {1.0}
    assert max(sum(other["cluster_id"] == each["cluster_id"] for other in links) for each in links) >= 3
    assert any('"revision": 2' in each for each in one_process["articles"])
    assert any("site_memory" in each for each in one_process["removed"])
    assert any('"too_short"' in each for each in one_process["outcomes"])


def test_order_of_input_and_number_of_parts_make_no_difference(tmp_path: Path, one_process: dict[str, Any]) -> None:
    lines = batch()
    random.Random(7).shuffle(lines)
    run_here(job_of(write_files(tmp_path / "in", lines, FILES), parts=11), tmp_path / "data")
    assert contents(tmp_path / "data") == one_process


class Stops:
    """An engine that breaks off after so many tasks, and leaves half a file as a killed worker does."""

    page_workers = 1

    def __init__(self, tasks: int) -> None:
        self.tasks = tasks

    def each(self, function: Callable[..., None], tasks: Iterable[tuple[Any, ...]]) -> Iterator[None]:
        for work, *arguments in tasks:
            if not self.tasks:
                (work / "decided").mkdir(exist_ok=True)
                (work / "decided" / ".00000.half.tmp").write_bytes(b"half")
                raise KeyboardInterrupt
            self.tasks -= 1
            function(work, *arguments)
            yield


def test_a_batch_that_is_broken_off_again_and_again_does_no_task_twice(
    tmp_path: Path, one_process: dict[str, Any]
) -> None:
    job = job_of(write_files(tmp_path / "in", batch(), FILES))
    runs = 0
    while True:
        runs += 1
        try:
            done = run_here(job, tmp_path / "data", Stops(23))
        except KeyboardInterrupt:
            assert not (tmp_path / "data" / "manifest.json").exists()
            continue
        break
    assert runs > 4
    assert contents(tmp_path / "data") == one_process
    assert verify(tmp_path / "data") == ()
    assert list((tmp_path / "data" / "state" / "engine").iterdir()) == [tmp_path / "data/state/engine/job.json"]
    # And when all is done, there is nothing to do.
    again = run_here(job, tmp_path / "data", Stops(0))
    assert not again.is_new
    assert (again.run_id, again.articles) == (done.run_id, done.articles)


def test_publishing_that_was_broken_off_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from newscrawl.batch.engine import dump

    lines = batch()[:8]
    job = job_of(write_files(tmp_path / "in", lines, []))
    moves = iter([True] * 3)
    move = dump._move

    def torn(*arguments: Any) -> None:
        if next(moves, None) is None:
            raise KeyboardInterrupt
        move(*arguments)

    monkeypatch.setattr(dump, "_move", torn)
    with pytest.raises(KeyboardInterrupt):
        run_here(job, tmp_path / "data")
    monkeypatch.undo()
    assert not (tmp_path / "data" / "manifest.json").exists()
    run_here(job, tmp_path / "data")
    assert verify(tmp_path / "data") == ()
    assert sum(1 for _ in records(tmp_path / "data", "outcomes")) == len({each["url"] for each in lines})


def test_each_input_has_its_own_files_in_the_dump(made: Path) -> None:
    files = read_manifest(made)["files"]
    articles = [each for each in files if each["stream"] == "articles"]
    numbers = {each["path"].rpartition("-")[2] for each in articles}
    assert len(numbers) > 20
    assert sum(each["rows"] for each in articles if each["path"].endswith("-00000.jsonl")) >= 25


def test_a_crawl_can_go_on_with_the_dump(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import shutil

    data = tmp_path / "data"
    shutil.copytree(made, data)
    assert main(["state", "rebuild", "--data", str(data)]) == 0
    paths = write_files(tmp_path / "in", batch()[:1], [])
    capsys.readouterr()
    assert main(["clean", "--json", "--data", str(data), *map(str, paths)]) == 0
    assert json.loads(capsys.readouterr().out)["outcomes"] == {"unchanged": 1}
    assert verify(data) == ()


def test_another_batch_is_refused_where_one_is(made: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds a batch of other files"):
        run_here(job_of(write_files(tmp_path / "in", batch()[:1], [])), made)


def test_a_directory_of_crawls_is_refused(tmp_path: Path) -> None:
    from newscrawl.state.store import open_store

    open_store(tmp_path / "data").close()
    with pytest.raises(ConfigError, match="belongs to crawls"):
        run_here(job_of(write_files(tmp_path / "in", batch()[:1], [])), tmp_path / "data")


def test_two_batches_in_one_directory_do_not_work_at_once(tmp_path: Path) -> None:
    job = job_of(write_files(tmp_path / "in", batch()[:2], []))

    class Second:
        page_workers = 1

        def each(self, *_: Any) -> Iterator[None]:
            with pytest.raises(LockedError):
                run_here(job, tmp_path / "data")
            raise KeyboardInterrupt
            yield

    with pytest.raises(KeyboardInterrupt):
        run_here(job, tmp_path / "data", Second())


def test_the_dump_may_be_in_a_store_of_objects(
    tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("fsspec", reason="the extra s3 is not installed")
    from newscrawl.dump.place import place

    write_files(tmp_path / "in", batch(), FILES)
    monkeypatch.setenv("NEWSCRAWL_DUMP", "memory://dumps/batch")
    monkeypatch.setenv("NEWSCRAWL_DUMP_COMPRESSION", "zstd")
    arguments = ["clean", "--engine", "local", "--workers", "1", "--data", str(tmp_path / "data"), str(tmp_path / "in")]
    assert main(arguments) == 0
    assert verify("memory://dumps/batch") == ()
    there = read_manifest(place("memory://dumps/batch"))
    assert there["digest"] == read_manifest(made)["digest"]
    assert any(each["path"].endswith(".jsonl.zst") for each in there["files"])
    assert not (tmp_path / "data" / "manifest.json").exists()
    assert main(arguments) == 0
    assert "done by an earlier run" in capsys.readouterr().err


def test_a_page_that_takes_too_long_costs_only_itself(tmp_path: Path) -> None:
    from newscrawl.extract.pool import PoolOptions

    html = "<html><title>Slow</title><body>" + "<div><p>word " * 60_000
    (tmp_path / "slow.html").write_text(html)
    run_here(job_of([tmp_path / "slow.html"], pool=PoolOptions(deadline_s=0.01)), tmp_path / "data")
    assert [each["outcome"] for each in records(tmp_path / "data", "outcomes")] == ["timeout"]


def test_what_cannot_be_read_is_told_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = write_files(tmp_path / "in", batch()[:2], [])
    (tmp_path / "in" / "bad.jsonl").write_text('{"title": "no text"}\n')
    options = ["--engine", "local", "--workers", "1", "--data", str(tmp_path / "data")]
    assert main(["clean", *options, str(tmp_path / "in")]) == 1
    assert "bad.jsonl, line 1: no text under any of" in capsys.readouterr().err
    manifest = read_manifest(tmp_path / "data")
    assert manifest["runs"][0]["counts"] == {"outcome_article": len(paths), "unread": 1, "bugs": 0}
    assert manifest["runs"][0]["exit_code"] == 1


def test_an_empty_file_makes_an_empty_dump(tmp_path: Path) -> None:
    (tmp_path / "empty.warc").write_bytes(b"")
    run_here(job_of([tmp_path / "empty.warc"]), tmp_path / "data")
    assert verify(tmp_path / "data") == ()
