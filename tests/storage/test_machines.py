"""Several machines, one store in PostgreSQL, one dump in S3: each has a data directory of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from object_store import ObjectStore, environment, objects

import newscrawl
from newscrawl.dump.reader import verify

if TYPE_CHECKING:
    from postgresql import Server

MACHINE = textwrap.dedent(
    """
    import json, sys
    from pathlib import Path
    sys.path[:0] = json.loads(sys.argv[1])
    name, data, dump, rounds = sys.argv[2], Path(sys.argv[3]), sys.argv[4], int(sys.argv[5])

    from raw_pages import exchange, exchange_records, opening
    from shelf import DAY_1, DAY_2, SITE, article, put
    from newscrawl.dump.compact import compact
    from newscrawl.dump.elsewhere import publish_to
    from newscrawl.dump.publish import publish
    from newscrawl.dump.raw import note
    from newscrawl.dump.raw_archive import RawArchive
    from newscrawl.state.store import open_store

    for number in range(rounds):
        run = f"run_20261124t0600{number:02d}z_{name}"
        with open_store(data) as store:
            publish_to(store.outbox, data, dump)
            store.begin_run(why="test", arguments={}, versions={}, run_id=run, started=DAY_2)
            url = f"{SITE}/{name}{number}"
            archive = RawArchive(data, run, max_bytes=10**9, opening=lambda file: opening(file, run, "newscrawl/1"))
            archive.append(exchange_records(exchange(url)), at=DAY_1, source="harbour-times")
            note(store.outbox, data, archive.finish())
            put(store, article(f"{name}{number}", f"What {name} saw in its round {number}."), run)
            put(store, article("both", f"What {name} saw last, in its round {number}."), run)
            store.end_run(run, exit_code=0, counts={}, ended=DAY_2)
            publish(store, data)
            if number == rounds - 1:
                compact(store, data)
    """
)


@pytest.mark.proof
def test_two_machines_that_publish_at_once_lose_nothing(
    server: ObjectStore, s3: str, postgresql: Server, tmp_path: Path
) -> None:
    rounds, url, state = 4, f"{s3}/machines", postgresql.url()
    folders = json.dumps([str(Path(__file__).parents[1] / "unit")])
    machines = [
        subprocess.Popen(
            [sys.executable, "-c", MACHINE, folders, name, tmp_path / name, url, str(rounds)],
            env={**os.environ, **environment(server.endpoint), "NEWSCRAWL_STATE": state},
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("ashore", "afloat")
    ]
    for machine in machines:
        _, said = machine.communicate(timeout=300)
        assert machine.returncode == 0, said
    assert verify(url) == ()
    titles = set(newscrawl.read(url)["title"])
    assert titles == {"Title of both", *(f"Title of {name}{n}" for name in ("ashore", "afloat") for n in range(rounds))}
    revisions = newscrawl.read(url, "articles")
    assert len(revisions[revisions["title"] == "Title of both"]) == 2 * rounds
    assert [each for each in objects(server.endpoint, "machines") if each.startswith("raw/")]
    for name in ("ashore", "afloat"):
        assert {each.name for each in (tmp_path / name).iterdir()} == {"raw", "state"}
        assert not list((tmp_path / name / "raw").iterdir())
