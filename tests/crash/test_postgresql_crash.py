"""A store in PostgreSQL under kill -9 of who stores and under crashes of the server: 0 lost, 0 doubled, and it goes on.

The server runs with fsync; it is crashed by its own immediate shutdown, after which it recovers from its log.
"""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from crashing import Crawler, Newsroom, Whole, figures, fresh_directory, lines, some_of, sources_file, view
from life import an_article, an_outcome
from postgresql import Server, server

from newscrawl.article import Fetch, Hint
from newscrawl.dump.publish import publish
from newscrawl.dump.reader import verify
from newscrawl.errors import ExitCode
from newscrawl.state.postgresql import PostgresqlDatabase
from newscrawl.state.store import open_store
from newscrawl.state.where import reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

RUN = "run_20261124t060000z_aaaaaa"
NAMES = ("a", "b", "c", "d")
AT = "2026-11-24T06:30:00Z"


@pytest.fixture(scope="module")
def durable() -> Iterator[Server]:
    """A server that has on the disk what it says that it has."""
    yield from server(is_durable=True)


def work(data: Path, url: str, *, away_s: float, said: Callable[[str], None] = lambda _: None) -> None:
    """One run: addresses are found, articles stored, one of them changes, one is gone, all is published."""
    with open_store(data, state=url, away_s=away_s) as store:
        store.begin_run(why="test", arguments={}, versions={}, run_id=RUN, started=AT)
        store.want([Hint(url=an_article(each, "", AT).url, via="feed") for each in NAMES], source="harbour-times")
        for name, text in (*((each, f"What happened to {each}.") for each in NAMES), ("a", "It was changed.")):
            article = an_article(name, text, AT)
            store.put_article(
                article, run_id=RUN, outcome=an_outcome(name, RUN, "article"), fetch=Fetch(requested_url=article.url)
            )
            said(name)
        store.put_gone(an_outcome("d", RUN, "gone", 410), at=AT)
        store.end_run(RUN, exit_code=0, counts={}, ended=AT)
        said("end")
        publish(store, data)


def check(data: Path, why: str) -> None:
    """What any way to the end comes to."""
    assert verify(data) == (), why
    articles = lines(data, "articles")
    assert max(Counter((each["id"], each["revision"]) for each in articles).values()) == 1, f"doubled: {why}"
    texts = {each["url"].rpartition("/")[2]: each["text"] for each in lines(data, "current")}
    assert texts == {"a": "It was changed.", "b": "What happened to b.", "c": "What happened to c."}, why
    outcomes = Counter((each["run_id"], each["url"]) for each in lines(data, "outcomes"))
    assert (len(outcomes), max(outcomes.values())) == (len(NAMES), 1), f"two outcomes of an address: {why}"


class Statements:
    """Counts what is sent to the server, and does something before the n-th statement."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent = 0
        self.at = 0
        self.do: Callable[[], None] = lambda: None
        run, many = PostgresqlDatabase._run, PostgresqlDatabase.many

        def counted(database: PostgresqlDatabase, statement: str, values: Any) -> Any:
            self._count()
            return run(database, statement, values)

        def counted_many(database: PostgresqlDatabase, statement: str, values: Any) -> None:
            self._count()
            many(database, statement, values)

        monkeypatch.setattr(PostgresqlDatabase, "_run", counted)
        monkeypatch.setattr(PostgresqlDatabase, "many", counted_many)

    def _count(self) -> None:
        self.sent += 1
        if self.sent == self.at:
            self.do()


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Statements:
    return Statements(monkeypatch)


def _count_all(data: Path, durable: Server, statements: Statements) -> int:
    statements.at = 0
    statements.sent = 0
    work(data, durable.url(), away_s=0.1)
    check(data, "undisturbed")
    return statements.sent


def _killed_at(number: int, data: Path, url: str, statements: Statements) -> list[str]:
    """In a process of its own, which says what it was told is stored."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        statements.sent, statements.at = 0, number
        statements.do = lambda: os.kill(os.getpid(), signal.SIGKILL)
        work(data, url, away_s=0.1, said=lambda name: os.write(write, f"{name}\n".encode()))
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as file:
        told = file.read().split()
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"statement {number} was never sent"
    return told


def _sweep_kills(durable: Server, statements: Statements, folder: Path, points: Callable[[int], list[int]]) -> int:
    chosen = points(_count_all(folder / "undisturbed", durable, statements))
    for number in chosen:
        data, url = folder / f"killed-{number}", durable.url()
        told = _killed_at(number, data, url, statements)
        statements.at = 0
        if told:
            with open_store(data, state=url) as store:
                stored = {each for each in NAMES if (known := store.address(an_article(each, "", AT).url)) and known.id}
                assert set(told) - {"end"} <= stored, f"lost: killed at statement {number}"
        work(data, url, away_s=0.1)
        check(data, f"killed at statement {number}")
        shutil.rmtree(data)
    return len(chosen)


def test_killed_at_a_statement_it_goes_on(durable: Server, statements: Statements, tmp_path: Path) -> None:
    _sweep_kills(durable, statements, tmp_path, lambda number: some_of(range(1, number + 1), 3))


@pytest.mark.proof
def test_killed_at_every_seventh_statement(durable: Server, statements: Statements, tmp_path: Path) -> None:
    points = _sweep_kills(durable, statements, tmp_path, lambda number: list(range(1, number + 1, 7)))
    figures("PostgreSQL: SIGKILL at statement n", points=points)


@pytest.mark.proof
def test_the_server_crashes_at_a_statement_and_comes_back(
    durable: Server, statements: Statements, tmp_path: Path
) -> None:
    sent = _count_all(tmp_path / "undisturbed", durable, statements)
    chosen = list(range(9, sent, max(1, sent // 16)))
    for number in chosen:
        data, url = tmp_path / f"crashed-{number}", durable.url()

        def crash() -> None:
            durable.stop()
            threading.Timer(0.1, durable.start).start()

        statements.sent, statements.at, statements.do = 0, number, crash
        work(data, url, away_s=60)
        statements.at = 0
        check(data, f"the server crashed at statement {number}")
    figures("PostgreSQL: the server crashes at statement n", points=len(chosen))


class Newsdesk(Newsroom):
    """A newsroom in which something happens when the n-th request comes."""

    def __init__(self) -> None:
        super().__init__()
        self.do_at: tuple[int, Callable[[], None]] | None = None
        self._seen = 0

    def after(self, requests: int, do: Callable[[], None]) -> None:
        self._seen, self.do_at = 0, (requests, do)

    def answer(self, host: str, target: str) -> Any:
        self._seen += 1
        if self.do_at is not None and self._seen == self.do_at[0]:
            threading.Thread(target=self.do_at[1]).start()
        return super().answer(host, target)


@pytest.mark.proof
def test_crawls_go_on_over_kills_and_over_crashes_of_the_server(durable: Server) -> None:
    with fresh_directory() as folder, Newsdesk() as newsroom:
        crawler = Crawler(newsroom=newsroom, sources=sources_file(folder))
        status, said = crawler.run(folder / "whole")
        assert status == ExitCode.DONE, said
        whole, requests = Whole(view=view(folder / "whole")), len(newsroom.requests)
        for number in (requests // 4, 3 * requests // 4):
            data, extra = folder / f"crashed-{number}", {"NEWSCRAWL_STATE": durable.url()}
            newsroom.after(number, lambda: (durable.stop(), durable.start()))
            status, said = crawler.run(data, extra=extra)
            newsroom.do_at = None
            if status != ExitCode.DONE:
                status, said = crawler.run(data, extra=extra)
            assert status == ExitCode.DONE, f"the server crashed at request {number}: {said}"
            whole.check(data, why=f"the server crashed at request {number}")
        for number in (requests // 2,):
            data, extra = folder / f"killed-{number}", {"NEWSCRAWL_STATE": durable.url()}
            newsroom.signal_at(number)
            status, _ = crawler.run(data, extra=extra)
            assert status == -signal.SIGKILL
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("NEWSCRAWL_STATE", extra["NEWSCRAWL_STATE"])
                with reader(data) as database:
                    before = dict(database.rows("SELECT id, date_crawled FROM articles"))
            status, said = crawler.run(data, extra=extra)
            assert status == ExitCode.DONE, f"killed at request {number}: {said}"
            whole.check(data, before=before, why=f"killed at request {number}")
    figures("PostgreSQL: crawls, the server crashes or the crawl is killed", points=3)
