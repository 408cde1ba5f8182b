"""How often is looked: after what each look brought, within bounds, whatever the clock does."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.article import Article, Fetch, Hint, OutcomeLine
from newscrawl.commands.continuous import one_round
from newscrawl.discover.site import SiteFinder
from newscrawl.dump.publish import publish
from newscrawl.errors import ConfigError
from newscrawl.frontier.plan import read_plan
from newscrawl.frontier.revisit import ArticleOptions, born_s, is_due, next_revisit_s
from newscrawl.frontier.schedule import (
    DAY_S,
    FULL_SHARE,
    HOUR_S,
    Look,
    Pace,
    RevisitOptions,
    failed_interval_s,
    first_pace,
    hours_between,
    interval_s,
    is_come,
    looked_again,
)
from newscrawl.frontier.wishes import LONGEST_WISH_S, wished_s
from newscrawl.sources import Source
from newscrawl.state.frontier import settle, want
from newscrawl.state.store import Store, key_of, open_store
from newscrawl.state.upcoming import Upcoming, nothing_before

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = 1_795_521_600.0  # 2026-11-24T12:00:00Z
OPTIONS = RevisitOptions()
HOUR_AGES = ArticleOptions().ages_s

moments = st.floats(0, 4_102_444_800)
counts = st.integers(0, 2000)


@st.composite
def paces(draw: st.DrawFn) -> Pace:
    """What any history of looks may come to, clocks that jump included."""
    pace, at = Pace(), NOW
    for gap, new in draw(st.lists(st.tuples(st.floats(-DAY_S, 30 * DAY_S), st.integers(0, 300)), max_size=12)):
        pace, at = looked_again(pace, since=at, now=at + gap, new=[None] * new), at + gap
    return pace


@settings(max_examples=40)
@given(paces(), moments, counts, st.floats(0, 1e9))
def test_every_interval_lies_within_the_bounds(pace: Pace, now: float, entries: int, floor_s: float) -> None:
    wait_s = interval_s(pace, now=now, options=OPTIONS, entries=entries, floor_s=floor_s)
    assert OPTIONS.min_s <= wait_s <= OPTIONS.max_s
    assert interval_s(pace, now=now, options=RevisitOptions(max_s=0), entries=entries, floor_s=floor_s) == 0


@settings(max_examples=40)
@given(paces(), st.integers(1, 50))
def test_more_articles_never_make_the_next_look_later(pace: Pace, more: int) -> None:
    fewer = looked_again(pace, since=NOW - HOUR_S, now=NOW, new=[None])
    richer = looked_again(pace, since=NOW - HOUR_S, now=NOW, new=[None] * (1 + more))
    assert richer.per_s > fewer.per_s
    flat = tuple([0.0] * 24)
    waits = [
        interval_s(Pace(brought=each.brought, watched_s=each.watched_s, hours=flat), now=NOW, options=OPTIONS)
        for each in (fewer, richer)
    ]
    assert waits[1] <= waits[0]


@settings(max_examples=40)
@given(paces(), moments, moments)
def test_a_pace_stays_finite_and_an_empty_look_only_lowers_it(pace: Pace, since: float, now: float) -> None:
    after = looked_again(pace, since=since, now=now, new=())
    assert math.isfinite(after.per_s)
    assert sum(after.shape) == pytest.approx(24)
    assert min(after.hours) >= 0
    assert after.brought <= pace.brought
    if now <= since:
        assert after == pace


@given(st.floats(0, 1e9), st.floats(0, 20 * DAY_S))
def test_the_pieces_of_a_time_add_up_to_it(start: float, length: float) -> None:
    pieces = list(hours_between(start, start + length))
    assert sum(seconds for _, seconds in pieces) == pytest.approx(length, abs=1e-3)
    assert all(0 <= hour < 24 and 0 < seconds <= HOUR_S for hour, seconds in pieces)


def regular(per_hour: float, days: int, *, hours: range = range(24)) -> Pace:
    """Articles at even gaps in some hours of the day, looked at every half an hour."""
    pace, at, owed = Pace(), NOW, 0.0
    for _ in range(days * 48):
        owed += per_hour / 2 if int(at // HOUR_S) % 24 in hours else 0.0
        new, owed = int(owed), owed % 1
        pace, at = looked_again(pace, since=at, now=at + 1800, new=[None] * new), at + 1800
    return pace


def test_the_rate_is_found_and_four_times_the_articles_halve_the_interval() -> None:
    slow, fast = regular(1, 10), regular(4, 10)
    assert slow.per_s * HOUR_S == pytest.approx(1, rel=0.15)
    waits = [interval_s(each, now=NOW, options=OPTIONS) for each in (slow, fast)]
    assert waits[0] == pytest.approx(OPTIONS.hourly_s, rel=0.15)
    assert waits[1] == pytest.approx(OPTIONS.hourly_s / 2, rel=0.15)


def test_a_newsroom_that_sleeps_is_left_alone_at_night() -> None:
    pace = regular(3, 20, hours=range(6, 22))
    midnight = NOW - NOW % DAY_S + DAY_S
    night, noon = (interval_s(pace, now=at, options=OPTIONS) for at in (midnight, midnight + DAY_S / 2))
    assert night > 3 * noon


def test_a_short_feed_is_looked_at_before_it_has_turned_over() -> None:
    pace = regular(20, 10)
    free = RevisitOptions(min_s=1, hourly_s=100_000)
    assert interval_s(pace, now=NOW, options=free, entries=10) == pytest.approx(FULL_SHARE * 10 / 20 * HOUR_S, rel=0.15)


def test_the_first_look_reads_the_pace_from_the_printed_times() -> None:
    pace = first_pace(NOW, [NOW - hour * HOUR_S for hour in range(1, 97)])
    assert pace.per_s * HOUR_S == pytest.approx(1, rel=0.15)
    assert first_pace(NOW, [None, NOW + 5, NOW - 400 * DAY_S]) == Pace()  # next to nothing is known
    assert first_pace(NOW, [NOW - 400 * DAY_S, NOW - 500 * DAY_S]).per_s < Pace().per_s / 5


@pytest.mark.parametrize(("failures", "wait_s"), [(1, 900), (2, 1800), (5, 14_400), (10_000, 14_400)])
def test_what_does_not_answer_is_asked_more_and_more_rarely(failures: int, wait_s: float) -> None:
    assert failed_interval_s(failures, options=OPTIONS) == wait_s
    assert failed_interval_s(failures, options=OPTIONS, floor_s=3600) == max(wait_s, 3600)


@given(moments, st.floats(-1e9, 1e9) | st.floats(0, 2 * DAY_S))
def test_nothing_is_put_off_for_longer_than_the_longest_wait(now: float, ahead_s: float) -> None:
    assert is_come(now + ahead_s, now=now, longest_s=DAY_S) or 0 < ahead_s <= DAY_S + 61


WISHES = [
    (b"<rss><channel><ttl>15</ttl><item><ttl>999</ttl></item>", None, None, 900),
    (b"<rss><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", None, None, 900),
    (b"<rss><sy:updatePeriod>\n yearly </sy:updatePeriod>", None, None, LONGEST_WISH_S),
    (b"<rss><sy:updatePeriod>often</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", None, None, 0),
    (b"", "public, max-age=300", None, 300),
    (b"", "s-maxage=900, max-age=300", "100", 200),
    (b"", "max-age=300", "nonsense", 300),
    (b"", "no-store", None, 0),
    (b"<ttl>999999</ttl>", "max-age=999999999", None, LONGEST_WISH_S),
    (b"<html>", None, None, 0),
]


@pytest.mark.parametrize(("body", "cache_control", "age", "wish_s"), WISHES)
def test_a_site_may_wish_to_be_left_alone_for_a_while(
    body: bytes, cache_control: str | None, age: str | None, wish_s: float
) -> None:
    assert wished_s(body, cache_control, age) == wish_s


@settings(max_examples=40)
@given(st.binary(max_size=400), st.text(max_size=60), st.text(max_size=20))
def test_no_wish_is_longer_than_the_longest(body: bytes, cache_control: str, age: str) -> None:
    assert 0 <= wished_s(b"<rss>" + body, cache_control, age) <= LONGEST_WISH_S


CHANGES = [
    ("2026-11-24T10:00:00Z", "2026-11-24T10:00:00Z", False),
    ("2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z", True),
    ("2026-11-24T10:00:00Z", "2026-11-24T12:00:00+02:00", False),  # another list, the same moment
    ("2026-11-24T10:00:00Z", "2026-11-24", False),  # likewise, by the day
    ("2026-11-24T10:00:00Z", None, False),
    (None, "2026-11-24T10:00:00Z", True),
    ("yesterday", "today", True),
    ("2199-01-01T00:00:00Z", "2026-11-24T10:00:00Z", True),
]


@pytest.mark.parametrize(("before", "after", "due"), CHANGES)
def test_an_article_is_fetched_again_when_a_list_says_that_it_changed_later(
    before: str | None, after: str | None, due: bool
) -> None:
    now = "2026-11-24T12:00:00Z"
    assert is_due(outcome="article", seen_lastmod=before, lastmod=after, now=now) is due


def test_two_lists_that_disagree_come_to_rest() -> None:
    seen, fetches = None, 0
    for said in ("2026-11-24T10:00:00Z", "2026-11-24T10:05:00Z") * 10:
        if is_due(outcome="article", seen_lastmod=seen, lastmod=said, now="2026-11-24T12:00:00Z"):
            seen, fetches = said, fetches + 1
    assert fetches == 2


@given(moments, st.floats(0, 40 * DAY_S))
def test_each_look_at_an_article_is_later_than_the_last_and_there_is_an_end(born: float, age: float) -> None:
    now, looks = born + age, 0
    while (due := next_revisit_s(born, now=now, ages_s=HOUR_AGES)) is not None:
        assert due > now
        now, looks = due, looks + 1
    assert looks <= len(HOUR_AGES)
    assert now <= born + max(age, HOUR_AGES[-1])


@pytest.mark.parametrize(
    ("published", "born"),
    [
        (None, NOW),
        ("2026-11-24T09:00:00Z", 1_795_510_800.0),
        ("2030-01-01T00:00:00Z", NOW),
        ("2026-11-24", NOW),
        ("2026-11-20", 1_795_132_800.0 + DAY_S),
        ("soon", NOW),
    ],
)
def test_an_article_is_as_old_as_it_says_and_no_younger_than_its_first_fetch(
    published: str | None, born: float
) -> None:
    assert born_s(published, fetched_s=NOW) == born


def test_the_setting_is_read_and_what_is_no_length_of_time_is_named() -> None:
    assert ArticleOptions(revisits=("1d", "30m")).ages_s == (1800, 86_400)
    assert ArticleOptions(revisits=()).ages_s == ()
    with pytest.raises(ConfigError, match="NEWSCRAWL_ARTICLE_REVISITS is '1h,soon'"):
        _ = ArticleOptions(revisits=("1h", "soon")).ages_s


# The store.

URL = "https://harbour.example/ferry"
AT = "2026-11-24T12:00:00Z"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        opened.schedule.ages_s = HOUR_AGES
        yield opened


def decide(store: Store, outcome: str, *, via: str = "feed", published: str | None = None, at: str = AT) -> None:
    """One address is found and decided on."""
    with store._database.transaction():
        hint = Hint(url=URL, via=via, date_published=published, title="Ferry")
        want(store._database, [(key_of(URL), hint)], source="harbour")
        store.schedule.settle(key_of(URL), outcome, at=at, is_new=True)
        settle(store._database, [key_of(URL)], outcome, at=at)


def waiting(store: Store) -> list[int]:
    return [due for (due,) in store._database.rows("SELECT due FROM revisits")]


def test_a_new_article_of_a_feed_waits_for_its_next_look(store: Store) -> None:
    decide(store, "article")
    assert waiting(store) == [int(NOW) + 3600]
    assert list(store.schedule.due_revisits("harbour", now=NOW + 1800)) == []
    ((hint, is_last),) = store.schedule.due_revisits("harbour", now=NOW + 3600)
    assert (hint.url, hint.title, is_last) == (URL, "Ferry", False)
    decide(store, "unchanged", at="2026-11-24T13:00:00Z")
    assert waiting(store) == [int(NOW) + 6 * 3600]
    decide(store, "timeout", at="2026-12-01T12:00:00Z")
    assert waiting(store) == []


@pytest.mark.parametrize(
    ("outcome", "via", "published", "count"),
    [
        ("article", "sitemap", None, 0),  # who knows how old
        ("article", "sitemap", "2026-11-24T11:00:00Z", 1),
        ("article", "feed", "2026-11-01T11:00:00Z", 0),
        ("too_short", "feed", "2026-11-24T11:50:00Z", 1),  # caught before it was written
        ("list_page", "feed", "2026-11-24T11:50:00Z", 0),
        ("timeout", "feed", None, 0),
    ],
)
def test_only_young_articles_are_kept(store: Store, outcome: str, via: str, published: str | None, count: int) -> None:
    decide(store, outcome, via=via, published=published)
    assert len(waiting(store)) == count


def test_an_address_that_is_let_go_waits_no_more(store: Store) -> None:
    decide(store, "article")
    store.want([Hint(url=URL, via="feed")], source="harbour")
    store.let_go(URL)
    assert waiting(store) == []
    assert list(store.wanted("harbour")) == []


def test_a_look_that_a_clock_ahead_put_off_is_due(store: Store) -> None:
    decide(store, "article", at="2038-01-01T00:00:00Z")
    assert len(list(store.schedule.due_revisits("harbour", now=NOW))) == 1


def test_looks_are_kept_whole_and_what_a_source_leads_to_no_more_is_forgotten(store: Store) -> None:
    pace = regular(2, 2)
    told = Look(source="harbour", url="", kind="feed", looked=5, due=9, pace=pace, entries=30)
    looks = [replace(told, url=f"https://harbour.example/{name}") for name in "ab"]
    store.schedule.looked("harbour", looks, kept={each.url for each in looks})
    kept = store.schedule.look("harbour", looks[0].url)
    assert kept is not None
    assert kept.pace.per_s == pytest.approx(pace.per_s, rel=1e-3)
    assert (kept.entries, kept.due) == (30, 9)
    store.schedule.looked("harbour", [], kept={looks[1].url})
    assert store.schedule.look("harbour", looks[0].url) is None
    assert store.schedule.look("harbour", looks[1].url) is not None


def test_a_purged_article_is_looked_at_no_more(store: Store) -> None:
    run_id = store.begin_run(why="test", arguments={}, versions={})
    decide(store, "article")
    article = Article(
        url=URL,
        site="harbour.example",
        source="harbour",
        title="Ferry",
        text="It sailed.",
        date_crawled=AT,
        run_id=run_id,
    )
    line = OutcomeLine(
        url=URL, source="harbour", outcome="article", reason=None, status=200, bytes=1, ms=1, via="feed", run_id=run_id
    )
    stored = store.put_article(article, run_id=run_id, outcome=line, fetch=Fetch(requested_url=URL))
    assert len(waiting(store)) == 1
    store.purge([stored.article.id], run_id=run_id)
    assert waiting(store) == []


# What is not due is passed over, and leads where it led.

SITE = "https://harbour.example/"
ITEM = b"<item><title>Ferry</title><link>https://harbour.example/2026/ferry</link></item>"
FEED = b"<rss><channel><title>Harbour</title>" + ITEM + b"</channel></rss>"
HOME = b"<html><head><link rel=alternate type='application/rss+xml' href='/feed.xml'></head><body></body></html>"
INDEX = b"<sitemapindex><sitemap><loc>https://harbour.example/sitemap-1.xml</loc></sitemap></sitemapindex>"


def test_an_answer_says_what_it_held_and_whether_it_leads_on() -> None:
    finder = SiteFinder(url=SITE)
    robots, home = finder.start().asks
    finder.fail(robots, "HTTP 404")
    found = finder.answer(home, HOME, SITE)
    assert (found.leads, found.entries) == (True, 0)
    feed = next(ask for ask in found.asks if ask.kind == "feed")
    found = finder.answer(feed, FEED, feed.url)
    assert (found.leads, found.entries) == (False, 1)
    assert [(hint.url, origin.url) for hint, origin in zip(found.hints, found.origins, strict=True)] == [
        ("https://harbour.example/2026/ferry", "https://harbour.example/feed.xml")
    ]


def test_an_index_leads_to_its_sitemaps() -> None:
    finder = SiteFinder(url=None, sitemaps=("https://harbour.example/sitemap.xml",))
    (index,) = finder.start().asks
    found = finder.answer(index, INDEX, index.url)
    assert found.leads
    assert [ask.url for ask in found.asks] == ["https://harbour.example/sitemap-1.xml"]


@pytest.mark.parametrize("gave_articles", [True, False])
def test_a_feed_that_is_passed_over_counts_as_what_it_was_the_last_time(gave_articles: bool) -> None:
    finder = SiteFinder(url=SITE, feeds=("https://harbour.example/feed.xml",))
    (feed,) = finder.start().asks
    found = finder.pass_over(feed, gave_articles=gave_articles)
    assert finder.answered == 1
    # An empty feed does not keep a run from looking elsewhere.
    assert [ask.kind for ask in found.asks] == ([] if gave_articles else ["robots", "home"])
    assert finder.done is gave_articles


# What is due next.


def test_next_is_the_first_of_what_waits_and_nothing_is_next_while_something_is_left_to_publish(tmp_path: Path) -> None:
    feed = "https://harbour.example/feed.xml"
    harbour = Source(id="harbour", name="Harbour", feeds=(feed,), enabled=True)

    def first(sources: tuple[Source, ...] = (harbour,), now: float = NOW) -> Upcoming | None:
        return nothing_before(tmp_path, sources, now=now, longest_look_s=DAY_S, longest_age_s=7 * DAY_S)

    assert first() is None  # there is no store
    with open_store(tmp_path) as store:
        assert first() is None  # it was never looked at
        look = Look(source="harbour", url=feed, kind="feed", looked=int(NOW), due=int(NOW) + 1800)
        store.schedule.looked("harbour", [look], kept={feed})
        assert first() is None  # there is no manifest: a publication did not come to its end
        publish(store, tmp_path)
        upcoming = first()
        assert upcoming is not None
        assert (upcoming.due, upcoming.at, upcoming.articles) == (int(NOW) + 1800, feed, 0)
        assert first(now=NOW + 1800) is None
        assert first(now=NOW - 2 * DAY_S) is None  # the clock that wrote it was ahead
        assert first((replace(harbour, feeds=(feed, "https://harbour.example/new.xml")),)) is None
        store.schedule.ages_s = (600.0 + 900.0,)
        decide(store, "article")
        upcoming = first()
        assert upcoming is not None
        assert (upcoming.due, upcoming.articles) == (int(NOW) + 1500, 1)
        assert first(now=NOW + 1500) is None
        run_id = store.begin_run(why="test", arguments={}, versions={})
        assert first() is None  # a run goes on, or was killed
        store.end_run(run_id, exit_code=0, counts={})
        assert first() is None  # the manifest does not tell of it
        publish(store, tmp_path)
        assert first() is not None
        store.want([Hint(url=URL, via="feed")], source="harbour")
        assert first() is None


def test_the_command_of_a_round_is_the_one_that_was_typed() -> None:
    typed = [
        "python",
        "-m",
        "scrapy",
        "crawl",
        "news",
        "-a",
        "continuous=true",
        "-acontinuous=1",
        "-s",
        "A=continuous=1",
    ]
    assert one_round(typed, 900.0)[1:] == [*typed[1:6], "max_time=900", "-amax_time=900", *typed[8:]]


@pytest.mark.parametrize("name", ["url", "source", "limit", "refresh", "max_time"])
def test_a_crawl_that_goes_on_goes_by_the_schedule_alone(tmp_path: Path, name: str) -> None:
    values = {"url": "https://harbour.example", "source": "harbour", "limit": "3", "refresh": "true", "max_time": "1h"}
    with pytest.raises(ConfigError, match=f"-a {name} cannot be given with it"):
        read_plan({"continuous": "true", name: values[name]}, tmp_path / "sources.toml")
