"""Every stored page comes out of an archive, and what is torn or strange does not take the rest with it."""

from __future__ import annotations

import gzip
import zlib
from io import BytesIO, RawIOBase
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newscrawl.article import Page
from newscrawl.errors import ArchiveError, Outcome
from newscrawl.readers import NoPage
from newscrawl.readers.warc import pages_from_warc
from newscrawl.readers.warc_records import WarcRecord, read_records
from newscrawl.text.http_response import dechunk

if TYPE_CHECKING:
    from collections.abc import Iterator

DATE = "2026-03-04T05:06:07Z"
PAGE = b"<!doctype html><html><head><title>Ferry</title></head><body><p>The ferry sails again.</p></body></html>"


class Archive:
    """A WARC file in memory, written by warcio."""

    def __init__(self, *, compressed: bool = True) -> None:
        self.file = BytesIO()
        self.writer = WARCWriter(self.file, gzip=compressed)
        self.offsets: list[int] = []

    def response(
        self,
        url: str = "https://news.example/ferry",
        body: bytes = PAGE,
        *,
        status: str = "200 OK",
        content_type: str = "text/html; charset=utf-8",
        headers: tuple[tuple[str, str], ...] = (),
        kind: str = "response",
        warc_headers: dict[str, str] | None = None,
    ) -> Archive:
        http = StatusAndHeaders(status, [("Content-Type", content_type), *headers], protocol="HTTP/1.1")
        record = self.writer.create_warc_record(
            url,
            kind,
            payload=BytesIO(body),
            length=len(body),
            http_headers=http if kind == "response" else None,
            warc_content_type="" if kind == "response" else content_type,
            warc_headers_dict={"WARC-Date": DATE, **(warc_headers or {})},
        )
        self.offsets.append(self.file.tell())
        self.writer.write_record(record)
        return self

    def bytes(self) -> bytes:
        return self.file.getvalue()

    def read(self) -> list[Page | NoPage | ArchiveError]:
        return list(pages_from_warc(BytesIO(self.bytes()), "a.warc"))


def only_page(archive: Archive) -> Page:
    [item] = archive.read()
    assert isinstance(item, Page), item
    return item


@pytest.mark.parametrize("compressed", [True, False])
def test_a_stored_page_comes_out_as_it_was_sent(compressed: bool) -> None:
    opt_out = (("X-Robots-Tag", "noai"), ("TDM-Reservation", "1"), ("Server", "x"))
    page = only_page(Archive(compressed=compressed).response(headers=opt_out))
    assert page == Page(
        url="https://news.example/ferry",
        html=PAGE,
        date_crawled=DATE,
        charset="utf-8",
        headers=(("x-robots-tag", "noai"), ("tdm-reservation", "1")),
        discovered_via="warc",
    )


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(PAGE)),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", zlib.compress(PAGE)[2:-4]),
        ("gzip", PAGE),
        ("identity", PAGE),
    ],
    ids=["gzip", "deflate", "raw deflate", "decoded already", "identity"],
)
def test_content_encodings_are_undone(encoding: str, body: bytes) -> None:
    page = only_page(Archive().response(body=body, headers=(("Content-Encoding", encoding),)))
    assert (page.html, page.truncated) == (PAGE, False)


def test_chunks_are_joined_before_the_encoding_is_undone() -> None:
    packed = gzip.compress(PAGE)
    chunked = b"".join(b"%x;ext=1\r\n%b\r\n" % (len(part), part) for part in (packed[:7], packed[7:])) + b"0\r\n\r\n"
    headers = (("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip"))
    assert only_page(Archive().response(body=chunked, headers=headers)).html == PAGE


def test_a_body_stored_dechunked_under_its_old_header_is_kept() -> None:
    assert only_page(Archive().response(headers=(("Transfer-Encoding", "chunked"),))).html == PAGE


def test_a_body_that_ends_early_is_marked_truncated() -> None:
    for headers, body in [
        ((("Content-Encoding", "gzip"),), gzip.compress(PAGE)[:-20]),
        ((("Content-Length", "9999"),), PAGE),
        ((("Transfer-Encoding", "chunked"),), b"%x\r\n%b" % (len(PAGE) + 5, PAGE)),
    ]:
        assert only_page(Archive().response(body=body, headers=headers)).truncated, headers
    assert only_page(Archive().response(warc_headers={"WARC-Truncated": "length"})).truncated


def test_a_resource_record_is_a_page_too() -> None:
    assert only_page(Archive().response(kind="resource", content_type="text/html")).html == PAGE


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("404 Not Found", Outcome.GONE),
        ("410 Gone", Outcome.GONE),
        ("403 Forbidden", Outcome.BLOCKED),
        ("429 Slow down", Outcome.BLOCKED),
        ("500 Oops", Outcome.ERROR),
    ],
)
def test_a_status_that_is_not_200_is_an_outcome(status: str, outcome: Outcome) -> None:
    [item] = Archive().response(status=status).read()
    assert isinstance(item, NoPage)
    assert (item.outcome, item.status, item.bytes) == (outcome, int(status[:3]), len(PAGE))


def test_what_answers_no_page_request_is_left_out() -> None:
    archive = Archive()
    archive.writer.write_record(archive.writer.create_warcinfo_record("a.warc", {"software": "x"}))
    archive.response(status="301 Moved Permanently", headers=(("Location", "/new"),))
    archive.response(kind="metadata", content_type="text/html").response("dns:news.example", kind="resource")
    assert archive.read() == []


def test_what_is_no_html_is_an_outcome_whatever_it_is_called() -> None:
    archive = Archive()
    archive.response(content_type="image/jpeg").response(content_type="text/xml", body=b"<rss></rss>")
    archive.response(content_type="text/plain")
    image, feed, page = archive.read()
    assert isinstance(image, NoPage)
    assert isinstance(feed, NoPage)
    assert image.outcome is feed.outcome is Outcome.NOT_HTML
    assert isinstance(page, Page)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_a_bomb_is_too_large_and_takes_little_memory(encoding: str) -> None:
    size = 64 * 1024 * 1024
    if encoding == "br":
        body = pytest.importorskip("brotli").compress(bytes(size), quality=1)
    else:
        packer = zlib.compressobj(1, zlib.DEFLATED, 31 if encoding == "gzip" else 15)
        body = packer.compress(bytes(size)) + packer.flush()
    archive = Archive().response(body=body, headers=(("Content-Encoding", encoding),)).response()
    bomb, page = archive.read()
    assert isinstance(bomb, NoPage)
    assert bomb.outcome is Outcome.TOO_LARGE
    assert isinstance(page, Page)


def test_an_encoding_nobody_knows_is_an_outcome_with_its_name() -> None:
    [item] = Archive().response(headers=(("Content-Encoding", "zip-o-matic"),)).read()
    assert isinstance(item, NoPage)
    assert (item.outcome, "zip-o-matic" in item.reason) == (Outcome.ERROR, True)


def test_a_record_longer_than_a_page_may_be_is_not_kept_in_memory() -> None:
    archive = Archive().response(body=bytes(20 * 1024 * 1024)).response()
    records = [record for record in read_records(BytesIO(archive.bytes()), "a") if isinstance(record, WarcRecord)]
    assert [len(record.block) < 10_000_000 for record in records] == [True, True]
    large, page = archive.read()
    assert isinstance(large, NoPage)
    assert large.outcome is Outcome.TOO_LARGE
    assert isinstance(page, Page)


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize(
    ("headers", "words"),
    [({"WARC-Date": "yesterday"}, "WARC-Date"), ({}, "no URL")],
    ids=["date", "address"],
)
def test_a_broken_field_is_an_error_of_its_record_alone(headers: dict[str, str], words: str, compressed: bool) -> None:
    archive = Archive(compressed=compressed).response()
    archive.response("https://news.example/a" if headers else "http://[", warc_headers=headers)
    archive.response("https://news.example/bridge")
    first, error, last = archive.read()
    assert isinstance(first, Page)
    assert isinstance(error, ArchiveError)
    assert words in str(error)
    assert f"a.warc: the record at byte {archive.offsets[1]} " in str(error)
    assert isinstance(last, Page)


def test_wgets_angle_brackets_are_no_part_of_the_address() -> None:
    archive = Archive(compressed=False).response()
    data = archive.bytes().replace(b"https://news.example/ferry\r\n", b"<https://news.example/ferry>\r\n", 1)
    [page] = pages_from_warc(BytesIO(data), "a")
    assert isinstance(page, Page)
    assert page.url == "https://news.example/ferry"


def test_many_records_in_one_gzip_member_are_read() -> None:
    plain = Archive(compressed=False).response().response("https://news.example/bridge")
    items = list(pages_from_warc(BytesIO(gzip.compress(plain.bytes())), "a"))
    assert [isinstance(item, Page) for item in items] == [True, True]


class Pipe(RawIOBase):
    """Bytes that can only be read forwards, a few at a time."""

    def __init__(self, data: bytes) -> None:
        self._pieces: Iterator[bytes] = (data[place : place + 100] for place in range(0, len(data), 100))

    def readable(self) -> bool:
        return True

    def read(self, _size: int = -1) -> bytes:
        return next(self._pieces, b"")


@pytest.mark.parametrize("compressed", [True, False])
def test_a_pipe_is_read_like_a_file(compressed: bool) -> None:
    archive = Archive(compressed=compressed).response().response("https://news.example/bridge")
    assert list(pages_from_warc(Pipe(archive.bytes()), "a.warc")) == archive.read()  # type: ignore[arg-type]


def test_a_torn_pipe_says_that_the_rest_is_left() -> None:
    archive = Archive().response()
    *_, error = pages_from_warc(Pipe(archive.bytes() + archive.bytes()[:-30]), "-")  # type: ignore[arg-type]
    assert isinstance(error, ArchiveError)
    assert "pipe" in str(error)


@settings(max_examples=40, deadline=None)
@given(data=st.binary(max_size=3000), compressed=st.booleans(), place=st.integers(0, 3))
@example(data=b"\r", compressed=True, place=0)
def test_no_bytes_between_records_crash_the_reader_or_cost_a_record(data: bytes, compressed: bool, place: int) -> None:
    archive = Archive(compressed=compressed)
    for number in range(3):
        archive.response(f"https://news.example/{number}")
    cut = [*archive.offsets, len(archive.bytes())][place]
    noisy = archive.bytes()[:cut] + data + archive.bytes()[cut:]
    pages = [item.url for item in pages_from_warc(BytesIO(noisy), "a") if isinstance(item, Page)]
    assert pages == [f"https://news.example/{number}" for number in range(3)]


@pytest.mark.parametrize("first", [True, False], ids=["compressed first", "plain first"])
def test_a_file_of_plain_and_compressed_records_gives_them_all(first: bool) -> None:
    parts = []
    for number in range(4):
        archive = Archive(compressed=first if number % 2 == 0 else not first)
        archive.response(f"https://news.example/{number}")
        parts.append(archive.bytes())
    pages = [item.url for item in pages_from_warc(BytesIO(b"".join(parts)), "a") if isinstance(item, Page)]
    assert pages == [f"https://news.example/{number}" for number in range(4)]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2000))
def test_no_bytes_crash_the_dechunker_and_none_are_made_up(body: bytes) -> None:
    plain, _ = dechunk(body)
    assert len(plain) <= len(body)


@pytest.mark.parametrize("data", [b"", b"\r\n", b"WARC/1.0", b"WARC/1.0\r\n\r\n", b"\x1f\x8b\x08", b"x" * 300_000])
def test_what_is_no_archive_ends_without_a_page(data: bytes) -> None:
    assert all(isinstance(item, ArchiveError) for item in pages_from_warc(BytesIO(data), "a"))


def test_a_file_of_nothing_but_damage_is_left_after_many_errors() -> None:
    data = b"WARC/1.0\r\nContent-Length: 99999999\r\n\r\n" * 20_000
    items = list(read_records(BytesIO(data), "a"))
    assert len(items) == 1000
    assert "the rest is left" in str(items[-1])
