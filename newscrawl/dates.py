"""Times as publishers print them, to UTC. Nothing is guessed: an ambiguous date is no date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

MAX_CHARS = 64
"""No printed time is longer."""
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Before this there was no news on the web."""
LATEST_AFTER_CRAWL = timedelta(hours=48)
"""Embargoed and mis-zoned pages are up to this much ahead of the crawl."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    "(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)[.]?"
)
_DAY_NAME = r"(?:[a-z]{3,9}[.]?,?\s+)?"
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?(?:\s*(?P<half>[ap])[.]?m\b[.]?)?"
_BASIC_CLOCK = r"(?P<hour>\d\d)(?P<minute>\d\d)(?:(?P<second>\d\d)(?:[.,]\d{1,9})?)?"
_ZONE = r"(?:\s*(?P<zone>z|[+-]\d\d(?::?\d\d)?|[a-z]{2,5}))?(?:\[[\w/+-]{1,40}\])?"
_T = r"(?:t|\s+|t\s+)"

_FORMS = tuple(
    re.compile(form, re.ASCII | re.IGNORECASE)
    for form in (
        # ISO 8601, extended: 2026-03-04T10:11:12.5+03:00 and its shorter and looser spellings.
        rf"(?P<year>\d{{4}})(?P<dash>[-/.])(?P<month>\d{{1,2}})(?P=dash)(?P<day>\d{{1,2}})(?:{_T}{_CLOCK}{_ZONE})?\Z",
        # ISO 8601, basic: 20260304T101112Z.
        rf"(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d)(?:t{_BASIC_CLOCK}{_ZONE})?\Z",
        # RFC 2822: Wed, 04 Mar 2026 10:11:12 +0300.
        rf"{_DAY_NAME}(?P<day>\d{{1,2}})[\s-]+{_MONTH}[\s-]+(?P<year>\d{{4}}|\d\d)(?:,?\s+{_CLOCK}{_ZONE})?\Z",
        # March 4, 2026.
        rf"{_DAY_NAME}{_MONTH}\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})(?:,?\s+{_CLOCK}{_ZONE})?\Z",
        # asctime and Java: Wed Mar  4 10:11:12 UTC 2026.
        rf"{_DAY_NAME}{_MONTH}\s+(?P<day>\d{{1,2}})\s+{_CLOCK}{_ZONE}\s+(?P<year>\d{{4}})\Z",
    )
)
_EPOCH = re.compile(r"(\d{10})(\d{3})?\Z", re.ASCII)
_AGE = re.compile(r"\s*(\d{1,5})\s*([smhdw])\s*\Z", re.ASCII | re.IGNORECASE)
_AGE_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

# Hours from UTC. Only abbreviations that mean one zone in news: IST, BST, CST of China and the like do not.
_NAMED_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9,
    "ast": -4, "adt": -3, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time as precise as it was printed."""

    value: str
    """UTC, ``YYYY-MM-DDTHH:MM:SSZ``."""
    precision: str
    """``second``, ``minute`` or ``day``; a day is printed as its own midnight, whatever the zone."""


def utc_now() -> str:
    """The time now, UTC ``YYYY-MM-DDTHH:MM:SSZ``."""
    return format_utc(datetime.now(UTC))


def format_utc(moment: datetime) -> str:
    """UTC ``YYYY-MM-DDTHH:MM:SSZ``, fractions cut off; a time without zone is taken as UTC."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def parse_moment(text: str, time_zone: str | None = None) -> Moment | None:
    """Read ISO 8601, RFC 2822, ``March 4, 2026`` or Unix seconds or milliseconds; None for anything else.

    A time without offset is read in `time_zone` (an IANA name); without one only its day is known.
    ``03/04/2026`` is None: nobody can tell which is the month. So are years outside 1000 to 9998
    (placeholders), offsets that no country has, and days that no month has.
    """
    if len(text) > MAX_CHARS:
        return None
    text = text.strip()
    if epoch := _EPOCH.match(text):
        seconds = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(epoch[1]))
        return Moment(value=format_utc(seconds), precision="second")
    for form in _FORMS:
        if match := form.match(text):
            return _moment(match.groupdict(), time_zone)
    return None


def is_plausible(moment_value: str, date_crawled: str) -> bool:
    """Can an article crawled at `date_crawled` have been published then: 1990 to 48 hours after the crawl?"""
    try:
        moment = datetime.fromisoformat(moment_value)
        crawled = datetime.fromisoformat(date_crawled)
        return EARLIEST <= moment <= crawled + LATEST_AFTER_CRAWL
    except (ValueError, TypeError, OverflowError):
        return False


def parse_age(text: str) -> timedelta:
    """A length of time: a whole number and ``s``, ``m`` (minutes), ``h``, ``d`` or ``w``.

    Raises:
        ValueError: says what was given.
    """
    match = _AGE.match(text)
    if match is None:
        raise ValueError(f"Not a length of time such as 7d, 12h or 2w: {text[:40]!r}")
    return timedelta(**{_AGE_UNITS[match[2].lower()]: int(match[1])})


def _moment(parts: dict[str, str | None], time_zone: str | None) -> Moment | None:
    try:
        day = datetime(_year(parts["year"] or ""), _month(parts["month"] or ""), int(parts["day"] or ""))
        clock = _clock(parts)
        if clock is None:
            return Moment(value=format_utc(day), precision="day")
        zone = _offset(parts.get("zone")) or _zone(time_zone)
        if zone is None:
            return Moment(value=format_utc(day), precision="day")
        local = (day + clock).replace(tzinfo=zone)
        return Moment(value=format_utc(local), precision="second" if parts.get("second") else "minute")
    except (ValueError, OverflowError):
        return None


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 2:  # RFC 2822: 00 to 49 are of this century
        year += 2000 if year < 50 else 1900
    if not 1000 <= year <= 9998:
        raise ValueError(text)
    return year


def _month(text: str) -> int:
    return int(text) if text.isdecimal() else _MONTHS.index(text[:3].lower()) + 1


def _clock(parts: dict[str, str | None]) -> timedelta | None:
    """Time since midnight; None when no time is printed. 24:00 is the next midnight, a leap second the one before."""
    if parts.get("hour") is None:
        return None
    hour, minute = int(parts["hour"] or ""), int(parts["minute"] or "")
    second = int(parts.get("second") or 0)
    if half := parts.get("half"):
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if half in "pP" else 0)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        raise ValueError(hour, minute, second)
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59))


def _offset(zone: str | None) -> timezone | None:
    """The printed offset or zone name; None when there is none or the name is not known.

    Raises:
        ValueError: an offset that no country has.
    """
    if not zone:
        return None
    if zone[0] not in "+-":
        hours = _NAMED_ZONES.get(zone.lower())
        return None if hours is None else timezone(timedelta(hours=hours))
    digits = zone[1:].replace(":", "")
    minutes = int(digits[2:] or "0")
    offset = timedelta(hours=int(digits[:2]), minutes=minutes)
    if minutes > 59 or offset > timedelta(hours=14):
        raise ValueError(zone)
    return timezone(-offset if zone[0] == "-" else offset)


@lru_cache(maxsize=256)
def _zone(name: str | None) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
