from __future__ import annotations

import gzip
import io
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.utils._compression import brotli, zstd

from newscrawl.middlewares.inflate import CutError, TooMuchError, inflated

TEXT = b"<p>The ferry came back after two days, and nobody had missed it. " * 3_000
ROOM = 10_000_000


def named_gzip() -> bytes:
    file = io.BytesIO()
    with gzip.GzipFile("name.html", "wb", fileobj=file) as writer:
        writer.write(TEXT)
    return file.getvalue()


WHOLE = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": named_gzip(),
    "deflate": zlib.compress(TEXT),
    "br": brotli.compress(TEXT),
    "zstd": zstd.compress(TEXT),
}


@pytest.mark.parametrize("coding", WHOLE)
def test_a_whole_body_comes_whole(coding: str) -> None:
    assert inflated(WHOLE[coding], coding, ROOM) == TEXT
    assert inflated(WHOLE[coding], coding, 0) == TEXT
    assert inflated(WHOLE[coding], coding, len(TEXT)) == TEXT


@pytest.mark.parametrize("coding", WHOLE)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_cut_body_never_passes_for_a_whole_one(coding: str, share: float) -> None:
    body = WHOLE[coding]
    with pytest.raises(CutError):
        inflated(body[: max(4, int(len(body) * share))], coding, ROOM)


@pytest.mark.parametrize("coding", WHOLE)
def test_a_body_over_the_bound_is_refused(coding: str) -> None:
    with pytest.raises(TooMuchError):
        inflated(WHOLE[coding], coding, len(TEXT) - 1)


@pytest.mark.parametrize("coding", WHOLE)
def test_a_plain_body_is_read_whatever_its_header_says(coding: str) -> None:
    assert inflated(TEXT, coding, ROOM) == TEXT


def test_gzip_is_whole_when_its_last_block_is() -> None:
    assert inflated(WHOLE["gzip"][:-8], "gzip", ROOM) == TEXT
    assert inflated(WHOLE["gzip"][:-8] + b"\0" * 8, "gzip", ROOM) == TEXT
    assert inflated(WHOLE["gzip"] * 2 + b"\0" * 100, "gzip", ROOM) == TEXT * 2
    raw = zlib.compressobj(wbits=-15)
    assert inflated(raw.compress(TEXT) + raw.flush(), "deflate", ROOM) == TEXT


@given(st.sampled_from(sorted(WHOLE)), st.binary(max_size=300), st.integers(0, 80))
def test_damage_is_a_cut_and_nothing_else(coding: str, noise: bytes, at: int) -> None:
    body = WHOLE[coding]
    for hostile in (noise, body[:at] + noise, body[:at] + noise + body[at:]):
        with suppress(CutError, TooMuchError):
            inflated(hostile, coding, 100_000)
