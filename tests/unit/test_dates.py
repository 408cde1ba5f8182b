from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newscrawl.dates import Moment, format_utc, is_plausible, parse_age, parse_moment, utc_now

FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.mark.parametrize(
    ("text", "value", "precision"),
    [
        ("2026-03-04T23:30:00-05:00", "2026-03-05T04:30:00Z", "second"),
        ("2026-03-04T10:11:12Z", "2026-03-04T10:11:12Z", "second"),
        ("2026-03-04t10:11:12z", "2026-03-04T10:11:12Z", "second"),
        ("2026-03-04T10:11:12.987654321Z", "2026-03-04T10:11:12Z", "second"),
        ("2026-03-04T10:11:12,5+0300", "2026-03-04T07:11:12Z", "second"),
        ("2026-03-04T10:11:12.000+03", "2026-03-04T07:11:12Z", "second"),
        ("2026-03-04T10:11+03:00", "2026-03-04T07:11:00Z", "minute"),
        ("2026-03-04T10:11:12+01:00[Europe/Paris]", "2026-03-04T09:11:12Z", "second"),
        ("  2026-03-04 10:11 UTC\n", "2026-03-04T10:11:00Z", "minute"),
        ("20260304T101112Z", "2026-03-04T10:11:12Z", "second"),
        ("20260304T1011+0000", "2026-03-04T10:11:00Z", "minute"),
        ("20260304", "2026-03-04T00:00:00Z", "day"),
        ("2026-03-04", "2026-03-04T00:00:00Z", "day"),
        ("2026/03/04", "2026-03-04T00:00:00Z", "day"),
        ("2026/3/4 9:05 +06:00", "2026-03-04T03:05:00Z", "minute"),
        ("2026-03-04T24:00Z", "2026-03-05T00:00:00Z", "minute"),
        ("2026-12-31T23:59:60Z", "2026-12-31T23:59:59Z", "second"),
        ("Wed, 04 Mar 2026 10:11:12 +0300", "2026-03-04T07:11:12Z", "second"),
        ("Wed, 4 Mar 2026 10:11:12 GMT", "2026-03-04T10:11:12Z", "second"),
        ("4 Mar 26 10:11 EST", "2026-03-04T15:11:00Z", "minute"),
        ("Wednesday, 04-Mar-26 10:11:12 GMT", "2026-03-04T10:11:12Z", "second"),
        ("Wed Mar  4 10:11:12 UTC 2026", "2026-03-04T10:11:12Z", "second"),
        ("04 Mar 2026", "2026-03-04T00:00:00Z", "day"),
        ("March 4, 2026", "2026-03-04T00:00:00Z", "day"),
        ("Mar. 4, 2026 9:05 p.m. EST", "2026-03-05T02:05:00Z", "minute"),
        ("2026-03-04 12:05 AM UTC", "2026-03-04T00:05:00Z", "minute"),
        ("1772619072", "2026-03-04T10:11:12Z", "second"),
        ("1772619072999", "2026-03-04T10:11:12Z", "second"),
    ],
)
def test_a_printed_time_is_read_as_precisely_as_it_is_printed(text: str, value: str, precision: str) -> None:
    assert parse_moment(text) == Moment(value=value, precision=precision)


@pytest.mark.parametrize(
    "text",
    ["", " ", "03/04/2026", "3.4.2026", "04-03-2026", "2026-13-01", "2026-02-30",
     "2026-03-04T25:00Z", "2026-03-04T24:01Z",
     "2026-03-04T10:60Z", "2026-03-04T10:11:61Z", "2026-03-04T10:11+15:00", "2026-03-04T10:11+05:99", "0000-01-01",
     "0001-01-01T00:00:00", "9999-12-31", "-1", "0", "nan", "Infinity", "17726190", "177261907212", "9" * 60, "1e9",
     "yesterday", "2 hours ago", "Feb 30, 2026", "2026", "2026-03", "٢٠٢٦-٠٣-٠٤", "2026-03-04\ud800", "\ud800\udfff",
     "2026-03-04\x00", "31 Foo 2026", "2026-03-04 13:05 PM", "2026-03-04" + " " * 60],
)  # fmt: skip
def test_what_is_ambiguous_or_no_time_is_none(text: str) -> None:
    assert parse_moment(text, "Asia/Almaty") is None


def test_a_time_without_offset_is_known_to_the_day_only() -> None:
    assert parse_moment("2026-03-04T23:30:15") == Moment(value="2026-03-04T00:00:00Z", precision="day")
    assert parse_moment("2026-03-04 23:30 XYZ") == Moment(value="2026-03-04T00:00:00Z", precision="day")


def test_a_time_without_offset_is_read_in_the_zone_of_the_source() -> None:
    assert parse_moment("2026-03-04T02:30", "Asia/Almaty") == Moment(value="2026-03-03T21:30:00Z", precision="minute")
    assert parse_moment("2026-07-04T12:00:01", "Europe/London") == Moment(
        value="2026-07-04T11:00:01Z", precision="second"
    )


def test_a_printed_offset_wins_over_the_zone_of_the_source() -> None:
    assert parse_moment("2026-03-04T02:30Z", "Asia/Almaty") == Moment(value="2026-03-04T02:30:00Z", precision="minute")


@pytest.mark.parametrize("zone", ["Nowhere/City", "../etc/passwd", "", "/etc/localtime", "a" * 500, "Asia", "\x00"])
def test_an_unknown_zone_is_no_zone(zone: str) -> None:
    assert parse_moment("2026-03-04T02:30", zone) == Moment(value="2026-03-04T00:00:00Z", precision="day")


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)), st.integers(-12 * 60, 14 * 60))
def test_every_iso_time_with_an_offset_is_read_back(moment: datetime, minutes: int) -> None:
    aware = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    parsed = parse_moment(aware.isoformat())
    assert parsed is not None
    assert datetime.fromisoformat(parsed.value) == aware


@given(st.text(st.sampled_from("0123456789-/:.TZ+ ,MarWedGMTpm[]\ud800"), max_size=64) | st.text(max_size=70))
def test_any_text_gives_a_moment_of_the_right_form_or_none(text: str) -> None:
    parsed = parse_moment(text, "Asia/Almaty")
    assert parsed is None or FORM.fullmatch(parsed.value)


def test_now_and_formatted_times_are_utc_to_the_second() -> None:
    assert abs(datetime.fromisoformat(utc_now()) - datetime.now(UTC)) < timedelta(seconds=5)
    assert format_utc(datetime(2026, 3, 4, 1, 2, 3, 999, timezone(timedelta(hours=5)))) == "2026-03-03T20:02:03Z"
    assert format_utc(datetime(2026, 3, 4)) == "2026-03-04T00:00:00Z"


@pytest.mark.parametrize(
    ("moment", "plausible"),
    [
        ("2026-11-24T00:00:00Z", True),
        ("2026-11-25T23:59:59Z", True),
        ("2026-11-26T00:00:01Z", False),
        ("1990-01-01T00:00:00Z", True),
        ("1989-12-31T23:59:59Z", False),
        ("2199-01-01T00:00:00Z", False),
        ("rubbish", False),
        ("2026-11-24", False),
    ],
)
def test_plausible_is_from_1990_to_48_hours_after_the_crawl(moment: str, plausible: bool) -> None:
    assert is_plausible(moment, "2026-11-24T00:00:00Z") is plausible


def test_an_age_is_a_whole_number_and_a_unit() -> None:
    assert [parse_age(text) for text in ("7d", "12h", "2w", " 90 M ", "30s")] == [
        timedelta(days=7),
        timedelta(hours=12),
        timedelta(weeks=2),
        timedelta(minutes=90),
        timedelta(seconds=30),
    ]


@pytest.mark.parametrize("text", ["", "7", "d", "-1d", "1.5h", "7 days", "7y", "999999d", "٧d"])
def test_what_is_no_age_is_refused_with_the_text(text: str) -> None:
    with pytest.raises(ValueError, match="Not a length of time"):
        parse_age(text)
