"""kill -9 in a crawl that keeps raw pages: no article is stored whose page is not, and no archive is torn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from crashing import Crawler, Newsroom, Whole, figures, fresh_directory, sources_file, stored, view

from newscrawl.article import Page
from newscrawl.dump.raw import archives
from newscrawl.dump.streams import records
from newscrawl.errors import ExitCode
from newscrawl.readers.files import Input, read_input

if TYPE_CHECKING:
    from pathlib import Path

KEPT = {"NEWSCRAWL_RAW": "warc", "NEWSCRAWL_RAW_MAX_MB": "0.05"}


def arrivals(data: Path) -> set[str]:
    """When the pages arrived that finished archives hold; what cannot be read is an error."""
    items = [item for path in archives(data) for item in read_input(Input(name=str(path)))]
    assert not [item for item in items if isinstance(item, Exception)]
    return {item.date_crawled for item in items if isinstance(item, Page)}


@pytest.mark.proof
def test_killed_at_requests_of_a_crawl_every_stored_article_has_its_page() -> None:
    with fresh_directory() as folder, Newsroom() as newsroom:
        crawler = Crawler(newsroom=newsroom, sources=sources_file(folder, ("saltmarsh",)), extra=KEPT)
        status, said = crawler.run(folder / "whole")
        assert status == ExitCode.DONE, said
        whole = Whole(view=view(folder / "whole"))
        requests = len(newsroom.requests)
        newsroom.answer_s = 0.5  # slow enough for articles to be stored between the requests of a busy machine
        points = (requests // 2, requests - 3, requests)
        kept = 0
        for request in points:
            data = folder / f"killed-{request}"
            newsroom.signal_at(request)
            status, said = crawler.run(data)
            assert status < 0, said
            before = stored(data)
            status, said = crawler.run(data)
            assert status == ExitCode.DONE, said
            whole.check(data, before=before, why=f"killed at request {request}")
            assert set(before.values()) <= arrivals(data)
            assert {each["date_crawled"] for each in records(data)} <= arrivals(data)
            kept += len(before)
        assert kept, "no crawl was killed with anything stored"
        figures("SIGKILL at request n with raw pages", points=len(points), articles_kept=kept)
