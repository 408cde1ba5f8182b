"""Nothing that a page says drives a terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newscrawl.text.terminal import columns_of, fit, plain


@given(st.text(st.characters(), max_size=60))
def test_what_is_left_can_be_encoded_and_holds_no_control_character(text: str) -> None:
    shown = plain(text)
    shown.encode()
    assert not [character for character in shown if ord(character) < 32 or 127 <= ord(character) < 160]
    assert plain(shown) == shown


def test_an_escape_sequence_and_an_override_of_the_direction_are_taken_apart() -> None:
    assert plain("a\x1b[2Jb\x9b31m\u202ec\u2028d\ud800") == "a [2Jb 31mc d\ufffd"


def test_letters_of_every_script_stay() -> None:
    assert plain("Новости 新闻 חדשות می‌خواهم") == "Новости 新闻 חדשות می‌خواهم"


def test_what_is_too_long_ends_with_an_ellipsis() -> None:
    assert plain("abcdef", 4) == "abc…"


def test_wide_letters_take_two_columns_and_marks_none() -> None:
    assert columns_of("新聞 ab") == 7
    assert columns_of("न्यूज़") == 3
    assert fit("新聞新聞", 6) == "新聞… "
    assert fit("ab\x1b", 5) == "ab   "


@given(st.text(st.characters(), max_size=60), st.integers(1, 40))
def test_what_is_made_to_fit_has_exactly_that_width(text: str, columns: int) -> None:
    assert columns_of(fit(text, columns)) == columns
