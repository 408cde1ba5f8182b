"""`verify` finds everything that can be wrong with a dump, and nothing in one that is whole."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from shelf import DAY_2, SHARE, SITE, article, begin, gone, put

from newscrawl.dump.publish import publish
from newscrawl.dump.reader import verify
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("whole") / "data"
    with open_store(data) as store:
        run = begin(store)
        for name in "abc":
            put(store, article(name, "Same.", removed=(SHARE,)), run)
        publish(store, data)
        run = begin(store, 2)
        put(store, article("a", "Other."), run)
        gone(store, f"{SITE}/b", run, 410, DAY_2)
        publish(store, data)
    shutil.rmtree(data / "state")  # a dump is one without the crawler's memory
    return data


@pytest.fixture
def data(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "data")
    return tmp_path / "data"


def first(data: Path, stream: str) -> Path:
    """The first file of a stream."""
    return min((data / stream).rglob("*.jsonl"))


def edit(path: Path, change: Callable[[dict[str, Any]], object], number: int = 0) -> None:
    """Change one record of a file."""
    lines = path.read_bytes().splitlines(keepends=True)
    values = json.loads(lines[number])
    change(values)
    lines[number] = json.dumps(values, ensure_ascii=False).encode() + b"\n"
    path.write_bytes(b"".join(lines))


def sign(data: Path) -> None:
    """Make the manifest and the checksums fit the files again, so that only deeper checks can find what is wrong."""
    import hashlib

    manifest = json.loads((data / "manifest.json").read_bytes())
    for entry in manifest["files"]:
        content = (data / entry["path"]).read_bytes()
        entry |= {
            "sha256": f"sha256:{hashlib.sha256(content).hexdigest()}",
            "bytes": len(content),
            "rows": content.count(b"\n"),
        }
    (data / "manifest.json").write_text(json.dumps(manifest))
    lines = (f"{each['sha256'].removeprefix('sha256:')}  {each['path']}\n" for each in manifest["files"])
    (data / "SHA256SUMS").write_text("".join(lines))


def test_a_whole_dump_has_no_problems(data: Path) -> None:
    assert verify(data) == ()
    assert verify(str(data)) == ()


def test_a_whole_dump_may_lie_anywhere(data: Path, tmp_path: Path) -> None:
    shutil.move(data, tmp_path / "elsewhere")
    assert verify(tmp_path / "elsewhere") == ()


def test_a_flipped_byte_is_found(data: Path) -> None:
    path = first(data, "articles")
    path.write_bytes(path.read_bytes().replace(b"Title of a", b"Title of A"))
    assert verify(data) == (f"{path}: the checksum is not that of the manifest",)


def test_a_torn_file_is_found(data: Path) -> None:
    path = first(data, "outcomes")
    path.write_bytes(path.read_bytes()[:-10])
    problems = verify(data)
    assert any("bytes, the manifest says" in each for each in problems)
    assert any("line 3: not JSON" in each for each in problems)


def test_a_missing_file_is_found(data: Path) -> None:
    path = first(data, "removed")
    path.unlink()
    assert f"{path} is missing" in verify(data)


@pytest.mark.parametrize("name", ["articles/extra.jsonl", "links/crawl_day=2026-11-24/.run_x-0000.jsonl.tmp"])
def test_a_file_that_the_manifest_does_not_name_is_found(data: Path, name: str) -> None:
    (data / name).write_text("")
    assert verify(data) == (f"{data / name}: the manifest does not name it",)


def test_files_beside_the_streams_are_nobodys_business(data: Path) -> None:
    (data / "notes.txt").write_text("mine")
    (data / "raw").mkdir()
    (data / "raw" / "pages.warc.gz").write_bytes(b"")
    assert verify(data) == ()


@pytest.mark.parametrize(
    ("stream", "change", "words"),
    [
        ("articles", {"extra": 1}, "extra"),
        ("articles", {"revision": "1"}, "revision"),
        ("articles", {"date_published": "yesterday"}, "date_published"),
        ("articles", {"text": "Another."}, "text_sha256 is not that of the text"),
        ("articles", {"text": None}, "text and text_sha256: one is null"),
        ("articles", {"status": "gone"}, "status is gone, but there is content"),
        ("articles", {"revision_cause": "page"}, "revision 1 cannot be caused by 'page'"),
        ("articles", {"date_precision": None}, "date_published and date_precision"),
        ("outcomes", {"outcome": "fine"}, "outcome"),
        ("links", {"similarity": 2}, "similarity"),
        ("removed", {"place": -1}, "place"),
    ],
)
def test_a_record_that_breaks_the_rules_is_found(data: Path, stream: str, change: dict[str, Any], words: str) -> None:
    path = first(data, stream)
    edit(path, lambda values: values.update(change))
    sign(data)
    problems = verify(data)
    assert len(problems) == 1
    assert problems[0].startswith(f"{path}, line 1: ")
    assert words in problems[0]


def test_an_article_that_stands_there_twice_is_found(data: Path) -> None:
    path = first(data, "articles")
    path.write_bytes(path.read_bytes() + path.read_bytes().splitlines(keepends=True)[0])
    sign(data)
    assert f"articles: {article('a').id} 1 stands there twice" in verify(data)


def test_an_address_with_two_outcomes_in_a_run_is_found(data: Path) -> None:
    path = first(data, "outcomes")
    path.write_bytes(path.read_bytes() + path.read_bytes().splitlines(keepends=True)[0])
    sign(data)
    assert any(each.endswith(f"{SITE}/a stands there twice") for each in verify(data))


def test_a_current_view_that_is_not_what_the_logs_say_is_found(data: Path) -> None:
    path = data / "current" / "articles.jsonl"
    edit(path, lambda values: values.update(title="Another"))
    sign(data)
    assert any(each.endswith("is not what articles and links say") for each in verify(data))


def test_an_article_that_the_current_view_lost_is_found(data: Path) -> None:
    path = data / "current" / "articles.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    sign(data)
    problems = verify(data)
    assert any("is not what articles and links say" in each for each in problems)
    assert f"{data / 'manifest.json'}: the digest is not that of the current view" in problems
    assert f"{data / 'manifest.json'}: 2 articles, the current view holds 1" in problems


def test_a_run_that_the_manifest_does_not_know_is_found(data: Path) -> None:
    manifest = json.loads((data / "manifest.json").read_bytes())
    del manifest["runs"][0]
    (data / "manifest.json").write_text(json.dumps(manifest))
    assert any("the manifest does not know its run run_20261124t060001z_aaaaaa" in each for each in verify(data))


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"files": [{}]}', b'{"files": 1}', b"\xff"])
def test_a_damaged_manifest_is_one_sentence(data: Path, content: bytes) -> None:
    (data / "manifest.json").write_bytes(content)
    (problem,) = verify(data)
    assert problem.startswith(f"{data / 'manifest.json'} is damaged")


def test_a_manifest_that_points_outside_is_found(data: Path) -> None:
    manifest = json.loads((data / "manifest.json").read_bytes())
    manifest["files"][0]["path"] = "../../etc/passwd"
    (data / "manifest.json").write_text(json.dumps(manifest))
    assert "../../etc/passwd is outside of the dump" in verify(data)


def test_missing_checksums_are_found(data: Path) -> None:
    (data / "SHA256SUMS").unlink()
    assert any("SHA256SUMS cannot be read" in each for each in verify(data))


def test_a_dump_without_manifest_is_found(data: Path, tmp_path: Path) -> None:
    (data / "manifest.json").unlink()
    problems = verify(data)
    assert problems[0] == f"{data / 'manifest.json'} is missing"
    assert verify(tmp_path / "nowhere") == (f"there is no dump at {tmp_path / 'nowhere'}",)


def test_a_hundred_thousand_problems_are_not_all_said(data: Path) -> None:
    path = first(data, "outcomes")
    path.write_bytes(b"{}\n" * 1000)
    sign(data)
    problems = verify(data)
    assert len(problems) == 101
    assert problems[-1] == f"{path}: 900 more problems"
