"""A store in PostgreSQL: shared by several, exact over lost connections, and a sentence when it cannot."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from shelf import DAY_2, SITE, article, begin, line, put, waiting

from newscrawl.article import Hint
from newscrawl.cli.main import main
from newscrawl.dump.publish import publish
from newscrawl.dump.reader import verify
from newscrawl.errors import ConfigError, Outcome, StoreError
from newscrawl.state import postgresql_session, schema
from newscrawl.state.outbox import Outbox
from newscrawl.state.rebuild import rebuild
from newscrawl.state.store import STORE_FILE, Store, open_store
from newscrawl.state.where import STORE_URL, reader, store_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from postgresql import Server

psycopg = pytest.importorskip("psycopg")


@pytest.fixture
def url(postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("NEWSCRAWL_STATE_WAIT_S", "0.1")
    return postgresql.url()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


# Where it is


def test_the_directory_notes_where_its_store_is_without_the_password(data: Path, url: str) -> None:
    with open_store(data, state=url.replace("newscrawl@", "newscrawl:secret@")) as store:
        put(store, article(), begin(store))
    assert "secret" not in (data / STORE_URL).read_text()
    assert not (data / "state" / STORE_FILE).exists()
    with open_store(data) as store, reader(data) as seen:
        assert store.count_articles() == seen.number("SELECT count(*) FROM articles") == 1


def test_a_directory_with_a_store_in_a_file_refuses_a_database(data: Path, url: str) -> None:
    with open_store(data):
        pass
    with pytest.raises(ConfigError, match=rf"the store of {data} is the file .*{STORE_FILE}, but NEWSCRAWL_STATE"):
        open_store(data, state=url)


def test_the_store_of_another_directory_is_refused(data: Path, url: str, postgresql: Server) -> None:
    for state in (url, postgresql.url()):
        with suppress(StoreError), open_store(data, state=state):
            pass
    with pytest.raises(StoreError, match=r"holds no store, but .* says that store_\w+ is the one of"):
        open_store(data, state=postgresql.url())


def test_an_empty_database_beside_a_dump_is_refused(data: Path, url: str, postgresql: Server) -> None:
    with open_store(data, state=url) as store:
        put(store, article(), begin(store))
        publish(store, data)
    (data / STORE_URL).unlink()
    with pytest.raises(StoreError, match=r"holds no store, but .* has a dump"):
        open_store(data, state=postgresql.url())
    with open_store(data, state=url) as store:  # its own
        assert put(store, article(), begin(store, 2)).outcome is Outcome.UNCHANGED


@pytest.mark.parametrize("wrong", ["mysql://x", "data/x.sqlite", "postgresql://[::1", "postgresql://x/y?nonsense=1"])
def test_what_is_no_address_is_named_by_its_setting(data: Path, wrong: str) -> None:
    with pytest.raises(ConfigError, match="NEWSCRAWL_STATE is no address like postgresql://"):
        open_store(data, state=wrong)


def test_a_database_of_another_program_is_refused(data: Path, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as raw:
        raw.execute("CREATE TABLE orders (id TEXT)")
    with pytest.raises(StoreError, match=r"PostgreSQL database postgres at .* is not a newscrawl store; it was left"):
        open_store(data, state=url)


def test_a_newer_store_is_refused(data: Path, url: str) -> None:
    with open_store(data, state=url):
        pass
    with psycopg.connect(url, autocommit=True) as raw:
        raw.execute("UPDATE newscrawl_store SET version = 99")
    with pytest.raises(StoreError, match=r"written by a newer newscrawl \(store version 99"):
        open_store(data)


def test_an_older_store_becomes_todays_in_one_transaction(data: Path, url: str) -> None:
    added = ("ALTER TABLE addresses ADD COLUMN hops INTEGER", "CREATE TABLE later (id TEXT) STRICT")
    with open_store(data, state=url) as store:
        database = store._database
        with pytest.raises(psycopg.errors.DuplicateTable):
            schema.migrate(database, (*schema.MIGRATIONS, (*added, added[1])))
        assert (database.version(), "later" in database.tables()) == (len(schema.MIGRATIONS), False)
        schema.migrate(database, (*schema.MIGRATIONS, added))
        assert (database.version(), "later" in database.tables()) == (len(schema.MIGRATIONS) + 1, True)


def test_texts_are_in_the_order_of_their_bytes_whatever_the_language_of_the_server(data: Path, url: str) -> None:
    with open_store(data, state=url) as store:
        others = store._database.rows(
            "SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
            "JOIN pg_collation ON pg_collation.oid = attcollation "
            "WHERE relnamespace = CAST(current_schema() AS regnamespace) AND attnum > 0 AND collname <> 'C'"
        )
        assert list(others) == []


def test_what_is_too_long_for_an_index_is_remembered_all_the_same(data: Path, url: str) -> None:
    long = [f"{SITE}/{'x' * 3000}{each}" for each in "ab"]
    with open_store(data, state=url) as store:
        run = begin(store)
        hints = [Hint(url=each, via="feed") for each in long]
        store.want(hints, source="harbour")
        store.sightings.see(hints, at=DAY_2)
        assert {each.url for each in store.wanted("harbour")} == set(long)
        store.put_outcome(line(long[0], run, "timeout", None))
        assert store.address(long[0]) is not None
        assert store.address(long[1]) is None


def test_a_store_in_a_file_moves_to_a_database_with_what_waits_in_it(
    data: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(data) as store:
        put(store, article("a"), begin(store))
        publish(store, data)
        put(store, article("b"), begin(store, 2))
    monkeypatch.setenv("NEWSCRAWL_STATE", url)
    moved = rebuild(data)
    assert (moved.articles, moved.addresses) == (2, 2)
    assert moved.aside is not None
    assert moved.aside.is_file()
    monkeypatch.delenv("NEWSCRAWL_STATE")
    with open_store(data) as store:
        assert put(store, article("a"), begin(store, 3)).outcome is Outcome.UNCHANGED
        assert publish(store, data).current_rows == 2
    assert verify(data) == ()
    with pytest.raises(ConfigError, match="holds a store already; name an empty database"):
        rebuild(data)


def test_a_database_that_is_lost_is_made_anew_from_the_dump(data: Path, url: str, postgresql: Server) -> None:
    with open_store(data, state=url) as store:
        put(store, article("a"), begin(store))
        publish(store, data)
    postgresql.sql(f"DROP SCHEMA {url.rpartition('%3D')[2]} CASCADE")
    postgresql.sql(f"CREATE SCHEMA {url.rpartition('%3D')[2]}")
    with pytest.raises(StoreError, match="holds no store, but"):
        open_store(data)
    assert rebuild(data).articles == 1
    with open_store(data) as store:
        assert put(store, article("a"), begin(store, 2)).outcome is Outcome.UNCHANGED
        publish(store, data)
    assert verify(data) == ()


# Who may not


def test_a_role_that_may_only_read_is_refused_in_a_sentence(data: Path, url: str, postgresql: Server) -> None:
    with open_store(data, state=url) as store:
        put(store, article(), begin(store))
    name = url.rpartition("%3D")[2]
    postgresql.sql("DO $$ BEGIN CREATE ROLE looker LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    postgresql.sql(f"GRANT USAGE ON SCHEMA {name} TO looker; GRANT SELECT ON ALL TABLES IN SCHEMA {name} TO looker")
    looker = url.replace("newscrawl@", "looker@")
    with (
        pytest.raises(StoreError, match=r"cannot write PostgreSQL database postgres at .*: permission denied"),
        open_store(data, state=looker) as store,
    ):
        begin(store, 2)


@pytest.mark.parametrize(
    ("wrong", "what"), [("/postgres?", "/nowhere?"), ("newscrawl@", "nobody_here:secret@")], ids=["database", "role"]
)
def test_who_cannot_connect_is_told_at_once_and_without_the_password(
    data: Path, url: str, wrong: str, what: str
) -> None:
    with pytest.raises(StoreError, match=r"cannot connect to PostgreSQL .*does not exist") as raised:
        open_store(data, state=url.replace(wrong, what), away_s=600)
    assert "secret" not in str(raised.value)


def test_a_server_that_is_not_there_is_told_at_once(data: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot connect to PostgreSQL database x at") as raised:
        open_store(data, state=f"postgresql://u:secret@/x?host={tmp_path}", away_s=600)
    assert "secret" not in str(raised.value)


# Several at once


def test_what_is_stored_while_somebody_publishes_is_published_next_and_nothing_twice(data: Path, url: str) -> None:
    with open_store(data, state=url) as one, open_store(data) as two:
        run, other = begin(one), begin(two, 2)
        put(one, article("a"), run)
        with one.publishing() as outbox:
            last = outbox.last()
            put(two, article("a", "It changed meanwhile."), other)
            put(two, article("b"), other)
            assert [each.run_id for each in outbox.batches(last)] == [run, run]
            assert outbox.status(article("b").id) is None
            assert outbox.newest_line(article("a").id, last) is not None
        assert publish(one, data).current_rows == 2
        assert publish(two, data).files == ()
    assert verify(data) == ()
    assert len((data / "current" / "articles.jsonl").read_bytes().splitlines()) == 2


def test_runs_that_begin_together_in_an_empty_database_make_one_store(data: Path, url: str) -> None:
    opened: list[str] = []

    def begin_one() -> None:
        with open_store(data, state=url) as store:
            opened.append(store.begin_run(why="t", arguments={}, versions={}))

    runs = [threading.Thread(target=begin_one) for _ in range(4)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    with reader(data) as database:
        assert database.number("SELECT count(*) FROM newscrawl_store") == 1
        assert {each for (each,) in database.rows("SELECT id FROM runs")} == set(opened)
    assert len(opened) == 4


def test_a_line_that_is_being_published_is_not_replaced(data: Path, url: str) -> None:
    with open_store(data, state=url) as one, open_store(data) as two:
        run = begin(one)
        put(one, article("a"), run)
        one.put_outcome(line(f"{SITE}/c", run, "timeout", None), at=DAY_2)
        ((sequence, waits),) = two.waiting_articles()
        with one.publishing() as outbox:
            two.replace_waiting(sequence, waits.with_paragraphs(("Cleaner.",)))
            two.put_outcome(line(f"{SITE}/c", run, "article"), at=DAY_2)
            last = outbox.last()
        lines = [json.loads(text) for _, text in waiting(data)]
    assert [each["text"] for each in lines if "text" in each] == ["What happened to a."]
    assert [each["outcome"] for each in lines if each.get("url") == f"{SITE}/c"] == ["timeout"]
    assert last == len(lines)


def test_a_newer_revision_is_not_overwritten_by_a_cleaner_older_one(data: Path, url: str) -> None:
    with open_store(data, state=url) as one, open_store(data) as two:
        run = begin(one)
        put(one, article("a"), run)
        ((sequence, waits),) = two.waiting_articles()
        put(one, article("a", "News."), run)
        two.replace_waiting(sequence, waits.with_paragraphs(("Cleaner.",)))
        publish(two, data)
    assert verify(data) == ()


def test_the_newest_line_never_misses_one_that_is_committed_later(data: Path, url: str) -> None:
    with open_store(data, state=url) as store:
        run = begin(store)
        seen: list[tuple[int, int]] = []
        done = threading.Event()

        def watch() -> None:
            with reader(data) as database:
                outbox = Outbox(database)
                while not done.is_set():
                    last = outbox.last()
                    below = database.row("SELECT count(*) FROM pending WHERE sequence <= ?", (last,))[0]
                    seen.append((last, below))

        writers = [threading.Thread(target=_put_many, args=(data, run, f"w{number}")) for number in range(2)]
        watcher = threading.Thread(target=watch)
        for each in (*writers, watcher):
            each.start()
        for each in writers:
            each.join()
        done.set()
        watcher.join()
        counts = {
            last: store._database.row("SELECT count(*) FROM pending WHERE sequence <= ?", (last,))[0]
            for last, _ in seen
        }
    assert len(counts) > 1
    assert all(counts[last] == below for last, below in seen)


def _put_many(data: Path, run: str, name: str) -> None:
    with open_store(data) as store:
        for number in range(30):
            put(store, article(f"{name}-{number}"), run)


HOLD = """
import sys
from pathlib import Path
from newscrawl.state.store import open_store
store = open_store(Path(sys.argv[1]))
store.begin_run(why="t", arguments={}, versions={}, run_id="run_1")
print("open", flush=True)
sys.stdin.read()
"""


def test_a_run_that_goes_on_elsewhere_is_not_taken_for_killed_and_a_killed_one_is(data: Path, url: str) -> None:
    with open_store(data, state=url):
        pass
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, data], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with open_store(data) as store:
            assert [each.killed for each in store.outbox.runs()] == [False]
        holder.kill()
    for _ in range(100):  # the server notices when it writes to the connection, or reads its end
        with open_store(data) as store:
            if [each.killed for each in store.outbox.runs()] == [True]:
                return
    pytest.fail("the killed run counts as one that goes on")


# Lost connections


class Wire:
    """A socket before the server's own, which can be cut at a statement."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / ".s.PGSQL.5432"))
        self._listening.listen()
        self.at = b""
        """The connection is cut when this is sent, once."""
        self.arrives = True
        """What is sent then still arrives; its answer never does."""
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def url(self, url: str) -> str:
        return url.replace(str(self._server.folder), str(self._folder))

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                behind = socket.socket(socket.AF_UNIX)
                behind.connect(str(self._server.folder / ".s.PGSQL.5432"))
                threading.Thread(target=self._connect, args=(client, behind), daemon=True).start()

    def _connect(self, client: socket.socket, behind: socket.socket) -> None:
        with client, behind:
            answers = threading.Thread(target=self._answers, args=(behind, client))
            answers.start()
            self._statements(client, behind)
            answers.join()

    def _statements(self, client: socket.socket, behind: socket.socket) -> None:
        with suppress(OSError):
            while sent := client.recv(65536):
                if self.at and self.at in sent:
                    self.at = b""
                    self.cuts += 1
                    client.shutdown(socket.SHUT_RDWR)
                    if self.arrives:
                        behind.sendall(sent)
                        time.sleep(0.05)  # the server has its answer ready, and nobody to read it
                    break
                behind.sendall(sent)
        for each in (client, behind):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _answers(behind: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while answer := behind.recv(65536):
                client.sendall(answer)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def wire(postgresql: Server, tmp_path: Path) -> Iterator[Wire]:
    with closing(Wire(postgresql, tmp_path)) as wire:
        yield wire


@contextmanager
def through(wire: Wire, data: Path, url: str) -> Iterator[tuple[Store, str]]:
    with open_store(data, state=wire.url(url), away_s=10) as store:
        yield store, begin(store)


def test_a_commit_whose_confirmation_is_lost_is_known_to_have_taken_place(data: Path, url: str, wire: Wire) -> None:
    with through(wire, data, url) as (store, run):
        wire.at = b"COMMIT"
        stored = put(store, article(), run)
        assert (wire.cuts, stored.outcome) == (1, Outcome.ARTICLE)
        address = store.address(f"{SITE}/a")
        assert address is not None
        assert address.fetches == 1
    assert [stream for stream, _ in waiting(data)] == ["articles", "outcomes"]


def test_a_commit_that_never_arrives_is_done_again(data: Path, url: str, wire: Wire) -> None:
    with through(wire, data, url) as (store, run):
        wire.at, wire.arrives = b"COMMIT", False
        stored = put(store, article(), run)
        assert (wire.cuts, stored.outcome) == (1, Outcome.ARTICLE)
    assert [stream for stream, _ in waiting(data)] == ["articles", "outcomes"]


@pytest.mark.parametrize(
    ("statement", "arrives"),
    [("BEGIN", True), ("pg_advisory_xact_lock", True), ("INTO articles", False), ("FROM addresses", True)],
)
def test_a_connection_that_breaks_anywhere_costs_nothing(
    data: Path, url: str, wire: Wire, statement: str, arrives: bool
) -> None:
    with through(wire, data, url) as (store, run):
        wire.at, wire.arrives = statement.encode(), arrives
        assert put(store, article(), run).outcome is Outcome.ARTICLE
        assert wire.cuts == 1
        hints = (Hint(url=f"{SITE}/{name}", via="feed") for name in "bc")
        wire.at = b"INTO frontier"
        store.want(hints, source="harbour")
        assert wire.cuts == 2
        assert len(list(store.wanted("harbour"))) == 2
    assert [stream for stream, _ in waiting(data)] == ["articles", "outcomes"]


@pytest.mark.parametrize("statement", ["INTO files", "COMMIT", "current_setting", "FROM pending WHERE sequence"])
def test_a_connection_that_breaks_while_a_dump_is_published_leaves_a_whole_one(
    data: Path, url: str, wire: Wire, statement: str
) -> None:
    with through(wire, data, url) as (store, run):
        put(store, article(), run)
        wire.at = statement.encode()
        publish(store, data)
        assert wire.cuts == 1
        assert publish(store, data).current_rows == 1
    assert verify(data) == ()


def test_a_run_that_somebody_took_for_killed_while_it_was_away_ends(data: Path, url: str, wire: Wire) -> None:
    with through(wire, data, url) as (store, run), open_store(data, state=url) as other:
        other._database.execute("UPDATE runs SET killed = 1 WHERE id = ?", (run,))
        wire.at = b"BEGIN"
        with pytest.raises(StoreError, match=f"{run} was taken for killed"):
            put(store, article(), run)


def test_a_server_that_is_restarted_in_the_middle_of_a_run_is_waited_for(
    data: Path, postgresql: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with open_store(data, state=postgresql.url(), away_s=60) as store:
        run = begin(store)
        put(store, article("a"), run)
        postgresql.stop()
        back = threading.Timer(0.5, postgresql.start)
        back.start()
        put(store, article("b"), run)
        back.join()
        assert store.count_articles() == 2
    assert [each.message.partition(" at ")[0] for each in caplog.records if each.levelname == "WARNING"] == [
        "cannot connect to PostgreSQL database postgres",
        "PostgreSQL database postgres",
    ]


def test_a_server_that_does_not_come_back_ends_the_run_in_a_sentence(data: Path, postgresql: Server) -> None:
    with open_store(data, state=postgresql.url(), away_s=0.2) as store:
        run = begin(store)
        postgresql.stop()
        try:
            with pytest.raises(StoreError, match=r"cannot connect to PostgreSQL .*it was waited for 0 seconds"):
                put(store, article("b"), run)
        finally:
            postgresql.start()


# Commands


def test_commands_that_look_find_the_database(data: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with open_store(data, state=url) as store:
        put(store, article(), begin(store))
    for command in (["status"], ["health"], ["state", "show"], ["next", "--sources", "data/sources.toml"]):
        assert main([*command, "--data", str(data), "--json"]) == 0, capsys.readouterr().err
        for each in capsys.readouterr().out.splitlines():
            json.loads(each)
    assert main(["state", "check", "--data", str(data)]) == 1
    assert "fsync = off" in capsys.readouterr().out
    assert main(["publish", "--data", str(data)]) == 0
    assert main(["verify", str(data)]) == 0


def test_what_is_purged_stands_in_no_table_and_no_file(data: Path, url: str) -> None:
    secret = "The witness lives at 12 Quay Street."
    with open_store(data, state=url) as store:
        run = begin(store)
        put(store, article("a", secret), run)
        put(store, article("b"), run)
        publish(store, data)
        store.want([Hint(url=f"{SITE}/a", via="feed", title=secret)], source="harbour")
        put(store, article("a", f"{secret} Still."), begin(store, 2))
    assert main(["purge", article("a").id, "--yes", "--data", str(data)]) == 0
    assert main(["compact", "--data", str(data)]) == 0
    with open_store(data) as store:
        tables = store._database.tables()
        rows = [row for each in sorted(tables) for row in store._database.rows(f'SELECT * FROM "{each}"')]
        assert put(store, article("a", secret), begin(store, 3)).outcome is Outcome.GONE
    assert not [row for row in rows if "Quay" in str(row)]
    assert verify(data) == ()
    assert not [path for path in data.rglob("*") if path.is_file() and b"Quay" in path.read_bytes()]


def test_without_the_driver_the_extra_is_named(data: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql_session, "psycopg", None)
    with pytest.raises(ConfigError, match=r"needs psycopg: pip install 'newscrawl\[postgresql\]'"):
        open_store(data, state=url)


def test_a_copy_is_the_business_of_pg_dump(data: Path, url: str, tmp_path: Path, capsys: Any) -> None:
    with open_store(data, state=url):
        pass
    assert main(["state", "backup", str(tmp_path / "copy"), "--data", str(data)]) == 2
    assert "pg_dump" in capsys.readouterr().err
    assert store_url(data)
