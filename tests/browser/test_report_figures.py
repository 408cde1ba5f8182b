"""The figures of a report are those of the dump, counted here once more without any code of ours."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import newsroom
import pytest

from newscrawl.cli.main import main
from newscrawl.report.html.axis import axis_of
from newscrawl.report.html.figures import Address, Report, SourceFigures, as_values
from newscrawl.report.html.gather import gather
from newscrawl.report.html.page import MAX_BYTES, page, rows_of, stretches_of

if TYPE_CHECKING:
    from pathlib import Path

DAYS = 4


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return newsroom.build(tmp_path_factory.mktemp("dump"), days=DAYS)


@pytest.fixture(scope="module")
def report(dump: Path) -> Report:
    return gather(dump)


def test_articles_outcomes_and_revisions_are_those_of_the_dump(dump: Path, report: Report) -> None:
    lines = newsroom.values_of(dump, "articles")
    new: defaultdict[str, Counter[str]] = defaultdict(Counter)
    again: Counter[str] = Counter()
    for line in lines:
        if line["revision"] == 1:
            new[str(line["source"])][str(line["date_crawled"])[:10]] += 1
        else:
            again[str(line["revision_cause"])] += 1
    outcomes = Counter((line["source"], line["outcome"]) for line in newsroom.values_of(dump, "outcomes"))
    assert {each.source: each.articles for each in report.sources if each.articles} == new
    assert {(each.source, name): n for each in report.sources for name, n in each.outcomes.items()} == outcomes
    assert Counter({c: d.total() for each in report.sources for c, d in each.changes.items()}) == again
    assert {"page", "gone"} <= set(again)
    assert report.held == len(newsroom.values_of(dump, "current"))
    assert (report.first_day, report.last_day) == ("2026-11-20", "2026-11-23")


def test_fields_hours_and_what_was_removed_are_those_of_the_dump(dump: Path, report: Report) -> None:
    lines = [line for line in newsroom.values_of(dump, "articles") if line["revision"] == 1]
    source = next(each for each in report.sources if each.source == "harbour-times")
    mine = [line for line in lines if line["source"] == source.source]
    assert source.share("authors") == sum(bool(line["authors"]) for line in mine) / len(mine)
    assert source.hours == Counter(int(str(line["date_published"])[11:13]) for line in mine)
    ids = {line["id"] for line in mine}
    removed = [each for each in newsroom.values_of(dump, "removed") if each["id"] in ids and each["revision"] == 1]
    assert source.rules == Counter(each["rule"] for each in removed)
    assert source.removed_chars == sum(len(str(each["text"])) for each in removed) > 0
    assert source.kept_chars == sum(len(str(line["text"])) for line in mine)


def test_stories_begin_with_the_first_publication_and_tell_how_much_later_the_others_came(
    dump: Path, report: Report
) -> None:
    clusters: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in newsroom.values_of(dump, "current"):
        if line["cluster_id"] is not None:
            clusters[str(line["cluster_id"])].append(line)
    assert report.linked == sum(len(each) for each in clusters.values()) > 0
    story = report.stories[0]
    members = sorted(clusters[story.cluster_id], key=lambda line: (line["date_published"], line["id"]))
    assert [copy.url for copy in story.copies] == [line["url"] for line in members]
    assert story.copies[0].delay_s == 0
    assert all(copy.delay_s is not None and copy.delay_s % 60 == 0 for copy in story.copies)


def test_a_run_alone_has_its_own_figures(dump: Path) -> None:
    run_id = "run_20261122t233000z_aaaaaa"
    report = gather(dump, run_id=run_id)
    lines = [line for line in newsroom.values_of(dump, "outcomes") if line["run_id"] == run_id]
    assert sum(each.outcomes.total() for each in report.sources) == len(lines) > 0
    assert (report.first_day, report.last_day, len(report.runs)) == ("2026-11-22", "2026-11-22", 1)
    assert {day for each in report.sources for day in each.articles} == {"2026-11-22"}


def test_the_newest_days_alone_are_counted_when_asked_for(dump: Path) -> None:
    report = gather(dump, days=2)
    assert {day for each in report.sources for day in each.articles} == {"2026-11-22", "2026-11-23"}
    assert [run.started[:10] for run in report.runs] == ["2026-11-22", "2026-11-23"]


def test_the_same_dump_draws_the_same_articles_and_makes_the_same_page(dump: Path, report: Report) -> None:
    assert len({each.id for each in report.drawn}) == 10
    assert page(report) == page(gather(dump))
    held = {str(line["id"]): line for line in newsroom.values_of(dump, "current")}
    removed = Counter((line["id"], line["revision"]) for line in newsroom.values_of(dump, "removed"))
    for each in report.drawn:
        assert "\n\n".join(each.paragraphs) == held[each.id]["text"]
        assert len(each.removed) == removed[each.id, held[each.id]["revision"]]


def test_every_paragraph_and_every_removed_line_of_a_drawn_article_is_on_the_page_once(report: Report) -> None:
    for each in report.drawn:
        rows = [row for stretch in stretches_of(rows_of(each, 100_000)) for row in stretch.rows]
        assert [row.kept for row in rows if row.kept is not None] == list(each.paragraphs)
        assert [text for row in rows for text, _, _ in row.removed] == [line.text for line in each.removed]


def test_what_only_the_crawlers_memory_knows_is_said_to_be_unknown_where_it_is_not(
    dump: Path, report: Report, tmp_path: Path
) -> None:
    assert [(each.source, each.what) for each in report.alarms or ()] == [("hill-gazette", "silent")]
    assert {each.host for each in report.hosts or ()} == {f"{paper}.example" for paper in newsroom.PAPERS}
    alone = tmp_path / "copied"
    alone.mkdir()
    for each in dump.iterdir():
        if each.name != "state":
            (alone / each.name).symlink_to(each)
    copied = gather(alone)
    assert (copied.alarms, copied.hosts) == (None, None)
    assert copied.sources == report.sources
    assert b"nothing of it is kept beside this dump" in page(copied)


def test_a_packed_dump_makes_the_same_page(report: Report, tmp_path: Path) -> None:
    packed = newsroom.build(tmp_path, days=DAYS, compression="gzip")
    assert list(packed.glob("articles/**/*.jsonl.gz"))
    assert page(gather(packed)) == page(report)


def test_two_hundred_sources_fit_and_the_rest_is_added_up(report: Report) -> None:
    made = page(_of_many(report, sources=200, url="https://a.example/"))
    assert len(made) < MAX_BYTES
    assert b"177 other sources" in made
    text = made.decode()
    of_rest = re.search(r"<bdi>177 other sources</bdi><span>([\d,]+)</span>", text)
    assert of_rest is not None
    assert of_rest[1] == f"{sum(1000 - n for n in range(23, 200)):,}"


def test_a_page_stays_below_a_megabyte_whatever_sites_write(report: Report) -> None:
    hostile = "https://a.example/" + "&<\"'" * 500
    made = page(_of_many(report, sources=200, url=hostile))
    assert len(made) < MAX_BYTES


def test_long_spans_are_shown_by_week_or_month_and_nothing_is_lost() -> None:
    for last, name in (("2026-03-31", "day"), ("2027-01-31", "week"), ("2031-12-31", "month")):
        axis = axis_of("2026-01-01", last)
        assert axis.name == name
        assert axis.sums({"2026-01-01": 2, last: 3}) == [2, *[0] * (len(axis.bins) - 2), 3]
        days = [day for each in axis.day_sets for day in each]
        assert len(days) == len(set(days))
        assert {"2026-01-01", last} <= set(days)
        assert len(axis.bins) <= 92


def test_the_command_writes_the_file_or_prints_the_figures(
    dump: Path, report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "report.html"
    assert main(["report", "--data", str(dump), "-o", str(file)]) == 0
    assert file.read_bytes() == page(report)
    assert f"{sum(each.total for each in report.sources)} new articles of 5 sources" in capsys.readouterr().out
    assert main(["report", "--data", str(dump), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(as_values(report)))
    assert main(["report", "--data", str(dump), "--run", "last", "-o", str(file), "--quiet"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--data", "nowhere"], "there is no dump at nowhere"),
        (["--run", "run_x"], "there is no 'run_x'"),
        (["-o", "no/such/folder/report.html"], "cannot write no/such/folder/report.html"),
    ],
)
def test_a_users_mistake_is_one_sentence(
    arguments: list[str], said: str, dump: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "--data", str(dump), *arguments]) in {2, 5}
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_torn_line_is_named_and_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dump = newsroom.build(tmp_path / "data", days=1)
    torn = next(dump.glob("outcomes/**/*.jsonl"))
    torn.write_bytes(torn.read_bytes()[:-9])
    assert main(["report", "--data", str(dump), "-o", str(tmp_path / "report.html")]) == 5
    assert str(torn) in capsys.readouterr().err
    assert not (tmp_path / "report.html").exists()


def test_a_dump_without_articles_makes_a_page_that_says_so(tmp_path: Path) -> None:
    from newscrawl.dump.publish import publish
    from newscrawl.state.store import open_store

    with open_store(tmp_path) as store:
        publish(store, tmp_path)
    made = page(gather(tmp_path)).decode()
    assert made.count("No new article was stored.") == 2
    assert "No address was decided on." in made


def _of_many(report: Report, *, sources: int, url: str) -> Report:
    from dataclasses import replace

    from newscrawl.errors import Outcome

    days = [f"2026-{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 29)]
    address = Address(url=url, reason=url, status=200, day=days[0])
    made = []
    for number in range(sources):
        source = SourceFigures(source=f"source-{number:03d}")
        for at in range(1000 - number):
            source.articles[days[at % len(days)]] += 1
        source.outcomes.update({str(outcome): 100 + number for outcome in Outcome})
        source.addresses = {str(outcome): (address,) * 3 for outcome in Outcome}
        made.append(source)
    return replace(report, sources=tuple(made), first_day=days[0], last_day=days[-1])
