"""Articles made anew from raw pages: what today's code makes better becomes a revision, once, and nothing else."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import replace
from subprocess import Popen
from typing import TYPE_CHECKING, Any

import pytest
from raw_pages import AT, FERRY, SITE, exchange, html, write
from shelf import begin, gone, put

from newscrawl.article import Author
from newscrawl.batch.clean import article_of
from newscrawl.cli.main import main
from newscrawl.dump.publish import publish
from newscrawl.dump.purge import finish_purges
from newscrawl.dump.reader import verify
from newscrawl.dump.streams import records
from newscrawl.extract.options import ExtractOptions
from newscrawl.readers.files import Input, read_input
from newscrawl.refine import RefineOptions, refine
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newscrawl.article import Article

NOISE = "Read more news of the harbour in our application"


def page(name: str) -> bytes:
    return html(FERRY.replace("ferry", name), f"The {name} opens again")


def articles_in(data: Path) -> Iterator[Article]:
    """What a crawl makes of the raw pages."""
    for path in sorted((data / "raw").iterdir()):
        for item in read_input(Input(name=str(path))):
            yield article_of(item, ExtractOptions(), RefineOptions())  # type: ignore[arg-type]


def older(article: Article) -> Article:
    """The article as code left it that was not as good."""
    return refine(replace(article, text=f"{article.text}\n\n{NOISE}", authors=(Author(name="Harbour Times"),)))


def made(data: Path, *names: str, older_ones: int) -> Path:
    """Published articles and their pages; the first ones were made by older code."""
    with open_store(data) as store:
        run = begin(store)
        entry = write(data, [exchange(f"{SITE}/{name}", page(name)) for name in names])
        store.outbox.published([entry], 0)
        for number, article in enumerate(articles_in(data)):
            stored = older(article) if number < older_ones else article
            put(store, stored, run)
        publish(store, data)
    return data


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """One article that was made by older code; one page needs no worker process."""
    return made(tmp_path / "data", "ferry", older_ones=1)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not change what comes of a page."""
    monkeypatch.setenv("NEWSCRAWL_POOL_DEADLINE_S", "60")
    monkeypatch.setenv("NEWSCRAWL_POOL_WORKERS", "1")


def reclean(data: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["reclean", "--json", "--data", str(data), *arguments]) == 0
    values: dict[str, Any] = json.loads(capsys.readouterr().out)
    return values


def texts(data: Path) -> dict[str, str]:
    return {each["url"].rpartition("/")[2]: each["text"] for each in records(data)}


def files(data: Path) -> dict[str, bytes]:
    kept = [each for each in data.rglob("*") if each.is_file() and "state" not in each.parts]
    return {str(each): each.read_bytes() for each in kept}


def test_looking_changes_nothing_and_says_what_would(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files(data)
    found = reclean(data, capsys)
    assert (found["articles"], found["same"], found["changed"], found["stored"]) == (1, 0, 1, 0)
    assert found["fields"] == {"text": 1, "authors": 1}
    assert found["sources"] == {"harbour-times": 1}
    assert NOISE in json.dumps(found["samples"][0]["text"])
    assert files(data) == before


def test_applying_publishes_a_cleaning_revision_of_what_changed_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = made(tmp_path / "data", "ferry", "bridge", "market", older_ones=2)
    assert reclean(data, capsys, "--apply")["stored"] == 2
    assert NOISE not in "".join(texts(data).values())
    revised = [each for each in records(data, "articles") if each["revision"] == 2]
    assert {each["revision_cause"] for each in revised} == {"cleaning"}
    assert {(each["date_crawled"], each["discovered_via"]) for each in revised} == {(AT, "feed")}
    assert all(set(each["changes"]) == {"text", "authors"} for each in revised)
    assert verify(data) == ()
    before = texts(data)
    again = reclean(data, capsys, "--apply")
    assert (again["same"], again["stored"], texts(data)) == (3, 0, before)


def test_a_table_and_samples_are_for_people(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reclean", "--data", str(data)]) == 0
    out = capsys.readouterr().out
    assert "0 the same, 1 would change, 0 give no article today" in out
    assert "nothing was changed; --apply publishes it" in out
    assert "revision 1 → 2 (cleaning)" in out


def test_what_the_publisher_changed_since_does_not_come_back(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_store(data) as store:
        run = begin(store, 2)
        first = next(articles_in(data))
        newer = replace(first, text=FERRY.replace("two days", "nine days"), date_crawled="2026-11-24T10:00:00Z")
        put(store, refine(newer), run)
        publish(store, data)
    found = reclean(data, capsys, "--apply")
    assert (found["without_page"], found["stored"]) == (1, 0)
    assert "nine days" in texts(data)["ferry"]


def test_what_is_gone_stays_so(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_store(data) as store:
        gone(store, f"{SITE}/ferry", begin(store, 2), 410, "2026-11-24T10:00:00Z")
    found = reclean(data, capsys, "--apply")
    assert (found["articles"], found["stored"], texts(data)) == (0, 0, {})
    assert verify(data) == ()


def test_what_was_purged_stays_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = made(tmp_path / "data", "ferry", "bridge", older_ones=2)
    bridge = next(each["id"] for each in records(data) if each["url"].endswith("/bridge"))
    with open_store(data) as store:
        store.purge([bridge], run_id=begin(store, 2))
        finish_purges(store, data)
    found = reclean(data, capsys, "--apply")
    assert (found["articles"], found["stored"]) == (1, 1)
    assert set(texts(data)) == {"ferry"}
    assert verify(data) == ()


def test_a_page_that_gives_no_article_today_leaves_the_stored_one(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = texts(data)
    monkeypatch.setenv("NEWSCRAWL_EXTRACT_MIN_TEXT_CHARS", "100000")
    found = reclean(data, capsys, "--apply")
    assert (found["no_article"], found["stored"], texts(data)) == ({"too_short": 1}, 0, before)


@pytest.mark.parametrize(
    ("arguments", "changed"),
    [(["--source", "elsewhere"], 0), (["--source", "harbour-times"], 1), (["--since", "2026-11-24"], 0)],
)
def test_a_source_or_a_day_narrows_what_is_made_anew(
    data: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], changed: int
) -> None:
    assert reclean(data, capsys, *arguments)["changed"] == changed


def test_what_an_interrupted_run_stored_is_published_and_the_rest_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = made(tmp_path / "data", "ferry", "bridge", older_ones=2)
    with open_store(data) as store:  # as if it were killed after the first
        store.put_cleaning(next(articles_in(data)), run_id=begin(store, 3))
    assert reclean(data, capsys, "--apply")["stored"] == 1
    assert NOISE not in "".join(texts(data).values())
    assert verify(data) == ()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--since", "yesterday"], "--since yesterday: not a day"), (["--samples", "x"], None)],
)
def test_a_mistake_is_one_sentence(
    data: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str | None
) -> None:
    if words is None:
        with pytest.raises(SystemExit, match="2"):
            main(["reclean", "--data", str(data), *arguments])
        return
    assert main(["reclean", "--data", str(data), *arguments]) == 2
    assert words in capsys.readouterr().err


def test_a_directory_without_raw_pages_says_how_to_keep_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_store(tmp_path):
        pass
    assert main(["reclean", "--data", str(tmp_path)]) == 2
    assert "NEWSCRAWL_RAW=warc" in capsys.readouterr().err


def test_a_damaged_archive_costs_its_own_pages_and_the_exit_code_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = made(tmp_path / "data", "ferry", "market", older_ones=1)
    (path,) = (data / "raw").iterdir()
    content = bytearray(path.read_bytes())
    content[-30] ^= 0xFF
    path.write_bytes(bytes(content))
    assert main(["reclean", "--data", str(data), "--apply", "--quiet"]) == 1
    assert "cannot be read" in capsys.readouterr().err
    assert NOISE not in texts(data)["ferry"]


@pytest.mark.proof
def test_killed_at_any_moment_the_next_one_ends_with_one_revision_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"ferry-{number}" for number in range(8)]
    whole = made(tmp_path / "data", *names, older_ones=len(names))
    for kill_after in (1, 4):
        data = tmp_path / f"killed-{kill_after}"
        shutil.copytree(whole, data)
        with Popen([sys.executable, "-m", "newscrawl", "reclean", "--apply", "--quiet", "--data", str(data)]) as child:
            while child.poll() is None and revised(data) < kill_after:
                time.sleep(0.005)
            child.kill()
        assert child.returncode == -signal.SIGKILL
        before = revised(data)
        assert reclean(data, capsys, "--apply")["stored"] == len(names) - before
        lines = list(records(data, "articles"))
        assert sorted((each["url"], each["revision"]) for each in lines) == sorted(
            (f"{SITE}/{name}", revision) for name in names for revision in (1, 2)
        )
        assert NOISE not in "".join(texts(data).values())
        assert verify(data) == ()


def revised(data: Path) -> int:
    """How many articles have a second revision in the store."""
    with closing(sqlite3.connect(data / "state" / "newscrawl.sqlite", timeout=30)) as store:
        return int(store.execute("SELECT count(*) FROM articles WHERE revision = 2").fetchone()[0])
