"""What the store promises: nothing lost, nothing twice, and a sentence when it cannot."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shelf import DAY_1, DAY_2, SHARE, SITE, article, begin, gone, line, put, waiting

from newscrawl.article import RUN_ID, Author, Extractor, Fetch, Image
from newscrawl.dedup.clusters import Member, cluster_links
from newscrawl.errors import Outcome
from newscrawl.state.store import Store, open_store
from newscrawl.urls import article_id, url_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def data(tmp_path: Path, database_kind: str) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(data: Path) -> Any:
    with open_store(data) as store:
        yield store


@pytest.fixture
def new_store(
    database_kind: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[], Store]:
    """Another empty store each time."""

    def opened() -> Store:
        if database_kind == "postgresql":
            monkeypatch.setenv("NEWSCRAWL_STATE", request.getfixturevalue("postgresql").url())
        return open_store(tmp_path_factory.mktemp("data"))

    return opened


@pytest.fixture
def run(store: Store) -> str:
    return begin(store)


# Articles


def test_a_new_article_is_the_first_revision(store: Store, run: str) -> None:
    stored = put(store, article(), run)
    assert (stored.outcome, stored.reason) == (Outcome.ARTICLE, None)
    assert (stored.article.revision, stored.article.revision_cause, stored.article.changes) == (1, "first", ())
    assert stored.article.run_id == run


def test_the_same_article_again_is_unchanged_and_adds_no_line(data: Path) -> None:
    with open_store(data) as store:
        run = begin(store)
        put(store, article(), run)
        again = put(store, article(date_crawled=DAY_2), begin(store, 2))
        assert again.outcome is Outcome.UNCHANGED
        assert again.reason == "as in revision 1"
    assert [stream for stream, _ in waiting(data)] == ["articles", "outcomes", "outcomes"]


def test_a_changed_article_is_a_revision_that_names_what_changed(store: Store, run: str) -> None:
    put(store, article(tags=("ships",)), run)
    stored = put(store, article(text="It sank.", tags=("wrecks",)), run)
    assert stored.article.revision == 2
    assert stored.article.revision_cause == "page"
    assert stored.article.changes == ("text", "tags")


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Another"},
        {"description": "A teaser"},
        {"authors": (Author(name="Ada Ahn"),)},
        {"date_published": "2026-11-21T08:00:00Z"},
        {"access": "paywalled"},
    ],
)
def test_what_readers_build_on_makes_a_revision(store: Store, run: str, changes: dict[str, Any]) -> None:
    put(store, article(), run)
    stored = put(store, article(**changes), run)
    assert stored.article.revision == 2
    assert stored.article.changes == tuple(changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"images": (Image(url=f"{SITE}/a.jpg?cache=2"),)},
        {"tags": ("new",)},
        {"section": "Other"},
        {"discovered_via": "sitemap"},
        {"date_modified": DAY_2},
        {"extractor": Extractor(name="x", version="v9", config="c9")},
    ],
)
def test_what_changes_on_every_other_fetch_makes_none(store: Store, run: str, changes: dict[str, Any]) -> None:
    put(store, article(), run)
    assert put(store, article(**changes), run).outcome is Outcome.UNCHANGED


def test_another_text_from_other_code_of_a_page_that_says_it_did_not_change_is_caused_by_cleaning(
    store: Store, run: str
) -> None:
    put(store, article(date_modified=DAY_1), run)
    newer = Extractor(name="trafilatura", version="v3", config="c2")
    assert put(store, article(text="Cleaner.", date_modified=DAY_1, extractor=newer), run).article.revision_cause == (
        "cleaning"
    )
    newest = Extractor(name="trafilatura", version="v4", config="c2")
    assert (
        put(store, article(text="News.", date_modified=DAY_2, extractor=newest), run).article.revision_cause == "page"
    )


def test_what_cleaning_took_out_is_stored_with_its_revision_only(data: Path) -> None:
    with open_store(data) as store:
        run = begin(store)
        put(store, article(removed=(SHARE,)), run)
        put(store, article(removed=(SHARE,)), run)
        put(store, article(text="Other.", removed=(SHARE, SHARE)), run)
    removed = [json.loads(each) for stream, each in waiting(data) if stream == "removed"]
    assert [each["revision"] for each in removed] == [1, 2, 2]
    assert removed[0] | {"id": ""} == {
        "id": "",
        "revision": 1,
        "place": 0,
        "text": "Share this",
        "rule": "share_buttons",
        "why": "names 3 networks",
    }


def test_a_text_without_an_address_is_stored_under_the_id_it_has(store: Store, run: str) -> None:
    text = replace(article(), url="", id="nc_" + "b" * 26)
    assert put(store, text, run, at="notes.txt#3").article.id == "nc_" + "b" * 26
    assert put(store, text, run, at="notes.txt#3").outcome is Outcome.UNCHANGED


def test_lone_surrogates_do_not_stop_the_store(store: Store, run: str) -> None:
    odd = article(title="\ud800", url=f"{SITE}/%ud800", source="s\udfff")
    assert put(store, odd, run, etag='"\udc80"').outcome is Outcome.ARTICLE


def test_a_null_character_does_not_stop_the_store(store: Store, run: str) -> None:
    odd = article(title="a\0b", text="What happened\0 to it.")
    assert put(store, odd, run, etag='"\0"').outcome is Outcome.ARTICLE
    assert put(store, odd, run).outcome is Outcome.UNCHANGED


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y", "z"])), max_size=12))
def test_revisions_count_up_by_one_whatever_comes(new_store: Callable[[], Store], puts: list[tuple[str, str]]) -> None:
    with new_store() as store:
        run = begin(store)
        texts: dict[str, list[str]] = {"a": [], "b": [], "c": []}
        for name, text in puts:
            stored = put(store, article(name, text), run)
            if not texts[name] or texts[name][-1] != text:
                texts[name].append(text)
                assert stored.article.revision == len(texts[name])
            else:
                assert stored.outcome is Outcome.UNCHANGED


# Addresses


def test_an_address_is_remembered_with_what_the_next_fetch_needs(store: Store, run: str) -> None:
    put(store, article(), run, etag='"1"', last_modified="Mon", lastmod="2026-11-23")
    address = store.address(f"{SITE}/a?utm_source=feed#top")
    assert address is not None
    assert (address.id, address.outcome, address.status) == (article().id, "article", 200)
    assert (address.etag, address.last_modified, address.lastmod) == ('"1"', "Mon", "2026-11-23")
    assert (address.first_seen, address.last_fetched, address.fetches) == (DAY_1, DAY_1, 1)


def test_an_address_nobody_decided_on_is_unknown(store: Store) -> None:
    assert store.address(f"{SITE}/never") is None
    assert store.address("no address at all") is None


def test_a_failed_fetch_keeps_validators_and_the_article(store: Store, run: str) -> None:
    put(store, article(), run, etag='"1"')
    store.put_outcome(line(f"{SITE}/a", run, "timeout", None), at=DAY_2)
    address = store.address(f"{SITE}/a")
    assert address is not None
    assert (address.id, address.etag, address.outcome) == (article().id, '"1"', "timeout")
    assert (address.first_seen, address.last_fetched, address.fetches) == (DAY_1, DAY_2, 2)


def test_a_new_revision_without_validators_forgets_the_old_ones(store: Store, run: str) -> None:
    put(store, article(), run, etag='"1"')
    put(store, article(text="New."), run)
    address = store.address(f"{SITE}/a")
    assert address is not None
    assert address.etag is None


def test_another_address_of_an_unchanged_article_is_an_alias_once(store: Store, run: str) -> None:
    put(store, article(), run)
    alias = put(store, article(), run, at=f"{SITE}/short/1")
    assert alias.outcome is Outcome.SAME_KEY
    assert alias.reason == f"another address of {article().id}"
    assert put(store, article(), begin(store, 2), at=f"{SITE}/short/1").outcome is Outcome.UNCHANGED
    address = store.address(f"{SITE}/short/1")
    assert address is not None
    assert address.id == article().id


def test_an_article_that_moved_keeps_its_first_id(store: Store, run: str) -> None:
    put(store, article("old"), run)
    moved = article("new", article("old").text, title=article("old").title)
    assert put(store, moved, run, at=f"{SITE}/old").article.id == article("old").id
    later = put(store, replace(moved, text="Updated."), run)
    assert (later.article.id, later.article.revision) == (article("old").id, 2)


def test_an_address_that_leads_to_another_article_every_day_is_no_move(store: Store, run: str) -> None:
    put(store, article("monday"), run, at=f"{SITE}/latest")
    tuesday = put(store, article("tuesday"), run, at=f"{SITE}/latest")
    assert (tuesday.outcome, tuesday.article.revision) == (Outcome.ARTICLE, 1)
    assert tuesday.article.id == article("tuesday").id


# Gone


def test_410_withdraws_at_once_and_keeps_no_word(store: Store, run: str) -> None:
    put(store, article(removed=(SHARE,), tags=("ships",)), run)
    withdrawn = gone(store, f"{SITE}/a", run, 410, DAY_2)
    assert withdrawn is not None
    assert (withdrawn.status, withdrawn.revision, withdrawn.revision_cause) == ("gone", 2, "gone")
    assert withdrawn.changes == ("status", "title", "text", "tags")
    assert (withdrawn.title, withdrawn.text, withdrawn.text_sha256, withdrawn.word_count) == (None, None, None, 0)
    assert (withdrawn.date_published, withdrawn.date_crawled) == (article().date_published, DAY_2)


def test_404_withdraws_the_second_time_a_day_later(store: Store, run: str) -> None:
    put(store, article(), run)
    assert gone(store, f"{SITE}/a", run, 404, "2026-11-23T12:00:00Z") is None
    assert gone(store, f"{SITE}/a", run, 404, "2026-11-24T11:59:59Z") is None
    assert gone(store, f"{SITE}/a", run, 404, "2026-11-24T12:00:00Z") is not None
    assert gone(store, f"{SITE}/a", run, 404, "2026-11-26T12:00:00Z") is None


def test_a_success_between_two_404s_starts_the_wait_again(store: Store, run: str) -> None:
    put(store, article(), run)
    gone(store, f"{SITE}/a", run, 404, "2026-11-23T12:00:00Z")
    put(store, article(), run)
    assert gone(store, f"{SITE}/a", run, 404, "2026-11-25T12:00:00Z") is None


def test_a_timeout_between_two_404s_does_not(store: Store, run: str) -> None:
    put(store, article(), run)
    gone(store, f"{SITE}/a", run, 404, "2026-11-23T12:00:00Z")
    store.put_outcome(line(f"{SITE}/a", run, "timeout", None), at="2026-11-24T12:00:00Z")
    assert gone(store, f"{SITE}/a", run, 404, "2026-11-25T12:00:00Z") is not None


def test_an_article_that_comes_back_is_a_revision_of_the_page(store: Store, run: str) -> None:
    put(store, article(), run)
    gone(store, f"{SITE}/a", run, 410, DAY_2)
    back = put(store, article(), run)
    assert (back.article.revision, back.article.status, back.article.revision_cause) == (3, "ok", "page")
    assert back.article.changes == ("status", "title", "text")


def test_an_unknown_address_that_is_gone_is_an_outcome_only(store: Store, run: str) -> None:
    assert gone(store, f"{SITE}/never", run, 410, DAY_2) is None
    assert store.counts(run) == {"gone": 1}


def test_an_alias_that_is_gone_does_not_withdraw_the_article(store: Store, run: str) -> None:
    put(store, article(), run)
    put(store, article(), run, at=f"{SITE}/amp/a")
    assert gone(store, f"{SITE}/amp/a", run, 410, DAY_2) is None
    assert gone(store, f"{SITE}/a", run, 410, DAY_2) is not None


def test_an_article_that_moved_is_withdrawn_where_it_lives(store: Store, run: str) -> None:
    put(store, article("old"), run)
    put(store, article("new", article("old").text, title=article("old").title), run, at=f"{SITE}/old")
    assert gone(store, f"{SITE}/new", run, 410, DAY_2) is not None


# Outcomes


def test_an_address_has_one_outcome_in_a_run_and_the_first_counts(store: Store, run: str) -> None:
    store.put_outcome(line(f"{SITE}/a", run, "timeout", None), at=DAY_1)
    store.put_outcome(line(f"{SITE}/a", run, "blocked", 403), at=DAY_2)
    assert store.counts(run) == {"timeout": 1}


def test_an_article_beats_other_outcomes_of_its_run(data: Path) -> None:
    with open_store(data) as store:
        run = begin(store)
        store.put_outcome(line(f"{SITE}/a", run, "timeout", None), at=DAY_1)
        put(store, article(), run)
        store.put_outcome(line(f"{SITE}/a", run, "blocked", 403), at=DAY_2)
        assert store.counts(run) == {"article": 1}
    outcomes = [json.loads(each) for stream, each in waiting(data) if stream == "outcomes"]
    assert [each["outcome"] for each in outcomes] == ["article"]


def test_the_outcome_line_names_the_address_that_was_asked_for(data: Path) -> None:
    with open_store(data) as store:
        put(store, article(), begin(store), at=f"{SITE}/short/1?utm_source=x")
    outcomes = [json.loads(each) for stream, each in waiting(data) if stream == "outcomes"]
    assert [each["url"] for each in outcomes] == [f"{SITE}/short/1"]


@pytest.mark.parametrize("at", ["", "2026-11-23", "2026-11-23T10:00:00+01:00", "../../etc/passwd"])
def test_a_time_that_is_none_never_becomes_a_path(store: Store, run: str, at: str) -> None:
    with pytest.raises(ValueError, match="not a UTC time"):
        store.put_outcome(line(f"{SITE}/a", run, "timeout"), fetch=None, at=at or "x")
    assert store.address(f"{SITE}/a") is None


# Duplicates


def links(data: Path) -> list[tuple[str, str | None, str]]:
    found = [json.loads(each) for stream, each in waiting(data) if stream == "links"]
    return [(each["id"], each["duplicate_of"], each["cluster_id"]) for each in found]


def test_equal_texts_are_linked_to_the_one_published_first(data: Path) -> None:
    late, early = article("late", "Same."), article("early", "Same.", date_published="2026-11-01T00:00:00Z")
    with open_store(data) as store:
        run = begin(store)
        for each in (late, early):
            assert put(store, each, run).outcome is Outcome.ARTICLE
    cluster = min(late.id, early.id)
    assert sorted(links(data)) == sorted([(late.id, early.id, cluster), (early.id, None, cluster)])


def test_a_copy_whose_text_changes_leaves_its_cluster(data: Path) -> None:
    with open_store(data) as store:
        run = begin(store)
        put(store, article("a", "Same."), run)
        put(store, article("b", "Same."), run)
        put(store, article("b", "Other."), run)
        put(store, article("c", "Alone."), run)
    last = {article_id: (duplicate_of, cluster_id) for article_id, duplicate_of, cluster_id in links(data)}
    a, b = article("a").id, article("b").id
    assert last == {a: (None, a), b: (None, b)}


def test_a_copy_that_is_gone_leaves_its_cluster(data: Path) -> None:
    with open_store(data) as store:
        run = begin(store)
        put(store, article("a", "Same.", date_published="2026-11-01T00:00:00Z"), run)
        put(store, article("b", "Same."), run)
        gone(store, f"{SITE}/a", run, 410, DAY_2)
    b = article("b").id
    assert [each for each in links(data) if each[0] == b][-1] == (b, None, b)


@given(
    st.lists(
        st.builds(
            Member,
            id=st.sampled_from([f"nc_{letter}" for letter in "abcdef"]),
            date_published=st.none() | st.sampled_from([DAY_1, DAY_2]),
        ),
        unique_by=lambda member: member.id,
    )
)
def test_links_do_not_depend_on_the_order_of_the_crawl(members: list[Member]) -> None:
    found = cluster_links(members)
    assert cluster_links(reversed(members)) == found
    assert sum(link.duplicate_of is None for link in found.values()) == bool(members)
    assert {link.cluster_id for link in found.values()} == ({min(each.id for each in members)} if members else set())


# Runs


def test_a_run_id_holds_to_its_pattern_and_says_when(store: Store) -> None:
    import re

    run_id = store.begin_run(why="t", arguments={}, versions={}, started="2026-11-24T06:15:00Z")
    assert re.fullmatch(r"run_20261124t061500z_[a-z2-7]{6}", run_id)
    assert re.fullmatch(RUN_ID["pattern"], run_id)


@pytest.mark.parametrize("run_id", ["../run_1", "run_1/..", "run_1\n", "run_", "RUN_1"])
def test_a_run_id_never_becomes_another_path(store: Store, run_id: str) -> None:
    with pytest.raises(ValueError, match="not a run id"):
        store.begin_run(why="t", arguments={}, versions={}, run_id=run_id)


def test_a_run_that_ended_says_how(store: Store, run: str) -> None:
    store.end_run(run, exit_code=3, counts={"article": 2}, ended=DAY_2)
    (found,) = store.outbox.runs()
    assert (found.exit_code, found.counts, found.ended, found.killed) == (3, {"article": 2}, DAY_2, False)


def test_a_run_that_never_ended_counts_as_killed_when_the_store_is_opened_again(data: Path) -> None:
    with open_store(data) as store:
        begin(store)
    with open_store(data) as store:
        begin(store, 2)
        first, second = store.outbox.runs()
        assert (first.killed, first.exit_code, first.ended) == (True, None, None)
        assert not second.killed


def test_a_run_that_goes_on_repeats_no_outcome(data: Path) -> None:
    with open_store(data) as store:
        put(store, article(), begin(store))
    with open_store(data) as store:
        run = begin(store)
        assert put(store, article(), run).outcome is Outcome.UNCHANGED
        assert store.counts(run) == {"article": 1}


def test_an_address_is_found_by_its_key(store: Store, run: str) -> None:
    store.put_outcome(line("file:///etc/passwd", run, "refused_address", None), at=DAY_1)
    address = store.address("file:///etc/passwd")
    assert address is not None
    assert address.outcome == "refused_address"
    assert article_id(url_key(f"{SITE}/a")) == article().id


def test_what_a_fetch_carries_on_the_article_counts_when_nothing_else_is_said(store: Store, run: str) -> None:
    fetched = article(fetch=Fetch(requested_url=f"{SITE}/short", etag='"9"'))
    store.put_article(fetched, run_id=run, outcome=line(fetched.url, run))
    address = store.address(f"{SITE}/short")
    assert address is not None
    assert address.etag == '"9"'
