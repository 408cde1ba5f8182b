"""An archive cut or damaged at any place: every whole record is kept, and the damage is named with its place."""

from __future__ import annotations

import gzip
import re
import zlib
from io import BytesIO

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newscrawl.article import Page
from newscrawl.errors import ArchiveError
from newscrawl.readers.warc import pages_from_warc

RECORDS = 4


def archive(*, compressed: bool) -> tuple[bytes, list[int]]:
    """An archive of some pages, with the places where its records begin and its length."""
    file = BytesIO()
    writer = WARCWriter(file, gzip=compressed)
    places = []
    for number in range(RECORDS):
        places.append(file.tell())
        body = f"<html><body><p>Page {number}: {'the tide turned. ' * (number + 1)}</p></body></html>".encode()
        http = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(
                f"https://news.example/{number}",
                "response",
                payload=BytesIO(body),
                length=len(body),
                http_headers=http,
            )
        )
    return file.getvalue(), [*places, file.tell()]


def read(data: bytes) -> tuple[list[int], list[str]]:
    """Numbers of the pages that came, and the errors."""
    pages, errors = [], []
    for item in pages_from_warc(BytesIO(data), "torn.warc"):
        if isinstance(item, Page):
            assert item.html.startswith(b"<html>")
            assert item.html.endswith(b"</html>"), "half a page must never come out"
            pages.append(int(item.url.rsplit("/", 1)[1]))
        else:
            assert isinstance(item, ArchiveError)
            errors.append(str(item))
    return pages, errors


@pytest.mark.parametrize("compressed", [True, False], ids=["gzip", "plain"])
def test_cut_at_every_byte_the_whole_records_before_are_kept(compressed: bool) -> None:
    data, places = archive(compressed=compressed)
    for cut in range(len(data)):
        whole = sum(place <= cut for place in places) - 1
        pages, errors = read(data[:cut])
        if compressed:
            assert pages == list(range(whole)), f"cut at {cut}"
            assert len(errors) == (cut not in places), f"cut at {cut}"
        else:
            # A plain record is whole when its block is; the empty lines after it may be missing.
            assert pages[:whole] == list(range(whole)), f"cut at {cut}"
            assert len(pages) <= whole + 1
        for error in errors:
            assert f"torn.warc: the record at byte {places[len(pages)]} " in error


@pytest.mark.parametrize("compressed", [True, False], ids=["gzip", "plain"])
@pytest.mark.parametrize("missing", [1, 7, 40, 150])
def test_a_record_torn_in_the_middle_costs_only_itself(compressed: bool, missing: int) -> None:
    data, places = archive(compressed=compressed)
    torn = data[: places[2] - missing] + data[places[2] :]
    pages, errors = read(torn)
    if compressed or missing > 4:
        assert pages == [0, 2, 3]
        assert f"the record at byte {places[1]} " in errors[0]
        assert len(errors) == 1
    else:
        assert pages == [0, 1, 2, 3]


def is_whole(member: bytes, original: bytes) -> bool:
    """Whether a gzip member still begins with the whole record: the damage is in its padding or its end mark."""
    try:
        return zlib.decompressobj(31).decompress(member).startswith(gzip.decompress(original))
    except zlib.error:
        return False


def test_a_damaged_byte_of_a_compressed_record_is_found_by_its_checksum() -> None:
    data, places = archive(compressed=True)
    for place in range(places[1] + 12, places[2]):
        damaged = data[:place] + bytes([data[place] ^ 0x41]) + data[place + 1 :]
        pages, errors = read(damaged)
        if pages == [0, 1, 2, 3]:
            assert is_whole(damaged[places[1] : places[2]], data[places[1] : places[2]]), f"damaged at {place}"
            continue
        assert pages == [0, 2, 3], f"damaged at {place}"
        assert errors
        assert re.search(rf"byte {places[1]} ", errors[0]), f"damaged at {place}"


def test_two_runs_appended_after_a_crash_lose_only_the_torn_record() -> None:
    data, places = archive(compressed=True)
    pages, errors = read(data[: places[3] + 20] + data)
    assert pages == [0, 1, 2, 0, 1, 2, 3]
    assert len(errors) == 1
