from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newscrawl.frontier.hosts import LEFT_FOR_S, MAX_RETRY_AFTER_S, HostOptions, Hosts, retry_after_s

HOST = "news.example"
NOW = "Tue, 24 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "date", "expected"),
    [
        ("120", None, 120.0),
        ("0", None, 0.0),
        (" 30 ", None, 30.0),
        ("7200", None, MAX_RETRY_AFTER_S),
        ("86400", None, None),
        ("Tue, 24 Nov 2026 12:02:00 GMT", NOW, 120.0),
        ("Tuesday, 24-Nov-26 12:02:00 GMT", NOW, 120.0),
        ("Tue, 24 Nov 2026 11:00:00 GMT", NOW, None),  # it is over
        ("Tue, 24 Nov 2026 12:02:00 GMT", None, None),  # by whose clock?
        ("Fri, 31 Dec 9999 23:59:59 GMT", NOW, None),
        ("99999999999", None, None),
        ("9" * 10_000, None, None),
        ("-5", None, None),
        ("1e3", None, None),
        ("soon", NOW, None),
        ("", NOW, None),
        (None, None, None),
        ("٣٠", None, None),
    ],
)
def test_a_time_to_wait_is_seconds_or_a_date_and_absurd_ones_do_not_count(
    value: str | None, date: str | None, expected: float | None
) -> None:
    assert retry_after_s(value, date) == expected


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_time_to_wait_never_raises_and_is_bounded(value: str, date: str) -> None:
    seconds = retry_after_s(value, date)
    assert seconds is None or 0 <= seconds <= MAX_RETRY_AFTER_S


def test_a_busy_host_is_given_what_it_asks_for() -> None:
    hosts = Hosts()
    assert hosts.was_busy(HOST, 30.0, at_s=100.0) == 30.0
    assert hosts.is_paused(HOST, at_s=129.0)
    assert not hosts.is_paused(HOST, at_s=130.0)
    assert not hosts.is_paused("other.example", at_s=101.0)
    assert hosts.why_left(HOST, at_s=101.0) is None


def test_two_answers_that_were_on_their_way_together_are_one_message() -> None:
    hosts = Hosts()
    hosts.was_busy(HOST, None, at_s=100.0)
    assert hosts.was_busy(HOST, None, at_s=100.1) == 0.0
    assert hosts.was_busy(HOST, None, at_s=111.0) == 10.0


def test_pauses_double_until_the_host_is_left_and_an_answer_forgives_all() -> None:
    hosts = Hosts()
    at_s, pauses = 0.0, []
    while hosts.why_left(HOST, at_s=at_s) is None:
        pauses.append(hosts.was_busy(HOST, None, at_s=at_s))
        at_s += pauses[-1]
    assert pauses == [5.0, 10.0, 20.0, 0.0]
    assert hosts.answered(HOST)
    assert hosts.why_left(HOST, at_s=at_s) is None
    assert hosts.was_busy(HOST, None, at_s=at_s) == 5.0


def test_one_address_that_is_busy_for_long_does_not_speak_for_its_host_but_two_in_a_row_do() -> None:
    hosts = Hosts()
    assert hosts.was_busy(HOST, 3000.0, at_s=0.0) == 5.0
    assert hosts.was_busy(HOST, 3000.0, at_s=6.0, is_retry=True) == 5.0
    assert hosts.why_left(HOST, at_s=7.0) is None
    assert hosts.was_busy(HOST, 3000.0, at_s=20.0) == 0.0
    assert hosts.why_left(HOST, at_s=3019.0) == "it is busy, for 3000 s"
    assert not hosts.is_paused(HOST, at_s=21.0)
    assert hosts.why_left(HOST, at_s=3020.0) is None


def test_a_host_that_cannot_be_reached_is_left_once_and_tried_again_later() -> None:
    hosts = Hosts()
    told = [hosts.failed(HOST, "refused", at_s=float(n), is_refused=True) for n in range(8)]
    assert told == [False, False, False, True, False, False, False, False]
    assert hosts.why_left(HOST, at_s=9.0) == "4 addresses in a row had no answer: refused"
    assert hosts.why_left(HOST, at_s=3.0 + LEFT_FOR_S) is None


def test_a_few_addresses_that_never_answer_do_not_speak_for_their_host_but_many_in_a_row_do() -> None:
    hosts = Hosts(HostOptions(max_unanswered=12))
    for n in range(11):
        assert not hosts.failed(HOST, "reset", at_s=float(n), is_refused=False)
        assert not hosts.failed(HOST, "reset", at_s=float(n), is_refused=False, is_retry=True)
    assert hosts.failed(HOST, "reset", at_s=12.0, is_refused=False)


def test_failures_with_answers_between_them_leave_no_host() -> None:
    hosts = Hosts()
    for n in range(40):
        assert not hosts.failed(HOST, "refused", at_s=float(n), is_refused=True)
        if n % 3 == 2:
            hosts.answered(HOST)
