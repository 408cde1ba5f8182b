"""A saved page finds its address, and what a file is follows from its content."""

from __future__ import annotations

import gzip
import io
import os
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from growth import LINEAR, TIMES_LARGER, growth
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.warcwriter import WARCWriter

from newscrawl.article import Page
from newscrawl.errors import ArchiveError, Outcome
from newscrawl.readers import NoPage
from newscrawl.readers.detect import Format, detect_format
from newscrawl.readers.files import Input, read_input
from newscrawl.readers.html_files import MAX_PAGE_BYTES, page_from_html, stated_address

if TYPE_CHECKING:
    from pathlib import Path

NOW = "2026-11-24T00:00:00Z"


@pytest.mark.parametrize(
    ("html", "address"),
    [
        ('<link rel="canonical" href="https://a.example/x?a=1&amp;b=2">', "https://a.example/x?a=1&b=2"),
        ("<LINK HREF='https://a.example/x' REL='alternate canonical' />", "https://a.example/x"),
        ("<link rel=canonical href=https://a.example/x>", "https://a.example/x"),
        ('<meta property="og:url" content="https://a.example/og">', "https://a.example/og"),
        ('<meta name="og:url" content="https://a.example/og">', "https://a.example/og"),
        (
            '<meta property="og:url" content="https://a.example/og"><link rel="canonical" href="https://a.example/x">',
            "https://a.example/x",
        ),
        (
            '<link rel="canonical" href="/x"><meta property="og:url" content="https://a.example/og">',
            "https://a.example/og",
        ),
        ('<link rel="canonical" href="/x">', None),
        ('<link rel="canonical" href="javascript:alert(1)">', None),
        ('<link rel="alternate" href="https://a.example/rss">', None),
        ("<p>no head at all", None),
    ],
)
def test_a_page_is_asked_for_its_own_address(html: str, address: str | None) -> None:
    assert stated_address(html.encode()) == address


def test_a_page_without_address_is_known_by_its_bytes() -> None:
    data = b"<html><p>Ferry</p></html>"
    page = page_from_html(data, date_crawled=NOW)
    assert isinstance(page, Page)
    assert page.url == f"urn:sha256:{sha256(data).hexdigest()}"
    assert (page.discovered_via, page.date_crawled, page.html) == ("file", NOW, data)


def test_the_address_given_wins() -> None:
    data = b'<link rel="canonical" href="https://a.example/x">'
    assert page_from_html(data, date_crawled=NOW, url="https://b.example/y").url == "https://b.example/y"


def test_a_page_too_large_to_read_is_an_outcome() -> None:
    page = page_from_html(b"<p>" + bytes(MAX_PAGE_BYTES), date_crawled=NOW)
    assert isinstance(page, NoPage)
    assert page.outcome is Outcome.TOO_LARGE


@pytest.mark.parametrize(
    "unit", ["<link ", "<link rel=canonical ", "<meta a=", "<link " + "a" * 3000 + ">", "<link a='", "<link a= b= >"]
)
@pytest.mark.proof
def test_the_search_for_an_address_grows_with_the_page(unit: str) -> None:
    small = (unit * (150_000 // len(unit))).encode()
    assert growth(stated_address, small, small * TIMES_LARGER) < LINEAR


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=500))
def test_no_bytes_crash_the_search_or_the_detection(data: bytes) -> None:
    stated_address(b"<link rel=canonical href=" + data + b">")
    detect_format(data)


WIDE = "<html>".encode("utf-16")


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"WARC/1.0\r\nWARC-Type: response\r\n", Format.WARC),
        (gzip.compress(b"WARC/1.1\r\n", mtime=0), Format.WARC),
        (b"<!doctype html>", Format.HTML),
        (b"\xef\xbb\xbf\n  <html>", Format.HTML),
        (gzip.compress(b"<html>", mtime=0), Format.HTML),
        (WIDE, Format.HTML),
        (b'{"text": "The ferry sails."}\n{"text": 1}\n', Format.JSONL),
        (b'{"text": "The ferry sai', Format.JSONL),
        (b'{"text": "' + b"long " * 2000, Format.JSONL),
        (gzip.compress(b'{"text": "a"}\n', mtime=0), Format.JSONL),
        (b"{curly} words begin this text\n", Format.TEXT),
        ("Паром снова ходит.".encode(), Format.TEXT),
        ("Ferry".encode("utf-16"), Format.TEXT),
        (b"", Format.TEXT),
        (b"%PDF-1.7", None),
        (b"PK\x03\x04 docx", None),
        (b"\x00\x01\x02", None),
        (b"\x1f\x8b not gzip at all", None),
    ],
)
def test_the_format_follows_from_the_content(head: bytes, form: Format | None) -> None:
    assert detect_format(head[:4096]) == form


def test_a_file_arrived_when_it_was_last_changed(tmp_path: Path) -> None:
    file = tmp_path / "page.dat"
    file.write_bytes(gzip.compress(b"<html><p>Ferry</p></html>"))
    os.utime(file, (1_700_000_000, 1_700_000_000))
    [page] = read_input(Input(name=str(file), source="harbour-times"))
    assert isinstance(page, Page)
    assert page.html == b"<html><p>Ferry</p></html>"
    assert page.date_crawled == "2023-11-14T22:13:20Z"
    assert page.source == "harbour-times"


def test_a_warc_is_read_by_its_content_whatever_its_name(tmp_path: Path) -> None:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    writer.write_record(
        writer.create_warc_record(
            "https://a.example/x",
            "resource",
            payload=io.BytesIO(b"<html>"),
            length=6,
            warc_content_type="text/html",
        )
    )
    file = tmp_path / "page.html"
    file.write_bytes(out.getvalue())
    [page] = read_input(Input(name=str(file)))
    assert isinstance(page, Page)
    assert (page.url, page.discovered_via) == ("https://a.example/x", "warc")


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7 \x00", gzip.compress(b"<html>" * 900, mtime=0)[:-9], b"\x1f\x8b\x08\x00 no"]
)
def test_a_file_that_cannot_be_read_is_an_error_with_its_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "odd.html"
    file.write_bytes(content)
    [error] = read_input(Input(name=str(file)))
    assert isinstance(error, ArchiveError)
    assert str(file) in str(error)


def test_a_file_that_went_away_is_an_error_with_its_name(tmp_path: Path) -> None:
    [error] = read_input(Input(name=str(tmp_path / "gone.html")))
    assert isinstance(error, ArchiveError)
    assert "gone.html" in str(error)
