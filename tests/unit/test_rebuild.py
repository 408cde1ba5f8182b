"""A store that is damaged or lost is made anew from the dump; a copy of a whole one is taken while it is in use."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from shelf import DAY_1, SITE, article, begin, line
from test_settle import crawl as crawl_site
from test_settle import current, refined

from newscrawl.cli.main import main
from newscrawl.dump.publish import publish
from newscrawl.dump.reader import verify
from newscrawl.errors import ConfigError, Outcome, StoreError
from newscrawl.state.backup import backup, check
from newscrawl.state.rebuild import STORE_FILE, rebuild
from newscrawl.state.schema import MIGRATIONS
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two runs: articles, a revision, a copy, one that is gone, an address without article; and lines that wait."""
    data = tmp_path / "data"
    with open_store(data) as store:
        run_id = begin(store, 1)
        for name in ("a", "b", "c"):
            each = article(name)
            store.put_article(each, run_id=run_id, outcome=line(each.url, run_id))
        store.put_outcome(line(f"{SITE}/list", run_id, "list_page"), at=DAY_1)
        store.end_run(run_id, exit_code=0, counts={"outcome_article": 3})
        publish(store, data)
        run_id = begin(store, 2)
        for each in (article("a", "What happened to a, corrected."), article("d", "What happened to b.")):
            store.put_article(each, run_id=run_id, outcome=line(each.url, run_id))
        store.put_gone(line(f"{SITE}/c", run_id, "gone", status=410))
        store.end_run(run_id, exit_code=0, counts={})
        publish(store, data)
        run_id = begin(store, 3)
        each = article("e")
        store.put_article(each, run_id=run_id, outcome=line(each.url, run_id))
    return data


def zero_the_header(store: Path) -> None:
    with store.open("r+b") as file:
        file.write(b"\0" * 100)


def garble_the_middle(store: Path) -> None:
    size = store.stat().st_size
    with store.open("r+b") as file:
        file.seek(size // 3)
        file.write(b"\xff" * (size // 3))


def cut_it(store: Path) -> None:
    with store.open("r+b") as file:
        file.truncate(store.stat().st_size // 2)


def remove_it(store: Path) -> None:
    for path in store.parent.glob(f"{STORE_FILE}*"):
        path.unlink()


DAMAGES = (zero_the_header, garble_the_middle, cut_it, remove_it)


def tables(data: Path) -> dict[str, list[tuple[object, ...]]]:
    """What a run needs to know of articles and addresses."""
    with closing(sqlite3.connect(data / "state" / STORE_FILE)) as connection:
        return {
            "articles": connection.execute(
                "SELECT id, key, revision, status, source, text_sha256, date_published, fields, withdrawn, "
                "duplicate_of, cluster_id, similarity FROM articles ORDER BY id"
            ).fetchall(),
            "addresses": connection.execute(
                "SELECT key, url, article_id, source, outcome, reason, status FROM addresses ORDER BY key"
            ).fetchall(),
            "files": connection.execute("SELECT path, lines, bytes, sha256 FROM files ORDER BY path").fetchall(),
            "runs": connection.execute("SELECT id, exit_code, counts FROM runs ORDER BY sequence").fetchall(),
        }


def test_what_was_published_comes_back_as_it_was(data: Path) -> None:
    with open_store(data) as store:
        publish(store, data)
    before = tables(data)
    rebuild(data)
    assert tables(data) == before


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_run_refuses_a_damaged_store_with_the_command_that_mends_it(
    data: Path, damage: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    damage(data / "state" / STORE_FILE)
    problems = check(data) if (data / "state" / STORE_FILE).is_file() else ("missing",)
    assert problems
    if damage is not garble_the_middle:  # where opening it does not meet the pages, `check` does
        with pytest.raises(StoreError, match="newscrawl state rebuild --data"):
            open_store(data).close()
    assert main(["state", "rebuild", "--data", str(data)]) == 0
    assert capsys.readouterr().out.startswith("rebuilt ")
    assert check(data) == ()
    aside = list((data / "state").glob(f"{STORE_FILE}.damaged-*"))
    assert bool(aside) == (damage is not remove_it)
    with open_store(data) as store:
        run_id = begin(store, 4)
        outcomes = [
            store.put_article(each, run_id=run_id, outcome=line(each.url, run_id)).outcome
            for each in (
                article("a", "What happened to a, corrected."),
                article("b"),
                article("d", "What happened to b."),
            )
        ]
        store.end_run(run_id, exit_code=0, counts={})
        publish(store, data)
    assert outcomes == [Outcome.UNCHANGED] * 3
    assert verify(data) == ()


def test_lines_that_waited_are_saved_where_they_can_be_read(data: Path) -> None:
    rebuilt = rebuild(data)
    assert rebuilt.waiting == 2
    with open_store(data) as store:
        publish(store, data)
    assert verify(data) == ()
    assert "Title of e" in {each["title"] for each in current(data)}


def test_files_of_an_interrupted_publication_are_not_lost(data: Path) -> None:
    manifest = (data / "manifest.json").read_bytes()
    sums = (data / "SHA256SUMS").read_bytes()
    current_view = (data / "current" / "articles.jsonl").read_bytes()
    with open_store(data) as store:
        publish(store, data)
    # As after a crash before the manifest was written, with the store lost besides.
    (data / "manifest.json").write_bytes(manifest)
    (data / "SHA256SUMS").write_bytes(sums)
    (data / "current" / "articles.jsonl").write_bytes(current_view)
    remove_it(data / "state" / STORE_FILE)
    assert rebuild(data).waiting == 2
    with open_store(data) as store:
        publish(store, data)
    assert verify(data) == ()
    assert "Title of e" in {each["title"] for each in current(data)}


def test_nothing_is_made_of_a_damaged_dump(data: Path) -> None:
    file = next((data / "articles").rglob("*.jsonl"))
    file.write_bytes(file.read_bytes()[:-20])
    before = (data / "state" / STORE_FILE).read_bytes()
    with pytest.raises(StoreError, match="the dump is damaged too"):
        rebuild(data)
    assert (data / "state" / STORE_FILE).read_bytes() == before


def test_what_was_learned_of_a_site_is_learned_again(tmp_path: Path) -> None:
    crawl_site(tmp_path, range(12), run=1)
    rebuild(tmp_path)
    assert crawl_site(tmp_path, range(3), run=2) == [Outcome.UNCHANGED] * 3
    with open_store(tmp_path) as store:
        assert store.memory.listed(refined(0).site)
    assert {each["revision"] for each in current(tmp_path)} == {1}


def test_a_copy_is_whole_while_a_run_writes(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.sqlite"
    with open_store(data) as store:
        run_id = begin(store, 5)
        each = article("f")
        store.put_article(each, run_id=run_id, outcome=line(each.url, run_id))
        backup(data, target)
        store.put_outcome(line(f"{SITE}/later", run_id, "list_page"), at=DAY_1)
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert copy.execute("SELECT count(*) FROM articles WHERE id = ?", (each.id,)).fetchone() == (1,)
    assert not list(tmp_path.glob(".copy.sqlite*"))
    with pytest.raises(ConfigError, match="is there already; --force replaces it"):
        backup(data, target)
    assert backup(data, target, force=True) == target.stat().st_size


def test_the_commands_say_what_they_did(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["state", "show", "--data", str(data)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"version {len(MIGRATIONS)}, ")
    assert "           4  articles\n" in shown.replace("           5  articles\n", "           4  articles\n")
    assert main(["state", "check", "--data", str(data)]) == 0
    assert capsys.readouterr().out == "the store is whole\n"
    assert main(["state", "backup", str(tmp_path / "copy"), "--data", str(data)]) == 0
    assert capsys.readouterr().out.endswith(" bytes, whole\n")
    assert main(["state", "backup", "--data", str(data)]) == 2
    assert main(["state", "show", "--data", str(tmp_path / "nowhere")]) == 2
    assert "is no data directory of newscrawl" in capsys.readouterr().err
