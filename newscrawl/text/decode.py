"""Bytes of a page to text: whatever the header and the page claim, the text must come out readable."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from w3lib.encoding import html_body_declared_encoding, resolve_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_REPLACED_SHARE = 0.005
"""With more replacement characters than this among its characters, a text was decoded wrongly."""
MIN_VALID_PER_BROKEN = 20
"""UTF-8 with this many good characters outside ASCII for each broken byte is UTF-8 all the same."""

_REPLACEMENT = "\ufffd"
_SAMPLE_CHARS = 50_000
_DETECTION_BYTES = 16_384
_MIN_LETTERS = 30
_MIN_SIGNS = 3
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# What a page may be written in. Codecs of Python that are no charset (rot13, punycode, …) are not among them.
_CHARSETS = re.compile(
    r"(?:cp\d+|iso8859-\d+|koi8-[rut]|mac-\w+|gb\w+|big5\w*|euc_\w+|shift_jis\w*|iso2022_jp\w*|utf-8|utf-16(?:-[lb]e)?"
    r"|johab|hz|tis-620|kz1048|ptcp154)\Z"
)
_LIKELY_CHARSETS = ("cp1250", "cp1251", "koi8-r", "cp866")
_MIN_FOREIGN_BYTES = 16
_ASCII = bytes(range(0x80))
_LEAD_BYTES = bytes(range(0xC2, 0xF5))
_TAGS = re.compile(rb"<[^<>]*>")
_CYRILLIC_SMALL = re.compile("[а-яё]")
_CYRILLIC_CAPITAL = re.compile("[А-ЯЁ]")
_FOREIGN_LETTERS = re.compile(r"[^\W\d_\x00-\x7f]")
# Four accented Latin letters in a row: no language writes so, other alphabets read as Latin do.
_ACCENTED_RUNS = re.compile("[\xc0-\xd6\xd8-\xf6\xf8-\u024f]{4,}")
# A sign between two letters ("Spó³ka"): a letter of another alphabet of the Latin family.
_SIGNS_IN_WORDS = re.compile(r"(?<=[^\W\d_])[\xa1-\xa9\xac\xae-\xb6\xb8\xb9\xbb-\xbf](?=[^\W\d_])")
_BOXES_AND_CONTROLS = re.compile("[\x80-\x9f\u2500-\u259f\ufffd]")


def decode_html(body: bytes, charset: str | None) -> tuple[str, bool]:
    """The text of a page, without NUL, and whether every declared charset was wrong or could not decode it.

    `charset` is that of the Content-Type header. In this order: byte order mark; UTF-16 by its NULs; UTF-8,
    when the bytes are (nearly) valid UTF-8; the header's charset; the charset of the page's meta element;
    detection from the bytes. A charset whose text is unreadable is passed over. Never raises.
    """
    text, repaired, _ = _decode(body, charset)
    return text.replace("\0", ""), repaired


def utf8_html(body: bytes, charset: str | None) -> tuple[bytes, bool]:
    """As `decode_html`, the text as UTF-8: for nearly every page its own bytes."""
    text, repaired, own = _decode(body, charset)
    return (own if own is not None else text.replace("\0", "").encode("utf-8", "replace")), repaired


def _decode(body: bytes, charset: str | None) -> tuple[str, bool, bytes | None]:
    """Text, whether it was repaired, and the bytes of the page that are this text in UTF-8, where they are."""
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            text = body[len(bom) :].decode(encoding, "replace")
            return text, _REPLACEMENT in text, None
    declared = list(dict.fromkeys(_declared(body, charset)))
    if wide := _utf16_by_nuls(body):
        is_declared = any(name.startswith("utf-16") for name in declared)
        return body.decode(wide, "replace"), bool(declared) and not is_declared, None
    if b"\0" in body:
        body = body.replace(b"\0", b"")
    if declared and declared[0].startswith("iso2022") and b"\x1b" in body:
        return body.decode(declared[0], "replace"), False, None
    if (utf8 := _utf8(body)) is not None:
        text, broken, is_whole = utf8
        is_wrong = not body.isascii() and bool(declared) and "utf-8" not in declared
        return text, broken or is_wrong, body if is_whole else None
    return *_best(body, declared), None


def _declared(body: bytes, charset: str | None) -> Iterator[str]:
    """The encodings that header and page name, those that Python knows."""
    for name in (charset, html_body_declared_encoding(body[:4096])):
        if name and len(name) <= 40 and name.isascii():
            encoding = resolve_encoding(name.strip(" \t\"'"))
            if encoding and _CHARSETS.match(encoding):
                yield encoding


def _utf16_by_nuls(body: bytes) -> str | None:
    """UTF-16 without a mark: in its markup every other byte is NUL, always the same one of the two."""
    head = body[:1024]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if even + odd < 4 or (even + odd) * 16 < len(head) or min(even, odd) * 8 > max(even, odd):
        return None
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    return encoding if "<" in head.decode(encoding, "replace") else None


def _utf8(body: bytes) -> tuple[str, bool, bool] | None:
    """The text, whether bytes were broken, and whether it is all of them, when this is UTF-8.

    A character cut at the very end is left out.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        text = decoder.decode(body)
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
        broken = text.count(_REPLACEMENT)
        good = len(body) - len(body.translate(None, _LEAD_BYTES)) - broken
        return (text, True, False) if good >= broken * MIN_VALID_PER_BROKEN else None
    cut = bool(decoder.getstate()[0])
    return None if cut and text.isascii() else (text, False, not cut)


def _best(body: bytes, declared: list[str]) -> tuple[str, bool]:
    """The first readable decoding; when there is none, the one with the fewest replacement characters."""
    tried: dict[str, str] = {}
    for encoding in _candidates(body, declared):
        if encoding in tried:
            continue
        text = tried[encoding] = body.decode(encoding, "replace")
        if not _is_unreadable(text):
            return text, bool(declared) and (encoding not in declared or _REPLACEMENT in text)
    return min(tried.values(), key=lambda text: text.count(_REPLACEMENT)), True


def _candidates(body: bytes, declared: list[str]) -> Iterator[str]:
    yield from declared
    if detected := _detected(body):
        yield detected
    else:  # too few bytes to say: the letters of the West are the likeliest
        yield "cp1252"
    yield from _LIKELY_CHARSETS
    yield "cp1252"


def _detected(body: bytes) -> str | None:
    """The charset that the bytes outside the markup suggest."""
    from charset_normalizer import from_bytes

    sample = _TAGS.sub(b" ", body)
    first = len(sample) - len(sample.lstrip(_ASCII))
    sample = sample[max(0, first - 256) :][:_DETECTION_BYTES]
    if len(sample.translate(None, _ASCII)) < _MIN_FOREIGN_BYTES:
        return None
    match = from_bytes(sample, steps=4, chunk_size=1024).best()
    encoding = resolve_encoding(match.encoding) if match is not None else None
    return encoding if encoding and _CHARSETS.match(encoding) and not encoding.startswith("utf") else None


def _is_unreadable(text: str) -> bool:
    """Does the text show that it was decoded in a wrong charset?"""
    sample = text if len(text) <= _SAMPLE_CHARS else text[len(text) // 4 :][:_SAMPLE_CHARS]
    if len(_BOXES_AND_CONTROLS.findall(sample)) > MAX_REPLACED_SHARE * len(sample):
        return True
    letters = len(_FOREIGN_LETTERS.findall(sample))
    signs = len(_SIGNS_IN_WORDS.findall(sample))
    if signs >= _MIN_SIGNS and signs * 8 > letters:
        return True
    if letters < _MIN_LETTERS:
        return False
    # KOI8 and Windows-1251 read as one another turn small letters into capitals.
    capitals, small = len(_CYRILLIC_CAPITAL.findall(sample)), len(_CYRILLIC_SMALL.findall(sample))
    if capitals + small > letters // 2 and capitals > small:
        return True
    return sum(map(len, _ACCENTED_RUNS.findall(sample))) * 3 > letters
