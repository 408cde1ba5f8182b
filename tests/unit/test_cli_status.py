"""A data directory at a glance, while nothing, a run, or a killed run is going on."""

from __future__ import annotations

import fcntl
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from shelf import DAY_1, DAY_2, article, begin, put

from newscrawl.cli.main import main
from newscrawl.dump.publish import publish
from newscrawl.state.overview import owner_of
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from pathlib import Path


def status(data: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["status", "--json", "--data", str(data)]) == 0
    seen: dict[str, Any] = json.loads(capsys.readouterr().out)
    return seen


def table(data: Path, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert main(["status", "--data", str(data)]) == 0
    return capsys.readouterr().out


def test_it_tells_what_goes_on_what_waits_and_how_runs_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_store(tmp_path) as store:
        run = begin(store)
        for item in (article("a"), article("b", date_crawled=DAY_2)):
            put(store, item, run)
        files = [path for path in tmp_path.rglob("*") if path.is_file() and not path.name.endswith("-shm")]
        before = {path: path.read_bytes() for path in files}
        seen = status(tmp_path, capsys)
        assert seen["owner"]["run_id"] == run
        assert (seen["articles"], seen["addresses"], seen["files"]) == (2, 2, 0)
        assert seen["waiting_lines"] == 4
        assert (seen["first_crawl_day"], seen["last_crawl_day"]) == (DAY_1[:10], DAY_2[:10])
        assert f"{run}  {DAY_2}  -" in table(tmp_path, capsys)
        assert "goes on" in table(tmp_path, capsys)
        assert {path: path.read_bytes() for path in before} == before

        store.end_run(run, exit_code=3, counts={"outcome_article": 2, "sources_failed": 1})
        publish(store, tmp_path)
    seen = status(tmp_path, capsys)
    assert seen["owner"] is None
    assert seen["waiting_lines"] == 0
    assert seen["files"] > 0
    assert 0 < seen["file_bytes"] < seen["free_bytes"] < seen["disk_bytes"]
    assert [(each["exit_code"], each["articles"], each["sources_failed"]) for each in seen["runs"]] == [(3, 2, 1)]
    shown = table(tmp_path, capsys)
    assert "running     no\narticles    2 current, 0 gone, 0 purged\naddresses   2 known, 0 to be fetched\n" in shown
    assert "3 sources failed" in shown


def test_it_names_the_source_that_is_due_and_the_alarms_that_stand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sources = tmp_path / "sources.toml"
    entry = '[[source]]\nid = "{0}"\nname = "{0}"\nurl = "https://{0}.example/"\nenabled = true\n'
    sources.write_text(entry.format("paused") + 'paused_until = "resumed"\n' + entry.format("harbour-times"))
    open_store(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "state" / "newscrawl.sqlite")) as store:
        store.execute("CREATE TABLE IF NOT EXISTS alarms (source, what, since, finding, ended, told)")
        row = "INSERT INTO alarms (source, what, since, finding, ended, told) VALUES (?, ?, ?, '{}', ?, 1)"
        store.execute(row, ("harbour-times", "lost_dates", "2026-11-20", 0))
        store.execute(row, ("gazette", "silent", "2026-11-19", 1))
        store.commit()
    assert main(["status", "--data", str(tmp_path), "--sources", str(sources)]) == 0
    shown = capsys.readouterr().out
    assert "next        now: harbour-times\nALARM       harbour-times: lost dates since 2026-11-20\narticles" in shown
    assert "gazette" not in shown
    assert main(["status", "--json", "--data", str(tmp_path), "--sources", str(sources)]) == 0
    seen = json.loads(capsys.readouterr().out)
    assert seen["next"] == {"source": "harbour-times", "due": None}
    assert seen["alarms"] == [{"source": "harbour-times", "what": "lost_dates", "since": "2026-11-20"}]


def test_a_run_that_never_said_how_it_ended_was_killed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_store(tmp_path) as store:
        begin(store)
    assert "killed" in table(tmp_path, capsys)


def test_who_looks_is_not_taken_for_a_run_by_another_who_looks(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    with (tmp_path / "state" / "lock").open("rb") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        assert owner_of(tmp_path) is None
        fcntl.flock(looking, fcntl.LOCK_UN)
        with open_store(tmp_path):
            owner = owner_of(tmp_path)
            assert owner is not None
            assert owner.run_id is None


def test_what_is_no_data_directory_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--data", str(tmp_path)]) == 2
    assert f"{tmp_path} is no data directory" in capsys.readouterr().err


@pytest.mark.parametrize("signed", [b"", b"[]", b'{"pid": 1}', b"\xff"])
def test_a_signature_that_is_none_names_nobody_but_tells_of_the_owner(tmp_path: Path, signed: bytes) -> None:
    with open_store(tmp_path):
        (tmp_path / "state" / "lock").write_bytes(signed)
        owner = owner_of(tmp_path)
    assert owner is not None
    assert owner.run_id is None
