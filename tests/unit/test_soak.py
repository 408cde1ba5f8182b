"""The soak says what was lost and what was doubled, and its pages are as many different ones as are asked for."""

from __future__ import annotations

import gzip
import json
import re
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks import golden, soak
from benchmarks.replay.edits import retold
from benchmarks.replay.pages import load_bench
from newscrawl.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.replay.edits import EditedPage


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden pages, laid out as a bench."""
    folder = tmp_path_factory.mktemp("bench")
    (folder / "gold").mkdir()
    (folder / "pages" / "golden").mkdir(parents=True)
    rows = []
    for page in golden.load():
        name = page.name.replace("/", "-")
        rows.append({"id": name, "url": page.page["url"], "published": None, "news": True})
        (folder / "pages" / "golden" / f"{name}.html.gz").write_bytes(gzip.compress(page.html))
    (folder / "gold" / "golden.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return folder


def pages(bench: Path, count: int, *, run: int, runs: int) -> list[EditedPage]:
    return list(retold(load_bench(bench).pages, count, run=run, runs=runs))


def test_every_telling_and_every_edition_has_another_order_of_the_same_words(bench: Path) -> None:
    last = pages(bench, 100, run=19, runs=20)
    assert len({page.key for page in last}) == 100
    assert len({page.html() for page in last}) == 100
    one, other = (re.sub(rb"[\s\d]", b"", last[at].html()) for at in (0, len(load_bench(bench).pages)))
    assert sorted(one) == sorted(other)
    first = {page.key: page for page in pages(bench, 100, run=0, runs=20)}
    assert len(first) == 5
    again = {page.key: page for page in last}
    assert all(page.edition == 1 for page in first.values())
    edited = [key for key, page in first.items() if again[key].edition > 1]
    assert edited
    assert all((again[key].html() != page.html()) == (key in edited) for key, page in first.items())


def sample(pages: int, crawl_mb: float) -> soak.Sample:
    return soak.Sample(
        at_s=pages / 10, pages=pages, crawl_mb=crawl_mb, workers_mb=100, store_mb=1, crawl_s=0, workers_s=0
    )


def test_memory_that_grows_after_the_first_pages_is_named() -> None:
    rising = [sample(number, 100 + number / 100) for number in range(0, 20_000, 100)]
    assert list(soak.memory_grew(rising)) == ["memory grew: crawl_mb from 130 to 290"]
    flat = [sample(number, min(number, 2_000)) for number in range(0, 20_000, 100)]
    assert list(soak.memory_grew(flat)) == []


@pytest.mark.proof
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at a crawl through /proc")
@pytest.mark.parametrize(("count", "runs"), [(400, 1), (120, 6)])
def test_nothing_is_lost_or_doubled(
    bench: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], count: int, runs: int
) -> None:
    options = [str(bench), "--pages", str(count), "--runs", str(runs), "--folder", str(tmp_path)]
    assert soak.main(options) == ExitCode.DONE, capsys.readouterr()
    said = capsys.readouterr().out
    assert f"{count:,} pages, " in said
    data, told = tmp_path / "data", pages(bench, count, run=runs - 1, runs=runs)

    # That it would have said so: a page that was never crawled, a second article at one address.
    never = pages(bench, count + 1, run=0, runs=1)[-1]
    assert list(soak.said_wrong(data, [*told, never])) == [f"1 pages without an outcome, such as {never.url}"]
    file = next((data / "articles").rglob("*.jsonl"))
    line = json.loads(file.read_bytes().splitlines()[0])
    with file.open("a") as doubling:
        doubling.write(json.dumps(line | {"id": "art_other"}) + "\n")
    assert any("is 2 articles" in each for each in soak.said_wrong(data, told))
