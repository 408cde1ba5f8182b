from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newscrawl.text.digest import text_sha256


def test_the_digest_is_the_sha256_of_utf8() -> None:
    assert text_sha256("abc") == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_composed_and_decomposed_letters_have_one_digest() -> None:
    assert text_sha256("e\u0301") == text_sha256("é")


@given(st.text(st.characters(), max_size=20))
def test_every_text_has_a_digest(text: str) -> None:
    assert len(text_sha256(text)) == 71


def test_a_lone_surrogate_stops_nothing() -> None:
    assert text_sha256("\ud800") != text_sha256("")
