"""Every cleaning rule against its cases: what goes, and what must stay."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from growth import LINEAR, TIMES_LARGER, growth

from newscrawl.article import FLAGS, Article, Author, Image
from newscrawl.clean import clean
from newscrawl.clean.rules import RULES, Rule
from newscrawl.clean.wording import KINDS, wording
from newscrawl.text.fold import fold

CASES = Path(__file__).parents[1] / "cases" / "rules"
WORDING = Path(__file__).parents[2] / "newscrawl" / "clean" / "wording"
RULE = {rule.__name__: rule for rule in RULES}
SAMPLE = [
    pytest.param(rule, case, id=f"{rule}: {case['why']}")
    for rule in sorted(RULE)
    for case in tomllib.loads((CASES / f"{rule}.toml").read_text("utf-8"))["case"]
]


def article_of(case: dict[str, Any]) -> Article:
    return Article(
        url="https://harbour-times.example/a",
        date_crawled="2026-03-05T00:00:00Z",
        site="harbour-times.example",
        title=case.get("title"),
        description=case.get("description"),
        publisher=case.get("publisher"),
        tags=tuple(case.get("tags", ())),
        authors=tuple(Author(name=name) for name in case.get("authors", ())),
        images=tuple(
            Image(url="https://harbour-times.example/i.jpg", caption=text) for text in case.get("captions", ())
        ),
        text="\n\n".join(case["text"]),
    )


@pytest.mark.parametrize(("rule", "case"), SAMPLE)
def test_a_rule_takes_what_its_case_says_and_leaves_the_rest(rule: str, case: dict[str, Any]) -> None:
    cleaned = RULE[rule](article_of(case))
    assert list(cleaned.paragraphs) == case["expect"]
    assert {removed.rule for removed in cleaned.removed} <= {rule}
    assert all(removed.why for removed in cleaned.removed)
    if "flags" in case:
        assert list(cleaned.flags) == case["flags"]


@pytest.mark.parametrize(
    "case", [case.values[1] for case in SAMPLE if case.values[1]["text"] == case.values[1]["expect"]]
)
def test_what_one_rule_must_leave_no_other_takes(case: dict[str, Any]) -> None:
    assert list(clean(article_of(case)).paragraphs) == case["expect"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_has_cases_of_both_kinds(rule: Rule) -> None:
    cases = tomllib.loads((CASES / f"{rule.__name__}.toml").read_text("utf-8"))["case"]
    assert any(case["text"] != case["expect"] for case in cases)
    assert any(case["text"] == case["expect"] for case in cases)
    assert rule.__module__ == f"newscrawl.clean.rules.{rule.__name__}"
    assert set().union(*(case.get("flags", ()) for case in cases)) <= set(FLAGS)


def test_no_case_file_is_without_its_rule() -> None:
    assert {file.stem for file in CASES.glob("*.toml")} == set(RULE)


@pytest.mark.parametrize("file", sorted(WORDING.glob("*.toml")), ids=lambda file: file.stem)
def test_a_wording_file_holds_phrases_of_rules_and_nothing_else(file: Path) -> None:
    for rule, kinds in tomllib.loads(file.read_text("utf-8")).items():
        assert rule in RULE
        assert set(kinds) <= set(KINDS)
        for phrases in kinds.values():
            assert all(fold(phrase) for phrase in phrases)


def test_phrases_match_as_whole_words_only() -> None:
    newsletter = wording("newsletter")
    assert newsletter.start_of(fold("Subscribe now!")) is not None
    assert newsletter.start_of(fold("Subscribe nowadays")) is None
    assert newsletter.found_in(fold("Stories sent to your inbox daily")) is not None
    assert newsletter.found_in(fold("Stories sent to your inboxes daily")) is None


HOSTILE = {
    "one long word": "a" * 100_000,
    "spaces": "a " * 50_000,
    "brackets": "[" * 100_000,
    "braces": "{{" * 50_000,
    "path marks": "Home › " * 14_000,
    "short lines": "Share\n\n" * 14_000,
    "labels": "Read also:\n\n" * 8_000,
    "labels with titles": "Read also:\n\nStorm closes harbour\n\n" * 3_000,
    "equal lines": "Storm closes harbour\n\n" * 4_500,
    "signs": "© ... !!! \n\n" * 8_000,
    "dates": "3 March 2026 10:15\n\n" * 5_000,
    "titles": "Harbour reopens after storm\n\n" * 3_500,
    "han": "港口重新开放" * 16_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.proof
def test_the_work_of_each_rule_grows_with_a_hostile_text(text: str) -> None:
    small = Article(title="Harbour reopens after storm", description="Share", text=text.strip())
    large = small.with_paragraphs(["".join([text] * TIMES_LARGER).strip()])
    clean(Article(title="Once before", text="Share"))  # the wording is read once in a process
    for rule in RULES:
        assert growth(rule, small, large) < LINEAR, rule.__name__
