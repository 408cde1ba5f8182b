"""``newscrawl health`` and ``newscrawl coverage``: what they print, and how they exit."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import shelf

from newscrawl.article import Hint
from newscrawl.cli.main import main
from newscrawl.state.health import Alarm, Figures
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from pathlib import Path


def remember(data: Path, source: str, days: int, *, until: int = 0, articles: int = 20, quiet: int = 0) -> None:
    """So many days of a source, the last one `until` days ago; the last `quiet` of them brought nothing."""
    today = datetime.now(UTC).date()
    with open_store(data) as store:
        for back in range(until, until + days):
            count = 0 if back < until + quiet else articles
            figures = Figures(
                looks=9, found=90, articles=count, fresh=count, dated=count, pages=count, outcomes={"article": count}
            )
            store.health.add((today - timedelta(days=back)).isoformat(), {source: figures})


def test_a_silent_source_comes_first_with_the_day_and_exit_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    remember(tmp_path, "a-well", 40)
    remember(tmp_path, "b-silent", 40, quiet=4)
    remember(tmp_path, "c-new", 3)
    remember(tmp_path, "d-paused", 30, until=9)
    assert main(["health", "--data", str(tmp_path)]) == 3
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split()[:3] == ["SOURCE", "STATE", "ARTICLES/DAY"]
    assert [row.split()[0] for row in rows[:4]] == ["b-silent", "a-well", "c-new", "d-paused"]
    assert "not looked at" in rows[3]
    since = (datetime.now(UTC).date() - timedelta(days=3)).isoformat()
    assert f"b-silent: silent since {since}: 0 new articles a day, usually" in rows[-1]
    assert main(["health", "--data", str(tmp_path), "--source", "a-well"]) == 0


def test_json_has_one_object_a_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    remember(tmp_path, "a", 40)
    assert main(["health", "--json", "--days", "2", "--data", str(tmp_path)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["source"], said["state"], said["findings"]) == ("a", "healthy", [])
    assert (said["articles"], said["articles_per_day"], said["dated"], said["authored"]) == (40, 20.0, 1.0, 0.0)


def test_that_no_run_looks_any_more_is_unhealthy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    remember(tmp_path, "a", 30, until=5)
    assert main(["health", "--data", str(tmp_path)]) == 3
    last = (datetime.now(UTC).date() - timedelta(days=5)).isoformat()
    assert f"no run has looked at a source since {last}" in capsys.readouterr().out


def test_what_an_operator_accepts_is_unhealthy_no_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    remember(tmp_path, "a", 40, quiet=4)
    assert main(["health", "--data", str(tmp_path)]) == 3
    assert main(["health", "--accept", "a", "--data", str(tmp_path)]) == 0
    assert main(["health", "--accept", "nobody", "--data", str(tmp_path)]) == 2
    remember(tmp_path, "a", 1, articles=0)
    capsys.readouterr()
    assert main(["health", "--data", str(tmp_path)]) == 0
    assert "not judged yet" in capsys.readouterr().out


def test_an_alarm_stands_as_long_as_nobody_can_say_that_it_is_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    remember(tmp_path, "a", 5)
    finding = {"now": 0.0, "usual": 9.0, "words": "0 new articles a day"}
    with open_store(tmp_path) as store:
        store.health.put_alarms([Alarm(source="a", what="silent", since="2026-03-02", finding=finding, told=True)])
    assert main(["health", "--data", str(tmp_path)]) == 3
    assert "a: silent since 2026-03-02: 0 new articles a day" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["health", "coverage"])
def test_a_directory_without_a_crawl_and_a_source_without_articles_are_named(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--data", str(tmp_path / "none")]) == 2
    assert "is no data directory of newscrawl" in capsys.readouterr().err
    open_store(tmp_path).close()
    assert main([command, "--data", str(tmp_path)]) == 0
    assert main([command, "--data", str(tmp_path), "--source", "x\x1b[31m"]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_coverage_says_found_estimate_and_gaps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_store(tmp_path) as store:
        run_id = shelf.begin(store)
        for number in range(30):
            vias = (("feed", "news_sitemap"), ("feed",), ("news_sitemap",))[number % 3]
            url = f"{shelf.SITE}/{number}"
            for via in vias:
                store.sightings.see([Hint(url=url, via=via)], at="2026-11-20T10:00:00Z")
            day = 20 + number % 2 * 2
            article = shelf.article(str(number), f"Text {number}.", date_published=f"2026-11-{day}T08:00:00Z")
            shelf.put(store, article, run_id)
        store.sightings.see([Hint(url=f"{shelf.SITE}/1", via="feed")], at="2026-11-23T10:00:00Z")
        store.sightings.see([Hint(url=f"{shelf.SITE}/late", via="feed")], at="2026-11-23T10:00:00Z")
        shelf.put(store, shelf.article("late", "Late.", date_published="2026-11-23T08:00:00Z"), run_id)
    assert main(["coverage", "--data", str(tmp_path)]) == 0
    _, row = capsys.readouterr().out.splitlines()
    assert "2026-11-20 to 2026-11-22  30     feed 20, sitemap 20  about 39 [" in row
    assert row.endswith("2026-11-21")
    assert main(["coverage", "--by-day", "--data", str(tmp_path)]) == 0
    assert "cannot say: no articles" in capsys.readouterr().out
    assert main(["coverage", "--json", "--data", str(tmp_path)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["found"], said["gaps"], len(said["days"])) == (30, ["2026-11-21"], 3)
    assert said["low"] <= said["estimate"] <= said["high"]
