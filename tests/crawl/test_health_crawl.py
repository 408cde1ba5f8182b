"""A crawl compares what it sees with the past, leaves a summary and figures, and tells an operator once."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from newscrawl.cli.main import main
from newscrawl.state.health import Figures, words_class
from newscrawl.state.sightings import WAYS, read_catches
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Crawl

SOURCE = "saltmarsh"
APPEND = "import sys; open(sys.argv[1], 'ab').write(sys.stdin.buffer.read())"


def remember_long_articles(data: Path) -> None:
    """A month in which the source's articles were ten times as long."""
    today = datetime.now(UTC).date()
    with open_store(data) as store:
        for back in range(1, 31):
            usual = Figures(
                looks=1, found=20, pages=10, articles=10, fresh=10, dated=10, authored=10, kept_chars=100_000,
                removed_chars=5000, outcomes={"article": 10}, words={words_class(1700): 10},
            )  # fmt: skip
            store.health.add((today - timedelta(days=back)).isoformat(), {SOURCE: usual})


def settings_of(folder: Path) -> tuple[str, ...]:
    command = f"{sys.executable} -c \"{APPEND}\" '{folder / 'told.jsonl'}'"
    return (f"NEWSCRAWL_ALERT_COMMAND={command}", f"NEWSCRAWL_METRICS_FILE={folder / 'newscrawl.prom'}")


def told(folder: Path) -> list[dict[str, list[dict[str, str]]]]:
    file = folder / "told.jsonl"
    return [json.loads(line) for line in file.read_bytes().splitlines()] if file.exists() else []


def test_a_run_says_what_is_wrong_in_every_way_that_was_asked_for(
    crawl_demo: Callable[..., Crawl], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    remember_long_articles(data)
    done = crawl_demo("-a", f"source={SOURCE}", data=data, settings=settings_of(tmp_path))
    assert done.exit_code == 0, done.err
    ((message,), today) = told(tmp_path), f"{datetime.now(UTC):%Y-%m-%d}"
    (alarm,) = message["began"]
    assert (alarm["source"], alarm["what"], alarm["since"]) == (SOURCE, "words", today)
    assert "alarm_begin run=" in done.err
    assert "UNHEALTHY  saltmarsh: words since" in done.err
    summary = json.loads((data / "state" / "last_run.json").read_bytes())
    assert (summary["exit_code"], summary["articles"], summary["alarms"]) == (0, 12, [alarm])
    families = text_string_to_metric_families((tmp_path / "newscrawl.prom").read_text())
    values = {sample.name: sample.value for family in families for sample in family.samples}
    assert values["newscrawl_alarm"] == 1
    assert values["newscrawl_articles_total"] == 312
    assert values["newscrawl_last_run_exit_code"] == 0
    assert main(["health", "--data", str(data)]) == 3
    assert "saltmarsh: words since" in capsys.readouterr().out
    assert main(["health", "--json", "--data", str(data)]) == 3
    assert json.loads(capsys.readouterr().out)["findings"][0]["what"] == "words"
    ways = {catch.ways for catch in read_catches(data)}
    assert ways
    assert all(way & WAYS["feed"] for way in ways)
    with open_store(data) as store:
        assert store.health.alarms()[0].told
        assert store.health.summaries() == (summary,)


@pytest.mark.proof
def test_runs_that_see_the_same_tell_it_no_more_and_one_that_sees_it_gone_says_so(
    crawl_demo: Callable[..., Crawl], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    remember_long_articles(data)
    for _ in range(2):
        again = crawl_demo("-a", f"source={SOURCE}", data=data, settings=settings_of(tmp_path))
    assert len(told(tmp_path)) == 1
    assert "alarm_begin" not in again.err
    with open_store(data) as store:  # long ones, enough to make the day as always
        long = Figures(articles=100, dated=100, authored=100, kept_chars=900_000, words={words_class(1700): 100})
        store.health.add(f"{datetime.now(UTC):%Y-%m-%d}", {SOURCE: long})
    crawl_demo("-a", f"source={SOURCE}", data=data, settings=settings_of(tmp_path))
    (_, last) = told(tmp_path)
    assert [each["what"] for each in last["ended"]] == ["words"]
    assert last["began"] == []


@pytest.mark.proof
def test_a_command_that_fails_fails_no_run_and_the_next_one_tells(
    crawl_demo: Callable[..., Crawl], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    remember_long_articles(data)
    failing = ("NEWSCRAWL_ALERT_COMMAND=/nowhere/at/all", f"NEWSCRAWL_METRICS_FILE={tmp_path}/no/such/folder/file")
    done = crawl_demo("-a", f"source={SOURCE}", data=data, settings=failing)
    assert done.exit_code == 0
    assert "an alarm could not be told" in done.err
    assert "NEWSCRAWL_METRICS_FILE: cannot write" in done.err
    crawl_demo("-a", f"source={SOURCE}", data=data, settings=settings_of(tmp_path))
    assert len(told(tmp_path)) == 1
