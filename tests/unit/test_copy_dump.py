"""A copy of a dump that rsync brings up to date is a dump itself, whatever is published meanwhile."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest
from shelf import SITE, article, begin, gone, put

from newscrawl.dump.compact import compact
from newscrawl.dump.publish import publish
from newscrawl.dump.reader import verify
from newscrawl.state.store import Store, open_store

COPY_DUMP = Path(__file__).parents[2] / "deploy" / "sync" / "copy-dump"

needs_rsync = pytest.mark.skipif(which("rsync") is None, reason="rsync is not installed")


def copy_dump(data: Path, copy: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COPY_DUMP, data, copy, *options], capture_output=True, text=True, check=False, timeout=120)


def files_of(folder: Path) -> dict[str, bytes]:
    """All files but the crawler's own."""
    found = (each for each in folder.rglob("*") if each.is_file() and (folder / "state") not in each.parents)
    return {str(each.relative_to(folder)): each.read_bytes() for each in found}


def crawl(store: Store, data: Path, number: int) -> None:
    run = begin(store, number)
    for name in "abc":
        put(store, article(f"{name}{number}"), run)
    store.end_run(run, exit_code=0, counts={})
    publish(store, data)


@needs_rsync
def test_a_copy_follows_what_is_published_compacted_and_purged(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    with open_store(data) as store:
        crawl(store, data, 1)
        crawl(store, data, 2)
        (data / "demo").mkdir()
        (data / "demo" / "manifest.json").write_text("another dump")
        assert copy_dump(data, copy).returncode == 0
        (data / "demo" / "manifest.json").unlink()
        assert files_of(copy) == files_of(data)
        assert not (copy / "state").exists()
        crawl(store, data, 3)
        run = begin(store, 4)
        gone(store, f"{SITE}/a1", run, 410, "2026-11-24T10:00:00Z")
        publish(store, data)
        compact(store, data)
        store.purge([article("b1").id], run_id=run)
    with open_store(data):  # finishes the purge
        pass
    assert files_of(copy) != files_of(data)
    assert copy_dump(f"{data}/", f"{copy}/").returncode == 0  # type: ignore[arg-type]  # a slash means nothing
    assert files_of(copy) == files_of(data)
    assert verify(copy) == ()


PUBLISH_MANY = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from shelf import article, begin, put
from newscrawl.dump.compact import compact
from newscrawl.dump.publish import publish
from newscrawl.state.store import open_store

data = Path(sys.argv[1])
with open_store(data) as store:
    for number in range(1, 26):
        run = begin(store, number)
        put(store, article(f"n{number}"), run)
        store.end_run(run, exit_code=0, counts={})
        publish(store, data)
        print(number, flush=True)
        if number % 5 == 0:
            compact(store, data)
"""


@needs_rsync
def test_a_copy_that_was_made_while_runs_published_is_whole_or_says_that_it_is_not(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    command = [sys.executable, "-c", PUBLISH_MANY, str(data), str(Path(__file__).parent)]
    articles = []
    with subprocess.Popen(command, stdout=subprocess.PIPE) as publisher:
        assert publisher.stdout is not None
        assert publisher.stdout.readline() == b"1\n"
        while publisher.poll() is None:
            done = copy_dump(data, copy)
            if done.returncode == 0:
                assert verify(copy) == ()
                articles.append(json.loads((copy / "manifest.json").read_bytes())["articles"])
            else:
                assert "changes faster than it can be copied" in done.stderr
    assert copy_dump(data, copy).returncode == 0
    assert verify(copy) == ()
    assert articles == sorted(articles)
    assert json.loads((copy / "manifest.json").read_bytes())["articles"] == 25


@needs_rsync
def test_what_cannot_be_copied_is_said_and_the_copy_left_alone(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    with open_store(data) as store:
        crawl(store, data, 1)
    assert copy_dump(data, copy).returncode == 0
    before = files_of(copy)
    assert copy_dump(tmp_path / "nowhere", copy).returncode != 0
    assert files_of(copy) == before


def test_its_use_is_told() -> None:
    done = subprocess.run([COPY_DUMP], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "usage: copy-dump DATA COPY [RSYNC-OPTION ...]\n")
