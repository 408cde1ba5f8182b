"""A store of version 1 becomes today's with all that it held, or stays what it was."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from shelf import DAY_1, SITE, article, begin, line

from newscrawl.dump.publish import publish
from newscrawl.dump.reader import verify
from newscrawl.errors import Outcome, StoreError
from newscrawl.state.schema import MIGRATIONS, migrate
from newscrawl.state.sqlite import SqliteDatabase
from newscrawl.state.store import STORE_FILE, open_store

if TYPE_CHECKING:
    from pathlib import Path

READ_ONLY = ("PRAGMA user_version", "PRAGMA application_id")
NO_SCHEME = "http://plain.example/a"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A data directory whose store has version 1, with rows as it wrote them."""
    data = tmp_path / "data"
    with open_store(data) as store:
        run_id = begin(store)
        store.put_article(article("a"), run_id=run_id, outcome=line(f"{SITE}/a", run_id))
        store.put_outcome(line(NO_SCHEME, run_id, "gone", status=404), at=DAY_1)
        store.end_run(run_id, exit_code=0, counts={})
        kept = list(store._database.rows("SELECT * FROM addresses ORDER BY key"))
        rest = {
            name: list(store._database.rows(f"SELECT * FROM {name}"))
            for name in ("runs", "articles", "pending", "decisions")
        }
        found = [store.address(f"{SITE}/a"), store.address(NO_SCHEME)]
    for path in (data / "state").glob(f"{STORE_FILE}*"):
        path.unlink()
    database = SqliteDatabase(data / "state" / STORE_FILE)
    migrate(database, MIGRATIONS[:1])
    with database.transaction():
        for name, rows in rest.items():
            width = database.number(f"SELECT count(*) FROM pragma_table_info('{name}')")  # later ones come last
            for row in rows:
                database.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * width)})", row[:width])
        for row, known in zip(kept, sorted(filter(None, found), key=lambda each: each.key), strict=True):
            times = (known.first_seen, known.last_fetched, known.not_found_since)
            values = (row[0], known.url, *row[2:10], *times, row[13])
            database.execute(f"INSERT INTO addresses VALUES ({', '.join('?' * 14)})", values)
    database.close()
    return data


def check(data: Path) -> None:
    """Everything is there, and a run goes on with it."""
    with open_store(data) as store:
        assert store._database.number("PRAGMA user_version") == len(MIGRATIONS)
        known, gone = store.address(f"{SITE}/a"), store.address(NO_SCHEME)
        assert known is not None
        assert gone is not None
        assert (known.url, known.id, known.last_fetched) == (f"{SITE}/a", article("a").id, DAY_1)
        assert (gone.url, gone.outcome, gone.not_found_since) == (NO_SCHEME, "gone", DAY_1)
        run_id = begin(store, 2)
        stored = store.put_article(article("a"), run_id=run_id, outcome=line(f"{SITE}/a", run_id))
        assert stored.outcome is Outcome.UNCHANGED
        publish(store, data)
    assert verify(data) == ()


def test_a_store_of_version_1_goes_on_as_todays(old: Path) -> None:
    check(old)


def test_killed_before_any_statement_it_is_one_version_or_the_other(old: Path) -> None:
    statements = sum(map(len, MIGRATIONS[1:])) + 2  # and the two that mark the file
    for number in range(statements):
        child = os.fork()
        if not child:
            _migrate_until(old, number)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status)
        database = SqliteDatabase(old / "state" / STORE_FILE)
        version = database.number("PRAGMA user_version")
        assert version == 1
        assert database.row("PRAGMA integrity_check")[0] == "ok"
        database.close()
    check(old)


def _migrate_until(data: Path, number: int) -> None:
    """In a child: migrate, and be killed before this statement of the migration."""
    database = SqliteDatabase(data / "state" / STORE_FILE)
    execute, count = database.execute, 0

    def counted(statement: str, values: tuple[object, ...] = ()) -> object:
        nonlocal count
        # What only reads, and the beginning of the transaction, come before.
        is_change = not statement.startswith(("BEGIN", "SELECT")) and statement not in READ_ONLY
        if is_change and count == number:
            os.kill(os.getpid(), signal.SIGKILL)
        count += is_change
        return execute(statement, values)

    database.execute = counted  # type: ignore[method-assign, assignment]
    migrate(database)


def test_on_a_full_disk_it_stays_what_it_was_and_says_so(old: Path) -> None:
    database = SqliteDatabase(old / "state" / STORE_FILE)
    database.execute(f"PRAGMA max_page_count = {database.number('PRAGMA page_count')}")
    with pytest.raises(StoreError, match=f"disk full: cannot write {old / 'state' / STORE_FILE}"):
        migrate(database)
    assert database.number("PRAGMA user_version") == 1
    assert database.row("PRAGMA integrity_check")[0] == "ok"
    database.close()
    check(old)
