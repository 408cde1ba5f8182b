"""A crawl on a store that the disk damaged: refused with the command that mends it, and then it goes on as before."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING

from newscrawl.cli.main import main
from newscrawl.dump.reader import verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Crawl


def test_after_a_rebuild_a_crawl_finds_nothing_new(
    demo_crawl: Crawl, crawl_demo: Callable[..., Crawl], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(demo_crawl.data, data)
    store = data / "state" / "newscrawl.sqlite"
    store.write_bytes(b"\0" * 100 + store.read_bytes()[100:])
    first = demo_crawl.lines("articles")

    refused = crawl_demo(data=data)
    assert refused.exit_code == 5
    said = [each for each in refused.err.splitlines() if "is damaged" in each]
    assert len(said) == 1
    assert str(store) in said[0]
    assert f"newscrawl state rebuild --data {data}" in said[0]
    assert "Traceback" not in refused.err

    assert main(["state", "rebuild", "--data", str(data)]) == 0
    again = crawl_demo(data=data)
    assert again.exit_code == 0, again.err
    assert Counter(each["id"] for each in again.lines("articles")) == Counter(each["id"] for each in first)
    assert again.lines("current") == demo_crawl.lines("current")
    assert verify(data) == ()


def test_after_a_rebuild_looking_again_at_every_page_finds_nothing_new(
    demo_crawl: Crawl, crawl_demo: Callable[..., Crawl], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(demo_crawl.data, data)
    assert main(["state", "rebuild", "--data", str(data)]) == 0
    again = crawl_demo("-a", "refresh=true", data=data)
    assert again.exit_code == 0, again.err
    assert len(again.lines("articles")) == len(demo_crawl.lines("articles"))
    assert verify(data) == ()
