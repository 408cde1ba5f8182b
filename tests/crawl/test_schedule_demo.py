"""Whole newsrooms: what is not due is not asked for, and still leads to what is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from conftest import crawl

from newscrawl.demo.gold import gold
from newscrawl.demo.server import DemoServer
from newscrawl.state.store import STORE_FILE

if TYPE_CHECKING:
    from pathlib import Path

ALWAYS = {"/robots.txt", "/.well-known/tdmrep.json"}


@pytest.mark.proof
def test_feeds_that_are_due_are_reached_without_what_leads_to_them(demo_sources: str, tmp_path: Path) -> None:
    settings = (demo_sources, "NEWSCRAWL_REVISIT_MAX_S=86400")
    data = tmp_path / "data"
    with DemoServer() as newsroom:
        first = crawl(data, proxy=newsroom.proxy_url, settings=settings)
        assert len(first.lines("current")) == len(gold())
        with closing(sqlite3.connect(data / "state" / STORE_FILE, isolation_level=None)) as store:
            store.execute("UPDATE schedule SET due = 0 WHERE kind = 'feed' AND failures = 0")
            feeds = {url for (url,) in store.execute("SELECT url FROM schedule WHERE kind = 'feed' AND failures = 0")}
        before = len(newsroom.requests)
        second = crawl(data, proxy=newsroom.proxy_url, settings=settings)
        asked = [each for each in newsroom.requests[before:] if each.path not in ALWAYS]
        assert second.exit_code == 0, second.err
        assert len(feeds) > 3
        assert {f"http://{each.host}{each.path}" for each in asked if each.status == 304} >= feeds - {
            f"http://{each.host}{each.path}" for each in asked if each.status == 301
        }
        assert all(each.status in {301, 304} for each in asked)
        # Nothing that only leads to feeds or lists was asked for: no home page, no sitemap.
        assert not [each for each in asked if each.path == "/" or "sitemap" in each.path]
        rest = len(newsroom.requests)
        assert crawl(data, proxy=newsroom.proxy_url, settings=settings).exit_code == 0
        assert len(newsroom.requests) == rest
