"""Golden pages: what extraction makes of each is pinned, and how much of it is right may only grow.

When one of these fails because the code got better: ``python -m benchmarks.golden --update``, and read the diff.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from benchmarks import golden
from newscrawl.demo.content import load_outlets
from newscrawl.demo.pages import TEMPLATES
from newscrawl.text.language import same_language

PAGES = {page.name: page for page in golden.load()}
CASES = Path(__file__).parents[1] / "cases"


@pytest.mark.parametrize("name", PAGES)
def test_the_article_of_a_page_is_the_one_expected(name: str) -> None:
    page = PAGES[name]
    assert golden.extracted(page) == dict(page.article)


def test_the_corpus_is_that_of_its_digest_and_the_floors_are_its_scores() -> None:
    assert golden.problems() == ()


def test_what_is_marked_wrong_is_wrong_and_every_field_is_pinned() -> None:
    for page in PAGES.values():
        assert set(page.article) == set(golden.FIELDS), page.name
        assert all(page.article[field] != value for field, value in page.should_be.items()), page.name


def test_the_corpus_has_every_template_and_many_languages_and_nothing_without_its_other_half() -> None:
    assert len(PAGES) >= 20
    outlets = {outlet.id: outlet for outlet in load_outlets()}
    used = {name.partition("/")[0] for name in PAGES}
    assert {outlets[source].template for source in used & set(outlets)} == set(TEMPLATES)
    languages = {str(page.right["language"]) for page in PAGES.values()}
    assert all(
        any(same_language(one, wanted) for one in languages)
        for wanted in ("ar", "de", "en", "es", "fr", "hi", "ja", "kk", "pt", "ru", "tr", "uk", "zh")
    )
    files = {path.relative_to(golden.GOLDEN).as_posix() for path in golden.GOLDEN.glob("*/*")}
    assert files == {f"{name}{ending}" for name in PAGES for ending in (".html.gz", ".json")}


def test_the_case_of_a_text_full_of_remains_is_among_them() -> None:
    assert PAGES["steppe-review/koshanov"].html == (CASES / "koshanov.html").read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A corpus of two pages, and its scores."""
    for name in ("longshore/4417", "steppe-review/koshanov"):
        (tmp_path / name).parent.mkdir()
        for ending in (".html.gz", ".json"):
            shutil.copy(golden.GOLDEN / f"{name}{ending}", tmp_path / f"{name}{ending}")
    golden.update(tmp_path)
    assert golden.problems(tmp_path) == ()
    return tmp_path


def change(path: Path, **values: Any) -> None:
    said = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(said | values), encoding="utf-8")


def test_code_that_gets_worse_cannot_update_and_writes_nothing(folder: Path) -> None:
    pinned = folder / "longshore" / "4417.json"
    article = json.loads(pinned.read_text(encoding="utf-8"))["article"]
    change(pinned, article=article | {"title": "What the code gave when it was better"})
    before = {path: path.read_bytes() for path in folder.rglob("*.json")}
    with pytest.raises(golden.LoweredError, match=r"title: lower than the floor[^\n]*\n  longshore/4417: title$"):
        golden.update(folder)
    assert {path: path.read_bytes() for path in folder.rglob("*.json")} == before


def test_code_that_gets_better_raises_the_floor(folder: Path) -> None:
    pinned = folder / "longshore" / "4417.json"
    article = json.loads(pinned.read_text(encoding="utf-8"))["article"]
    change(pinned, article=article | {"title": "Wrong"}, should_be={"title": article["title"]})
    change(folder / golden.SCORES, floors=dict(golden.floors(folder)) | {"title": 1})
    assert golden.update(folder)["title"] == golden.floors(folder)["title"] == 2
    assert golden.problems(folder) == ()
    assert json.loads(pinned.read_text(encoding="utf-8"))["should_be"] == {}


def test_a_hard_page_more_lowers_no_floor(folder: Path) -> None:
    page = {"url": "https://a.example/", "date_crawled": golden.CRAWLED}
    golden.add("new/page", (CASES / "koshanov.html").read_bytes(), page, folder)
    change(folder / "new" / "page.json", should_be={"title": "What the code does not find"})
    assert golden.update(folder) == dict.fromkeys(golden.FIELDS, 3) | {"title": 2}
    assert golden.problems(folder) == ()


def test_a_floor_lowered_by_hand_is_found(folder: Path) -> None:
    change(folder / golden.SCORES, floors=dict(golden.floors(folder)) | {"text": 1})
    assert golden.problems(folder) == ("the floor of text is 1, the pinned articles reach 2",)


def test_a_page_changed_taken_away_or_made_right_by_hand_is_found(folder: Path) -> None:
    pinned = folder / "longshore" / "4417.json"
    article = json.loads(pinned.read_text(encoding="utf-8"))["article"]
    change(pinned, article=article | {"title": "As I like it"})
    assert golden.problems(folder) == ("the pages or their right values are not those of the digest",)
    pinned.unlink()
    (folder / "longshore" / "4417.html.gz").unlink()
    assert "1 pages, the scores are of 2" in golden.problems(folder)
