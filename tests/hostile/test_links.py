"""Nothing in a data directory may lead out of it: what is written stays inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from newscrawl.dump.files import NewFile, storage_error
from newscrawl.errors import StoreError
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "file").write_bytes(b"as it was")
    return folder


@pytest.mark.parametrize("name", ["state", "articles", "removed", "outcomes", "current", "raw"])
def test_a_folder_that_is_a_link_is_refused(tmp_path: Path, outside: Path, name: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / name).symlink_to(outside)
    with pytest.raises(StoreError, match=f"{name} is a symbolic link"):
        open_store(data)
    assert [path.name for path in outside.iterdir()] == ["file"]


@pytest.mark.parametrize(
    "place", ["articles/crawl_day=2026-11-24", "state/newscrawl.sqlite", "state/newscrawl.sqlite-wal", "state/lock"]
)
def test_what_is_a_link_in_a_folder_is_refused(tmp_path: Path, outside: Path, place: str) -> None:
    link = tmp_path / "data" / place
    link.parent.mkdir(parents=True)
    link.symlink_to(outside / "file")
    with pytest.raises(StoreError, match="is a symbolic link"):
        open_store(tmp_path / "data")
    assert (outside / "file").read_bytes() == b"as it was"


def test_the_data_directory_itself_may_be_a_link(tmp_path: Path, outside: Path) -> None:
    data = tmp_path / "data"
    data.symlink_to(outside)
    open_store(data).close()
    assert (outside / "state" / "lock").exists()


def test_a_file_is_not_written_through_a_link(tmp_path: Path, outside: Path) -> None:
    target = tmp_path / "current.jsonl"
    (tmp_path / ".current.jsonl.tmp").symlink_to(outside / "file")
    with pytest.raises(OSError, match="symbolic links") as caught:
        NewFile(target)
    assert str(storage_error(target, caught.value)) == f"cannot write {target}: there is a symbolic link in its place"
    assert (outside / "file").read_bytes() == b"as it was"


def test_a_file_that_is_a_link_is_replaced_and_what_it_led_to_stays(tmp_path: Path, outside: Path) -> None:
    target = tmp_path / "current.jsonl"
    target.symlink_to(outside / "file")
    with NewFile(target) as file:
        file.write(b"line\n")
        file.finish()
    assert not target.is_symlink()
    assert target.read_bytes() == b"line\n"
    assert (outside / "file").read_bytes() == b"as it was"
