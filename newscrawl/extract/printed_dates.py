"""Dates in the words of a page, from short lines that say nothing else. An ambiguous date is no date."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from newscrawl.extract.wording import wording
from newscrawl.text.fold import fold

MAX_CHARS = 150
"""No line of a date is longer."""
YEAR = re.compile(r"(?:19|20)\d\d")
BUDDHIST_YEAR = re.compile(r"(?<!\d)25\d\d(?!\d)")
BUDDHIST_ERA = {"th": 543}
"""Years that a language's calendar is ahead: Thailand counts from the death of the Buddha."""
BRACKETED_ZONE = re.compile(r"\(\s?((?:gmt|utc)[^()]{0,8})\)", re.IGNORECASE)
PARTS = re.compile(r"[|•·()\[\]]|\s[-–—/]\s|\s\xa0\s")
NUMERIC = (
    # 2026-03-04, 2026. 3. 4., 2026年3月4日
    re.compile(
        r"(?<![\d./-])(?P<year>\d{4})(?P<sep>[-./])\s?(?P<month>\d{1,2})(?P=sep)\s?(?P<day>\d{1,2})\.?(?![\d/-])"
    ),
    re.compile(r"(?P<year>\d{4})\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일]"),
    # 04.03.2026: with dots the day comes first, everywhere
    re.compile(r"(?<![\d./-])(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})(?![\d/-])"),
    re.compile(r"(?<!\d)(?P<day>\d{1,2})\s+tháng\s+(?P<month>\d{1,2})(?:\s*,\s*|\s+(?:năm\s+)?)(?P<year>\d{4})(?!\d)"),
)
SHORT = re.compile(r"(?<![\d./-])(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d\d)(?![\d./-])")
"""04.03.26: with two digits of the year only where nobody writes the year first."""
DAY_FIRST = frozenset({"cs", "da", "de", "fi", "it", "nb", "pl", "ro", "ru", "sk", "tr", "uk"})
CENTURY = 2000
# 25/12/2026 and 12/25/2026 can be read in one way only.
SLASHED = re.compile(r"(?<![\d./-])(\d{1,2})([/-])(\d{1,2})\2(\d{4})(?![\d/-])")
CLOCK = re.compile(
    r"(?<![\d.:/-])(?P<hour>[01]?\d|2[0-3])(?:\s?[:h]\s?|\.)(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?![\d.:/-]*\d)"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?"
)
ZONE = re.compile(r"(?:\b(?:gmt|utc)\s?)?(?<![\d:])(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>[0-5]\d))?(?!\d)")
NAMED_ZONE = re.compile(r"\b(?:gmt|utc|cet|cest|eet|eest|msk|мск|jst|[ecmp][ds]t)\b")
OTHER_ZONE = re.compile(r"\b(?:[ecmp]t|ist|bst|wib|wita|wit|sgt|hkt|aest|aedt)\b")
"""Not the same everywhere: with one of these, only the day is known."""
AFTERNOON = re.compile(r"오후|下午|午後")
MORNING = re.compile(r"오전|上午|午前")
WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedDate:
    """A date as it stands on the page."""

    raw: str
    value: str
    """ISO 8601; with the offset where one is printed."""
    is_update: bool
    """The line says that the article was changed then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Language:
    named: tuple[re.Pattern[str], ...]
    months: dict[str, int]
    said: frozenset[str]
    """Words that may stand beside a date."""
    updated: frozenset[str]


def find_dates(text: str, language: str, label: str = "") -> tuple[PrintedDate, ...]:
    """The dates of a line in which nothing else stands; ``label`` is what the page prints right before it.

    ``language`` is a primary subtag ("de"), whose names of months are known.
    """
    digits = _digits(text)
    has_year = YEAR.search(digits) or (language in BUDDHIST_ERA and BUDDHIST_YEAR.search(digits))
    if len(text) > MAX_CHARS or not (has_year or (language in DAY_FIRST and SHORT.search(text))):
        return ()
    spoken = _language(language)
    found: list[PrintedDate] = []
    for part in PARTS.split(BRACKETED_ZONE.sub(r" \1 ", text)):
        if (one := _read(part, spoken, language)) is not None:
            found.append(one)
        elif part.strip() and not found:
            label = part
    is_update = fold(label) in spoken.updated
    return tuple(
        PrintedDate(raw=one.raw, value=one.value, is_update=one.is_update or (is_update and index == 0))
        for index, one in enumerate(found)
    )


def _read(part: str, spoken: _Language, language: str) -> PrintedDate | None:
    line = _lower(_digits(part), language)
    match, day = _day(line, spoken)
    if match is None and language in DAY_FIRST and (match := SHORT.search(line)):
        day = _iso(CENTURY + int(match["year"]), int(match["month"]), int(match["day"]))
    if match is None or day is None:
        return None
    if language in BUDDHIST_ERA and BUDDHIST_YEAR.match(day):
        day = f"{int(day[:4]) - BUDDHIST_ERA[language]}{day[4:]}"
    rest = f"{line[: match.start()]} {line[match.end() :]}"
    clock, rest = _clock(rest)
    words = WORD.findall(rest)
    if any(fold(word) not in spoken.said for word in words) or any(c.isdigit() for c in rest):
        return None
    before = fold(line[: match.start()])
    is_update = any(f" {before} ".find(f" {label} ") >= 0 for label in spoken.updated)
    return PrintedDate(raw=" ".join(part.split()), value=day + clock, is_update=is_update)


def _day(line: str, spoken: _Language) -> tuple[re.Match[str] | None, str | None]:
    for form in (*NUMERIC, *spoken.named):
        if match := form.search(line):
            parts = match.groupdict()
            month = parts["month"]
            number = int(month) if month.isdecimal() else spoken.months[" ".join(month.split())]
            return match, _iso(int(parts["year"]), number, int(parts["day"]))
    if match := SLASHED.search(line):
        first, second = int(match[1]), int(match[3])
        if first == second or (first > 12) != (second > 12):
            day, month_ = (second, first) if second > 12 else (first, second)
            return match, _iso(int(match[4]), month_, day)
    return None, None


def _iso(year: int, month: int, day: int) -> str | None:
    return f"{year:04}-{month:02}-{day:02}" if 1 <= month <= 12 and 1 <= day <= 31 else None


def _clock(rest: str) -> tuple[str, str]:
    """The time of day with its offset, to follow an ISO day, and what is left of the line without it."""
    clock = CLOCK.search(rest)
    if clock is None:
        return "", rest
    left = rest[: clock.start()] + " " + rest[clock.end() :]
    hour = int(clock["hour"])
    is_late = clock["half"] == "p" or AFTERNOON.search(left) is not None
    is_early = clock["half"] == "a" or MORNING.search(left) is not None
    hour = hour % 12 + 12 * is_late if is_late or is_early else hour
    left = MORNING.sub(" ", AFTERNOON.sub(" ", left))
    second = f":{clock['second']}" if clock["second"] else ""
    value = f"T{hour:02}:{clock['minute']}{second}"
    if zone := ZONE.search(left):
        offset = f"{zone['sign']}{int(zone['hours']):02}:{zone['minutes'] or '00'}"
        return value + offset, left[: zone.start()] + " " + left[zone.end() :]
    if zone := NAMED_ZONE.search(left):
        name = "msk" if zone[0] == "мск" else zone[0]
        return f"{value} {name}", left[: zone.start()] + " " + left[zone.end() :]
    if OTHER_ZONE.search(left):
        return "", OTHER_ZONE.sub(" ", left)
    return value, left


def _digits(text: str) -> str:
    """Arabic, Devanagari and full-width digits as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def _lower(text: str, language: str) -> str:
    if language == "tr":
        text = text.replace("İ", "i").replace("I", "ı")
    return unicodedata.normalize("NFC", text.casefold())


@lru_cache(maxsize=64)
def _language(language: str) -> _Language:
    data = wording("dates").get(language, {})
    months = {
        _lower(name.replace("_", " "), language): number
        for number, names in enumerate(data.get("months", ()), 1)
        for name in names.split()
    }
    choices = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in sorted(months, key=len, reverse=True))
    month = rf"(?P<month>{choices})\b\.?"
    between = r"[\s,،.]{1,3}(?:(?:de|del|of)\s+)?"
    forms = (
        rf"(?<![\d./-])(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th|er|º)?{between}{month}{between}(?P<year>\d{{4}})(?!\d)",
        rf"\b{month}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s?[,،]?\s+(?P<year>\d{{4}})(?!\d)",
        rf"(?<![\d./-])(?P<year>\d{{4}})\s+(?:ж\.?|жыл|жылғы|жылы)\s+(?P<day>\d{{1,2}})\s+{month}",
    )
    labels = [*data.get("published", ()), *data.get("updated", ())]
    said = [*" ".join(labels).split(), *data.get("days", "").split(), *data.get("around", "").split()]
    return _Language(
        named=tuple(re.compile(form) for form in forms) if months else (),
        months=months,
        said=frozenset(fold(word) for word in said),
        updated=frozenset(fold(label) for label in data.get("updated", ())),
    )
