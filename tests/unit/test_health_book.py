"""What the store keeps of sources: it adds up, stays small, and forgets nothing in its totals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
import shelf

from newscrawl.article import Author, Hint
from newscrawl.errors import Outcome
from newscrawl.report.figures import RunFigures
from newscrawl.sources import Source
from newscrawl.state import health
from newscrawl.state.health import Alarm, Figures, read_book
from newscrawl.state.sightings import WAYS, read_catches
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from newscrawl.state.store import Store


@pytest.fixture
def store(tmp_path: Path, database_kind: str) -> Store:
    return open_store(tmp_path / "data")


def test_the_figures_of_several_runs_of_a_day_add_up(store: Store, tmp_path: Path) -> None:
    with store:
        one = Figures(looks=1, articles=2, outcomes={"article": 2}, words={30: 2}, last_look="2026-03-02T10:00:00Z")
        two = Figures(looks=1, articles=1, outcomes={"article": 1, "blocked": 3}, words={30: 1, 31: 0}, country="IE")
        store.health.add("2026-03-02", {"a": one, "b": one})
        store.health.add("2026-03-02", {"a": two})
        store.health.add("2026-03-03", {"a": two})
        kept = store.health.days()
    assert kept["a"]["2026-03-02"] == one + two
    assert kept["a"]["2026-03-02"].outcomes == {"article": 3, "blocked": 3}
    assert list(kept["a"]) == ["2026-03-02", "2026-03-03"]
    assert read_book(tmp_path / "data") == (kept, ())


def test_old_days_become_one_row_and_totals_never_fall(store: Store) -> None:
    days = [(date(2026, 3, 2) + timedelta(days=number)).isoformat() for number in range(30)]
    with store:
        for day in days:
            store.health.add(day, {"a": Figures(looks=1, articles=3, words={20: 3})})
        before = store.health.totals()
        for keep in (10, 5, 5):
            store.health.sum_up(keep_days=keep)
            assert list(store.health.days()["a"]) == days[-keep:]
            assert store.health.totals() == before
    assert before["a"].articles == 90


def test_the_summaries_of_the_last_runs_are_kept_and_no_more(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "KEEP_SUMMARIES", 3)
    with store:
        for number in range(8):
            store.health.put_summary(f"run_{number}", {"number": number})
        kept = [each["number"] for each in store.health.summaries()]
    assert kept == [5, 6, 7]


def test_alarms_are_kept_as_they_were(store: Store) -> None:
    alarms = (Alarm(source="a", what="silent", since="2026-03-02", finding={"words": "0"}, told=True),)
    with store:
        store.health.put_alarms(alarms)
        assert store.health.alarms() == alarms
        store.health.put_alarms(())
        assert store.health.alarms() == ()


def test_a_source_whose_past_is_forgotten_keeps_its_totals_and_loses_its_alarms(store: Store) -> None:
    with store:
        for day in ("2026-03-02", "2026-03-03"):
            store.health.add(day, {"a": Figures(looks=1, articles=3), "b": Figures(looks=1)})
        alarms = tuple(
            Alarm(source=source, what=what, since="2026-03-02", finding={}, told=told)
            for source, what, told in (("a", "noise", False), ("a", "silent", True), ("b", "silent", True))
        )
        store.health.put_alarms(alarms)
        assert store.health.begin_anew("a")
        assert not store.health.begin_anew("c")
        assert list(store.health.days()) == ["b"]
        assert store.health.totals()["a"].articles == 6
        assert [(each.source, each.what, each.ended) for each in store.health.alarms()] == [
            ("a", "silent", True),  # that it is over is still to be told
            ("b", "silent", False),
        ]


def test_a_run_counts_new_articles_with_what_they_have() -> None:
    counted = RunFigures()
    source = Source(id="harbour-times", name="The Harbour Times", country="IE")
    new = replace(
        shelf.article("a", "Rain. " * 50, removed=(shelf.SHARE,)),
        authors=(Author(name="A. Reporter"),),
        date_published="2026-11-21T08:00:00Z",
        date_crawled="2026-11-23T10:00:00Z",
    )
    counted.looked(source, 20, "2026-11-23T10:00:00Z")
    counted.looked(source, 5, "2026-11-23T10:00:01Z")
    counted.stored(new)
    counted.stored(replace(new, date_published="2026-01-01T08:00:00Z", authors=(), removed=()))
    counted.stored(replace(new, revision=2))
    counted.decided(source.id, Outcome.ARTICLE, is_answered=True)
    counted.decided(source.id, Outcome.TIMEOUT, is_answered=False)
    seen = counted.take()[source.id]
    assert (seen.looks, seen.found, seen.country) == (1, 25, "IE")
    assert (seen.articles, seen.fresh, seen.dated, seen.authored, seen.revisions) == (2, 1, 2, 1, 1)
    assert (seen.removed_lines, seen.removed_chars, seen.pages) == (1, len("Share this"), 1)
    assert seen.outcomes == {"article": 1, "timeout": 1}
    assert counted.take() == {}


def test_an_article_is_known_by_every_list_that_named_it_and_under_every_address(store: Store, tmp_path: Path) -> None:
    at = shelf.DAY_1
    asked = f"{shelf.SITE}/moved"
    with store:
        run_id = shelf.begin(store)
        store.sightings.see([Hint(url=asked, via="feed")], at=at)
        store.sightings.see([Hint(url=f"{shelf.SITE}/a", via="news_sitemap"), Hint(url=asked, via="feed")], at=at)
        store.sightings.see([Hint(url=f"{shelf.SITE}/never-fetched", via="page")], at=at)
        shelf.put(store, shelf.article("a"), run_id, at=asked)
        (catch,) = store.sightings.catches()
    assert catch.ways == WAYS["feed"] | WAYS["news_sitemap"]
    assert (catch.source, catch.seen, catch.day) == ("harbour-times", at[:10], "2026-11-20")
    assert read_catches(tmp_path / "data") == (catch,)


def test_of_a_sitemap_only_what_it_dates_lately_is_noted(store: Store) -> None:
    with store:
        run_id = shelf.begin(store)
        for name, lastmod in (("new", "2026-11-22T09:00:00+01:00"), ("old", "2026-03-01"), ("undated", None)):
            url = f"{shelf.SITE}/{name}"
            store.sightings.see([Hint(url=url, via="sitemap", date_modified=lastmod)], at=shelf.DAY_1)
            shelf.put(store, shelf.article(name, f"Text of {name}, all of it."), run_id)
        assert [catch.ways for catch in store.sightings.catches()] == [WAYS["sitemap"]]


def test_old_sightings_go(store: Store) -> None:
    with store:
        run_id = shelf.begin(store)
        for number in range(5):
            url = f"{shelf.SITE}/{number}"
            store.sightings.see([Hint(url=url, via="feed")], at=f"2026-11-2{number}T10:00:00Z")
            shelf.put(store, shelf.article(str(number), f"Text number {number}."), run_id)
        store.sightings.forget_old(keep_days=3)
        assert {catch.seen for catch in store.sightings.catches()} == {"2026-11-22", "2026-11-23", "2026-11-24"}
