"""What a worker works out for the store is what the store would have worked out itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from shelf import article, begin, put

from newscrawl.article import Page
from newscrawl.batch.prepare import prepared, read_fetched
from newscrawl.extract.options import ExtractOptions
from newscrawl.refine import RefineOptions, refine
from newscrawl.state.store import STORE_FILE, open_store

if TYPE_CHECKING:
    from pathlib import Path

    from newscrawl.article import Article

TEXT = "\n\n".join(
    f"On day {day} the ferry left the harbour at {day} o'clock with {day * 7} passengers and came back in the evening."
    for day in range(1, 9)
)
TABLES = ("signatures", "site_traces", "site_stories")


def remembered(data: Path, stored: Article) -> dict[str, list[Any]]:
    with open_store(data) as store:
        put(store, stored, begin(store))
    with closing(sqlite3.connect(data / "state" / STORE_FILE)) as connection:
        return {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall() for table in TABLES}


def test_the_store_remembers_the_same_of_a_prepared_article(tmp_path: Path) -> None:
    plain = refine(article(text=TEXT))
    ready = prepared(plain)
    assert ready.prepared is not None
    assert ready.prepared.signature is not None
    assert ready.prepared.lines
    assert remembered(tmp_path / "plain", plain) == remembered(tmp_path / "ready", ready)


def test_what_was_prepared_of_another_text_is_not_taken(tmp_path: Path) -> None:
    ready = prepared(refine(article(text=TEXT)))
    other = replace(refine(article(text=TEXT.replace("ferry", "steamer"))), prepared=ready.prepared)
    assert remembered(tmp_path / "plain", replace(other, prepared=None)) == remembered(tmp_path / "stale", other)


def test_a_worker_names_the_second_page_of_an_article() -> None:
    url = "https://news.example/2026/harbour"
    body = "".join(f"<p>{each}</p>" for each in TEXT.split("\n\n"))
    html = f"<html><head><title>Harbour</title>{{}}</head><body><article><h1>Harbour</h1>{body}</article></body></html>"
    further = [
        read_fetched(
            Page(url=url, html=html.replace("{}", link).encode(), date_crawled="2026-03-04T05:06:07Z"),
            ExtractOptions(),
            RefineOptions(),
        )[1]
        for link in ("", f'<link rel="next" href="{url}/2">')
    ]
    assert further == [None, f"{url}/2"]
