"""What makes a revision of a page that is fetched again and again, and what is never fetched again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conftest import Crawl
from test_incremental import Paper, look, paper, story, titles  # noqa: F401 - paper is a fixture

from newscrawl.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def restless(paper: Paper) -> None:  # noqa: F811 - the fixture's value
    """Every fetch of a page finds other boxes beside the story, and images with other query strings."""
    quiet = paper.answer
    fetches = 0

    def answer(path: str, tag: str | None) -> tuple[int, str, bytes, dict[str, str]]:
        nonlocal fetches
        status, kind, body, headers = quiet(path, None)
        if kind == "text/html" and status == 200:
            fetches += 1
            image = f"<meta property=og:image content='{paper.url}/pier.jpg?cache={fetches}'>".encode()
            links = "".join(
                f"<li><a href='/2026/other-{fetches}-{n}.html'>Most read {fetches} {n}</a></li>" for n in "abc"
            )
            boxes = f"<aside><h2>Most read</h2><ul>{links}</ul></aside><p class=ad>Offer {fetches}</p>".encode()
            body = body.replace(b"<title>", image + b"<title>").replace(b"</article>", b"</article>" + boxes)
        return status, kind, body, {name: value for name, value in headers.items() if name != "ETag"}

    paper.answer = answer  # type: ignore[method-assign]


def revisions(data: Path) -> list[tuple[str, int, str]]:
    lines = Crawl(exit_code=0, out="", err="", data=data).lines("articles")
    return sorted((str(line["title"]), line["revision"], line["revision_cause"]) for line in lines)


def test_boxes_and_image_addresses_that_change_on_every_fetch_make_no_revision_and_the_text_does(
    paper: Paper,  # noqa: F811
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    paper.stories[:] = ["one", "two"]
    restless(paper)
    for _ in range(2):
        asked = look(paper, data, "-a", "refresh=true")
        assert (story("one"), 200, False) in asked
    assert revisions(data) == [("Ferry one", 1, "first"), ("Ferry two", 1, "first")]
    for edition in (1, 0):  # and back to what it was
        paper.changes["two"] = edition
        look(paper, data, "-a", "refresh=true")
    assert [each for each in revisions(data) if each[0] == "Ferry two"] == [
        ("Ferry two", 1, "first"),
        ("Ferry two", 2, "page"),
        ("Ferry two", 3, "page"),
    ]


def test_a_purged_article_is_not_asked_for_again_whoever_names_it(
    paper: Paper,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data, urls = tmp_path / "data", tmp_path / "urls.txt"
    look(paper, data)
    ids = {line["title"]: line["id"] for line in Crawl(exit_code=0, out="", err="", data=data).lines("current")}
    assert main(["purge", ids["Ferry two"], "--yes", "--data", str(data)]) == 0
    assert "purged 1 articles" in capsys.readouterr().out
    paper.changes["two"] += 1
    urls.write_text(f"{paper.url}{story('two')}\n", encoding="utf-8")
    for arguments in (("-a", "refresh=true"), ("-a", f"urls={urls}")):
        assert story("two") not in [path for path, _, _ in look(paper, data, *arguments)], arguments
    assert titles(data) == ["Ferry one", "Ferry three"]
    held = [path for path in data.rglob("*") if path.is_file() and b"Ferry two" in path.read_bytes()]
    assert held == []
