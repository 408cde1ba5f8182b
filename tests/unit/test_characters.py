from __future__ import annotations

import unicodedata

import pytest
from growth import LINEAR, TIMES_LARGER, growth
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newscrawl.text.characters import normalise_line, normalise_text

FAMILY = "👨\u200d👩\u200d👧"
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
HOSTILE = st.text(
    st.characters()
    | st.sampled_from(
        "\u200c\u200d\u00ad\u200b\ufeff\u202e\x00\x85\u2028\n\r\t \u00a0â€™Ã©Ã\u0301\u034f"
        "\u0645\u06cc\u0915\u094d👩🏽\ufe0f"
        "\u180e\u1820ﬁ•-*–\ud83d\ude00\ufdd0Ð\x9fÑ\x80Â“Ð¸"
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  a \t b\u00a0\u2009c\u3000d\n", "a b c d"),
        ("can\u00adnot", "cannot"),
        ("a\u200bb\ufeff\u2060", "ab"),
        ("\u202eevil\u202c \u2066x\u2069\u200f", "evil x"),
        ("a\x00b\x1b[31mc\x7f", "ab[31mc"),
        ("x\ufdd0\uffff\U0001fffey", "xy"),
        ("e\u0301", "é"),
        ("e\u034f\u0301", "é"),
        ("ﬁne x² Ｗｉｄｅ “q” ‘s’ – — … №", "ﬁne x² Ｗｉｄｅ “q” ‘s’ – — … №"),
        ("AT&amp;T, R&D &amp; &am\x00p;amp;quot;more&#34; &#8217;s", 'AT&T, R&D & "more" ’s'),
        ("&lt;p&gt; &#9999999;", "&lt;p&gt;"),
        ("\ud83d\ude00 \ud800\udfffx\udc00", "😀 \U000103ffx"),
        ("a\u2800b\u3164", "a b"),
    ],
)
def test_a_line_has_one_form(text: str, line: str) -> None:
    assert normalise_line(text) == line


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم",
        "क्\u200dष",
        "क्\u200cष",
        "ශ්\u200dරී",
        "ന്\u200d",
        FAMILY,
        "❤️\u200d🔥",
        "🧑🏽\u200d🚀",
        ENGLAND,
        "👍🏽",
    ],
)
def test_joiners_stay_where_the_script_or_an_emoji_needs_them(text: str) -> None:
    assert normalise_line(f"{text} {text}") == f"{text} {text}"


@pytest.mark.parametrize(
    "text", ["a\u200db", "\u200dab", "ab\u200c", "Auf\u200clage", "порт\u200d", "🙂\u200d", "می\u200c", "1\u200d2"]
)
def test_joiners_go_everywhere_else(text: str) -> None:
    assert normalise_line(text) == text.replace("\u200d", "").replace("\u200c", "")


def test_hidden_tags_go_without_their_flag() -> None:
    assert normalise_line("hello\U000e0041\U000e0042") == "hello"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GrÃ¶Ã\x9fe", "Größe"),
        ("Itâ€™s â€œfineâ€\x9d", "It’s “fine”"),
        ("Ð\x9fÐ¾Ñ\x80Ñ\x82 Ð¾Ñ\x82ÐºÑ\x80Ñ\x8bÑ\x82", "Порт открыт"),
        ("Порт открыт".encode().decode("latin-1").encode().decode("latin-1"), "Порт открыт"),
        ("caf\u00c3\u00a9 \u00c3\u00a0 la carte", "café à la carte"),
    ],
)
def test_mojibake_is_repaired_and_reported(text: str, expected: str) -> None:
    assert normalise_text(text) == (expected, True)


@pytest.mark.parametrize(
    "text",
    ["Größe — “schön”", "Порт открыт", "Ελλάδα", "São Paulo à noite", "ÉCOLE À PARIS", "Ça va ?",
     "naïve façade", "50 €", "Ð is a letter",
     "Řeka × 2 ± 1", "Zażółć gęślą jaźń", "Þingvellir ÁÐUR", "Việt Nam được"],
)  # fmt: skip
def test_a_good_text_is_not_repaired(text: str) -> None:
    assert normalise_text(text) == (unicodedata.normalize("NFC", text), False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \n \n", ""),
        ("a\nb", "a b"),
        ("a\r\n\r\nb", "a\n\nb"),
        ("a\n \t\u00a0\n\n\nb\n", "a\n\nb"),
        ("a\u2029\u2028b", "a\n\nb"),
        ("List:\n• one\n• two\nmore\n\nEnd", "List:\n\n- one\n\n- two more\n\nEnd"),
        ("- one\n– two\n* three\n· four\n▪ five\n‣ six", "- one\n\n– two\n\n- three\n\n- four\n\n- five\n\n- six"),
        ("-5 degrees\n-3 at night", "-5 degrees -3 at night"),
        ("a\n\u200b\nb", "a b"),
        ("•\nfoo", "- foo"),
    ],
)
def test_blank_lines_and_bullets_make_paragraphs(text: str, expected: str) -> None:
    assert normalise_text(text) == (expected, False)


@given(HOSTILE)
@example("Ã\x00©")
@example("â\u200b€™")
@example("e\u200d\u0301")
@example("\u0645\u200c\u200d\u06cc")
@settings(max_examples=400, deadline=None)
def test_normalising_a_line_twice_changes_nothing(text: str) -> None:
    once = normalise_line(text)
    assert normalise_line(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode("utf-8")
    assert "\n" not in once


@given(HOSTILE)
@settings(max_examples=300, deadline=None)
def test_normalising_a_text_twice_changes_nothing(text: str) -> None:
    once, _ = normalise_text(text)
    assert normalise_text(once) == (once, False)
    assert all(paragraph == paragraph.strip() != "" for paragraph in once.split("\n\n") if once)


@pytest.mark.parametrize(
    "char", ["Ã©", "\u200d", "\n", "\n ", " \n", "é", "👩\u200d", "â€", "\ud800", "\x85", "• \n", "\u00a0\n", "Ð"]
)
@pytest.mark.proof
def test_the_work_on_hostile_texts_grows_with_their_length(char: str) -> None:
    times = 25_000 // len(char)
    assert growth(normalise_text, char * times, char * times * TIMES_LARGER) < LINEAR
