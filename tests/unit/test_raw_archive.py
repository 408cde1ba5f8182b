"""What is fetched is kept as it came, in files that other tools read, whole under their names or not there at all."""

from __future__ import annotations

import gzip
import resource
import subprocess
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastwarc import ArchiveIterator
from hypothesis import given
from hypothesis import strategies as st
from raw_pages import AT, SITE, append, archive_in, exchange, html, write
from shelf import begin, line

from newscrawl.article import Hint, Page
from newscrawl.dump.compact import compact
from newscrawl.dump.publish import publish
from newscrawl.dump.purge_raw import take_in
from newscrawl.dump.raw import adopt, entry_of, members
from newscrawl.dump.raw_context import PageContext, context_from
from newscrawl.dump.reader import verify
from newscrawl.dump.retain import Retention, retain
from newscrawl.dump.streams import read_manifest
from newscrawl.errors import StoreError
from newscrawl.readers.files import Input, read_input
from newscrawl.state.rebuild import rebuild
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).parent
WRITE_FOREVER = f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
from pathlib import Path
from raw_pages import append, archive_in, exchange
archive = archive_in(Path(sys.argv[1]))
number = 0
while True:
    append(archive, exchange(f"https://harbour-times.example/{{number}}"))
    number += 1
    print(number, flush=True)
"""


def read(path: Path) -> list[tuple[str, dict[str, str], bytes]]:
    """Type, fields and block of each record; fastwarc checks the digests."""
    records = []
    with path.open("rb") as file:
        for record in ArchiveIterator(file, parse_http=False):
            assert record.headers.get("WARC-Block-Digest"), record.record_type
            assert record.verify_block_digest(), record.record_type
            records.append((record.headers["WARC-Type"], dict(record.headers), record.reader.read()))
    return records


def only_file(data: Path) -> Path:
    (path,) = (data / "raw").iterdir()
    return path


def manifest_files(data: Path) -> list[dict[str, Any]]:
    return [each for each in read_manifest(data)["files"] if each["stream"] == "raw"]


def test_another_reader_finds_request_metadata_and_answer_with_right_digests(tmp_path: Path) -> None:
    write(tmp_path, [exchange(ip="192.0.2.7")])
    info, request, metadata, answer = read(only_file(tmp_path))
    assert [info[0], request[0], metadata[0], answer[0]] == ["warcinfo", "request", "metadata", "response"]
    assert info[1]["WARC-Filename"] == only_file(tmp_path).name
    assert request[2] == b"GET /ferry HTTP/1.1\r\nHost: harbour-times.example\r\nUser-Agent: newscrawl/1\r\n\r\n"
    assert b"fetchTimeMs: 12\r\n" in metadata[2]
    assert answer[2] == b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html()
    assert answer[1]["WARC-IP-Address"] == "192.0.2.7"
    assert {each[1]["WARC-Concurrent-To"] for each in (request, metadata)} == {answer[1]["WARC-Record-ID"]}
    assert {each[1]["WARC-Date"] for each in (request, metadata, answer)} == {AT}
    assert all(each[1]["WARC-Target-URI"] == f"{SITE}/ferry" for each in (request, metadata, answer))


def test_payload_digests_are_those_of_the_bodies(tmp_path: Path) -> None:
    write(tmp_path, [exchange()])
    with only_file(tmp_path).open("rb") as file:
        proved = [
            each.verify_payload_digest() for each in ArchiveIterator(file) if each.headers["WARC-Type"] == "response"
        ]
    assert proved == [True]


def test_every_record_is_a_gzip_member(tmp_path: Path) -> None:
    write(tmp_path, [exchange(), exchange(f"{SITE}/bridge")])
    pieces = list(members(only_file(tmp_path)))
    assert [each.is_whole for each in pieces] == [True] * 7
    assert b"".join(each.data for each in pieces) == only_file(tmp_path).read_bytes()
    assert all(gzip.decompress(each.data).startswith(b"WARC/1.1\r\n") for each in pieces)


def test_a_compressed_body_is_kept_as_it_came_and_read_back(tmp_path: Path) -> None:
    packed = gzip.compress(html())
    fields = ((b"Content-Type", b"text/html"), (b"Content-Encoding", b"gzip"), (b"Content-Length", b"%d" % len(packed)))
    write(tmp_path, [exchange(body=packed, fields=fields)])
    *_, answer = read(only_file(tmp_path))
    assert answer[2].endswith(b"\r\n\r\n" + packed)
    (page,) = read_input(Input(name=str(only_file(tmp_path))))
    assert isinstance(page, Page)
    assert (page.html, page.truncated) == (html(), False)


def test_no_secret_is_kept(tmp_path: Path) -> None:
    sent = ((b"Authorization", b"Basic s3cret"), (b"Cookie", b"s3cret"), (b"X-Api-Key", b"s3cret"), (b"Accept", b"*/*"))
    came = ((b"Set-Cookie", b"id=s3cret"), (b"X-Robots-Tag", b"noai"))
    url = "https://reader:s3cret@harbour-times.example/ferry#s3cret"
    write(tmp_path, [exchange(url, request_fields=sent, fields=came, context=PageContext(role="page", run_id="run_a"))])
    plain = b"".join(gzip.decompress(each.data) for each in members(only_file(tmp_path)))
    assert b"s3cret" not in plain
    assert b"Accept: */*" in plain
    assert b"X-Robots-Tag: noai" in plain


def test_header_bytes_that_are_no_ascii_stay_and_cannot_break_the_head(tmp_path: Path) -> None:
    write(tmp_path, [exchange(fields=((b"X-Title", "Fähre".encode("latin-1")), (b"X-Lines", b"a\r\nEvil: b")))])
    *_, answer = read(only_file(tmp_path))
    assert b"X-Title: F\xe4hre\r\n" in answer[2]
    assert b"\r\nEvil:" not in answer[2]


def test_not_modified_is_a_revisit_and_no_page(tmp_path: Path) -> None:
    write(tmp_path, [exchange(status=304, body=b"", fields=((b"ETag", b'"1"'),))])
    *_, answer = read(only_file(tmp_path))
    assert answer[0] == "revisit"
    assert answer[1]["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    assert answer[2] == b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
    assert list(read_input(Input(name=str(only_file(tmp_path))))) == []


def test_what_was_known_of_a_page_comes_back_with_it(tmp_path: Path) -> None:
    hint = Hint(url=f"{SITE}/ferry", via="news_sitemap", title="Fähre", authors=("Ann Bell",))
    context = PageContext(
        role="page",
        run_id="run_a",
        source="harbour-times",
        hint=hint,
        time_zone="Europe/London",
        languages=("en",),
        robots_rule="User-agent: *; Allow: /",
        declared=("tdm-reservation: 1", "license: https://harbour-times.example/licence"),
    )
    fields = ((b"Content-Type", b"text/html; charset=utf-8"), (b"License", b"none"), (b"X-Robots-Tag", b"noai"))
    write(tmp_path, [exchange(context=context, fields=fields, truncated="disconnect")])
    (page,) = read_input(Input(name=str(only_file(tmp_path))))
    assert page == Page(
        url=f"{SITE}/ferry",
        html=html(),
        date_crawled=AT,
        charset="utf-8",
        headers=(
            ("x-robots-tag", "noai"),
            ("tdm-reservation", "1"),
            ("license", "https://harbour-times.example/licence"),
        ),
        source="harbour-times",
        discovered_via="news_sitemap",
        hint=hint,
        time_zone="Europe/London",
        languages=("en",),
        robots_rule="User-agent: *; Allow: /",
        truncated=True,
    )


@pytest.mark.parametrize(
    ("role", "path", "pages"),
    [("home", "/", 0), ("home", "/ferry", 1), ("feed", "/feed", 0), ("section", "/sport/", 0), ("part", "/ferry/2", 1)],
)
def test_what_was_fetched_to_find_pages_is_no_page(tmp_path: Path, role: str, path: str, pages: int) -> None:
    write(tmp_path, [exchange(f"{SITE}{path}", role=role)])
    assert len(list(read_input(Input(name=str(only_file(tmp_path)))))) == pages


@pytest.mark.parametrize(
    "line", ["", "[]", "{}", '{"role": 1, "run_id": "r"}', '{"role": "page", "run_id": "r", "x": 1}']
)
def test_what_is_no_context_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        context_from(line)


TEXTS = st.text(max_size=20)


@given(
    st.builds(
        PageContext,
        role=TEXTS,
        run_id=TEXTS,
        source=st.none() | TEXTS,
        hint=st.none()
        | st.builds(Hint, url=TEXTS, via=st.just("feed"), title=st.none() | TEXTS, tags=st.tuples(TEXTS)),
        languages=st.tuples(TEXTS),
    )
)
def test_a_context_is_one_line_and_reads_back(context: PageContext) -> None:
    line = context.to_json()
    assert line.isascii()
    assert len(line.splitlines()) == 1
    assert context_from(line) == context


def test_a_full_file_is_finished_and_the_next_one_begun(tmp_path: Path) -> None:
    archive = archive_in(tmp_path, max_bytes=2000)
    finished = [append(archive, exchange(f"{SITE}/{number}")) for number in range(3)]
    paths = [each.path for each in [*finished, archive.finish()] if each is not None]
    assert len(paths) >= 2
    assert sorted(paths) == sorted(f"raw/{each.name}" for each in (tmp_path / "raw").iterdir())
    assert sum(len(read(tmp_path / each)) for each in paths) == 9 + len(paths)


def test_the_manifest_and_verify_know_finished_archives(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.outbox.published([write(tmp_path, [exchange()])], 0)
        publish(store, tmp_path)
    (entry,) = manifest_files(tmp_path)
    assert (entry["path"], entry["rows"]) == (f"raw/{only_file(tmp_path).name}", 4)
    assert (entry["sources"], entry["first_crawl_day"]) == (["harbour-times"], AT[:10])
    assert verify(tmp_path) == ()
    content = only_file(tmp_path).read_bytes()
    only_file(tmp_path).write_bytes(content[:-20] + bytes(20))
    assert any("the checksum is not that of the manifest" in each for each in verify(tmp_path))
    only_file(tmp_path).unlink()
    assert any("is missing" in each for each in verify(tmp_path))


def test_a_killed_writer_leaves_whole_records_and_nothing_under_a_final_name(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_FOREVER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        written = [int(writer.stdout.readline()) for _ in range(5)][-1]
        writer.kill()
    assert only_file(tmp_path).name.startswith(".run_")
    with open_store(tmp_path) as store:
        adopt(store.outbox, tmp_path)
        publish(store, tmp_path)
    records = read(only_file(tmp_path))
    assert sum(kind == "response" for kind, _, _ in records) >= written
    assert verify(tmp_path) == ()


def cuts(data: Path) -> Iterator[int]:
    size = only_file(data).stat().st_size
    yield from range(1, size, max(1, size // 12))


def test_an_open_file_ends_after_its_last_whole_record_wherever_it_was_cut(tmp_path: Path) -> None:
    write(tmp_path / "whole", [exchange(), exchange(f"{SITE}/bridge")])
    content = only_file(tmp_path / "whole").read_bytes()
    ends = [0]
    for each in members(only_file(tmp_path / "whole")):
        ends.append(ends[-1] + len(each.data))
    for cut in cuts(tmp_path / "whole"):
        data = tmp_path / str(cut)
        (data / "raw").mkdir(parents=True)
        (data / "raw" / ".run_a-0000.warc.gz.tmp").write_bytes(content[:cut])
        with open_store(data) as store:
            adopt(store.outbox, data)
            adopt(store.outbox, data)
            entries = [each for each in store.outbox.files() if each.stream == "raw"]
        whole = max(end for end in ends if end <= cut)
        if whole <= ends[1]:  # no exchange in it
            assert (entries, list((data / "raw").iterdir())) == ([], [])
        else:
            assert only_file(data).read_bytes() == content[:whole]
            assert entries == [entry_of(only_file(data))]


def test_a_finished_file_that_a_crash_kept_from_the_manifest_is_taken_in_once(tmp_path: Path) -> None:
    entry = write(tmp_path, [exchange()])
    with open_store(tmp_path) as store:
        for _ in range(2):
            adopt(store.outbox, tmp_path)
            publish(store, tmp_path)
        assert [each for each in store.outbox.files() if each.stream == "raw"] == [entry]
    assert verify(tmp_path) == ()


def test_what_a_full_disk_cut_off_is_taken_away(tmp_path: Path) -> None:
    archive = archive_in(tmp_path)
    append(archive, exchange())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (only_size(tmp_path) + 100, before[1]))
    try:
        with pytest.raises(StoreError, match="raw"):
            append(archive, exchange(f"{SITE}/bridge"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    entry = archive.finish()
    assert entry is not None
    assert entry == entry_of(only_file(tmp_path))
    assert [each[0] for each in read(only_file(tmp_path))] == ["warcinfo", "request", "metadata", "response"]


def only_size(data: Path) -> int:
    return only_file(data).stat().st_size


def test_pages_that_are_older_than_is_kept_go(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        begin(store)
        for day in ("2026-11-21", "2026-11-22", "2026-11-23"):
            store.outbox.published([write(tmp_path, [exchange(at=f"{day}T10:00:00Z")])], 0)
        publish(store, tmp_path)
        retain(store, tmp_path, Retention(raw_days=2))
    assert [each["first_crawl_day"] for each in manifest_files(tmp_path)] == ["2026-11-22", "2026-11-23"]
    assert sorted(f"raw/{each.name}" for each in (tmp_path / "raw").iterdir()) == sorted(
        each["path"] for each in manifest_files(tmp_path)
    )
    assert verify(tmp_path) == ()


@pytest.mark.parametrize("level", [1, 9])
def test_members_of_any_level_and_size_are_told_apart(tmp_path: Path, level: int) -> None:
    texts = [b"", b"a", bytes(3_000_000), b"WARC/1.1\r\n\r\n"]
    packed = [zlib.compressobj(level, zlib.DEFLATED, 31) for _ in texts]
    path = tmp_path / "a"
    path.write_bytes(b"".join(each.compress(text) + each.flush() for each, text in zip(packed, texts, strict=True)))
    assert [gzip.decompress(each.data) for each in members(path)] == texts


def test_pages_whose_publishers_do_not_want_them_kept_go_when_that_is_known(tmp_path: Path) -> None:
    """The page of the address that was decided on, and the one that it redirected to; no other."""
    hint = Hint(url=f"{SITE}/old", via="feed")
    with open_store(tmp_path) as store:
        run = begin(store)
        context = PageContext(role="page", run_id=run, hint=hint)
        pages = [
            exchange(f"{SITE}/own"),
            exchange(f"{SITE}/old", b"", status=301, context=context),
            exchange(f"{SITE}/new", context=context),
            exchange(f"{SITE}/kept", b'<a href="/own">not of it</a>'),
        ]
        path = tmp_path / write(tmp_path, pages).path
        path.rename(path.with_name(f".{path.name}.tmp"))  # killed before it was finished
        for name in ("own", "old"):
            store.put_outcome(line(f"{SITE}/{name}", run, "opted_out"))
        take_in(store, tmp_path)
        publish(store, tmp_path)
    kept = [fields["WARC-Target-URI"] for kind, fields, _ in read(only_file(tmp_path)) if kind == "response"]
    assert kept == [f"{SITE}/kept"]
    assert len(manifest_files(tmp_path)) == 1
    assert verify(tmp_path) == ()


def runs_of_a_day(data: Path) -> list[str]:
    """Three runs of a day, each with an archive of its own; the pages they keep."""
    pages = [f"{SITE}/{number}" for number in range(3)]
    with open_store(data) as store:
        begin(store)
        for page in pages:
            store.outbox.published([write(data, [exchange(page)])], 0)
        publish(store, data)
    return pages


def test_the_archives_of_a_day_become_one_with_the_same_records(tmp_path: Path) -> None:
    pages = runs_of_a_day(tmp_path)
    before = [record for path in sorted((tmp_path / "raw").iterdir()) for record in read(path)]
    with open_store(tmp_path) as store:
        assert str(compact(store, tmp_path)) == "3 files became 1"
    assert read(only_file(tmp_path)) == before
    assert [item.url for item in read_input(Input(name=str(only_file(tmp_path)))) if isinstance(item, Page)] == pages
    assert [each["rows"] for each in manifest_files(tmp_path)] == [12]
    assert verify(tmp_path) == ()


def test_damage_gets_no_checksum_of_its_own(tmp_path: Path) -> None:
    runs_of_a_day(tmp_path)
    damaged = sorted((tmp_path / "raw").iterdir())[1]
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    with open_store(tmp_path) as store, pytest.raises(StoreError, match=damaged.name):
        compact(store, tmp_path)
    assert len(list((tmp_path / "raw").glob("run_*"))) == 3


def test_a_store_that_is_made_anew_knows_the_archives(tmp_path: Path) -> None:
    runs_of_a_day(tmp_path)
    before = manifest_files(tmp_path)
    rebuild(tmp_path)
    with open_store(tmp_path) as store:
        adopt(store.outbox, tmp_path)
        publish(store, tmp_path)
    assert manifest_files(tmp_path) == before
    assert verify(tmp_path) == ()
