from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.text.language import declared_language, detect_language, same_language


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The ferry company said on Monday that the harbour would open again before the weekend."),
        ("en", "Council members voted to delay the new bridge after residents complained about its cost."),
        ("de", "Die Reederei teilte am Montag mit, dass der Hafen noch vor dem Wochenende wieder öffnet."),
        ("fr", "La compagnie a annoncé lundi que le port rouvrirait avant la fin de la semaine."),
        ("es", "La compañía anunció el lunes que el puerto volverá a abrir antes del fin de semana."),
        ("pt", "A empresa anunciou na segunda-feira que o porto vai reabrir antes do fim de semana."),
        ("tr", "Şirket pazartesi günü yaptığı açıklamada limanın hafta sonundan önce açılacağını söyledi."),
        ("pl", "Spółka poinformowała w poniedziałek, że port zostanie ponownie otwarty przed weekendem."),
        ("ru", "Паромная компания сообщила в понедельник, что порт откроется до выходных."),
        ("ru", "Жители села пожаловались на шум от новой дороги, и чиновники обещали поставить щиты."),
        ("uk", "Поромна компанія повідомила в понеділок, що порт відкриється до вихідних."),
        ("kk", "Паром компаниясы дүйсенбі күні порт демалыс күндеріне дейін ашылатынын хабарлады."),
        ("kk", "Ауыл тұрғындары жаңа жолдың шуына шағымданып, әкімдік қалқан орнатуға уәде берді."),
        ("ky", "Кеме компаниясы дүйшөмбү күнү порт дем алыш күндөргө чейин ачыларын билдирди."),
        ("ar", "أعلنت شركة العبارات يوم الاثنين أن الميناء سيفتح أبوابه قبل عطلة نهاية الأسبوع."),
        ("fa", "شرکت کشتیرانی روز دوشنبه اعلام کرد که بندر پیش از پایان هفته باز می‌شود."),
        ("he", "חברת המעבורות הודיעה ביום שני כי הנמל ייפתח מחדש לפני סוף השבוע."),
        ("hi", "नौका कंपनी ने सोमवार को कहा कि बंदरगाह सप्ताहांत से पहले फिर से खुल जाएगा।"),
        ("zh", "轮渡公司星期一表示，港口将在周末之前重新开放。"),
        ("ja", "フェリー会社は月曜日、港が週末までに再開すると発表した。"),
        ("ko", "여객선 회사는 월요일에 항구가 주말 전에 다시 문을 연다고 밝혔다."),
        ("th", "บริษัทเรือข้ามฟากแถลงเมื่อวันจันทร์ว่าท่าเรือจะเปิดอีกครั้งก่อนสุดสัปดาห์"),
        ("el", "Η εταιρεία ανακοίνωσε τη Δευτέρα ότι το λιμάνι θα ανοίξει ξανά πριν από το Σαββατοκύριακο."),
    ],
)
def test_a_sentence_is_enough_to_tell_the_language(language: str, text: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize("text", ["", "Hello", "12345 67890 " * 10, "… — !", "Da Da", "🙂" * 50, "\ud800" * 50, "港"])
def test_too_little_to_tell_is_none(text: str) -> None:
    assert detect_language(text) is None


@given(st.text(max_size=120))
@settings(max_examples=60, deadline=None)
def test_any_text_has_a_language_or_none(text: str) -> None:
    language = detect_language(text)
    assert language is None or declared_language(language) == language


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("en_us", "en-US"),
        ("en_US.UTF-8", "en-US"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("SR_latn", "sr-Latn"),
        ("es-419", "es-419"),
        ("en-x-us", "en-x-us"),
        (" kk ", "kk"),
        ("en, fr", "en"),
        ("de;q=0.9", "de"),
        ("rus", "ru"),
        ("kz", "kk"),
        ("iw-IL", "he-IL"),
        ("ckb", "ckb"),
    ],
)
def test_a_declared_language_has_one_spelling(tag: str, language: str) -> None:
    assert declared_language(tag) == language
    assert declared_language(language) == language


@pytest.mark.parametrize(
    "tag",
    [None, "", "article", "xx", "und", "mul", "english", "e", "en--us", "12", "en-\ud800", "a" * 500, "ен", "{lang}"],
)
def test_what_is_no_language_is_none(tag: str | None) -> None:
    assert declared_language(tag) is None


def test_script_and_region_do_not_make_another_language() -> None:
    assert same_language("en-US", "en")
    assert same_language("zh-Hant", "zh")
    assert same_language("nb", "no")
    assert not same_language("kk", "ru")
    assert not same_language(None, None)
