"""Lives that end early: a process that has imported everything forks once per life, so that a life costs milliseconds.

Run as a script with `failing_disk.so` preloaded; `failing_disk.Lives` talks to it. A life does the steps of a scenario
from one of them on, says of each that it is done, and ends as a command does: 0, or one sentence and its exit code.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import newscrawl.dump.documents
from newscrawl.article import Article, Fetch, Hint, OutcomeLine, Removed
from newscrawl.cli import main as cli
from newscrawl.dump import publish as publishing
from newscrawl.dump import reader
from newscrawl.dump.schema import STREAMS
from newscrawl.errors import StoreError
from newscrawl.state.schema import MIGRATIONS, migrate
from newscrawl.state.sqlite import SqliteDatabase
from newscrawl.state.store import open_store
from newscrawl.text.digest import text_sha256
from newscrawl.urls import article_id, url_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from newscrawl.state.store import Store

    Step = Callable[[Path], None]

SITE = "https://harbour-times.example"
SECRET = "The witness lives at 12 Quay Street"
BUG = 70


class Ended(Exception):
    """A command ended with an exit code other than 0; it has said why."""


def an_article(name: str, text: str, at: str) -> Article:
    url = f"{SITE}/{name}"
    return Article(
        id=article_id(url_key(url)),
        url=url,
        source="harbour-times",
        site="harbour-times.example",
        title=f"Title of {name}",
        text=text,
        text_sha256=text_sha256(text),
        word_count=len(text.split()),
        date_crawled=at,
        removed=(Removed(place=0, text="Share", rule="share_buttons", why="names 3 networks"),),
    )


def an_outcome(name: str, run_id: str, outcome: str, status: int = 200) -> OutcomeLine:
    return OutcomeLine(
        url=f"{SITE}/{name}",
        source="harbour-times",
        outcome=outcome,
        reason=None if outcome == "article" else "seen",
        status=status,
        bytes=1,
        ms=1,
        via="feed",
        run_id=run_id,
    )


def with_store(do: Callable[[Store], object]) -> Step:
    def step(data: Path) -> None:
        with open_store(data) as store:
            do(store)

    return step


def begin(day: int) -> Step:
    started = f"2026-11-2{day}T06:00:00Z"
    return with_store(
        lambda store: store.begin_run(why="test", arguments={}, versions={}, run_id=run_of(day), started=started)
    )


def run_of(day: int) -> str:
    return f"run_2026112{day}"


def end(day: int) -> Step:
    return with_store(
        lambda store: store.end_run(run_of(day), exit_code=0, counts={}, ended=f"2026-11-2{day}T07:00:00Z")
    )


def want(day: int, *names: str) -> Step:
    hints = [Hint(url=f"{SITE}/{name}", via="feed") for name in names]
    return with_store(lambda store: store.want(hints, source="harbour-times"))


def put(day: int, name: str, text: str, *, run: int | None = None) -> Step:
    article = an_article(name, text, f"2026-11-2{day}T06:30:00Z")
    fetch = Fetch(requested_url=article.url, status=200, etag=f'"{day}"')
    run_id = run_of(run or day)
    return with_store(
        lambda store: store.put_article(
            article, run_id=run_id, outcome=an_outcome(name, run_id, "article"), fetch=fetch
        )
    )


def fail(day: int, name: str) -> Step:
    return with_store(
        lambda store: store.put_outcome(an_outcome(name, run_of(day), "timeout"), at=f"2026-11-2{day}T06:35:00Z")
    )


def gone(day: int, name: str) -> Step:
    return with_store(
        lambda store: store.put_gone(an_outcome(name, run_of(day), "gone", 410), at=f"2026-11-2{day}T06:40:00Z")
    )


def command(*arguments: str) -> Step:
    def step(data: Path) -> None:
        if status := cli.main([*arguments, "--data", str(data)]):
            raise Ended(status)

    return step


def older_store(data: Path) -> None:
    """A store as the first version made it, with a run and an address in it."""
    (data / "state").mkdir(parents=True)
    database = SqliteDatabase(data / "state" / "newscrawl.sqlite")
    migrate(database, MIGRATIONS[:1])
    database.execute(
        "INSERT INTO runs (id, why, arguments, versions, started, ended, exit_code) "
        "VALUES (?, 'test', '{}', '{}', ?, ?, 0)",
        (run_of(0), "2026-11-20T06:00:00Z", "2026-11-20T07:00:00Z"),
    )
    database.close()


def damage(data: Path) -> None:
    """What a broken disk does to the store."""
    store = data / "state" / "newscrawl.sqlite"
    store.write_bytes(b"\0" * 100 + store.read_bytes()[100:])


publish = command("publish", "--quiet")
FIRST_RUN = [begin(1), want(1, "a", "b", "c", "d"), put(1, "a", "Same."), put(1, "b", "Same."), fail(1, "d"), end(1)]
SECOND_RUN = [begin(2), put(2, "a", f"Changed. {SECRET}."), put(2, "c", "Third."), gone(2, "b"), end(2)]
THIRD_RUN = [begin(3), put(2, "e", "Fifth.", run=3), end(3)]
PUBLISHED = [*FIRST_RUN, publish, *SECOND_RUN, publish, *THIRD_RUN, publish]
PREPARED: dict[str, list[Step]] = {
    "store": [],
    "publish": FIRST_RUN + SECOND_RUN,
    "migrate": [older_store],
    "publish twice": [*FIRST_RUN, publish, *SECOND_RUN],
    "compact": PUBLISHED,
    "purge": PUBLISHED,
    "rebuild": [*PUBLISHED, damage],
}
"""What was there before a life begins."""
SCENARIOS: dict[str, list[Step]] = {
    "store": FIRST_RUN,
    "publish": [publish],
    "migrate": [begin(1), publish],
    "publish twice": [publish],
    "compact": [command("compact", "--quiet")],
    "purge": [command("purge", an_article("a", "", "").id, "--yes", "--quiet")],
    "rebuild": [command("state", "rebuild", "--quiet")],
}
"""The steps of a life."""
FORGOTTEN = frozenset({"purge"})
"""Scenarios after which nothing in the directory holds `SECRET`."""


def live(scenario: str, data: Path, start: int, done: Callable[[int], None]) -> int:
    """Do the steps from `start` on; the exit status."""
    for number, step in enumerate(SCENARIOS[scenario][start:], start):
        try:
            step(data)
        except Ended as ended:
            return int(ended.args[0])
        except StoreError as error:
            sys.stderr.write(f"newscrawl: {error}\n")
            return int(error.exit_code)
        done(number + 1)
    return 0


def prepare(scenario: str, data: Path) -> None:
    for step in PREPARED[scenario]:
        step(data)


def fork(request: dict[str, object]) -> tuple[int, int]:
    """One life: its status, negative for a signal, and the first step that it did not say was done."""
    data, start = Path(str(request["data"])), int(str(request["start"]))
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = BUG
        with suppress(BaseException):
            os.close(read)
            os.dup2(os.open(str(request["said"]), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 2)
            os.environ.update({name: str(value) for name, value in dict(request["disk"]).items()})  # type: ignore[call-overload]
            ctypes.CDLL(None).disk_arm()
            try:
                if request["prepare"]:
                    prepare(str(request["scenario"]), data)
                    status = 0
                else:
                    status = live(
                        str(request["scenario"]), data, start, lambda number: os.write(write, bytes([number]))
                    )
            except BaseException:
                traceback.print_exc()
                raise
            finally:
                sys.stderr.flush()
                ctypes.CDLL(None).disk_disarm()
        os._exit(status)
    os.close(write)
    said = b"".join(iter(lambda: os.read(read, 100), b""))
    os.close(read)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), (said[-1] if said else start)


def main() -> None:
    newscrawl.dump.documents.documents()
    for stream in STREAMS:
        reader._validator(stream)  # compiled once, for all lives
    for request in sys.stdin:
        sys.stdout.write(json.dumps(fork(json.loads(request))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    # What describes a dump is the same every time: one document is enough to fail at.
    publishing.documents = lambda: {"README.md": b"What describes the dump.\n"}  # type: ignore[assignment]
    main()
