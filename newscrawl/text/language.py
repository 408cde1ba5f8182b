"""The language of a text, as declared and as detected, in BCP 47."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from newscrawl.text.scripts import script_counts

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

MAX_READ_CHARS = 500
"""Detection reads no more: on 454 news pages 400 characters and 2,000 gave the same languages."""
MIN_LETTERS = 20
MIN_SPACELESS_LETTERS = 8
"""In Han and Kana a letter says as much as several of an alphabet."""
MIN_PROBABILITY = 0.5

# Scripts that one language of the news writes.
_BY_SCRIPT = {
    "HANGUL": "ko", "THAI": "th", "LAO": "lo", "KHMER": "km", "MYANMAR": "my", "GEORGIAN": "ka", "ARMENIAN": "hy",
    "GREEK": "el", "TAMIL": "ta", "TELUGU": "te", "KANNADA": "kn", "MALAYALAM": "ml", "GUJARATI": "gu",
    "GURMUKHI": "pa", "ORIYA": "or", "SINHALA": "si", "TIBETAN": "bo", "THAANA": "dv",
}  # fmt: skip
_HAN_AND_KANA = ("CJK", "HIRAGANA", "KATAKANA")
_MIN_KANA_SHARE = 0.1

# What the detector tells apart and a news reader does not.
_VARIETIES = {"ary": "ar", "arz": "ar", "wuu": "zh", "yue": "zh", "uzs": "uz", "sdh": "ku", "nn": "no", "nb": "no"}
_NO_LANGUAGE = frozenset({"zxx", "und", "mul", "mis"})

# ISO 639-1, complete.
_TWO_LETTERS = frozenset(
    re.findall(
        "..",
        "aaabaeafakamanarasavayazbabebgbhbibmbnbobrbscacechcocrcscucvcydadedvdzeeeleneoeseteufafffifjfofrfygagdglgngu"
        "gvhahehihohrhthuhyhziaidieigiiikioisitiujajvkakgkikjkkklkmknkokrkskukvkwkylalblglilnloltlulvmgmhmimkmlmnmrms"
        "mtmynanbndnengnlnnnonrnvnyocojomorospapiplpsptqurmrnrorurwsascsdsesgsiskslsmsnsosqsrssstsusvswtatetgthtitktl"
        "tntotrtstttwtyugukuruzvevivowawoxhyiyozazhzu",
    )
)
# Three-letter codes of languages without a two-letter one that have news sites.
_THREE_LETTERS = frozenset({
    "ace", "ast", "bcl", "bho", "ceb", "chr", "ckb", "crh", "dsb", "fil", "fur", "gcr", "gsw", "haw", "hsb", "ilo",
    "kab", "kok", "lij", "lld", "mai", "mni", "nap", "nds", "nso", "pam", "pap", "pcm", "rue", "sah", "sat", "sco",
    "scn", "sma", "smj", "smn", "szl", "tet", "tpi", "tyv", "vec", "war", "yue", "zgh",
})  # fmt: skip
# Codes that were replaced, three-letter codes of languages that have a two-letter one, and codes of countries that
# are no code of a language and leave no doubt which is meant.
_MEANT = {
    "iw": "he", "in": "id", "ji": "yi", "jw": "jv", "mo": "ro",
    "ara": "ar", "aze": "az", "bel": "be", "ben": "bn", "bul": "bg", "ces": "cs", "chi": "zh", "cmn": "zh",
    "cze": "cs", "dan": "da", "deu": "de", "dut": "nl", "ell": "el", "eng": "en", "est": "et", "fas": "fa",
    "fin": "fi", "fra": "fr", "fre": "fr", "geo": "ka", "ger": "de", "gre": "el", "heb": "he", "hin": "hi",
    "hrv": "hr", "hun": "hu", "hye": "hy", "ind": "id", "isl": "is", "ita": "it", "jpn": "ja", "kat": "ka",
    "kaz": "kk", "kir": "ky", "kor": "ko", "lav": "lv", "lit": "lt", "mkd": "mk", "mon": "mn", "nld": "nl",
    "nor": "no", "per": "fa", "pol": "pl", "por": "pt", "ron": "ro", "rum": "ro", "rus": "ru", "slk": "sk",
    "slv": "sl", "spa": "es", "sqi": "sq", "srp": "sr", "swe": "sv", "tgk": "tg", "tha": "th", "tur": "tr",
    "ukr": "uk", "urd": "ur", "uzb": "uz", "vie": "vi", "zho": "zh",
    "cn": "zh", "cz": "cs", "dk": "da", "jp": "ja", "kz": "kk", "ua": "uk",
}  # fmt: skip
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8}){0,6}\Z")


def detect_language(text: str) -> str | None:
    """The language of the text, a primary subtag such as ``kk``; None when it is too short or the case is not clear."""
    sample = text[:MAX_READ_CHARS]
    counts = script_counts(sample)
    letters = counts.total()
    han_and_kana = sum(counts[script] for script in _HAN_AND_KANA)
    if letters >= MIN_SPACELESS_LETTERS and han_and_kana * 2 > letters:
        return "ja" if han_and_kana - counts["CJK"] >= _MIN_KANA_SHARE * han_and_kana else "zh"
    if letters < MIN_LETTERS:
        return None
    script, number = counts.most_common(1)[0]
    if script in _BY_SCRIPT and number * 2 > letters:
        return _BY_SCRIPT[script]
    probabilities: Counter[str] = Counter()
    for language, probability in _identifier().rank(sample):
        probabilities[_VARIETIES.get(language, language)] += probability
    language, probability = max(probabilities.items(), key=lambda item: item[1])
    return language if probability >= MIN_PROBABILITY and language not in _NO_LANGUAGE else None


def load_model() -> None:
    """Load what detection needs, for a process that may write no file later: loading makes a temporary one."""
    _identifier()


def declared_language(tag: str | None) -> str | None:
    """A declared language as a BCP 47 tag: ``en_us`` is ``en-US``, ``ZH-hant-tw`` is ``zh-Hant-TW``.

    Of several, the first. None for what is no language (``article``, ``xx``, ``und``).
    """
    if not tag or len(tag) > 100:
        return None
    first = re.split("[,;.@\\s]", tag.strip(), maxsplit=1)[0].replace("_", "-").lower()
    if not _TAG.match(first):
        return None
    primary, *rest = first.split("-")
    primary = _MEANT.get(primary, primary)
    if primary not in _TWO_LETTERS and primary not in _THREE_LETTERS:
        return None
    return "-".join([primary, *_cased(rest)])


def same_language(a: str | None, b: str | None) -> bool:
    """Do both tags name one language, whatever script and region they add? None is no language."""
    return a is not None and b is not None and _primary(a) == _primary(b)


def _primary(tag: str) -> str:
    primary = tag.partition("-")[0].lower()
    return _VARIETIES.get(primary, primary)


def _cased(subtags: list[str]) -> list[str]:
    """Script in title case and region in capitals; after a one-letter subtag (an extension) nothing changes."""
    cased = []
    extension = False
    for subtag in subtags:
        extension = extension or len(subtag) == 1
        if not extension and len(subtag) == 4 and subtag.isalpha():
            cased.append(subtag.title())
        elif not extension and len(subtag) == 2 and subtag.isalpha():
            cased.append(subtag.upper())
        else:
            cased.append(subtag)
    return cased


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    # The model takes a moment to load: only those who detect pay for it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
