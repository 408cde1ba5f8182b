"""A batch is read to its end before it is written: its first page profits from what the last one taught."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from test_site_memory import FOLLOW, LABEL, page

from newscrawl.article import Article
from newscrawl.batch.clean import Decision
from newscrawl.batch.two_passes import in_two_passes
from newscrawl.errors import ArchiveError, Outcome
from newscrawl.refine import refine

if TYPE_CHECKING:
    from pathlib import Path


def texts(path: Path, *options: str) -> list[str]:
    """What `newscrawl clean` makes of 12 dirty texts of one site."""
    lines = (
        {"url": each.url, "title": each.title, "date_published": each.date_published, "text": each.text}
        for each in map(page, range(12))
    )
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    command = [sys.executable, "-m", "newscrawl.cli.main", "clean", str(path), "--quiet", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
    return [json.loads(line)["text"] for line in done.stdout.splitlines()]


def test_dirty_texts_without_html_lose_what_their_site_repeats(tmp_path: Path) -> None:
    dirty = tmp_path / "texts.jsonl"
    assert [text.split("\n\n") for text in texts(dirty)] == [list(page(number).paragraphs[1:5]) for number in range(12)]
    kept = texts(dirty, "--page-by-page")
    assert sum(FOLLOW in text for text in kept) == sum(LABEL in text for text in kept) == 12


def test_decisions_come_back_in_their_order_with_all_they_had() -> None:
    article = refine(page(1))
    decisions: list[Decision | ArchiveError] = [
        Decision(
            url=article.url, source="a", via="warc", outcome=Outcome.ARTICLE, article=article, status=200, bytes=9
        ),
        ArchiveError("texts.jsonl, line 2: no JSON"),
        Decision(
            url="https://b.example/", source="b", via="file", outcome=Outcome.LIST_PAGE, reason="12 links", is_bug=True
        ),
    ]
    back = list(in_two_passes(decisions))
    assert [each for each in back if isinstance(each, Decision)] == [decisions[0], decisions[2]]
    assert [each for each in back if isinstance(each, ArchiveError)] == [decisions[1]]
    assert isinstance(article, Article)
