"""Readers in a loop while runs publish, compact and purge: whole files only, and a truth that only grows."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from crashing import REPOSITORY, figures

import newscrawl
from newscrawl.dump.reader import verify

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

WRITER = textwrap.dedent(
    """
    import json, sys
    from datetime import timedelta
    from pathlib import Path

    from benchmarks.year import FIRST_DAY, crawl
    from newscrawl.dump.publish import publish
    from newscrawl.dump.purge import finish_purges
    from newscrawl.dump.retain import Retention, retain
    from newscrawl.state.store import open_store

    data, runs = Path(sys.argv[1]), int(sys.argv[2])
    for number in range(runs):
        with open_store(data) as store:
            crawl(store, FIRST_DAY + timedelta(hours=number), 4, outcomes=2)
            publish(store, data)
            retain(store, data, Retention(over_files=3))
            if number % 7 == 6:
                with (data / "current/articles.jsonl").open() as view:
                    purged = json.loads(view.readline())["id"]
                run_id = f"run_{FIRST_DAY + timedelta(hours=number):%Y%m%dt%H%M%Sz}_aaaaaa"
                with (data.parent / "purged").open("a") as said:
                    said.write(purged + "\\n")
                store.purge([purged], run_id=run_id)
                finish_purges(store, data)
    """
)
QUERY = """
    SELECT id, revision, text, text_sha256 FROM read_json(?, format = 'newline_delimited', columns = {
        id: 'VARCHAR', revision: 'BIGINT', status: 'VARCHAR', text: 'VARCHAR', text_sha256: 'VARCHAR'
    }) WHERE status = 'ok'
"""
Row = tuple[str, int, str | None, str | None]


def by_pandas(data: Path, stream: str) -> Iterable[Row]:
    frame = newscrawl.read(data, stream=stream)
    columns = (frame[name].tolist() for name in ("id", "revision", "text", "text_sha256"))
    return list(zip(*columns, strict=True))


def by_duckdb(data: Path, stream: str) -> Iterable[Row]:
    """The files that the manifest names; once more with the next one, when they went meanwhile."""
    while True:
        held = manifest(data)
        files = [str(data / each["path"]) for each in held["files"] if each["stream"] == stream]
        try:
            return duckdb.execute(QUERY, [files]).fetchall() if files else []
        except duckdb.IOException:
            assert manifest(data) != held, "a file is missing that the manifest names"


def manifest(data: Path) -> Any:
    return json.loads((data / "manifest.json").read_bytes())


def purged(data: Path) -> set[str]:
    """What the writer is purging or has purged."""
    said = data.parent / "purged"
    return set(said.read_text().split()) if said.exists() else set()


def reads(writer: subprocess.Popen[bytes], data: Path) -> Iterator[tuple[str, str, list[Row]]]:
    """What one reader after another sees, as long as the writer goes on, and once more."""
    is_over = False
    while not is_over:
        is_over = writer.poll() is not None
        if (data / "manifest.json").exists():
            for name, read in (("pandas", by_pandas), ("duckdb", by_duckdb)):
                for stream in ("current", "articles"):
                    yield name, stream, list(read(data, stream))


@pytest.mark.parametrize("runs", [40, pytest.param(500, marks=pytest.mark.proof)])
def test_readers_see_whole_files_and_a_growing_truth(tmp_path: Path, runs: int) -> None:
    data = tmp_path / "data"
    known: dict[str, set[tuple[str, int]]] = {"current": set(), "articles": set()}
    count = 0
    with subprocess.Popen([sys.executable, "-c", WRITER, str(data), str(runs)], cwd=REPOSITORY) as writer:
        for name, stream, rows in reads(writer, data):
            count += 1
            keys = [(row[0], row[1]) for row in rows]
            assert len(set(keys)) == len(keys), f"{name} saw a record of {stream} twice"
            for _, _, text, text_sha256 in rows:
                assert f"sha256:{hashlib.sha256((text or '').encode()).hexdigest()}" == text_sha256, name
            lost = {key for key in known[stream] - set(keys) if key[0] not in purged(data)}
            assert not lost, f"{name} no longer saw {lost} in {stream}"
            known[stream] = set(keys)
    assert writer.returncode == 0
    assert len(known["current"]) == runs * 4 - runs // 7
    assert verify(data) == ()
    figures("readers", runs=runs, reads=count, torn=0, lost=0, doubled=0)
