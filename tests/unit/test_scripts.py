from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newscrawl.text.scripts import mixed_script_words, script_counts, word_count


@pytest.mark.parametrize(
    "word",
    ["Baktykожа", "Cкажи", "москвa", "Αpple", "pαypαl", "Κazakhstan", "иPhone"],
)
def test_a_word_of_two_alphabets_is_found(word: str) -> None:
    assert mixed_script_words(f"Он сказал: «{word}», and left. {word}!") == (word,)


@pytest.mark.parametrize(
    "text",
    ["IT-компания", "SMSки и PRом", "COVIDом", "kΩ, μm, µF and 5μg", "ΔT of the α-particle", "iPhone 17 и Windows",
     "3D2й",
     "Қазақстан һәм Ўзбекистон", "naïve Größe", "東京タワー", "Ελλάδα and Greece", "", "a1б2", "γλώσσα"],
)  # fmt: skip
def test_compounds_acronyms_units_and_pure_words_are_not(text: str) -> None:
    assert mixed_script_words(text) == ()


def test_mixed_words_come_once_in_order_and_at_most_a_hundred() -> None:
    assert mixed_script_words("бa дa бa") == ("бa", "дa")
    letters = "бвгджзклмнпрст"
    many = " ".join(f"{first}{second}a" for first in letters for second in letters)
    assert len(mixed_script_words(many)) == 100


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("— …", 0),
        ("Don't stop, it’s 3.5 or 1,000 metres", 7),
        ("well-known", 2),
        ("Қазақстан Республикасы", 2),
        ("हिन्दी में समाचार", 3),
        ("за\u0301мок", 1),
        ("总统签署了", 3),
        ("総理 signed 予算案 today", 5),
        ("สวัสดีครับ", 5),
        ("대통령이 서명했다", 2),
        ("re\u00adopens", 1),
    ],
)
def test_words_are_runs_of_letters_or_half_the_characters(text: str, words: int) -> None:
    assert word_count(text) == words


@given(st.text(max_size=60), st.text(max_size=60))
def test_words_of_two_lines_add_up_within_rounding(a: str, b: str) -> None:
    assert word_count(a) + word_count(b) - 1 <= word_count(f"{a}\n{b}") <= word_count(a) + word_count(b)


def test_letters_are_counted_by_script() -> None:
    assert script_counts("abц1 Ω") == {"LATIN": 2, "CYRILLIC": 1, "GREEK": 1}
