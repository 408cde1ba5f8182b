"""kill -9 and a failing disk at every step of storing, publishing, purging and compacting: the dump comes out the same.

A child imports everything once and forks for every point of failure: the grandchild lives through the scenario
and is killed, with SIGKILL, before its n-th operation, or is told there that the disk is full. An operation is a
commit, a write to a file (half of it is done), an fsync, a rename, a deletion or a new directory; in the proof, every
SQL statement too. Whoever comes after it does what was not acknowledged, as a crawl does, and must end with the same
bytes as a life without a crash.
"""

from __future__ import annotations

import itertools
import json
import random
import shutil
import signal
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from newscrawl.dump.reader import verify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCENARIO = textwrap.dedent(
    '''
    """What a child does, and how it is made to fail."""

    import errno, io, json, os, select, signal, sqlite3, sys, time, traceback
    from pathlib import Path

    from newscrawl.article import Article, Fetch, OutcomeLine, Removed
    from newscrawl.dump import files, publish as publishing
    from newscrawl.dump.compact import compact
    from newscrawl.dump.publish import publish
    from newscrawl.dump.purge import finish_purges
    from newscrawl.dump.retain import Retention, retain
    from newscrawl.dump.schema import STREAMS, schema
    from newscrawl.errors import StoreError
    from newscrawl.state.store import open_store
    from newscrawl.text.digest import text_sha256
    from newscrawl.urls import article_id, url_key

    SITE = "https://harbour-times.example"
    publishing.documents = lambda: {"README.md": b"One document is enough to fail at."}
    for stream in STREAMS:
        schema(stream)  # made once, not in every life

    def article(name, text, at):
        url = f"{SITE}/{name}"
        return Article(
            id=article_id(url_key(url)), url=url, source="harbour-times", site="harbour-times.example",
            title=f"Title of {name}", text=text, text_sha256=text_sha256(text), word_count=2, date_crawled=at,
            removed=(Removed(place=0, text="Share", rule="share_buttons", why="names 3 networks"),),
        )

    def line(url, run_id, outcome, status=200):
        return OutcomeLine(url=url, source="harbour-times", outcome=outcome, reason=None, status=status, bytes=1, ms=1,
                           via="feed", run_id=run_id)

    def begin(number):
        def step(store, data):
            store.begin_run(why="test", arguments={}, versions={}, run_id=f"run_{number}",
                            started=f"2026-11-2{number}T06:00:00Z")
        return step

    def end(number):
        def step(store, data):
            store.end_run(f"run_{number}", exit_code=0, counts={}, ended=f"2026-11-2{number}T07:00:00Z")
        return step

    def put(number, name, text):
        def step(store, data):
            item = article(name, text, f"2026-11-2{number}T06:30:00Z")
            store.put_article(item, run_id=f"run_{number}", outcome=line(item.url, f"run_{number}", "article"),
                              fetch=Fetch(requested_url=item.url, status=200))
        return step

    def gone(number, name):
        def step(store, data):
            store.put_gone(line(f"{SITE}/{name}", f"run_{number}", "gone", 410), at=f"2026-11-2{number}T06:40:00Z")
        return step

    def purge(number, *names):
        def step(store, data):
            ids = [article_id(url_key(f"{SITE}/{name}")) for name in names]
            store.purge(ids, run_id=f"run_{number}", at=f"2026-11-2{number}T06:50:00Z")
            finish_purges(store, data)
        return step

    def publish_all(store, data):
        publish(store, data, max_file_bytes=2500)

    def compact_all(store, data):
        compact(store, data)

    def retain_few(store, data):
        publish(store, data)  # as a run does before it, which may have to mend what a crash left
        retain(store, data, Retention(outcomes_days=1, runs_days=1, over_files=1))

    STEPS = [
        begin(0), end(0),
        begin(1), put(1, "a", "Same."), put(1, "b", "Same."), put(1, "c", "Third."), end(1), publish_all,
        begin(2), put(2, "a", "Changed."), gone(2, "c"), put(2, "d", "Third."), end(2), publish_all,
        begin(3), put(3, "b", "Same again."), end(3), purge(3, "a", "b"), compact_all,
        begin(4), put(4, "e", "Fifth."), end(4), publish_all, begin(5), end(5), retain_few,
    ]

    def live(data, start, say):
        """Do the steps from `start` on, and say of each that it is done."""
        with open_store(data) as store:
            for number, step in enumerate(STEPS[start:], start):
                step(store, data)
                say(number)

    class Trouble:
        """Counts the operations on the disk, and fails the n-th."""

        def __init__(self, point, kind):
            self.left, self.kind = point, kind

        def step(self):
            self.left -= 1
            if self.left != 0:
                return
            if self.kind.startswith("kill"):
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(getattr(errno, self.kind), os.strerror(getattr(errno, self.kind)))

        def before(self, function):
            def wrapper(*args, **kwargs):
                self.step()
                return function(*args, **kwargs)
            return wrapper

        def install(self):
            os.fsync, os.replace, os.mkdir = map(self.before, (os.fsync, os.replace, os.mkdir))
            os.rmdir = self.before(os.rmdir)
            if self.kind.startswith("kill"):  # what a full disk never refuses
                os.unlink = self.before(os.unlink)
            trouble, write = self, io.BufferedWriter.write
            class Connection(sqlite3.Connection):
                def execute(self, statement, *args):
                    if trouble.kind == "kill any" or (trouble.kind == "kill" and statement == "COMMIT"):
                        trouble.step()
                    return super().execute(statement, *args)
                def executescript(self, script):
                    if trouble.kind.startswith("kill"):
                        trouble.step()
                    return super().executescript(script)
            connect = sqlite3.connect
            sqlite3.connect = lambda *args, **kwargs: connect(*args, factory=Connection, **kwargs)
            new_file_write = files.NewFile.write
            def half_write(self, data):
                if trouble.left == 1 and len(data) > 1:
                    write(self._file, data[: len(data) // 2])  # a torn line, flushed before the end
                    self._file.flush()
                trouble.step()
                new_file_write(self, data)
            files.NewFile.write = half_write

    def grandchild(data, start, point, kind, pipe):
        say = lambda number: os.write(pipe, bytes([number + 1]))
        if kind != "kill later":
            Trouble(point, kind).install()
        try:
            live(data, start, say)
        except StoreError as error:
            (data / "error").write_text(str(error))
            os._exit(int(error.exit_code))
        os._exit(0)

    def fork(data, start, point, kind):
        """Exit status of one life, and the step that comes next."""
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            try:
                grandchild(data, start, point, kind, write)
            finally:
                traceback.print_exc()
                os._exit(70)
        os.close(write)
        said, until = b"", time.monotonic() + point / 1000
        while True:
            if kind == "kill later" and not select.select([read], [], [], max(0, until - time.monotonic()))[0]:
                os.kill(pid, signal.SIGKILL)
            if not (more := os.read(read, 100)):
                break
            said += more
        os.close(read)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), (said[-1] if said else start)

    for request in sys.stdin:
        print(json.dumps(fork(**json.loads(request, object_hook=lambda each: each | {"data": Path(each["data"])}))),
              flush=True)
    '''
)
STEPS = 26
NEVER = 10**9


class Child:
    """Lives through the scenario as often as it is asked to."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCENARIO], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def live(self, data: Path, start: int = 0, point: int = NEVER, kind: str = "kill") -> tuple[int, int]:
        """One life from a step on; its exit status, and the first step that was not acknowledged."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        request = {"data": str(data), "start": start, "point": point, "kind": kind}
        print(json.dumps(request), file=self.process.stdin, flush=True)
        status, following = json.loads(self.process.stdout.readline())
        return status, following


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    child = Child()
    with child.process:
        yield child
        assert child.process.stdin is not None
        child.process.stdin.close()


@pytest.fixture(scope="module")
def expected(child: Child, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    data = tmp_path_factory.mktemp("whole")
    assert child.live(data) == (0, STEPS)
    assert verify(data) == ()
    return dump(data)


def dump(data: Path) -> dict[str, bytes]:
    """Every file but the crawler's own memory; what a crash left half-written would show up."""
    return {
        str(path.relative_to(data)): path.read_bytes()
        for path in sorted(data.rglob("*"))
        if path.is_file() and path.relative_to(data).parts[0] not in {"state", "error"}
    }


def sweep(
    child: Child, expected: dict[str, bytes], tmp_path: Path, kind: str, *, every: int = 1
) -> tuple[int, list[str]]:
    """Fail at every n-th point there is, go on after it, and compare. The last point, and what was said."""
    said: list[str] = []
    for point in itertools.count(1, every):
        data = tmp_path / str(point)
        data.mkdir()
        status, following = child.live(data, point=point, kind=kind)
        if status == 0:
            return point - every, said
        assert status == (-signal.SIGKILL if kind.startswith("kill") else 5), f"at {point}"
        if not kind.startswith("kill"):
            assert not list(data.rglob("*.tmp")), f"a temporary file stayed after a failure at {point}"
            said.append((data / "error").read_text())
        assert child.live(data, start=following) == (0, STEPS), f"no recovery from a failure at {point}"
        assert dump(data) == expected, f"another dump after a failure at {point}"
        state = b"".join(path.read_bytes() for path in (data / "state").iterdir())
        assert b"Same again." not in state, f"the store holds a purged text after a failure at {point}"
        if point % 10 == 0:
            assert verify(data) == ()
        shutil.rmtree(data)
    raise AssertionError


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.proof)])
def test_a_kill_before_any_commit_write_or_rename_changes_no_byte_of_the_dump(
    child: Child, expected: dict[str, bytes], tmp_path: Path, every: int
) -> None:
    points, _ = sweep(child, expected, tmp_path, "kill", every=every)
    assert points > 200


@pytest.mark.proof
def test_a_kill_before_any_statement_changes_no_byte_of_the_dump(
    child: Child, expected: dict[str, bytes], tmp_path: Path
) -> None:
    points, _ = sweep(child, expected, tmp_path, "kill any")
    assert points > 200


@pytest.mark.parametrize(
    ("kind", "words", "every"),
    [
        ("ENOSPC", "disk full: cannot write ", 5),
        pytest.param("ENOSPC", "disk full: cannot write ", 1, marks=pytest.mark.proof),
        pytest.param("EIO", "cannot write ", 1, marks=pytest.mark.proof),
    ],
)
def test_a_disk_that_fails_at_any_step_is_one_sentence_and_loses_nothing(
    child: Child, expected: dict[str, bytes], tmp_path: Path, kind: str, words: str, every: int
) -> None:
    points, said = sweep(child, expected, tmp_path, kind, every=every)
    assert points > 70
    assert all(each.startswith(f"{words}{tmp_path}") for each in said), said


def test_kills_at_any_moment_change_no_byte_of_the_dump(
    child: Child, expected: dict[str, bytes], tmp_path: Path
) -> None:
    chance = random.Random(7)
    killed = 0
    for number in range(15):
        data = tmp_path / str(number)
        following = 0
        for _ in range(3):  # it is killed again while it recovers
            status, following = child.live(data, start=following, point=chance.randrange(80), kind="kill later")
            killed += status == -signal.SIGKILL
        assert child.live(data, start=following) == (0, STEPS)
        assert dump(data) == expected
        assert verify(data) == ()
    assert killed
