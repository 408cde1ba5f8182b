"""kill -9 of a publisher at its requests, and a store that goes at any of them: the same objects in the end.

A child imports everything once and forks for every point of failure: the grandchild goes on with the data directory's
life until it is killed, with SIGKILL, before its n-th request to the store or commit of the publication. Whoever comes
after it takes the steps that were not acknowledged. Proofs sample the points, others each time; SEED repeats a sample,
POINTS=all takes all of them.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import lead_to
from object_store import BUCKET, ObjectStore, Wire, environment, objects
from published_life import STEPS, in_short, live

from newscrawl.dump import publish as publishing
from newscrawl.dump.reader import verify
from newscrawl.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

CHILD = textwrap.dedent(
    """
    import json, os, signal, sys, traceback
    from pathlib import Path
    sys.path[:0] = json.loads(sys.argv[1])

    import s3fs, newscrawl.state.store
    from published_life import STEPS, live
    from newscrawl.dump import publish as publishing
    from newscrawl.state.outbox import Outbox

    publishing.documents = lambda: {"README.md": b"One document will do."}

    def grandchild(data, url, start, point, write):
        left = [point]

        def before(function):
            def wrapper(*args, **kwargs):
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)
                return function(*args, **kwargs)
            return wrapper

        s3fs.S3FileSystem._call_s3 = before(s3fs.S3FileSystem._call_s3)
        for name in ("published", "replace_files", "note_leftovers", "forget_leftovers"):
            setattr(Outbox, name, before(getattr(Outbox, name)))
        for number in range(start, len(STEPS)):
            live(Path(data), url, start=number, stop=number + 1)
            os.write(write, bytes([number + 1]))
        os.write(write, (point - left[0]).to_bytes(4, "big"))
        os._exit(0)

    for request in sys.stdin:
        given = json.loads(request)
        read, write = os.pipe()
        if not (pid := os.fork()):
            try:
                grandchild(**given, write=write)
            finally:
                traceback.print_exc()
                os._exit(70)
        os.close(write)
        said = b""
        while more := os.read(read, 100):
            said += more
        os.close(read)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        following = given["start"] + (len(said) - 4 if status == 0 else len(said))
        print(json.dumps([status, following, int.from_bytes(said[-4:], "big")]), flush=True)
    """
)
NEVER = 10**6


class Child:
    """Lives through the steps as often as it is asked to."""

    def __init__(self, server: ObjectStore) -> None:
        folders = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "unit")]
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD, json.dumps(folders)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment(server.endpoint)},
        )

    def live(self, data: Path, url: str, *, start: int = 0, point: int = NEVER) -> tuple[int, int, int]:
        """One life from a step on: its exit status, the first step not acknowledged, and how many points there were."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        given = {"data": str(data), "url": url, "start": start, "point": point}
        print(json.dumps(given), file=self.process.stdin, flush=True)
        status, following, points = json.loads(self.process.stdout.readline())
        return status, following, points


@pytest.fixture(scope="module")
def child(server: ObjectStore) -> Iterator[Child]:
    child = Child(server)
    with child.process:
        yield child
        assert child.process.stdin is not None
        child.process.stdin.close()


def some_of(points: int, count: int) -> list[int]:
    """A sample of points of failure."""
    if os.environ.get("POINTS") == "all":
        return list(range(1, points + 1))
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(10_000))
    sys.stdout.write(f"SEED={seed} of {points} points\n")
    return sorted(random.Random(seed).sample(range(1, points + 1), min(count, points)))


@pytest.mark.proof
def test_a_publisher_killed_at_any_request_leaves_what_the_next_one_finishes(
    child: Child, server: ObjectStore, tmp_path: Path
) -> None:
    status, _, points = child.live(tmp_path / "whole", f"s3://{BUCKET}/whole")
    assert status == 0
    assert points > 300
    expected = in_short(objects(server.endpoint, "whole"))
    for point in some_of(points, 8):
        data, url = tmp_path / str(point), f"s3://{BUCKET}/killed/{point}"
        status, following, _ = child.live(data, url, point=point)
        assert status == -signal.SIGKILL, f"at {point}"
        assert child.live(data, url, start=following)[:2] == (0, len(STEPS)), f"no recovery from a kill at {point}"
        assert in_short(objects(server.endpoint, f"killed/{point}")) == expected, (
            f"another dump after a kill at {point}"
        )


@pytest.mark.proof
@pytest.mark.parametrize("answered", [False, True])
def test_a_store_that_goes_at_any_request_costs_nothing(
    answered: bool, server: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "documents", lambda: {"README.md": b"One document will do."})
    wire = Wire(server.port)
    lead_to(wire.endpoint, monkeypatch)
    name = f"answered-{answered}"
    live(tmp_path / "whole", f"s3://{BUCKET}/{name}/whole")
    requests = len(wire.requests) - 10  # a few are asked twice when a connection has been idle for long
    expected = in_short(objects(server.endpoint, f"{name}/whole"))
    for point in some_of(requests, 6):
        data, start = tmp_path / str(point), 0
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        lead_to(wire.endpoint, monkeypatch)
        wire.cut_at(point, answered=answered)
        try:
            while start < len(STEPS):
                live(data, f"s3://{BUCKET}/{name}/{point}", start=start, stop=start + 1)
                start += 1
        except StoreError as error:
            assert f"s3://{BUCKET}/{name}/{point}" in str(error)  # noqa: PT017 - the loop tells where it was
        assert start < len(STEPS), f"nothing failed at {point}"
        wire.mend()
        monkeypatch.delenv("AWS_MAX_ATTEMPTS")
        lead_to(wire.endpoint, monkeypatch)
        live(data, f"s3://{BUCKET}/{name}/{point}", start=start)
        assert in_short(objects(server.endpoint, f"{name}/{point}")) == expected, f"another dump after {point}"
    wire.cut()
    lead_to(server.endpoint, monkeypatch)
    assert verify(f"s3://{BUCKET}/{name}/{point}") == ()
