"""A dump in a store of objects is the dump that a data directory would hold, whoever else is at work there."""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
from typing import TYPE_CHECKING, Any

import fsspec
import pytest
from conftest import lead_to
from object_store import BUCKET, ObjectStore, Wire, filesystem, objects
from published_life import PURGED, STEPS, dump_here, in_short, live
from shelf import article, begin, put

import newscrawl
from newscrawl.cli.main import main
from newscrawl.dump import publish as publishing
from newscrawl.dump.elsewhere import publish_to
from newscrawl.dump.place import ELSEWHERE
from newscrawl.dump.publish import publish
from newscrawl.dump.reader import verify
from newscrawl.errors import ConfigError, StoreError
from newscrawl.state.lock import DirectoryLock
from newscrawl.state.rebuild import rebuild
from newscrawl.state.sqlite import SqliteDatabase
from newscrawl.state.store import STORE_FILE, Store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def one_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking for every schema takes a while."""
    monkeypatch.setattr(publishing, "documents", lambda: {"README.md": b"One document will do."})


def test_every_object_is_the_file_that_a_directory_would_hold(server: ObjectStore, s3: str, tmp_path: Path) -> None:
    for stop in (2, 4, len(STEPS)):  # published, published again, purged and compacted
        for name, url in (("here", ""), ("there", f"{s3}/same")):
            live(tmp_path / name, url, start={2: 0, 4: 2}.get(stop, 4), stop=stop)
        assert in_short(objects(server.endpoint, "same")) == in_short(dump_here(tmp_path / "here"))
        assert dump_here(tmp_path / "there") == {}
    assert verify(f"{s3}/same") == ()
    assert not any(b"nobody may read" in held for held in objects(server.endpoint, "same").values())
    assert PURGED not in set(newscrawl.read(f"{s3}/same")["id"])
    assert len(newscrawl.read(tmp_path / "there", "articles", include_gone=True)) == 4


@contextlib.contextmanager
def another_publisher(data: Path) -> Iterator[Store]:
    """What should not be: a second one in the same store, whose lock did not hold."""
    store = Store(SqliteDatabase(data / "state" / STORE_FILE), DirectoryLock(data / "state" / "another-lock"))
    with store:
        yield store


@pytest.mark.parametrize(
    "moment",
    ["documents", *(pytest.param(each, marks=pytest.mark.proof) for each in ("refuse_strange", "write_current"))],
)
def test_a_publisher_that_was_overtaken_says_the_newer_dump(
    moment: str, server: ObjectStore, s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, original = tmp_path / "data", getattr(publishing, moment)
    with open_store(data) as store:
        publish_to(store.outbox, data, f"{s3}/{moment}")
        put(store, article("a"), begin(store, 1))
        publish(store, data)
        put(store, article("b"), begin(store, 2))

        def overtaken(*given: Any, **named: Any) -> Any:
            monkeypatch.setattr(publishing, moment, original)
            with another_publisher(data) as other:
                put(other, article("c"), begin(other, 2))
                publish(other, data)
            return original(*given, **named)

        monkeypatch.setattr(publishing, moment, overtaken)
        assert publish(store, data).current_rows == 3
    assert verify(f"{s3}/{moment}") == ()
    assert len(newscrawl.read(f"{s3}/{moment}", "articles")) == 3


def test_two_data_directories_do_not_share_a_dump(s3: str, tmp_path: Path) -> None:
    live(tmp_path / "first", f"{s3}/shared", stop=2)
    with open_store(tmp_path / "second") as store:
        with pytest.raises(StoreError, match="holds a dump that was not published from here"):
            publish_to(store.outbox, tmp_path / "second", f"{s3}/shared")
        assert not (tmp_path / "second" / ELSEWHERE).exists()
    assert verify(f"{s3}/shared") == ()


@pytest.mark.proof
def test_a_store_older_than_its_dump_does_not_publish(s3: str, tmp_path: Path) -> None:
    data, kept = tmp_path / "data", tmp_path / "kept"
    live(data, f"{s3}/older", stop=2)
    (data / "state").rename(kept)
    shutil.copytree(kept, data / "state")
    live(data, start=2, stop=4)
    shutil.rmtree(data / "state")
    kept.rename(data / "state")
    with pytest.raises(StoreError, match="or later than what is known here: it has articles/"):
        live(data, start=2, stop=4)
    assert verify(f"{s3}/older") == ()


@pytest.mark.proof
def test_a_dump_that_was_lost_is_not_begun_anew(server: ObjectStore, s3: str, tmp_path: Path) -> None:
    live(tmp_path, f"{s3}/lost", stop=2)
    filesystem(server.endpoint).rm(f"{BUCKET}/lost", recursive=True)
    with pytest.raises(StoreError, match="lost is empty, but 4 files were published from here"):
        live(tmp_path, start=2, stop=4)


def test_where_the_dump_is_stays_as_it_was_said_first(s3: str, tmp_path: Path) -> None:
    live(tmp_path / "there", f"{s3}/said", stop=2)
    live(tmp_path / "there", f"{s3}/said/", start=2, stop=4)
    with pytest.raises(ConfigError, match=f"NEWSCRAWL_DUMP={s3}/other: the dump of .* is at {s3}/said"):
        live(tmp_path / "there", f"{s3}/other", start=1, stop=2)
    live(tmp_path / "here", stop=2)
    with pytest.raises(ConfigError, match=r"the dump of .*here is at .*here"):
        live(tmp_path / "here", f"{s3}/other", start=1, stop=2)
    with pytest.raises(ConfigError, match="NEWSCRAWL_DUMP=/somewhere is no address"):
        live(tmp_path / "new", "/somewhere", stop=1)


def test_a_store_without_conditions_is_said_to_have_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        live(tmp_path, "memory://bucket/plain", stop=4)
    assert "puts there are not held to conditions" in caplog.text
    assert verify("memory://bucket/plain") == ()


def test_what_could_not_be_published_waits_for_the_next_time(
    server: ObjectStore, s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(server.port)
    lead_to(wire.endpoint, monkeypatch)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    live(tmp_path, f"{s3}/later", stop=1)
    wire.cut()
    with pytest.raises(StoreError, match=r"cannot read s3://dumps/later/manifest.json: the store cannot be reached"):
        live(tmp_path, start=1, stop=2)
    wire.mend()
    live(tmp_path, start=1, stop=2)
    wire.cut()
    manifest = json.loads(objects(server.endpoint, "later")["manifest.json"])
    assert manifest["articles"] == 2
    assert not list((tmp_path / "raw").iterdir())
    lead_to(server.endpoint, monkeypatch)
    assert verify(f"{s3}/later") == ()


@pytest.mark.proof
def test_a_dump_is_moved_by_copying_it(server: ObjectStore, s3: str, tmp_path: Path) -> None:
    data, url, fs = tmp_path / "data", f"{s3}/moved", filesystem(server.endpoint)
    live(data, stop=2)
    before = dump_here(data)
    for name, held in before.items():
        fs.pipe_file(f"{BUCKET}/moved/{name}", held)
    (data / ELSEWHERE).write_text(f"{url}\n")
    for each in ("articles", "removed", "outcomes", "links", "current", "raw"):
        shutil.rmtree(data / each, ignore_errors=True)
    (data / "manifest.json").unlink()
    live(data, start=1, stop=2)
    assert in_short(objects(server.endpoint, "moved")) == in_short(before)
    live(data, start=2, stop=4)
    assert verify(data) == ()

    (data / ELSEWHERE).unlink()  # and back, without the state
    shutil.rmtree(data / "state")
    fs.get(f"{BUCKET}/moved/", f"{data}/", recursive=True)
    assert rebuild(data).articles == 3
    live(data, start=3)
    assert verify(data) == ()


@pytest.mark.proof
def test_articles_are_made_anew_from_raw_pages_elsewhere(
    s3: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    live(tmp_path, f"{s3}/raw", stop=2)
    assert main(["reclean", "--data", str(tmp_path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["articles"], said["without_page"], said["unread"]) == (2, 0, 0)


@pytest.mark.proof
def test_a_purge_says_when_the_bucket_keeps_what_was_deleted(
    server: ObjectStore, s3: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fs = filesystem(server.endpoint)
    fs.mkdir("versions")
    fs.make_bucket_versioned("versions")
    live(tmp_path, "s3://versions/dump", stop=6)
    assert "s3://versions/dump keeps older versions of what was purged" in caplog.text


def test_commands_read_a_dump_where_it_is_or_say_what_they_need(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, url = tmp_path / "data", "memory://bucket/commands"
    live(data, url, stop=2)
    capsys.readouterr()
    assert main(["verify", url, "--json"]) == main(["verify", str(data), "--json"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert json.loads(first) == json.loads(second)
    for place in (url, str(data)):
        assert main(["export", "csv", "--columns", "title", "--data", place]) == 0
        assert capsys.readouterr().out.splitlines() == ["title", "Title of a", "Title of b"]
        assert main(["outcomes", "--data", place, "--run", "last"]) == 0
        capsys.readouterr()
        assert main(["report", "--data", place, "-o", str(tmp_path / "report.html")]) == 0
        assert main(["explain", PURGED, "--data", place]) == 0
        assert main(["diff", PURGED, "--data", place]) == 2
        assert "revision" in capsys.readouterr().err  # there is but one
    capsys.readouterr()
    assert main(["status", "--data", str(data)]) == 0
    assert f"{url}: 5 files" in capsys.readouterr().out
    for command in (["status"], ["compact"], ["purge", PURGED, "--yes"], ["browse"]):
        assert main([*command, "--data", url]) == 2
        assert f"{url} is no directory of this machine" in capsys.readouterr().err
    for command in (["browse"], ["state", "rebuild"]):
        assert main([*command, "--data", str(data)]) == 2
        assert f"the dump of {data} is at {url}" in capsys.readouterr().err


def test_damage_is_named_by_the_address_it_is_at(tmp_path: Path) -> None:
    url = "memory://bucket/damaged"
    live(tmp_path, url, stop=2)
    fs = fsspec.filesystem("memory")
    articles, raw = (fs.find(f"/bucket/damaged/{folder}")[0] for folder in ("articles", "raw"))
    fs.pipe_file(articles, fs.cat(articles).replace(b"at sea", b"on land"))
    fs.pipe_file(raw, fs.cat(raw)[:-1])
    fs.pipe_file("/bucket/damaged/links/stray.jsonl", b"")
    fs.rm("/bucket/damaged/current/articles.jsonl")
    problems = "\n".join(verify(url))
    for each in (
        f"memory:/{articles}: the checksum is not that of the manifest",
        f"memory:/{articles}, line 1: text_sha256 is not that of the text",
        f"memory:/{raw}: the checksum is not that of the manifest",
        f"{url}/links/stray.jsonl: the manifest does not name it",
        f"{url}/current/articles.jsonl is missing",
    ):
        assert each in problems
    assert "/tmp" not in problems.replace(str(tmp_path), "")
