"""Cleaning as a whole: nothing is lost, nothing is done twice, and quickly."""

from __future__ import annotations

import pytest
from growth import LINEAR, TIMES_LARGER, growth
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newscrawl.article import Article, Author, Image
from newscrawl.clean import clean
from newscrawl.clean.cut import cut, uncut
from newscrawl.clean.rules import RULES
from newscrawl.clean.wording import wording

PROSE = "Ships returned to the harbour on Monday after two days of repairs, the port said."
TITLE = "Harbour reopens after storm"
NOISE = (
    "Skip to content", "Home › News › Harbour", TITLE, f"{TITLE} | The Harbour Times", "By Anna Berg", "3 March 2026",
    "Read also:", "Latest", "Related", "- Storm closes harbour", "Storm closes harbour", "Share", "Facebook", "Twitter",
    "ADVERTISEMENT", "We use cookies to make this site work.", "Sign up for our newsletter", "© 2026 The Harbour Times",
    "[1] Reference omitted for brevity.", "{{ title }}", "Photo: Anna Berg", "12 comments", "Tags", "anna@berg.example",
    "Читайте также:", "Поделиться", "广告", "関連記事",
)  # fmt: skip
lines = st.one_of(
    st.sampled_from(NOISE),
    st.sampled_from([PROSE, f"{PROSE} And more.", "No.", "What now", "“Read more,” he said.", "- One point of two."]),
    st.text(max_size=60).map(lambda text: " ".join(text.split()) or "x"),
)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    paragraphs = draw(st.lists(lines, max_size=25))
    return Article(
        url="https://harbour-times.example/a",
        title=draw(st.sampled_from([None, TITLE, "Storm", "Share"])),
        description=draw(st.sampled_from([None, PROSE, "Latest"])),
        publisher=draw(st.sampled_from([None, "The Harbour Times"])),
        authors=draw(st.sampled_from([(), (Author(name="Anna Berg"),)])),
        images=draw(st.sampled_from([(), (Image(url="https://harbour-times.example/i.jpg", caption="What now"),)])),
        text="\n\n".join(paragraphs) or None,
    )


@given(articles())
@settings(max_examples=300, deadline=None)
def test_kept_and_removed_paragraphs_together_are_the_text_that_came_in(article: Article) -> None:
    cleaned = clean(article)
    assert uncut(cleaned) == article.paragraphs
    places = [removed.place for removed in cleaned.removed]
    assert places == sorted(places)
    assert all(0 <= place <= len(cleaned.paragraphs) for place in places)


@given(articles())
@settings(max_examples=300, deadline=None)
@example(Article(title="Share", text="\n\n".join(["Share", "Facebook", "Twitter", "Share"] * 3)))
def test_cleaning_twice_changes_nothing(article: Article) -> None:
    once = clean(article)
    assert clean(once) == once


@given(articles())
@settings(max_examples=100, deadline=None)
def test_cleaning_changes_text_removed_and_flags_only(article: Article) -> None:
    cleaned = clean(article)
    for name in ("url", "title", "description", "authors", "images", "publisher", "language", "extractor"):
        assert getattr(cleaned, name) == getattr(article, name)


@given(st.lists(st.text("ab", min_size=1, max_size=3), max_size=12), st.data())
def test_cuts_one_after_the_other_keep_every_place_right(paragraphs: list[str], data: st.DataObject) -> None:
    article = Article(text="\n\n".join(paragraphs) or None)
    for rule in ("first", "second", "third"):
        indexes = range(len(article.paragraphs))
        chosen = data.draw(st.sets(st.sampled_from(indexes))) if indexes else set()
        article = cut(article, dict.fromkeys(chosen, "chosen"), rule)
        assert uncut(article) == tuple(paragraphs)


def test_an_article_with_nothing_to_remove_comes_back_as_the_same_object() -> None:
    article = Article(title=TITLE, text=f"{PROSE}\n\nThe port will be open at night too, its director said.")
    assert clean(article) is article
    assert all(rule(article) is article for rule in RULES)


def test_every_removed_paragraph_names_its_rule_its_reason_and_its_place() -> None:
    text = (
        f"Skip to content\n\n{TITLE}\n\n{PROSE}\n\nADVERTISEMENT\n\nThe port is open at night.\n\nRead also:\n\nLatest"
    )
    cleaned = clean(Article(title=TITLE, text=text))
    assert cleaned.paragraphs == (PROSE, "The port is open at night.")
    assert [(removed.place, removed.rule, removed.text) for removed in cleaned.removed] == [
        (0, "skip_links", "Skip to content"),
        (0, "repeated_title", TITLE),
        (1, "advertisement", "ADVERTISEMENT"),
        (2, "read_also", "Read also:"),
        (2, "read_also", "Latest"),
    ]
    assert all(removed.why for removed in cleaned.removed)


CORRECTIONS = (
    "Correction: An earlier version of this article gave the wrong day.",
    "Correction, March 5, 2026: The gate is 40 metres wide, not 14.",
    "This article was updated on Thursday to add a comment by the port.",
    "Editor’s note: This story has been corrected. The ferry left at nine.",
    "Korrektur: In einer früheren Fassung stand der falsche Tag.",
    "Anmerkung der Redaktion: Wir haben die Angabe zur Breite korrigiert.",
    "Correctif : une version précédente de cet article donnait le mauvais jour.",
    "Corrección: una versión anterior de este artículo daba un día equivocado.",
    "Correção: uma versão anterior deste texto trazia o dia errado.",
    "Correzione: una versione precedente riportava il giorno sbagliato.",
    "Correctie: in een eerdere versie stond de verkeerde dag.",
    "Sprostowanie: we wcześniejszej wersji podaliśmy zły dzień.",
    "Исправление: в первой версии статьи был указан неверный день.",
    "Виправлення: у першій версії статті було вказано неправильний день.",
    "Түзету: мақаланың бұрынғы нұсқасында күн қате көрсетілген.",
    "Düzeltme: Haberin önceki halinde gün yanlış verilmişti.",
    "تصحيح: ذكرت نسخة سابقة من هذا المقال يوما خاطئا.",
    "सुधार: इस खबर के पिछले संस्करण में दिन गलत था।",
    "更正：本文早前版本的日期有误。",
    "訂正：以前の記事では日付が誤っていました。",
    "정정: 이전 기사에서 날짜가 잘못되었습니다.",
    "Koreksi: versi sebelumnya menyebut hari yang salah.",
    "Đính chính: bản trước của bài viết ghi sai ngày.",
    "Rättelse: i en tidigare version stod fel dag.",
)


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_a_correction_stays_above_in_and_below_the_text(correction: str) -> None:
    more = "The port will be open at night too, its director said."
    for text in ([correction, PROSE, more], [PROSE, correction, more], [PROSE, more, correction]):
        article = Article(title=TITLE, text="\n\n".join(text))
        assert clean(article) is article


def test_a_text_of_noise_alone_becomes_no_text_and_is_all_recorded() -> None:
    cleaned = clean(Article(title=TITLE, text=f"{TITLE}\n\nAccept all\n\n© 2026 The Harbour Times"))
    assert cleaned.text is None
    assert len(cleaned.removed) == 3


@pytest.mark.proof
def test_the_work_of_cleaning_grows_with_the_paragraphs() -> None:
    def article(size: int) -> Article:
        paragraphs = [f"{PROSE} Paragraph {index}." for index in range(size)]
        return Article(title=TITLE, text="\n\n".join([*paragraphs, "Read also:", "Storm", "Share", "12 comments"]))

    clean(Article(title=TITLE, text="Share"))  # the wording is read once in a process
    assert growth(clean, article(400), article(400 * TIMES_LARGER)) < LINEAR


def test_wording_of_an_unknown_rule_is_empty() -> None:
    nothing = wording("no_such_rule")
    assert nothing.matches("share") is None
    assert not nothing.lines
