"""A store in a file: who owns its directory, and what is said when the disk, or another program, is in the way."""

from __future__ import annotations

import fcntl
import itertools
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from shelf import SITE, article, begin, put

from newscrawl.errors import LockedError, Outcome, StoreError
from newscrawl.state import schema
from newscrawl.state.sqlite import SqliteDatabase
from newscrawl.state.store import STORE_FILE, Store, open_store


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(data: Path) -> Any:
    with open_store(data) as store:
        yield store


@pytest.fixture
def run(store: Store) -> str:
    return begin(store)


def test_the_state_of_a_crawl_is_for_its_owner_only(store: Store, data: Path) -> None:
    assert stat.S_IMODE((data / "state").stat().st_mode) == 0o700
    assert {each.name for each in (data / "state").iterdir()} >= {"lock", STORE_FILE}


HOLD = """
import sys, time
from pathlib import Path
from newscrawl.state.store import open_store
store = open_store(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


def hold(data: Path) -> subprocess.Popen[str]:
    """Another process that owns the directory until it is killed."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, data], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    return holder


def test_a_directory_that_another_run_owns_is_refused_and_the_owner_named(data: Path) -> None:
    with hold(data) as holder:
        with pytest.raises(LockedError, match=rf"{data} is in use by process {holder.pid} on .+, since 20"):
            open_store(data)
        holder.kill()


def test_the_lock_of_a_killed_run_is_free(data: Path) -> None:
    with hold(data) as holder:
        holder.kill()
    with open_store(data) as store:
        assert store.address(SITE) is None


def test_a_run_may_wait_for_the_other_to_end(data: Path) -> None:
    with hold(data) as holder:
        assert holder.stdin is not None
        holder.stdin.close()  # it ends now, in its own time
        with open_store(data, wait_s=30):
            pass


def test_a_forked_worker_does_not_keep_the_lock(data: Path) -> None:
    read, write = os.pipe()
    with open_store(data):
        worker = os.fork()
        if worker == 0:
            os.close(write)
            os.read(read, 1)
            os._exit(0)
    try:
        with open_store(data):
            pass
    finally:
        os.close(write)
        os.close(read)
        os.waitpid(worker, 0)


def test_a_store_in_use_leaves_its_lock_when_it_cannot_be_opened(data: Path) -> None:
    (data / "state").mkdir(parents=True)
    (data / "state" / STORE_FILE).write_bytes(b"this is no database, and long enough to tell" * 100)
    with pytest.raises(StoreError, match=rf"{STORE_FILE} is damaged"):
        open_store(data)
    with (data / "state" / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_path_that_is_no_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=f"{tmp_path / 'file'} is not a directory"):
        open_store(tmp_path / "file")
    with pytest.raises(StoreError, match=str(tmp_path / "file")):
        open_store(tmp_path / "file" / "data")


@pytest.mark.parametrize("path", ["/proc/newscrawl", "/proc"])
def test_a_directory_that_cannot_be_written_is_refused_at_once(path: str) -> None:
    with pytest.raises(StoreError, match=f"cannot write {path}"):
        open_store(Path(path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_directory_is_refused_at_once(data: Path) -> None:
    with open_store(data):
        pass
    data.chmod(0o500)
    with pytest.raises(StoreError, match=f"cannot write {data}"):
        open_store(data)


def test_a_store_that_is_not_there_is_not_made_unless_wanted(data: Path) -> None:
    with pytest.raises(StoreError, match=f"{data} holds no newscrawl store"):
        open_store(data, create=False)
    assert not data.exists()


def test_a_newer_store_is_refused_and_left_alone(data: Path) -> None:
    with open_store(data):
        pass
    path = data / "state" / STORE_FILE
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA user_version = 99")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"written by a newer newscrawl \(store version 99, this one knows"):
        open_store(data)
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_refused(data: Path) -> None:
    (data / "state").mkdir(parents=True)
    with sqlite3.connect(data / "state" / STORE_FILE) as raw:
        raw.execute("PRAGMA application_id = 7")
    raw.close()
    with pytest.raises(StoreError, match="is not a newscrawl store"):
        open_store(data)


def test_a_damaged_store_is_a_sentence_that_names_it(data: Path) -> None:
    with open_store(data) as store:
        run = begin(store)
        for number in range(40):
            put(store, article(str(number)), run)
    path = data / "state" / STORE_FILE
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(StoreError, match=f"{path} is damaged"), open_store(data) as store:
        put(store, article("0"), begin(store))


def test_a_full_disk_is_a_sentence_and_nothing_is_half_stored(store: Store, data: Path, run: str) -> None:
    put(store, article("before"), run)
    pages = store._database.number("PRAGMA page_count")
    store._database.execute(f"PRAGMA max_page_count = {pages}")
    number = 0
    with pytest.raises(StoreError, match=f"disk full: cannot write {data / 'state' / STORE_FILE}"):  # noqa: PT012
        for number in itertools.count():
            put(store, article(str(number), "Long. " * 2000), run)
    assert store.address(f"{SITE}/{number}") is None
    assert store.counts(run) == {"article": 1 + number}
    store._database.execute("PRAGMA max_page_count = 100000")
    assert put(store, article(str(number)), run).outcome is Outcome.ARTICLE


def test_an_older_store_becomes_todays_in_one_transaction(tmp_path: Path) -> None:
    added = ("ALTER TABLE addresses ADD COLUMN hops INTEGER", "CREATE TABLE later (id TEXT)")
    database = SqliteDatabase(tmp_path / "store")
    schema.migrate(database)
    broken = (*schema.MIGRATIONS, (*added, "CREATE TABLE later (id TEXT)"))
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        schema.migrate(database, broken)
    assert database.number("PRAGMA user_version") == len(schema.MIGRATIONS)
    assert database.number("SELECT count(*) FROM sqlite_schema WHERE name = 'later'") == 0
    schema.migrate(database, (*schema.MIGRATIONS, added))
    assert database.number("PRAGMA user_version") == len(schema.MIGRATIONS) + 1
    database.close()


def test_the_store_is_durable_by_its_settings(store: Store) -> None:
    assert store._database.row("PRAGMA journal_mode")[0] == "wal"
    assert store._database.number("PRAGMA synchronous") == 2
    assert store._database.number("PRAGMA foreign_keys") == 1
