"""The main job, end to end: the demo newsroom crawled over real HTTP in a process of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Crawl, crawl

import newscrawl
from newscrawl.demo.gold import Gold, gold
from newscrawl.demo.server import DemoServer
from newscrawl.dump.reader import verify
from newscrawl.text.language import same_language

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session")
def stored(demo_crawl: Crawl) -> dict[str, dict[str, Any]]:
    """Address → record of the current view."""
    return {line["url"]: line for line in demo_crawl.lines("current")}


def test_the_crawl_ends_well_and_says_what_it_did(demo_crawl: Crawl) -> None:
    assert demo_crawl.exit_code == 0, demo_crawl.err
    assert "Traceback" not in demo_crawl.err
    assert f"{len(gold())} articles stored" in demo_crawl.err
    assert "lines removed from the texts" in demo_crawl.err
    assert demo_crawl.out == ""


def test_every_article_of_the_newsroom_is_found_and_nothing_else(stored: dict[str, dict[str, Any]]) -> None:
    assert set(stored) == {article.url for article in gold()}


def test_the_texts_are_those_that_the_newsroom_wrote(stored: dict[str, dict[str, Any]]) -> None:
    wrong = {
        article.url: (article.text, stored[article.url]["text"])
        for article in gold()
        if stored[article.url]["text"] != article.text
    }
    assert not wrong, f"{len(wrong)} of {len(gold())}: {json.dumps(wrong, ensure_ascii=False, indent=1)[:6000]}"


@pytest.mark.parametrize("field", ["title", "description", "access", "source"])
def test_the_metadata_are_those_that_the_newsroom_printed(field: str, stored: dict[str, dict[str, Any]]) -> None:
    wrong = {
        article.url: (getattr(article, field), stored[article.url][field])
        for article in gold()
        if stored[article.url][field] != getattr(article, field)
    }
    assert not wrong


def test_the_language_is_that_of_the_text(stored: dict[str, dict[str, Any]]) -> None:
    assert all(same_language(stored[article.url]["language"], article.language) for article in gold())


@pytest.mark.parametrize("field", ["date_published", "date_modified"])
def test_dates_are_those_that_the_newsroom_stated_or_printed_and_null_where_it_did_neither(
    field: str, stored: dict[str, dict[str, Any]]
) -> None:
    wrong = {
        article.url: (getattr(article, field), stored[article.url][field])
        for article in gold()
        if stored[article.url][field] != getattr(article, field)
    }
    assert not wrong


def test_authors_are_people_as_printed(stored: dict[str, dict[str, Any]]) -> None:
    wrong = {
        article.url: (article.authors, stored[article.url]["authors"])
        for article in gold()
        if tuple(author["name"] for author in stored[article.url]["authors"]) != article.authors
    }
    assert not wrong


def test_no_noise_is_left_in_any_text(stored: dict[str, dict[str, Any]]) -> None:
    def left(article: Gold) -> list[str]:
        paragraphs = set(stored[article.url]["text"].split("\n\n"))
        return [noise for noise in article.noise if noise in paragraphs]

    assert {article.url: left(article) for article in gold() if left(article)} == {}


def test_every_address_has_one_outcome_and_all_but_articles_a_reason(demo_crawl: Crawl) -> None:
    lines = demo_crawl.lines("outcomes")
    assert len({line["url"] for line in lines}) == len(lines)
    assert all((line["reason"] is None) == (line["outcome"] == "article") for line in lines)
    assert demo_crawl.outcomes["article"] == len(gold())


def test_the_wire_story_is_stored_twice_and_linked(demo_crawl: Crawl, stored: dict[str, dict[str, Any]]) -> None:
    original = next(article for article in gold() if "wire_original" in article.flags)
    copy = next(article for article in gold() if "wire_copy" in article.flags)
    assert stored[copy.url]["duplicate_of"] == stored[original.url]["id"]
    assert stored[original.url]["duplicate_of"] is None
    assert stored[copy.url]["cluster_id"] == stored[original.url]["cluster_id"]


def test_the_dump_proves_itself_and_reads_as_a_frame(demo_crawl: Crawl) -> None:
    assert verify(demo_crawl.data) == ()
    frame = newscrawl.read(demo_crawl.data)
    assert len(frame) == len(gold())
    assert str(frame["date_published"].dtype).startswith("datetime64")


def test_the_crawl_was_polite(demo_crawl: Crawl, newsroom: DemoServer) -> None:
    first = {
        host: next(request.path for request in newsroom.requests if request.host == host) for host in newsroom.hosts
    }
    assert set(first.values()) == {"/robots.txt"}


def test_a_second_crawl_finds_nothing_new_and_says_so_then_the_next_edition_is_revised_and_withdrawn(
    crawl_demo: Callable[..., Crawl], demo_sources: str, tmp_path: Path
) -> None:
    first = crawl_demo()
    again = crawl_demo()
    assert again.exit_code == 0
    assert "nothing new" in again.err
    assert again.lines("articles") == first.lines("articles")

    with DemoServer(edition=2) as tomorrow:
        later = crawl(tmp_path / "data", proxy=tomorrow.proxy_url, settings=(demo_sources,))
    revised = next(article for article in gold(2) if "revised" in article.flags)
    withdrawn = next(article for article in gold(2) if "withdrawn" in article.flags)
    moved = next(article for article in gold(2) if "moved" in article.flags)
    revisions = {line["url"]: line for line in later.lines("articles") if line["revision"] == 2}
    assert revisions[revised.url]["text"] == revised.text
    assert revisions[revised.url]["revision_cause"] == "page"
    assert "text" in revisions[revised.url]["changes"]
    assert revisions[withdrawn.url]["status"] == "gone"
    assert revisions[withdrawn.url]["text"] is None
    assert set(revisions) == {revised.url, withdrawn.url}
    current = {line["url"]: line for line in later.lines("current")}
    assert withdrawn.url not in current
    # The feed named the new address before the sitemap's old one led there: two records, linked as the same text.
    assert len({line["cluster_id"] for url, line in current.items() if url in {moved.url, moved.moved_from}}) == 1
    assert verify(later.data) == ()


def test_a_proxy_of_the_environment_is_said_at_the_start(demo_crawl: Crawl) -> None:
    said, _, rest = demo_crawl.err.partition("A proxy makes the connections")
    assert "Spider opened" not in said
    assert "Spider opened" in rest
    assert "A proxy makes" not in rest
