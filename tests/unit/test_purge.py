"""A purge leaves no word of an article anywhere, and a record that says so."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

import pytest
import raw_pages
from shelf import DAY_2, SITE, article, begin, put
from warcio.archiveiterator import ArchiveIterator

import newscrawl
from newscrawl.article import Hint, Removed
from newscrawl.cli.main import main
from newscrawl.dump.publish import publish
from newscrawl.dump.purge import finish_purges
from newscrawl.dump.reader import verify
from newscrawl.dump.streams import records
from newscrawl.state.asked import Asked
from newscrawl.state.rebuild import rebuild
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "Xanthippe"
ID = article("a").id


def secret(text: str = f"{SECRET} was seen.", **changes: Any) -> Any:
    return article("a", text, title=f"{SECRET} again", removed=(_removed(),), **changes)


def _removed() -> Removed:
    return Removed(place=0, text=f"By {SECRET}", rule="share_buttons", why="names 3 networks")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two published runs with three revisions, one of them waiting; hints and feeds that tell of it."""
    data = tmp_path / "data"
    with open_store(data) as store:
        run = begin(store)
        put(store, secret(), run, etag=f'"{SECRET}"')
        put(store, article("b"), run)
        publish(store, data)
        run = begin(store, 2)
        put(store, secret(f"{SECRET} was not seen."), run)
        put(store, article("c", f"A copy of {SECRET[:3]}"), run)
        publish(store, data)
        put(store, secret(f"{SECRET} was seen after all."), run, at=f"{SITE}/alias")
        store.want([Hint(url=f"{SITE}/alias", via="feed", title=SECRET)], source="harbour-times")
        feed = Asked(etag="1", last_modified=None, answered_by=SITE, body=SECRET.encode(), at=DAY_2, checks=0)
        store.keep_asked(f"{SITE}/feed", feed)
    return data


def found(data: Path, word: str = SECRET) -> list[str]:
    """Files that hold a word, gzip unpacked."""
    held = []
    for path in sorted(each for each in data.rglob("*") if each.is_file()):
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        if word.encode() in content:
            held.append(str(path.relative_to(data)))
    return held


def warc_record(url: str, body: bytes) -> bytes:
    own_id = uuid5(NAMESPACE_URL, url)
    head = (
        f"WARC/1.1\r\nWARC-Type: resource\r\nWARC-Target-URI: {url}\r\nWARC-Date: {DAY_2}\r\n"
        f"WARC-Record-ID: <urn:uuid:{own_id}>\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def purge(data: Path, *ids: str) -> None:
    with open_store(data) as store:
        store.purge(ids, run_id=begin(store, 9), at="2026-11-24T12:00:00Z")
        finish_purges(store, data)


def test_no_byte_of_a_purged_article_stays_in_the_data_directory(data: Path) -> None:
    assert len(found(data)) >= 5
    purge(data, ID)
    assert found(data) == []
    assert verify(data) == ()


def test_a_store_that_is_killed_after_a_purge_holds_no_byte_of_it_in_its_log(data: Path) -> None:
    with open_store(data) as store:
        store.purge([ID], run_id=begin(store, 9))
        finish_purges(store, data)
        assert found(data) == []  # the store is still open, as if it were killed now


def test_the_others_stay_as_they_are(data: Path) -> None:
    others = [each for each in records(data, "articles") if each["id"] != ID]
    purge(data, ID)
    assert [each for each in records(data, "articles") if each["id"] != ID] == others
    assert {each["id"] for each in records(data)} == {article("b").id, article("c").id}


def test_a_purged_record_and_a_tombstone_say_what_happened(data: Path) -> None:
    purge(data, ID)
    frame = newscrawl.read(data, include_gone=True)
    row = frame[frame.id == ID].iloc[0]
    assert (row.status, row.revision_cause, row.revision) == ("purged", "purged", 4)
    assert row[["title", "text", "description", "text_sha256"]].isna().all()
    assert (data / "tombstones.jsonl").read_text() == f'{{"id": "{ID}", "day": "2026-11-24"}}\n'
    assert ID not in set(newscrawl.read(data).id)


def test_files_are_replaced_under_new_names(data: Path) -> None:
    before = {path: path.read_bytes() for path in data.rglob("run_*.jsonl")}
    purge(data, ID)
    for path, content in before.items():
        assert not path.exists() or path.read_bytes() == content


def test_the_address_and_its_aliases_are_blocked(data: Path) -> None:
    purge(data, ID)
    with open_store(data) as store:
        assert store.is_blocked(f"{SITE}/a")
        assert store.is_blocked(f"{SITE}/alias")
        assert not store.is_blocked(f"{SITE}/b")
        stored = put(store, secret("Once more."), begin(store, 10), at=f"{SITE}/alias")
        assert (stored.outcome, stored.reason) == ("gone", "purged on 2026-11-24")
        publish(store, data)
    assert found(data) == []
    assert [each["outcome"] for each in records(data, "outcomes")][-1] == "gone"
    assert ID not in {each["id"] for each in records(data)}
    assert verify(data) == ()


def test_a_store_that_is_made_anew_knows_what_was_purged(data: Path) -> None:
    purge(data, ID)
    rebuild(data)
    with open_store(data) as store:
        assert store.is_blocked(f"{SITE}/a")
        assert store.unfinished_purges() == ()
        assert put(store, secret(), begin(store, 12)).outcome == "gone"


def test_a_copy_of_the_store_must_go_first(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "state" / "newscrawl.sqlite.damaged-1").write_text(SECRET)
    assert main(["purge", ID, "--yes", "--data", str(data)]) == 2
    assert "newscrawl.sqlite.damaged-1 is a copy of a store" in capsys.readouterr().err


def test_verify_finds_a_line_of_an_article_with_a_tombstone(data: Path) -> None:
    with open_store(data) as store:
        publish(store, data)
    (data / "tombstones.jsonl").write_text(f'{{"id": "{ID}", "day": "2026-11-24"}}\n')
    problems = verify(data)
    assert problems
    assert all(each.endswith(f"{ID} is purged, and its line is still there") for each in problems)


def test_purging_twice_changes_nothing(data: Path) -> None:
    purge(data, ID)
    with open_store(data) as store:
        assert store.purge([ID], run_id=begin(store, 11)) == ()
        assert store.unfinished_purges() == ()


def test_a_run_that_goes_on_after_a_purge_writes_over_no_file(data: Path) -> None:
    purge(data, ID)
    with open_store(data) as store:
        put(store, article("d"), begin(store))
        publish(store, data)
    assert {each["id"] for each in records(data)} == {article(name).id for name in "bcd"}
    assert verify(data) == ()


@pytest.mark.parametrize("suffix", [".warc.gz", ".warc"])
def test_raw_pages_of_a_purged_article_go_and_the_others_stay(data: Path, suffix: str) -> None:
    (data / "raw").mkdir()
    path = data / "raw" / f"pages{suffix}"
    pages = [("b", b"other"), ("a", SECRET.encode()), ("alias", SECRET.encode()), ("c", b"third")]
    written = [warc_record(f"{SITE}/{name}", body) for name, body in pages]
    path.write_bytes(b"".join(map(gzip.compress, written) if suffix == ".warc.gz" else written))
    purge(data, ID)
    assert found(data) == []
    (new,) = (data / "raw").iterdir()
    assert new.name != path.name
    with new.open("rb") as file:
        kept = [
            (each.rec_headers.get_header("WARC-Target-URI"), each.content_stream().read())
            for each in ArchiveIterator(file)
        ]
    assert kept == [(f"{SITE}/b", b"other"), (f"{SITE}/c", b"third")]


def test_the_command_purges_the_ids_of_a_file(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ids").write_text(f"# a court says so\n{ID}\n\n")
    assert main(["purge", "--file", str(tmp_path / "ids"), "--yes", "--data", str(data)]) == 0
    assert capsys.readouterr().out == "purged 1 articles\n"
    assert found(data) == []
    assert verify(data) == ()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nc_short", "--yes"], "'nc_short' is not the id of an article"),
        (["nc_" + "a" * 26, "--yes"], "holds no article nc_aaaa"),
        (["--yes"], "name the articles to purge"),
        (["--file", "nowhere", "--yes"], "--file nowhere: No such file"),
        ([ID], "give --yes where nobody can be asked"),
    ],
)
def test_a_mistake_purges_nothing_and_is_one_sentence(
    data: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    before = found(data)
    assert main(["purge", *arguments, "--data", str(data)]) == 2
    assert words in capsys.readouterr().err
    assert found(data) == before


def test_raw_pages_that_tell_of_a_purged_article_go_too(data: Path) -> None:
    link = f'<a href="/a">{SECRET} again</a>'.encode()
    packed = gzip.compress(link)
    with open_store(data) as store:
        entry = raw_pages.write(
            data,
            [
                raw_pages.exchange(f"{SITE}/a", SECRET.encode()),
                raw_pages.exchange(f"{SITE}/feed", f"<item>{SECRET}</item>".encode(), role="feed"),
                raw_pages.exchange(f"{SITE}/sport", b"<p>nothing of it</p>", role="section"),
                raw_pages.exchange(f"{SITE}/b", packed, fields=((b"Content-Encoding", b"gzip"),)),
                raw_pages.exchange(f"{SITE}/old", b"", status=301, fields=((b"Location", f"{SITE}/a".encode()),)),
                raw_pages.exchange(f"{SITE}/c", b'<a href="/about">no word of it</a>'),
            ],
        )
        store.outbox.published([entry], 0)
        publish(store, data)
    assert len(raw_found(data)) == 1
    purge(data, ID)
    assert raw_found(data) == []
    (path,) = (data / "raw").iterdir()
    with path.open("rb") as file:
        kept = [
            each.rec_headers.get_header("WARC-Target-URI")
            for each in ArchiveIterator(file)
            if each.rec_type != "warcinfo"
        ]
    assert kept == [f"{SITE}/c"] * 3
    assert verify(data) == ()


def raw_found(data: Path) -> list[str]:
    """Archives whose records hold the secret, decoded."""
    held = []
    for path in sorted((data / "raw").iterdir()):
        with path.open("rb") as file:
            if any(SECRET.encode() in each.content_stream().read() for each in ArchiveIterator(file)):
                held.append(path.name)
    return held


def test_the_open_archive_of_a_killed_run_is_purged_too(data: Path) -> None:
    entry = raw_pages.write(data, [raw_pages.exchange(f"{SITE}/a", SECRET.encode())])
    path = data / entry.path
    path.rename(path.with_name(f".{path.name}.tmp"))
    purge(data, ID)
    assert found(data) == []
    assert list((data / "raw").iterdir()) == []
