from __future__ import annotations

import codecs

import pytest
from growth import LINEAR, TIMES_LARGER, growth
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.text.decode import decode_html

RU = "<html><title>Порт открыт</title><p>Паромная компания сообщила, что порт откроется до выходных. Билеты есть.</p>"
DE = "<html><title>Hafen öffnet</title><p>Die Fähren fahren für alle Gäste wieder, größer und schöner als früher.</p>"
ZH = (
    "<html><title>港口开放</title><p>轮渡公司星期一表示，港口将在周末之前重新开放。船票已经开始出售，居民表示欢迎。</p>"
)
PL = (
    "<html><title>Port będzie otwarty</title><p>Spółka poinformowała, że wkrótce żegluga wróci na morze. Są zniżki.</p>"
)
JA = "<html><title>港が再開</title><p>フェリー会社は月曜日、港が週末までに再開すると発表した。切符はもう買える。</p>"
EL = "<html><title>Το λιμάνι</title><p>Η εταιρεία ανακοίνωσε ότι το λιμάνι θα ανοίξει ξανά πριν από τις γιορτές.</p>"


def with_meta(html: str, charset: str) -> str:
    return html.replace("<html>", f'<html><meta charset="{charset}">')


@pytest.mark.parametrize(
    ("html", "encoding", "label"),
    [
        (RU, "utf-8", None),
        (RU, "utf-8", "UTF-8"),
        (RU, "utf-8-sig", None),
        (RU, "utf-8-sig", "windows-1251"),
        (RU, "cp1251", "windows-1251"),
        (RU, "cp1251", None),
        (RU, "koi8-r", "koi8-r"),
        (RU, "koi8-r", None),
        (RU, "utf-16-le", None),
        (RU, "utf-16-be", "utf-16"),
        (DE, "cp1252", "iso-8859-1"),
        (DE, "cp1252", None),
        (DE, "utf-16", None),
        (ZH, "gb18030", "gb2312"),
        (ZH, "gb18030", None),
        (JA, "shift_jis", "Shift_JIS"),
        (JA, "euc_jp", "euc-jp"),
        (JA, "iso2022_jp", "iso-2022-jp"),
        (EL, "iso8859-7", "iso-8859-7"),
        ("plain", "ascii", "iso-8859-1"),
        ("", "ascii", None),
    ],
)
def test_a_rightly_declared_or_undeclared_page_is_read_and_not_called_repaired(
    html: str, encoding: str, label: str | None
) -> None:
    assert decode_html(html.encode(encoding), label) == (html, False)


@pytest.mark.parametrize(
    ("html", "encoding", "label"),
    [
        (RU, "cp1251", "utf-8"),
        (RU, "utf-8", "windows-1251"),
        (RU, "koi8-r", "windows-1251"),
        (RU, "cp1251", "koi8-r"),
        (RU, "cp1251", "iso-8859-1"),
        (RU, "utf-16-le", "utf-8"),
        (DE, "cp1252", "utf-8"),
        (PL, "cp1250", "iso-8859-1"),
        (ZH, "gb18030", "utf-8"),
        (JA, "euc_jp", "utf-8"),
    ],
)
def test_a_wrongly_declared_page_is_read_all_the_same_and_called_repaired(html: str, encoding: str, label: str) -> None:
    assert decode_html(html.encode(encoding), label) == (html, True)


def test_the_page_itself_is_heard_when_the_header_says_nothing() -> None:
    html = with_meta(EL, "iso-8859-7")
    assert decode_html(html.encode("iso8859-7"), None) == (html, False)


def test_the_page_itself_is_heard_when_the_header_is_wrong() -> None:
    html = with_meta(RU, "windows-1251")
    assert decode_html(html.encode("cp1251"), "iso-8859-1") == (html, False)
    html = with_meta(RU, "utf-8")
    assert decode_html(html.encode(), "iso-8859-1") == (html, False)


@pytest.mark.parametrize(
    "label", ["rot13", "hex", "punycode", "unicode_escape", "utf-7", "x-user-defined", "\ud800", "a" * 999, ""]
)
def test_a_label_that_is_no_charset_is_not_heard(label: str) -> None:
    assert decode_html(RU.encode(), label) == (RU, False)


def test_a_few_broken_bytes_leave_utf8_utf8() -> None:
    text, repaired = decode_html(RU.encode() + b"\xff caf\xe9 " + RU.encode(), "windows-1251")
    assert text.startswith(RU)
    assert text.count("\ufffd") == 2
    assert repaired


def test_a_character_cut_at_the_end_is_left_out() -> None:
    assert decode_html((RU + "ж").encode()[:-1], "utf-8") == (RU, False)


def test_one_accented_letter_at_the_end_is_not_lost() -> None:
    assert decode_html(b"caf\xe9", None)[0] == "café"


def test_nul_is_removed() -> None:
    assert decode_html(b"<p>a\0b\0</p>" + b"x" * 200, "utf-8") == ("<p>ab</p>" + "x" * 200, False)
    assert "\0" not in decode_html(codecs.BOM_UTF16_LE + b"\0\0a\0", None)[0]


@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "windows-1251", "gb2312", "utf-16", "rubbish"]))
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_a_text_that_utf8_can_hold(body: bytes, charset: str | None) -> None:
    text, _ = decode_html(body, charset)
    text.encode("utf-8")
    assert "\0" not in text


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=60))
def test_every_utf8_page_is_read_back(text: str) -> None:
    assert decode_html(f"<html>{text}".encode(), "utf-8") == (f"<html>{text}", False)


@pytest.mark.proof
@pytest.mark.parametrize("unit", [b"<", b"\xff", b"<meta ", b"<meta \xe9", b"\xd0"])
def test_the_work_on_hostile_bytes_grows_with_their_length(unit: bytes) -> None:
    times = 250_000 // len(unit)
    small, large = unit * times, unit * times * TIMES_LARGER
    assert growth(lambda body: decode_html(body, "utf-8"), small, large) < LINEAR
