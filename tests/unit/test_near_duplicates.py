"""Copies of a story are linked, other stories are not, whatever order they came in."""

from __future__ import annotations

import itertools
import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelf import article, begin, gone, put

from benchmarks.near_duplicates import COPIES, STORIES, notices
from newscrawl.batch.settle import settle
from newscrawl.dedup.minhash import MAX_NUMBERS, Signature, buckets, number_containment, sign, similarity
from newscrawl.dedup.near_duplicates import NearDuplicateOptions, copy_similarity
from newscrawl.dump.current import CURRENT
from newscrawl.dump.publish import publish
from newscrawl.dump.reader import verify
from newscrawl.state.copies import MAX_PAIRS
from newscrawl.state.rebuild import rebuild
from newscrawl.state.store import open_store
from newscrawl.text.digest import text_sha256

if TYPE_CHECKING:
    from pathlib import Path

    from newscrawl.article import Article
    from newscrawl.state.store import Store

OPTIONS = NearDuplicateOptions()
SYLLABLES = ("ka", "lo", "mir", "ten", "sul", "va", "dro", "pe", "ni", "gash", "ber", "to", "wu", "fe", "li", "on")


def story(seed: int, words: int = 240) -> str:
    """A text of its own: paragraphs of made-up words and a few numbers."""
    dice = random.Random(seed)
    made = ["".join(dice.choices(SYLLABLES, k=dice.randint(1, 3))) for _ in range(words)]
    made[:: words // 6] = [str(dice.randint(3, 9999)) for _ in made[:: words // 6]]
    return "\n\n".join(" ".join(made[start : start + 40]).capitalize() + "." for start in range(0, words, 40))


@pytest.mark.parametrize("kind", COPIES)
def test_a_copy_is_told(kind: str) -> None:
    changed = COPIES[kind](story(1), story(2), random.Random(3))
    before, after = sign(story(1)), sign(changed)
    assert before is not None
    assert after is not None
    assert copy_similarity(before, after, OPTIONS) is not None


@pytest.mark.parametrize("kind", STORIES)
def test_another_story_is_none(kind: str) -> None:
    other = STORIES[kind](story(1), story(2), random.Random(3))
    before, after = sign(story(1)), sign(other)
    assert before is not None
    assert after is not None
    assert copy_similarity(before, after, OPTIONS) is None


def test_notices_of_one_template_are_no_copies_of_one_another() -> None:
    signed = [sign(each) for each in notices(60, random.Random(5))]
    assert not any(copy_similarity(a, b, OPTIONS) for a, b in itertools.combinations(filter(None, signed), 2))


def test_scripts_without_spaces_are_compared_by_their_letters() -> None:
    dice = random.Random(7)
    text = "。".join("".join(chr(0x4E00 + dice.randrange(3000)) for _ in range(30)) for _ in range(12))
    whole, part = sign(text), sign(text[: len(text) * 2 // 3])
    assert whole is not None
    assert part is not None
    assert whole.shingles > 300
    assert copy_similarity(whole, part, OPTIONS) == pytest.approx(2 / 3, abs=0.12)


def test_a_short_text_is_like_nothing() -> None:
    assert sign("The ferry is late again today, the harbour office says.") is None


@given(
    st.integers(0, 10_000),
    st.sets(st.integers(0, 2**32 - 1), max_size=MAX_NUMBERS),
    st.binary(min_size=128, max_size=128),
)
def test_a_signature_comes_back_as_it_was_packed(shingles: int, numbers: set[int], values: bytes) -> None:
    signature = Signature(values=values, shingles=shingles, numbers=frozenset(numbers))
    assert Signature.unpack(signature.pack()) == signature
    assert similarity(signature, signature) == 1
    assert number_containment(signature, signature) == 1
    assert len(set(buckets(signature))) == len(buckets(signature))


def test_bytes_that_are_no_signature_are_refused() -> None:
    signature = sign(story(1))
    assert signature is not None
    with pytest.raises(ValueError, match="bytes are no signature"):
        Signature.unpack(signature.pack()[:-1])


def test_a_text_with_many_numbers_is_compared_by_those_that_both_kept() -> None:
    values = bytes(128)
    few = Signature(values=values, shingles=100, numbers=frozenset(range(0, 1000, 100)))
    many = Signature(values=values, shingles=100, numbers=frozenset(range(MAX_NUMBERS)))  # the smallest of more
    assert number_containment(few, many) == 1  # 0 is the only one both can have kept


def outlet(name: str, text: str, published: str, **changes: object) -> Article:
    """An article of one of several outlets."""
    return article(name, text, url=f"https://{name}.example/story", date_published=published, **changes)


def links(store: Store) -> dict[str, tuple[str | None, str | None, float | None]]:
    """The links of every article of the store, by id."""
    columns = ((each, store.outbox.link(each)) for each, *_ in store.outbox.current_keys())
    return {each: (link.duplicate_of, link.cluster_id, link.similarity) for each, link in columns}


def family() -> list[Article]:
    """A wire story, two near copies, an equal one, and another story."""
    dice = random.Random(3)
    wire = story(1)
    return [
        outlet("wire", wire, "2026-11-20T08:00:00Z"),
        outlet("morning", COPIES["added paragraph"](wire, story(9), dice), "2026-11-20T09:00:00Z"),
        outlet("evening", COPIES["cut to 55–80 %"](wire, "", dice), "2026-11-20T10:00:00Z"),
        outlet("reprint", wire, "2026-11-20T11:00:00Z"),
        outlet("rival", story(2), "2026-11-20T07:00:00Z"),
    ]


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 0, 4, 3, 1)])
def test_copies_are_linked_to_the_one_published_first_in_whatever_order_they_came(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    articles = family()
    wire, rival = articles[0].id, articles[4].id
    with open_store(tmp_path) as store:
        run_id = begin(store)
        for number in order:
            put(store, articles[number], run_id)
            if number == 3:  # as between two runs
                store.compare_texts(OPTIONS, run_id=run_id)
        settle(store, tmp_path, run_id=run_id)
        found = links(store)
    assert found[rival] == (None, None, None)
    smallest = min(each.id for each in articles[:4])
    assert {found[each.id][1] for each in articles[:4]} == {smallest}
    assert {each.id: found[each.id][0] for each in articles[:4]} == {
        wire: None, articles[1].id: wire, articles[2].id: wire, articles[3].id: wire,
    }  # fmt: skip
    assert found[wire][2] == found[articles[3].id][2] == 1.0
    assert all(0.4 <= (found[each.id][2] or 0) < 1 for each in articles[1:3])


def test_a_text_that_became_another_story_leaves_its_cluster_and_so_does_one_that_is_gone(tmp_path: Path) -> None:
    wire, morning, evening, *_ = family()
    with open_store(tmp_path) as store:
        run_id = begin(store)
        for each in (wire, morning, evening):
            put(store, each, run_id)
        settle(store, tmp_path, run_id=run_id)
        assert links(store)[evening.id][0] == wire.id
        changed = replace(evening, text=story(5), text_sha256=text_sha256(story(5)))
        put(store, changed, run_id)
        settle(store, tmp_path, run_id=run_id)
        assert links(store)[evening.id] == (None, evening.id, 1.0)
        assert links(store)[morning.id][0] == wire.id
        gone(store, wire.url, run_id, 410, "2026-11-24T10:00:00Z")
        assert links(store)[morning.id] == (None, morning.id, 1.0)


def test_a_new_title_over_the_same_text_keeps_the_links(tmp_path: Path) -> None:
    wire, morning, *_ = family()
    with open_store(tmp_path) as store:
        run_id = begin(store)
        for each in (wire, morning, replace(morning, title="Another title")):
            put(store, each, run_id)
            settle(store, tmp_path, run_id=run_id)
        assert links(store)[morning.id][0] == wire.id


def test_a_purged_article_leaves_no_trace_of_its_text(tmp_path: Path) -> None:
    wire, morning, *_ = family()
    with open_store(tmp_path) as store:
        run_id = begin(store)
        for each in (wire, morning):
            put(store, each, run_id)
        settle(store, tmp_path, run_id=run_id)
        assert store.copies_of([wire.id]) == (morning.id,)
        store.purge([wire.id], run_id=run_id)
        assert store.copies_of([wire.id]) == ()
        for table in ("signatures", "copies"):
            query = f"SELECT count(*) FROM {table} WHERE id = ?"
            assert store._database.row(query, (wire.id,)) == (0,)
        assert links(store)[morning.id] == (None, morning.id, 1.0)


@pytest.mark.parametrize(
    ("window", "day", "linked"), [(14, "2026-11-30", True), (14, "2026-12-20", False), (0, "2026-11-23", False)]
)
def test_only_texts_of_the_last_days_are_compared(tmp_path: Path, window: int, day: str, linked: bool) -> None:
    wire, morning, *_ = family()
    options = replace(OPTIONS, window_days=window)
    with open_store(tmp_path) as store:
        run_id = begin(store)
        put(store, wire, run_id)
        settle(store, tmp_path, run_id=run_id, near_duplicates=options)
        put(store, replace(morning, date_crawled=f"{day}T10:00:00Z"), run_id)
        settle(store, tmp_path, run_id=run_id, near_duplicates=options)
        assert (links(store)[morning.id][0] == wire.id) is linked


def test_what_is_older_than_the_window_is_forgotten_and_its_links_stay(tmp_path: Path) -> None:
    old = [replace(each, date_crawled="2026-01-05T10:00:00Z") for each in family()[:2]]
    with open_store(tmp_path) as store:
        run_id = begin(store)
        for each in old:
            put(store, each, run_id)
        settle(store, tmp_path, run_id=run_id)
        assert store._database.number("SELECT count(*) FROM signatures") == 0
        assert store._database.number("SELECT count(*) FROM buckets") == 0
        assert links(store)[old[1].id][0] == old[0].id


def test_a_rebuilt_store_knows_the_clusters_and_finds_more(tmp_path: Path) -> None:
    wire, morning, evening, *_ = family()
    with open_store(tmp_path) as store:
        run_id = begin(store)
        for each in (wire, morning):
            put(store, each, run_id)
        settle(store, tmp_path, run_id=run_id)
        before = links(store)
        store.end_run(run_id, exit_code=0, counts={})
        publish(store, tmp_path)
    rebuild(tmp_path)
    with open_store(tmp_path) as store:
        assert links(store) == before
        run_id = begin(store, 2)
        put(store, evening, run_id)
        settle(store, tmp_path, run_id=run_id)
        assert links(store)[evening.id][0] == wire.id
        assert links(store)[morning.id] == before[morning.id]


def test_three_hundred_notices_of_one_template_are_all_stored_and_none_is_linked(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store._database.execute("PRAGMA synchronous = OFF")
        run_id = begin(store)
        for number, text in enumerate(notices(300, random.Random(5))):
            put(store, article(f"notice-{number}", text), run_id)
        settle(store, tmp_path, run_id=run_id)
        assert len(links(store)) == 300
        assert {link[0] for link in links(store).values()} == {None}


def test_a_flood_of_one_text_with_small_changes_keeps_few_pairs_an_article(tmp_path: Path) -> None:
    dice, wire = random.Random(3), story(1)
    with open_store(tmp_path) as store:
        store._database.execute("PRAGMA synchronous = OFF")
        run_id = begin(store)
        for number in range(120):
            put(store, outlet(f"mirror-{number}", COPIES["touched up"](wire, "", dice), "2026-11-20T08:00:00Z"), run_id)
        settle(store, tmp_path, run_id=run_id)
        assert len({link[1] for link in links(store).values()}) == 1  # one cluster
        pairs = store._database.number("SELECT count(*) FROM copies") / 2
        assert pairs <= 120 * MAX_PAIRS


def test_the_dump_has_the_links_and_all_copies(tmp_path: Path) -> None:
    articles = family()
    with open_store(tmp_path) as store:
        run_id = begin(store)
        for each in articles:
            put(store, each, run_id)
        settle(store, tmp_path, run_id=run_id)
        store.end_run(run_id, exit_code=0, counts={})
        publish(store, tmp_path)
    assert verify(tmp_path) == ()
    lines = (tmp_path / CURRENT).read_bytes().splitlines()
    current = {each["id"]: each for each in map(json.loads, lines)}
    assert set(current) == {each.id for each in articles}
    assert current[articles[2].id]["duplicate_of"] == articles[0].id
