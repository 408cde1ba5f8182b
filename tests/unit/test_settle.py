"""What a run learned of a site cleans what was stored before it was known: waiting articles and published ones."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING

from shelf import begin, line
from test_site_memory import FOLLOW, LABEL, page

from newscrawl.batch.settle import settle
from newscrawl.clean.site_memory import RULE, traces
from newscrawl.dates import utc_now
from newscrawl.dump.publish import publish
from newscrawl.dump.reader import verify
from newscrawl.errors import Outcome
from newscrawl.refine import without_site_furniture
from newscrawl.state.store import Store, open_store
from newscrawl.text.digest import text_sha256
from newscrawl.urls import article_id, url_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from newscrawl.article import Article


def refined(number: int) -> Article:
    """As it comes out of refine today."""
    article = page(number)
    return replace(
        article,
        id=article_id(url_key(article.url)),
        source=article.site,
        date_precision="minute",
        date_source="meta",
        date_crawled=utc_now(),
        word_count=len((article.text or "").split()),
        text_sha256=text_sha256(article.text or ""),
    )


def crawl(data: Path, numbers: Iterable[int], *, run: int, reclean_days: int = 7) -> list[str]:
    """One run over these pages; what became of each."""
    with open_store(data) as store:
        run_id = begin(store, run)
        outcomes = [put(store, refined(number), run_id) for number in numbers]
        settle(store, data, run_id=run_id, reclean_days=reclean_days)
        store.end_run(run_id, exit_code=0, counts={})
        publish(store, data)
    return outcomes


def put(store: Store, article: Article, run_id: str) -> str:
    article = without_site_furniture(article, store.memory.patterns(article.site))
    return str(store.put_article(article, run_id=run_id, outcome=line(article.url, run_id)).outcome)


def current(data: Path) -> list[dict[str, object]]:
    return [json.loads(each) for each in (data / "current" / "articles.jsonl").read_text("utf-8").splitlines()]


def test_articles_of_the_run_that_learned_are_clean_in_their_first_revision(tmp_path: Path) -> None:
    crawl(tmp_path, range(12), run=1)
    articles = current(tmp_path)
    assert len(articles) == 12
    assert not any(FOLLOW in str(each["text"]) or LABEL in str(each["text"]) for each in articles)
    assert {each["revision"] for each in articles} == {1}
    removed = [
        json.loads(each) for path in tmp_path.glob("removed/*/*.jsonl") for each in path.read_text("utf-8").splitlines()
    ]
    assert sorted({each["rule"] for each in removed}) == [RULE]
    assert len(removed) == 36
    assert verify(tmp_path) == ()


def test_published_articles_get_a_revision_whose_cause_is_cleaning(tmp_path: Path) -> None:
    crawl(tmp_path, range(2), run=1)
    assert all(FOLLOW in str(each["text"]) for each in current(tmp_path))
    crawl(tmp_path, range(2, 12), run=2)
    articles = {str(each["id"]): each for each in current(tmp_path)}
    old = [articles[refined(number).id] for number in range(2)]
    assert [(each["revision"], each["revision_cause"], each["changes"]) for each in old] == [
        (2, "cleaning", ["text"])
    ] * 2
    assert not any(FOLLOW in str(each["text"]) for each in articles.values())
    assert verify(tmp_path) == ()


def test_published_articles_stay_as_they_are_when_told_so(tmp_path: Path) -> None:
    crawl(tmp_path, range(2), run=1)
    crawl(tmp_path, range(2, 12), run=2, reclean_days=0)
    assert sum(FOLLOW in str(each["text"]) for each in current(tmp_path)) == 2


def test_the_same_page_again_is_unchanged_after_its_site_was_learned(tmp_path: Path) -> None:
    crawl(tmp_path, range(12), run=1)
    assert crawl(tmp_path, range(12), run=2) == [Outcome.UNCHANGED] * 12
    assert {each["revision"] for each in current(tmp_path)} == {1}


def test_the_order_of_the_pages_makes_no_difference_to_the_dump(tmp_path: Path) -> None:
    orders = [list(range(12)), list(reversed(range(12))), random.Random(7).sample(range(12), 12)]
    for number, order in enumerate(orders):
        crawl(tmp_path / str(number), order, run=1)
    digests = {
        json.loads((tmp_path / str(n) / "manifest.json").read_text("utf-8"))["digest"] for n in range(len(orders))
    }
    assert len(digests) == 1


def test_what_a_killed_run_saw_is_learned_by_the_next(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        run_id = begin(store, 1)
        for number in range(11):
            put(store, refined(number), run_id)
    crawl(tmp_path, [11], run=2)
    assert not any(FOLLOW in str(each["text"]) for each in current(tmp_path))


def test_what_an_operator_forgot_stays_and_what_he_pinned_goes(tmp_path: Path) -> None:
    crawl(tmp_path, range(12), run=1)
    site = refined(0).site
    with open_store(tmp_path) as store:
        follow = next(each for each in store.memory.listed(site) if each.example == FOLLOW)
        assert store.memory.say(site, follow.key, "forgotten")
        motto = refined(20).with_paragraphs(("Minden, ami a tavon történik", *refined(20).paragraphs))
        pinned = next(each for each in traces(motto) if each.example.startswith("Minden"))
        store.memory.pin(site, pinned)
        run_id = begin(store, 2)
        put(store, replace(motto, text_sha256=text_sha256(motto.text or "")), run_id)
        settle(store, tmp_path, run_id=run_id)
        publish(store, tmp_path)
    text = next(str(each["text"]) for each in current(tmp_path) if each["id"] == motto.id)
    assert FOLLOW in text
    assert "Minden, ami" not in text


def test_only_so_many_articles_of_a_site_are_remembered(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.memory.max_articles = 5
        run_id = begin(store, 1)
        for number in range(12):
            put(store, refined(number), run_id)
        settle(store, tmp_path, run_id=run_id)
        assert [(site, articles) for site, articles, _ in store.memory.sites()] == [(refined(0).site, 5)]


def test_what_a_run_published_that_was_told_to_stop_is_cleaned_whenever_it_was_crawled(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        stopped = begin(store, 1)
        for number in range(2):
            put(store, replace(refined(number), date_crawled="2020-01-01T00:00:00Z"), stopped)
        store.end_run(stopped, exit_code=130, counts={})
        publish(store, tmp_path)
        run_id = begin(store, 2)
        for number in range(2, 12):
            put(store, replace(refined(number), date_crawled="2020-01-01T00:00:00Z"), run_id)
        settle(store, tmp_path, run_id=run_id, since_run=stopped)
        store.end_run(run_id, exit_code=0, counts={})
        publish(store, tmp_path)
    assert not any(FOLLOW in str(each["text"]) for each in current(tmp_path))
    assert sorted(str(each["revision_cause"]) for each in current(tmp_path)) == ["cleaning"] * 2 + ["first"] * 10
    assert verify(tmp_path) == ()
