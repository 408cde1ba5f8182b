"""The index of a dump holds what the dump holds, and follows it."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelf import DAY_2, SHARE, SITE, article, begin, gone, put

from newscrawl.browse.find import Found, Wish, find, languages, one, sources
from newscrawl.browse.library import Library
from newscrawl.browse.words import Term, hits, read_terms
from newscrawl.dump.caches import SEARCH_INDEX
from newscrawl.dump.compact import compact
from newscrawl.dump.publish import publish
from newscrawl.dump.purge import finish_purges
from newscrawl.errors import ConfigError, StoreError
from newscrawl.state.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

STORY = "The pilots of the harbour will not board a ship with ice on its ladder, five ports agreed on Friday. " * 3
KILLED = """
import os, pathlib, signal, sys
from newscrawl.browse.library import Library
Library(pathlib.Path(sys.argv[1]), lambda done, whole: done < whole / 2 or os.kill(os.getpid(), signal.SIGKILL))
"""
ID_A = article("a").id


def first_run(store: Store, data: Path) -> None:
    run = begin(store, 1)
    put(store, article("a", "Tide.\n\nOld words.", removed=(SHARE,), language="en-GB"), run)
    put(store, article("b", STORY, title="Ladders", language="en", date_published="2026-11-21T08:00:00Z"), run)
    put(store, article("c", STORY, title="Leitern", language="de", source="other"), run)
    put(
        store,
        article("d", "港口今天开放。", title="港口", language="zh-CN", date_published=None, date_precision=None),
        run,
    )
    put(store, article("e", "It was withdrawn later."), run)
    store.end_run(run, exit_code=0, counts={})
    publish(store, data)


def second_run(store: Store, data: Path) -> None:
    run = begin(store, 2)
    put(store, article("a", "Tide.\n\nNew words.", language="en-GB", date_crawled=DAY_2), run)
    gone(store, f"{SITE}/e", run, 410, DAY_2)
    store.end_run(run, exit_code=0, counts={})
    publish(store, data)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("browse") / "data"
    with open_store(data) as store:
        first_run(store, data)
        second_run(store, data)
    return data


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """A dump of one's own."""
    return Path(shutil.copytree(made, tmp_path / "data"))


def found(library: Library, **asked: Any) -> Found:
    with library.reading() as database:
        return find(database, Wish(**asked))


def names(library: Library, **asked: Any) -> list[str]:
    return [row["url"].removeprefix(f"{SITE}/") for row in found(library, **asked).rows]


def test_articles_are_found_by_words_source_language_and_day(data: Path) -> None:
    with Library(data) as library:
        assert (names(library)[:2], sorted(names(library))) == (["d", "b"], ["a", "b", "c", "d", "e"])
        assert names(library, sort="oldest")[-1] == "d"
        assert names(library, text="ladders", sort="best") == ["b"]
        assert names(library, text="港口") == ["d"]
        assert names(library, text="LADDERS") == ["b"]
        assert sorted(names(library, text="ladder*")) == ["b", "c"]
        assert names(library, text="ladder* -leitern") == ["b"]
        assert sorted(names(library, text="-leitern")) == ["a", "b", "d", "e"]
        assert names(library, text='"board a ship"', source="other") == ["c"]
        assert sorted(names(library, language="en")) == ["a", "b"]
        assert names(library, language="en-GB") == ["a"]
        assert names(library, since="2026-11-21", until="2026-11-21") == ["b"]
        assert names(library, text="title:b OR (") == []


def test_what_can_be_chosen_is_counted_as_it_is_found(data: Path) -> None:
    with Library(data) as library, library.reading() as database:
        for tag, count in languages(database):
            assert find(database, Wish(language=tag)).total == count
        for source, count in sources(database):
            assert find(database, Wish(source=source)).total == count
        assert dict(languages(database)) == {"de": 1, "en": 2, "en-GB": 1, "zh": 1, "zh-CN": 1}


def test_the_newest_words_are_found_and_the_old_ones_are_not(data: Path) -> None:
    with Library(data) as library:
        assert names(library, text="new words") == ["a"]
        assert names(library, text="old words") == []


def test_what_was_withdrawn_is_found_by_its_last_words_and_says_so(data: Path) -> None:
    with Library(data) as library:
        assert names(library, text="withdrawn") == ["e"]
        assert names(library, show="withdrawn") == ["e"]
        assert "e" not in names(library, show="there")
        row = found(library, show="withdrawn").rows[0]
        assert (row["status"], row["title"], row["revisions"]) == ("gone", "Title of e", 2)


def test_a_story_that_many_print_is_counted_and_can_be_had_once(data: Path) -> None:
    with Library(data) as library:
        copies = {row["title"]: row["copies"] for row in found(library).rows}
        assert (copies["Ladders"], copies["Leitern"], copies["Title of a"]) == (1, 1, 0)
        assert len(names(library, text="ladder", show="first")) == 1


def test_one_article_comes_with_all_that_is_known_of_it(data: Path) -> None:
    with Library(data) as library, library.reading() as database:
        newest, before = one(database, ID_A), one(database, ID_A, 1)
        twin = one(database, article("b").id)
        assert one(database, ID_A, 9) is None
        assert one(database, "nc_" + "a" * 26) is None
    assert newest
    assert before
    assert twin
    assert [each["revision"] for each in newest.revisions] == [2, 1]
    assert (newest.record["text"], before.record["text"]) == ("Tide.\n\nNew words.", "Tide.\n\nOld words.")
    assert newest.removed == ()
    assert [(each["text"], each["rule"]) for each in before.removed] == [(SHARE.text, SHARE.rule)]
    assert [each["run_id"][:20] for each in newest.outcomes] == ["run_20261124t060002z", "run_20261124t060001z"]
    assert [each["title"] for each in twin.copies] == ["Leitern"]


def test_the_index_follows_the_dump_and_is_the_same_as_one_made_anew(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with open_store(data) as store:
        first_run(store, data)
        with Library(data) as library:
            assert names(library, text="old words") == ["a"]
            second_run(store, data)
            assert names(library, text="old words") == []
            followed = contents(library)
            compact(store, data)
            assert contents(library) == followed
    (data / SEARCH_INDEX).unlink()
    with Library(data) as library:
        assert contents(library) == followed


def contents(library: Library) -> list[Any]:
    with library.reading() as database:
        tables = ("articles", "removed", "revisions", "outcomes")
        rows = {each: database.execute(f"SELECT * FROM {each}").fetchall() for each in tables}
        words = {word: names_of(database, word) for word in ("tide", "old", "new", "ladder", "withdrawn", "口")}
        lengths = database.execute("SELECT count(*) FROM found").fetchone()
    # Numbers of rows and files are the index's own.
    ids = sorted(row[1:] for row in rows["articles"])
    return [ids, *(sorted(map(str, (row[:-2] for row in rows[each]))) for each in tables[1:]), words, lengths]


def names_of(database: Any, word: str) -> list[str]:
    return sorted(row["id"] for row in find(database, Wish(text=word)).rows)


def test_a_purge_takes_the_words_out_of_the_index_while_somebody_reads_and_afterwards(data: Path) -> None:
    with Library(data) as library:
        assert names(library, text="new words") == ["a"]
        with open_store(data) as store:
            store.purge((ID_A,), run_id=begin(store, 3))
            finish_purges(store, data)
        assert not (data / SEARCH_INDEX).exists()
        assert names(library, text="new words") == []
        assert [row["status"] for row in found(library, show="withdrawn").rows if row["id"] == ID_A] == ["purged"]
    assert b"Old words" not in (data / SEARCH_INDEX).read_bytes()


def test_nothing_is_read_again_when_nothing_changed(data: Path) -> None:
    with Library(data):
        pass
    told: list[tuple[int, int]] = []
    with Library(data, lambda done, whole: told.append((done, whole))) as library:
        assert len(names(library)) == 5
    assert told == []


def test_how_far_the_index_is_is_told_and_ends_at_the_end(data: Path) -> None:
    told: list[tuple[int, int]] = []
    with Library(data, lambda done, whole: told.append((done, whole))):
        pass
    assert told == sorted(told)
    assert all(0 < done <= whole for done, whole in told)


@pytest.mark.parametrize("damage", [b"no database at all" * 100, b""])
def test_an_index_that_is_none_is_made_anew(data: Path, damage: bytes) -> None:
    with Library(data):
        pass
    (data / SEARCH_INDEX).write_bytes(damage)
    with Library(data) as library:
        assert len(names(library)) == 5


def test_an_index_of_another_version_is_made_anew(data: Path) -> None:
    with Library(data) as library, library.reading() as database:
        database.execute("DELETE FROM articles")
        database.execute("PRAGMA user_version = 999")
    with Library(data) as library:
        assert len(names(library)) == 5


def test_an_index_that_is_damaged_within_is_made_anew(data: Path) -> None:
    with Library(data) as library:
        with library.reading() as database:
            (page_bytes,) = database.execute("PRAGMA page_size").fetchone()
            (pages,) = database.execute("PRAGMA page_count").fetchone()
            database.execute("PRAGMA shrink_memory")  # what it remembers of the pages
        with library.path.open("r+b") as file:
            for page in range(1, pages):
                file.seek(page * page_bytes)
                file.write(b"\xff" * 64)
        with pytest.raises(sqlite3.DatabaseError, match="malformed"):
            names(library)
        assert len(names(library)) == 5
    (data / SEARCH_INDEX).write_bytes((data / SEARCH_INDEX).read_bytes()[:8192])
    with Library(data) as library:
        assert len(names(library)) == 5


def test_a_killed_start_leaves_nothing_half_indexed(data: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(data)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (data / SEARCH_INDEX).exists()
    with Library(data) as library:
        assert len(names(library)) == 5
        assert names(library, text="new words") == ["a"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_dump_that_cannot_be_written_to_is_indexed_elsewhere(data: Path) -> None:
    state = data / SEARCH_INDEX.parent
    state.chmod(0o500)
    try:
        with Library(data) as library:
            assert not library.path.is_relative_to(data)
            assert len(names(library)) == 5
        assert not library.path.exists()
    finally:
        state.chmod(0o700)


def test_a_place_for_the_index_that_is_taken_is_gone_round(data: Path) -> None:
    (data / SEARCH_INDEX).mkdir()
    with Library(data) as library:
        assert not library.path.is_relative_to(data)
        assert len(names(library)) == 5
    assert not library.path.exists()


def test_where_there_is_no_dump_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no dump"):
        Library(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_line_that_is_no_record_is_named(data: Path) -> None:
    file = next((data / "removed").rglob("*.jsonl"))
    file.write_text('{"id": "x"}\n')
    with pytest.raises(StoreError, match=f"{file.name}: a line has no 'revision'"):
        Library(data)


def test_a_copy_without_a_state_folder_gets_one_that_is_private(data: Path) -> None:
    shutil.rmtree(data / "state")
    with Library(data) as library:
        assert len(names(library)) == 5
    assert {(data / each).stat().st_mode & 0o077 for each in ("state", SEARCH_INDEX)} == {0}


def test_a_torn_file_of_the_dump_is_named_and_the_index_stays_as_it_was(data: Path) -> None:
    file = next((data / "articles").rglob("*.jsonl"))
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    with pytest.raises(StoreError, match=file.name):
        Library(data)
    file.write_bytes(whole)
    with Library(data) as library:
        assert len(names(library)) == 5


@pytest.fixture(scope="module")
def shared(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library(Path(shutil.copytree(made, tmp_path_factory.mktemp("shared") / "data"))) as library:
        yield library


WORDS = st.sampled_from(
    ["tide", "new", "title", "of", "a", "LADDER", "ladd*", "*", "港口", "港 开", "今天*", "-of", '"of a"', '-"a ship"']
)


@given(st.lists(WORDS, max_size=4).map(" ".join))
def test_what_the_index_finds_is_what_can_be_marked(shared: Library, asked: str) -> None:
    terms = read_terms(asked)
    with shared.reading() as database:
        listed = {row["id"] for row in find(database, Wish(text=asked)).rows}
        everything = find(database, Wish()).rows
    expected = {
        row["id"] for row in everything if all(_holds(row["record"], each) != each.is_excluded for each in terms)
    }
    assert listed == expected


def _holds(record: dict[str, Any], term: Term) -> bool:
    return any(
        hits(record[field] or "", [replace(term, is_excluded=False)]) for field in ("title", "text", "description")
    )


@given(st.text(max_size=40))
def test_nothing_that_is_typed_is_wrong(shared: Library, asked: str) -> None:
    with shared.reading() as database:
        assert find(database, Wish(text=asked, sort="best")).total <= 5
