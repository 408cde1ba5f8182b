"""What the disk does to a line that waits to be published is noticed, although SQLite does not notice it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shelf import DAY_1, SITE, article, begin, line

from newscrawl.dump.publish import publish
from newscrawl.dump.streams import records
from newscrawl.errors import StoreError
from newscrawl.state.backup import check
from newscrawl.state.rebuild import rebuild
from newscrawl.state.store import STORE_FILE, open_store

if TYPE_CHECKING:
    from pathlib import Path

RIGHT, CHANGED = "The ferry returns.", "The ferry retuXns."


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A run that waits to be published."""
    with open_store(tmp_path) as store:
        run_id = begin(store)
        for each in (article("a", RIGHT), article("b")):
            store.put_article(each, run_id=run_id, outcome=line(each.url, run_id))
        store.put_outcome(line(f"{SITE}/list", run_id, "list_page"), at=DAY_1)
        # The same address once more: its line is written anew.
        found = article("list")
        store.put_article(found, run_id=run_id, outcome=line(found.url, run_id))
        store.end_run(run_id, exit_code=0, counts={})
    return tmp_path


def test_lines_are_published_as_they_were_stored(data: Path) -> None:
    assert check(data) == ()
    with open_store(data) as store:
        publish(store, data)
    assert sorted(each["title"] for each in records(data, "articles")) == ["Title of a", "Title of b", "Title of list"]
    assert len(list(records(data, "outcomes"))) == 3


def test_a_changed_letter_is_found_and_is_not_published(data: Path) -> None:
    store_file = data / "state" / STORE_FILE
    held = store_file.read_bytes()
    assert held.count(RIGHT.encode()) == 1
    store_file.write_bytes(held.replace(RIGHT.encode(), CHANGED.encode()))
    assert check(data) == (
        "a line of articles that waits to be published, of run_20261124t060001z_aaaaaa, is not what was stored",
    )
    with (
        open_store(data) as store,
        pytest.raises(StoreError, match=r"is damaged \(a line .* is not what was stored\); `newscrawl state rebuild"),
    ):
        publish(store, data)
    rebuild(data)
    assert check(data) == ()
    with open_store(data) as store:
        publish(store, data)
    assert [each["title"] for each in records(data, "current")] == ["Title of b", "Title of list"]
    assert CHANGED.encode() not in b"".join(file.read_bytes() for file in data.rglob("*.jsonl"))
