"""What publishing promises: complete files, the same again, and a current view that follows."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from shelf import DAY_1, DAY_2, SHARE, SITE, article, begin, gone, line, put

from newscrawl.dump.documents import documents
from newscrawl.dump.files import NewFile, make_directory, write_if_different
from newscrawl.dump.manifest import digest_of
from newscrawl.dump.publish import publish
from newscrawl.dump.reader import verify
from newscrawl.errors import StoreError
from newscrawl.state.store import STORE_FILE, Store, open_store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(data: Path) -> Any:
    with open_store(data) as store:
        yield store


def lines(data: Path, stream: str) -> list[dict[str, Any]]:
    """Records of a stream, file by file."""
    return [
        json.loads(each) for path in sorted((data / stream).rglob("*.jsonl")) for each in path.read_text().splitlines()
    ]


def manifest(data: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((data / "manifest.json").read_bytes())
    return found


def snapshot(data: Path) -> dict[str, tuple[int, bytes]]:
    """Inode and bytes of every file of the dump: replaced files have another inode."""
    return {
        str(path.relative_to(data)): (path.stat().st_ino, path.read_bytes())
        for path in data.rglob("*")
        if path.is_file() and path.relative_to(data).parts[0] != "state"
    }


def test_every_stream_is_written_under_the_day_and_the_run(store: Store, data: Path) -> None:
    run = begin(store)
    put(store, article("a", "Same.", removed=(SHARE,)), run)
    put(store, article("b", "Same.", date_crawled="2026-11-22T23:59:59Z"), run)
    store.put_outcome(line(f"{SITE}/c", run, "timeout", None), at=DAY_1)
    published = publish(store, data)
    assert published.files == (
        f"articles/crawl_day=2026-11-22/{run}-0000.jsonl",
        f"articles/crawl_day=2026-11-23/{run}-0000.jsonl",
        f"links/crawl_day=2026-11-24/{run}-0000.jsonl",  # of the day the run began
        f"outcomes/crawl_day=2026-11-22/{run}-0000.jsonl",
        f"outcomes/crawl_day=2026-11-23/{run}-0000.jsonl",
        f"removed/crawl_day=2026-11-23/{run}-0000.jsonl",
    )
    assert (published.rows, published.current_rows) == (8, 2)
    assert verify(data) == ()


def test_publishing_again_writes_nothing(store: Store, data: Path) -> None:
    put(store, article(), begin(store))
    publish(store, data)
    before = snapshot(data)
    again = publish(store, data)
    assert (again.files, again.rows) == ((), 0)
    assert snapshot(data) == before


def test_an_empty_store_publishes_an_empty_dump(store: Store, data: Path) -> None:
    assert publish(store, data).current_rows == 0
    assert (data / "current" / "articles.jsonl").read_bytes() == b""
    assert verify(data) == ()


def test_published_texts_leave_the_store(store: Store, data: Path) -> None:
    text = "A sentence that is nowhere else. " * 200
    run = begin(store)
    for number in range(50):
        put(store, article(str(number), f"{number} {text}"), run)
    store_file = data / "state" / STORE_FILE
    publish(store, data)
    store.close()
    assert b"A sentence that is nowhere else" not in store_file.read_bytes()
    assert store_file.stat().st_size < 50 * len(text)


def test_what_was_published_is_still_known(store: Store, data: Path) -> None:
    put(store, article(), begin(store), etag='"1"')
    publish(store, data)
    again = put(store, article(), begin(store, 2))
    assert again.outcome == "unchanged"
    address = store.address(f"{SITE}/a")
    assert address is not None
    assert address.etag == '"1"'


def test_a_later_publication_of_the_same_run_adds_files(store: Store, data: Path) -> None:
    run = begin(store)
    put(store, article("a"), run)
    publish(store, data)
    before = snapshot(data)
    put(store, article("b"), run)
    later = publish(store, data)
    assert later.files[0] == f"articles/crawl_day=2026-11-23/{run}-0001.jsonl"
    assert {name: each for name, each in snapshot(data).items() if name in before and "crawl_day" in name} == {
        name: each for name, each in before.items() if "crawl_day" in name
    }
    assert verify(data) == ()


def test_an_outcome_that_was_published_stays_the_only_one_of_its_address(store: Store, data: Path) -> None:
    run = begin(store)
    store.put_outcome(line(f"{SITE}/a", run, "timeout", None), at=DAY_1)
    publish(store, data)
    put(store, article(), run)
    publish(store, data)
    assert [each["outcome"] for each in lines(data, "outcomes")] == ["timeout"]
    assert len(lines(data, "articles")) == 1
    assert verify(data) == ()


def test_files_are_cut_at_the_limit_between_lines(store: Store, data: Path) -> None:
    run = begin(store)
    for name in "abcde":
        put(store, article(name), run)
    publish(store, data, max_file_bytes=2500)
    sizes = [path.stat().st_size for path in sorted((data / "articles").rglob("*.jsonl"))]
    assert len(sizes) > 1
    assert max(sizes) <= 2500
    assert [each["id"] for each in lines(data, "articles")] == [article(name).id for name in "abcde"]
    assert verify(data) == ()


def test_the_current_view_holds_the_newest_revision_of_what_is_there_by_id(store: Store, data: Path) -> None:
    run = begin(store)
    for name in "abcdef":
        put(store, article(name), run)
    publish(store, data)
    run = begin(store, 2)
    put(store, article("b", "New."), run)
    put(store, article("b", "Newer."), run)
    put(store, article("g"), run)
    gone(store, f"{SITE}/c", run, 410, DAY_2)
    gone(store, f"{SITE}/d", run, 410, DAY_2)
    put(store, article("d", "Back."), run)
    publish(store, data)
    current = lines(data, "current")
    assert [each["id"] for each in current] == sorted(article(name).id for name in "abdefg")
    assert {each["id"]: each["text"] for each in current}[article("b").id] == "Newer."
    assert {each["id"]: each["revision"] for each in current}[article("d").id] == 3
    assert verify(data) == ()


def test_a_link_that_is_found_later_reaches_the_article_that_was_published_before(store: Store, data: Path) -> None:
    put(store, article("a", "Same."), begin(store))
    publish(store, data)
    assert [(each["duplicate_of"], each["cluster_id"], each["similarity"]) for each in lines(data, "current")] == [
        (None, None, None)
    ]
    put(store, article("b", "Same.", date_published="2026-11-01T00:00:00Z"), begin(store, 2))
    publish(store, data)
    found = {each["id"]: (each["duplicate_of"], each["similarity"]) for each in lines(data, "current")}
    assert found == {article("a").id: (article("b").id, 1.0), article("b").id: (None, 1.0)}
    assert verify(data) == ()


def test_the_last_link_counts_whatever_the_crawl_days_are(store: Store, data: Path) -> None:
    old, older = "2019-05-01T00:00:00Z", "2018-05-01T00:00:00Z"
    put(store, article("a", "Same.", date_crawled=old), begin(store))
    put(store, article("b", "Same.", date_crawled=old), begin(store))
    publish(store, data)
    put(store, article("c", "Same.", date_published="2018-01-01T00:00:00Z", date_crawled=older), begin(store, 2))
    publish(store, data)
    found = {each["id"]: each["duplicate_of"] for each in lines(data, "current")}
    assert found == {article("a").id: article("c").id, article("b").id: article("c").id, article("c").id: None}
    assert verify(data) == ()


def test_what_a_killed_run_left_is_published_by_the_next(data: Path) -> None:
    with open_store(data) as store:
        killed = begin(store)
        put(store, article("a"), killed)
    with open_store(data) as store:
        run = begin(store, 2)
        put(store, article("b"), run)
        store.end_run(run, exit_code=0, counts=store.counts(run))
        published = publish(store, data)
    assert [each.split("/")[-1] for each in published.files if each.startswith("articles/")] == [
        f"{killed}-0000.jsonl",
        f"{run}-0000.jsonl",
    ]
    assert [(each["id"], each["killed"], each["exit_code"]) for each in manifest(data)["runs"]] == [
        (killed, True, None),
        (run, False, 0),
    ]
    assert verify(data) == ()


def test_a_lost_current_view_is_made_again_from_the_logs(store: Store, data: Path) -> None:
    run = begin(store)
    for name in "abc":
        put(store, article(name, "Same."), run)
    publish(store, data)
    whole = (data / "current" / "articles.jsonl").read_bytes()
    (data / "current" / "articles.jsonl").unlink()
    publish(store, data)
    assert (data / "current" / "articles.jsonl").read_bytes() == whole


@pytest.mark.parametrize("damage", [b"", b'{"torn', b"x"])
def test_a_damaged_current_view_is_made_again_by_the_next_publication(store: Store, data: Path, damage: bytes) -> None:
    put(store, article("a"), begin(store))
    publish(store, data)
    path = data / "current" / "articles.jsonl"
    path.write_bytes(damage if damage != b"x" else path.read_bytes().replace(b"Title", b"title"))
    put(store, article("b"), begin(store, 2))
    publish(store, data)
    assert [each["title"] for each in lines(data, "current")] == [
        f"Title of {name}" for name in sorted("ab", key=lambda name: article(name).id)
    ]
    assert verify(data) == ()


def test_a_lost_manifest_is_written_again(store: Store, data: Path) -> None:
    put(store, article(), begin(store))
    publish(store, data)
    whole = snapshot(data)
    for name in ("manifest.json", "SHA256SUMS", "README.md", "article.schema.json"):
        (data / name).unlink()
    publish(store, data)
    assert {name: each for name, (_, each) in snapshot(data).items()} == {
        name: each for name, (_, each) in whole.items()
    }


def test_the_manifest_tells_of_runs_and_files(store: Store, data: Path) -> None:
    run = begin(store)
    put(store, article("a", date_published="2026-11-01T08:00:00Z"), run)
    put(store, article("b", source="other-times", date_crawled="2026-11-23T23:00:00Z"), run)
    store.end_run(run, exit_code=0, counts={"article": 2}, ended=DAY_2)
    digest = publish(store, data).digest
    found = manifest(data)
    assert (found["schema_version"], found["digest"], found["articles"]) == ("v1.0", digest, 2)
    assert found["runs"] == [
        {
            "id": run,
            "why": "test",
            "arguments": {"n": "1"},
            "versions": {"newscrawl": "v0"},
            "started": DAY_2,
            "ended": DAY_2,
            "exit_code": 0,
            "killed": False,
            "counts": {"article": 2},
        }
    ]
    first = found["files"][0]
    content = (data / first["path"]).read_bytes()
    assert first == {
        "path": f"articles/crawl_day=2026-11-23/{run}-0000.jsonl",
        "stream": "articles",
        "crawl_day": "2026-11-23",
        "run_id": run,
        "rows": 2,
        "bytes": len(content),
        "sha256": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "first_crawl_day": "2026-11-23",
        "last_crawl_day": "2026-11-23",
        "first_publication_day": "2026-11-01",
        "last_publication_day": "2026-11-20",
        "sources": ["harbour-times", "other-times"],
    }
    assert found["files"][-1]["path"] == "current/articles.jsonl"


def test_the_digest_depends_on_the_articles_and_not_on_files_or_runs(tmp_path: Path) -> None:
    digests = set()
    for order in ("abc", "cab"):
        with open_store(tmp_path / order) as store:
            for number, name in enumerate(order, start=1):
                put(store, article(name), begin(store, number))
                digest = publish(store, tmp_path / order).digest
            digests.add(digest)
    ids = sorted((article(name).id, 1, article(name).text_sha256, "ok") for name in "abc")
    text = "".join(f"{' '.join(map(str, each))}\n" for each in ids)
    assert digests == {f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"}
    assert digest_of(ids) == (digest, 3)


def test_the_checksums_are_what_sha256sum_reads(store: Store, data: Path) -> None:
    put(store, article(), begin(store))
    publish(store, data)
    for each in (data / "SHA256SUMS").read_text().splitlines():
        digest, path = each.split("  ")
        assert hashlib.sha256((data / path).read_bytes()).hexdigest() == digest


def test_the_format_is_described_in_every_data_directory(store: Store, data: Path) -> None:
    publish(store, data)
    for name, text in documents().items():
        assert (data / name).read_bytes() == text


def test_tombstones_are_there_only_when_there_are_some(store: Store, data: Path) -> None:
    publish(store, data)
    assert not (data / "tombstones.jsonl").exists()
    store._database.execute("INSERT INTO tombstones VALUES (?, ?)", (article().id, "2026-11-24"))
    publish(store, data)
    assert (data / "tombstones.jsonl").read_text() == f'{{"id": "{article().id}", "day": "2026-11-24"}}\n'


@pytest.mark.parametrize(
    ("code", "words"), [(errno.ENOSPC, "disk full: cannot write"), (errno.EACCES, "Permission denied")]
)
def test_a_failed_write_is_a_sentence_and_the_next_attempt_publishes(
    store: Store, data: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    put(store, article(), begin(store))

    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(StoreError, match=words):
            publish(store, data)
    assert not list(data.rglob("*.tmp"))
    assert not (data / "manifest.json").exists()
    assert publish(store, data).rows == 2
    assert verify(data) == ()


def test_what_a_failed_attempt_cut_into_more_files_does_not_stay(
    store: Store, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin(store)
    for name in "abcde":
        put(store, article(name), run)
    outbox = store.outbox
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "published", lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "gone")))
        with pytest.raises(StoreError):
            publish(store, data, max_file_bytes=2500)
    publish(store, data)
    assert verify(data) == ()


def test_a_reader_who_has_the_current_view_open_keeps_the_old_one(store: Store, data: Path) -> None:
    put(store, article("a"), begin(store))
    publish(store, data)
    whole = (data / "current" / "articles.jsonl").read_bytes()
    with (data / "current" / "articles.jsonl").open("rb") as reader:
        put(store, article("b"), begin(store, 2))
        publish(store, data)
        assert reader.read() == whole


def test_a_file_is_not_there_until_it_is_finished(tmp_path: Path) -> None:
    with NewFile(tmp_path / "a.jsonl") as file:
        file.write(b"1\n")
        assert not (tmp_path / "a.jsonl").exists()
        written = file.finish()
    assert (written.lines, written.bytes) == (1, 2)
    assert [each.name for each in tmp_path.iterdir()] == ["a.jsonl"]


def test_a_file_that_is_left_unfinished_leaves_nothing(tmp_path: Path) -> None:
    with NewFile(tmp_path / "a.jsonl") as file:
        file.write(b"1\n")
    assert not list(tmp_path.iterdir())


def test_a_file_that_holds_these_bytes_already_is_left_alone(tmp_path: Path) -> None:
    make_directory(tmp_path / "a" / "b")
    assert write_if_different(tmp_path / "a" / "b" / "c", b"1")
    assert not write_if_different(tmp_path / "a" / "b" / "c", b"1")
    assert write_if_different(tmp_path / "a" / "b" / "c", b"2")
