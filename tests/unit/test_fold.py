from __future__ import annotations

import pytest
from growth import LINEAR, TIMES_LARGER, growth
from hypothesis import example, given
from hypothesis import strategies as st

from newscrawl.text.fold import fold, similarity


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (None, ""),
        ("", ""),
        (" — …!", ""),
        ("Harbour  Reopens!", "harbour reopens"),
        ("HARBOUR — reopens…", "harbour reopens"),
        ("«Порт» открыт: Да", "порт открыт да"),
        ("Straße STRASSE", "strasse strasse"),
        ("ｆｕｌｌ ﬁne x²", "full fine x2"),
        ("re\u00adopens\u200b", "reopens"),
        ("snake_case", "snake case"),
        ("हिन्दी में", "हिन्दी में"),
        ("e\u0301té", "été"),
        ("İstanbul", "istanbul"),
        ("a\ud800b\x00c", "a b c"),
    ],
)
def test_only_letters_marks_and_digits_count(text: str | None, key: str) -> None:
    assert fold(text) == key


@given(st.text(max_size=60))
@example("¨\u0301")
@example("ῼ\u0345 ΐ")
@example("\u1fb3\u0301")
@example("e\u200d\u0301")
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert once == " ".join(once.split())


@given(st.text(max_size=40), st.text(max_size=40))
def test_similarity_is_symmetric_and_a_share(a: str, b: str) -> None:
    value = similarity(a, b)
    assert 0 <= value <= 1
    assert value == similarity(b, a)
    assert similarity(a, a) == (1.0 if fold(a) else 0.0)


def test_similarity_counts_shared_words_however_they_are_ordered_and_written() -> None:
    assert similarity("The harbour reopens", "REOPENS: the harbour!") == 1
    assert similarity("the harbour reopens", "the harbour closes") == 0.5
    assert similarity("a a a b", "a b") == 0.5
    assert similarity("harbour", "mountain") == 0


def test_similarity_counts_character_pairs_where_there_are_no_spaces() -> None:
    assert similarity("总统签署了明年的预算法案", "总统签署明年的预算法案") > 0.7
    assert similarity("总统签署了明年的预算法案", "足球比赛今晚开始") == 0
    assert similarity("港", "港") == 1


@pytest.mark.parametrize("char", ["a ", "語", "\u0301", ". ", "\u200d", "한"])
@pytest.mark.proof
def test_the_work_on_hostile_texts_grows_with_their_length(char: str) -> None:
    small, large = char * 25_000, char * 25_000 * TIMES_LARGER
    assert growth(fold, small, large) < LINEAR
    assert growth(lambda text: similarity(text, text[1:]), small, large) < LINEAR
