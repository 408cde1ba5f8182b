"""The golden pages: what extraction makes of each is pinned, and how much of it is right may only grow.

    python -m benchmarks.golden                     the scores of today's code, beside the floors
    python -m benchmarks.golden --update            pin what today's code gives, and raise the floors to it
    python -m benchmarks.golden --add PAGE.html --url URL --name SOURCE/SLUG

A page is ``tests/golden/<source>/<slug>.html.gz`` with a JSON file beside it::

    page       what else extraction is told: url, date_crawled, charset, time_zone, languages
    article    what today's code gives
    should_be  where that is wrong: the right values, field by field

``tests/golden/scores.json`` has, for each field, on how many pages it is right, and the digest of pages and right
values. `--update` takes a value that was right for right as it was: code that now gives something else there lowers
the score, and that is refused. Whoever finds that a value taken for right is wrong writes the right one into
``should_be`` by hand, lowers the floor by one, runs `--update`, and says so in the commit: a reviewer sees all three.

Pages are of our own writing, never those of a publisher. Read what `--add` pinned before you commit it.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newscrawl.article import Page
from newscrawl.dump.record import record
from newscrawl.errors import ArticleRejected
from newscrawl.refine import article_from_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GOLDEN = Path(__file__).parents[1] / "tests" / "golden"
SCORES = "scores.json"
FIELDS = ("title", "description", "text", "authors", "date_published", "language", "flags")
CRAWLED = "2026-11-24T06:00:00Z"


class LoweredError(Exception):
    """Today's code is worse on the golden pages than the floors allow; says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """One page, what extraction is told of it, and what it should give."""

    name: str
    """``source/slug``."""
    html: bytes
    page: Mapping[str, Any]
    article: Mapping[str, Any]
    """What is pinned, field by field."""
    should_be: Mapping[str, Any]
    """The right values where the pinned ones are wrong."""

    @property
    def right(self) -> dict[str, Any]:
        """The right value of every field."""
        return {**self.article, **self.should_be}


def load(folder: Path = GOLDEN) -> tuple[Golden, ...]:
    """Every golden page, by name."""
    return tuple(
        Golden(
            name=path.relative_to(folder).as_posix().removesuffix(".html.gz"),
            html=gzip.decompress(path.read_bytes()),
            **json.loads(_expected(path).read_text(encoding="utf-8")),
        )
        for path in sorted(folder.glob("*/*.html.gz"))
    )


def extracted(golden: Golden) -> dict[str, Any]:
    """What today's code makes of the page; a page that is rejected has no field at all."""
    told = {**golden.page, "languages": tuple(golden.page.get("languages", ()))}
    page = Page(html=golden.html, source=golden.name.partition("/")[0], **told)
    try:
        article = record(article_from_page(page))
    except ArticleRejected:
        return dict.fromkeys(FIELDS)
    return {field: article[field] for field in FIELDS}


def scores(pages: Sequence[Golden]) -> dict[str, int]:
    """Field → pages where the pinned value is right: a number, so that a hard page more lowers nothing."""
    return {field: sum(field not in golden.should_be for golden in pages) for field in FIELDS}


def digest(pages: Sequence[Golden]) -> str:
    """What the floors were measured on: the bytes of every page, what is told of it, and its right values."""
    said = hashlib.sha256()
    for golden in pages:
        told = json.dumps([golden.name, golden.page, golden.right], sort_keys=True)
        said.update(f"{told} {hashlib.sha256(golden.html).hexdigest()}\n".encode())
    return f"sha256:{said.hexdigest()}"


def repinned(golden: Golden) -> Golden:
    """The page with what today's code gives pinned; what was right before stays what is right."""
    article = extracted(golden)
    right = golden.right
    return replace(
        golden, article=article, should_be={name: right[name] for name in FIELDS if article[name] != right[name]}
    )


def update(folder: Path = GOLDEN) -> dict[str, int]:
    """Pin what today's code gives and raise the floors to it.

    Raises:
        LoweredError: a floor would sink; nothing was written.
    """
    before = load(folder)
    after = tuple(map(repinned, before))
    reached = scores(after)
    if sunk := [field for field, floor in floors(folder).items() if reached.get(field, 0) < floor]:
        worse = [
            f"  {new.name}: {field}"
            for old, new in zip(before, after, strict=True)
            for field in sunk
            if field in new.should_be and field not in old.should_be
        ]
        raise LoweredError("\n".join([f"{', '.join(sunk)}: lower than the floor; nothing was written", *worse]))
    for golden in after:
        _write(golden, folder)
    _write_json(folder / SCORES, {"pages": len(after), "digest": digest(after), "floors": reached})
    return reached


def floors(folder: Path = GOLDEN) -> dict[str, int]:
    """Field → the score that it must not fall below; none before the first update."""
    path = folder / SCORES
    known: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))["floors"] if path.is_file() else {}
    return known


def problems(folder: Path = GOLDEN) -> tuple[str, ...]:
    """What is wrong with the scores file: another corpus than it was measured on, or floors that are not its scores."""
    pages = load(folder)
    said = json.loads((folder / SCORES).read_text(encoding="utf-8"))
    reached = scores(pages)
    found = [] if said["digest"] == digest(pages) else ["the pages or their right values are not those of the digest"]
    found += [
        f"the floor of {field} is {said['floors'].get(field)}, the pinned articles reach {score}"
        for field, score in reached.items()
        if said["floors"].get(field) != score
    ]
    if said["pages"] != len(pages):
        found.append(f"{len(pages)} pages, the scores are of {said['pages']}")
    return tuple(found)


def add(name: str, html: bytes, page: Mapping[str, Any], folder: Path = GOLDEN) -> None:
    """Add a page with what today's code makes of it taken for right; `update` counts it in."""
    golden = Golden(name=name, html=html, page=page, article={}, should_be={})
    path = folder / f"{name}.html.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(html, mtime=0))
    _write(replace(golden, article=extracted(golden)), folder)


def _write(golden: Golden, folder: Path) -> None:
    said = {"page": dict(golden.page), "article": dict(golden.article), "should_be": dict(golden.should_be)}
    _write_json(_expected(folder / f"{golden.name}.html.gz"), said)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _expected(page: Path) -> Path:
    return page.with_name(page.name.removesuffix(".html.gz") + ".json")


def main() -> int:
    """Show, update or add."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.golden", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--update", action="store_true", help="pin what today's code gives, raise the floors")
    parser.add_argument("--add", metavar="PAGE.html", type=Path, help="a page of your own writing")
    parser.add_argument("--url", help="its address")
    parser.add_argument("--name", help="SOURCE/SLUG")
    arguments = parser.parse_args()
    if arguments.add:
        if not arguments.url or not arguments.name:
            parser.error("--add needs --url and --name")
        add(arguments.name, arguments.add.read_bytes(), {"url": arguments.url, "date_crawled": CRAWLED})
    if arguments.update or arguments.add:
        try:
            reached = update()
        except LoweredError as error:
            print(error, file=sys.stderr)
            return 1
    else:
        reached = scores([repinned(golden) for golden in load()])
    floor = floors()
    for field, score in reached.items():
        print(f"{field:<16} {score:>4} of {len(load())}, floor {floor.get(field, 0)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
