"""Rows change hands through files, whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.batch.engine import exchange
from newscrawl.batch.engine.exchange import new_file, read_part, writing
from newscrawl.batch.engine.rows import framed, frames
from newscrawl.batch.engine.sites import range_of

if TYPE_CHECKING:
    from pathlib import Path

ROWS = st.lists(st.tuples(st.integers(0, 5), st.binary(max_size=40)), max_size=30)
IDS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26).map(lambda letters: f"nc_{letters}")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(files=st.lists(ROWS, max_size=3), buffer_bytes=st.sampled_from([1, 50, 1_000_000]))
def test_a_part_gets_all_its_rows_in_their_order(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[tuple[int, bytes]]], buffer_bytes: int
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exchange, "BUFFER_BYTES", buffer_bytes)
        for number, rows in enumerate(files):
            with writing(folder / f"{number}") as parts:
                for part, row in rows:
                    parts.add(part, framed(b"", row))
    for part in range(6):
        found = [row for piece in read_part(folder, part) for _, row in frames(piece)]
        assert found == [row for rows in files for to, row in rows if to == part]


def test_a_file_that_was_not_finished_is_not_there(tmp_path: Path) -> None:
    def half() -> None:
        with writing(tmp_path / "file") as parts:
            parts.add(0, b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert list(tmp_path.iterdir()) == []


def test_two_who_write_one_file_at_once_do_not_mix(tmp_path: Path) -> None:
    with new_file(tmp_path / "file") as one, new_file(tmp_path / "file") as other:
        one.write(b"one" * 1000)
        other.write(b"other")
    assert (tmp_path / "file").read_bytes() in {b"one" * 1000, b"other"}
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@given(ids=st.lists(IDS, min_size=2, max_size=20), ranges=st.integers(1, 4096))
def test_ids_of_a_lower_range_are_smaller(ids: list[str], ranges: int) -> None:
    numbers = [range_of(each, ranges) for each in sorted(ids)]
    assert numbers == sorted(numbers)
    assert all(0 <= each < ranges for each in numbers)
