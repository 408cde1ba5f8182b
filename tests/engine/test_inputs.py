"""What a batch is told to read, and what is said when that cannot be."""

from __future__ import annotations

import gzip
import sys
from typing import TYPE_CHECKING

import pytest
from corpus import batch, write_files

from newscrawl.batch.engine import inputs
from newscrawl.batch.engine.inputs import inputs_of
from newscrawl.cli.main import main
from newscrawl.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_listing_names_files_below_its_folder_or_a_prefix(tmp_path: Path) -> None:
    write_files(tmp_path / "crawl-data", batch()[:2], [])
    listing = tmp_path / "warc.paths.gz"
    listing.write_bytes(gzip.compress(b"crawl-data/001.jsonl\ncrawl-data/000.jsonl\n"))
    names = [str(tmp_path / "crawl-data" / f"00{number}.jsonl") for number in range(2)]
    for prefix in (None, f"{tmp_path}/"):
        found, versions, sizes = inputs_of([str(listing)], prefix=prefix)
        assert [each.name for each in found] == names
        assert len(set(versions)) == 2
        assert sizes == tuple((tmp_path / each).stat().st_size for each in names)


def test_small_files_share_a_shard_and_an_archive_has_its_own() -> None:
    half = inputs.SHARD_BYTES // 2
    assert inputs.shards_of([half, half, 1, 5 * half, 1, 1]) == (2, 3, 4, 6)
    assert inputs.shards_of([]) == ()


def test_a_changed_file_is_another_input(tmp_path: Path) -> None:
    (path,) = write_files(tmp_path / "in", batch()[:1], [])
    before = inputs_of([str(path)])
    path.write_text(path.read_text() * 2)
    assert inputs_of([str(path)])[1] != before[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{in}/000.jsonl"], "--engine needs --data"),
        (["--data", "{data}", "-"], "cannot read standard input"),
        (["--data", "{data}", "{in}/000.jsonl", "{in}"], "is named twice"),
        (["--data", "{data}", "{in}/no.warc"], "no.warc cannot be read: No such file"),
        (["--data", "{data}", "{in}/no.paths"], "the listing"),
        (["--data", "{data}", "--again", "{in}"], "--again and --engine do not go together"),
        (["--data", "{data}", "--scheduler", "tcp://127.0.0.1:1", "{in}"], "--scheduler belongs to --engine dask"),
        (["--data", "{data}", "gopher://crawls/a.warc"], "gopher://crawls/a.warc"),
    ],
)
def test_a_mistake_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    write_files(tmp_path / "in", batch()[:1], [])
    names = [each.format(**{"in": tmp_path / "in", "data": tmp_path / "data"}) for each in arguments]
    assert main(["clean", "--engine", "local", *names]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said


def test_without_dask_it_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    paths = write_files(tmp_path / "in", batch()[:1], [])
    assert main(["clean", "--engine", "dask", "--data", str(tmp_path / "data"), *map(str, paths)]) == 2
    assert "pip install 'newscrawl[dask]'" in capsys.readouterr().err


def test_objects_of_a_store_are_read(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec", reason="the extra s3 is not installed")
    from corpus import contents, job_of, run_here

    from newscrawl.readers.files import Input

    paths = write_files(tmp_path / "in", batch()[:3], [])
    memory = fsspec.filesystem("memory")
    for path in paths:
        memory.pipe_file(f"/crawls/{path.name}", path.read_bytes())
    job = job_of(paths)
    objects, versions, _ = inputs_of([f"memory://crawls/{path.name}" for path in paths])
    assert all(isinstance(each, Input) for each in objects)
    run_here(job, tmp_path / "files")
    run_here(type(job)(inputs=objects, versions=versions, ends=(1, 2, 3), parts=3), tmp_path / "objects")
    assert contents(tmp_path / "files") == contents(tmp_path / "objects")


def test_a_missing_object_is_named() -> None:
    pytest.importorskip("fsspec", reason="the extra s3 is not installed")
    with pytest.raises(ConfigError, match=r"memory://crawls/none\.warc cannot be read"):
        inputs_of(["memory://crawls/none.warc"])
