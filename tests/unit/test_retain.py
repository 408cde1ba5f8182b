"""A crawl every ten minutes stays pleasant to read: few files, an end to what grows for ever, and no article lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from shelf import SITE, article, line

from newscrawl.cli.main import main
from newscrawl.dump.publish import publish
from newscrawl.dump.reader import verify
from newscrawl.dump.retain import Retention, retain
from newscrawl.dump.streams import records
from newscrawl.state.rebuild import rebuild
from newscrawl.state.store import STORE_FILE, open_store

if TYPE_CHECKING:
    from pathlib import Path

DAYS = ("2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23")
RUNS_A_DAY = 3
KEEP_ALL = Retention(outcomes_days=0, runs_days=0, over_files=0)


def crawl(data: Path, day: str, number: int, retention: Retention) -> None:
    """A run as a crawl makes it: an article, an address that gave none, its publication."""
    with open_store(data) as store:
        at = f"{day}T10:{number:02d}:00Z"
        stamp = at.replace("-", "").replace(":", "").lower()
        run_id = store.begin_run(why="test", arguments={}, versions={}, run_id=f"run_{stamp}_aaaaaa", started=at)
        item = article(f"{day}-{number}", date_crawled=at)
        store.put_article(item, run_id=run_id, outcome=line(item.url, run_id))
        store.put_outcome(line(f"{SITE}/gallery", run_id, "no_text"), at=at)
        store.end_run(run_id, exit_code=number % 2, counts={"outcome_article": 1, "outcome_no_text": 1}, ended=at)
        publish(store, data)
        retain(store, data, retention)


def crawls(data: Path, retention: Retention, days: tuple[str, ...] = DAYS) -> Path:
    for day in days:
        for number in range(RUNS_A_DAY):
            crawl(data, day, number, retention)
    return data


def manifest(data: Path) -> Any:
    return json.loads((data / "manifest.json").read_bytes())


def count(data: Path, stream: str, day: str) -> int:
    return len(list((data / stream / f"crawl_day={day}").glob("*.jsonl")))


def articles(data: Path) -> list[tuple[str, int]]:
    return sorted((each["id"], each["revision"]) for each in records(data, "articles"))


def test_a_day_that_is_over_becomes_one_file_a_stream_and_a_day_that_is_not_never_has_many(tmp_path: Path) -> None:
    data = crawls(tmp_path / "data", Retention(outcomes_days=0, runs_days=0, over_files=RUNS_A_DAY))
    assert verify(data) == ()
    assert [count(data, "articles", day) for day in DAYS] == [1, 1, 1, RUNS_A_DAY]
    assert [count(data, "outcomes", day) for day in DAYS] == [1, 1, 1, RUNS_A_DAY]
    crawl(data, DAYS[-1], RUNS_A_DAY, Retention(over_files=RUNS_A_DAY))
    assert [count(data, "articles", day) for day in DAYS] == [1, 1, 1, 1]
    untouched = crawls(tmp_path / "other", KEEP_ALL)
    crawl(untouched, DAYS[-1], RUNS_A_DAY, KEEP_ALL)
    assert [count(untouched, "articles", day) for day in DAYS] == [*[RUNS_A_DAY] * 3, RUNS_A_DAY + 1]
    assert articles(data) == articles(untouched)
    assert manifest(data)["digest"] == manifest(untouched)["digest"]


def test_old_outcomes_go_and_articles_stay(tmp_path: Path) -> None:
    data = crawls(tmp_path / "data", Retention(outcomes_days=2, runs_days=0, over_files=0))
    assert verify(data) == ()
    assert sorted(path.name for path in (data / "outcomes").iterdir()) == [f"crawl_day={day}" for day in DAYS[-2:]]
    assert len(articles(data)) == len(DAYS) * RUNS_A_DAY
    with open_store(data) as store:
        assert store.address(f"{SITE}/{DAYS[0]}-0") is not None, "the store forgot an address"


@pytest.mark.parametrize("day", ["1970-01-01", "2199-01-01"])
def test_a_clock_that_jumps_takes_no_days_away(tmp_path: Path, day: str) -> None:
    data = crawls(tmp_path / "data", KEEP_ALL)
    crawl(data, day, 0, Retention(outcomes_days=len(DAYS), runs_days=len(DAYS), over_files=0))
    assert {path.name for path in (data / "outcomes").iterdir()} >= {f"crawl_day={each}" for each in DAYS[1:]}
    assert verify(data) == ()


def test_old_runs_are_summed_up_by_day_once_no_file_names_them(tmp_path: Path) -> None:
    data = crawls(tmp_path / "data", Retention(outcomes_days=0, runs_days=2, over_files=2))
    said = manifest(data)
    assert {run["started"][:10] for run in said["runs"]} == set(DAYS[-2:])
    assert said["run_days"] == [
        {
            "day": day,
            "runs": RUNS_A_DAY,
            "failed": 1,
            "counts": {"outcome_article": RUNS_A_DAY, "outcome_no_text": RUNS_A_DAY},
        }
        for day in DAYS[:2]
    ]
    assert verify(data) == ()
    named = crawls(tmp_path / "named", Retention(outcomes_days=0, runs_days=2, over_files=0))
    assert len(manifest(named)["runs"]) == len(DAYS) * RUNS_A_DAY, "a file names a run that the manifest does not know"


def test_a_store_that_is_made_anew_knows_the_days(tmp_path: Path) -> None:
    data = crawls(tmp_path / "data", Retention(outcomes_days=2, runs_days=2, over_files=2))
    before = manifest(data)
    (data / "state" / STORE_FILE).unlink()
    rebuild(data)
    with open_store(data) as store:
        publish(store, data)
    assert manifest(data)["run_days"] == before["run_days"]
    assert manifest(data)["digest"] == before["digest"]


def test_retaining_again_changes_nothing(tmp_path: Path) -> None:
    retention = Retention(outcomes_days=2, runs_days=2, over_files=2)
    data = crawls(tmp_path / "data", retention)
    with open_store(data) as store:
        for _ in range(2):
            retain(store, data, retention)
            held = {path: path.read_bytes() for path in data.rglob("*.json*")}
    assert {path: path.read_bytes() for path in data.rglob("*.json*")} == held


def test_compact_lets_go_of_what_it_is_told_to_and_of_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = crawls(tmp_path / "data", KEEP_ALL)
    assert main(["compact", "--data", str(data)]) == 0
    assert {row["run_id"][4:12] for row in records(data, "outcomes")} == {day.replace("-", "") for day in DAYS}
    assert len(manifest(data)["runs"]) == len(DAYS) * RUNS_A_DAY
    known = articles(data)

    assert main(["compact", "--keep-outcomes-days", "2", "--data", str(data)]) == 0
    assert {row["run_id"][4:12] for row in records(data, "outcomes")} == {day.replace("-", "") for day in DAYS[-2:]}
    monkeypatch.setenv("NEWSCRAWL_KEEP_OUTCOMES_DAYS", "1")
    assert main(["compact", "--data", str(data)]) == 0
    assert {row["run_id"][4:12] for row in records(data, "outcomes")} == {DAYS[-1].replace("-", "")}
    assert articles(data) == known
    assert verify(data) == ()

    with pytest.raises(SystemExit, match="2"):
        main(["compact", "--keep-runs-days=-1", "--data", str(data)])
    assert "--keep-runs-days: -1: not a number of days" in capsys.readouterr().err
