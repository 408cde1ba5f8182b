"""``python -m benchmarks.replay.report BENCH_DIR DATA_DIR``: what became of every page that was served.

Every page must have come out as one record or as one reason. Exit status 1 when a page is missing, or counted twice.
With ``--out`` the texts are written as the scorer reads them: one JSON object a line with id, title, authors,
published, text and standfirst.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.replay.pages import address_key, load_bench
from newscrawl.article import PARAGRAPH_BREAK
from newscrawl.errors import ConfigError, ExitCode, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.replay.pages import Bench, SavedPage

RECORDED = frozenset((Outcome.ARTICLE, Outcome.UNCHANGED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The gold list joined with a dump."""

    outcomes: Counter[str]
    """Outcome → pages."""
    missing: tuple[SavedPage, ...]
    """Neither a record nor a reason."""
    doubled: tuple[SavedPage, ...]
    """More than one record, or more than one outcome in one run."""
    torn: tuple[SavedPage, ...]
    """An outcome that says there is a record and none, or the other way round."""
    reasons: dict[str, tuple[str, ...]]
    """Outcome → "id: reason" of the pages without a record."""
    scored: tuple[dict[str, Any], ...]
    """One object per record, as the scorer reads it."""

    @property
    def complete(self) -> bool:
        return not (self.missing or self.doubled or self.torn)


def report(bench: Bench, data: Path) -> Report:
    """Join by address: `address_key` of the page and of the dump's lines."""
    records = _by_key(_lines(data / "current" / "articles.jsonl"))
    outcomes = _by_key(line for file in sorted((data / "outcomes").rglob("*.jsonl")) for line in _lines(file))
    counts: Counter[str] = Counter()
    missing: list[SavedPage] = []
    doubled: list[SavedPage] = []
    torn: list[SavedPage] = []
    reasons: dict[str, list[str]] = {}
    scored: list[dict[str, Any]] = []
    for page in bench.pages:
        found, decided = records.get(page.key, []), outcomes.get(page.key, [])
        runs = Counter(line["run_id"] for line in decided)
        if not decided:
            missing.append(page)
            continue
        if len(found) > 1 or max(runs.values()) > 1:
            doubled.append(page)
        last = decided[-1]
        counts[last["outcome"]] += 1
        if (last["outcome"] in RECORDED) != bool(found):
            torn.append(page)
        if found:
            scored.append(_as_scored(page, found[-1]))
        else:
            reasons.setdefault(last["outcome"], []).append(f"{page.id}: {last['reason']}")
    return Report(
        outcomes=counts,
        missing=tuple(missing),
        doubled=tuple(doubled),
        torn=tuple(torn),
        reasons={outcome: tuple(lines) for outcome, lines in reasons.items()},
        scored=tuple(scored),
    )


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    if file.is_file():
        with file.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _by_key(lines: Iterator[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        grouped.setdefault(address_key(line["url"]), []).append(line)
    return grouped


def _as_scored(page: SavedPage, record: dict[str, Any]) -> dict[str, Any]:
    published = record["date_published"]
    return {
        "id": page.id,
        "title": record["title"],
        "authors": [author["name"] for author in record["authors"]],
        # A day is not midnight in Greenwich.
        "published": published[:10] if published and record["date_precision"] == "day" else published,
        "text": (record["text"] or "").replace(PARAGRAPH_BREAK, "\n"),
        "standfirst": record["description"],
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay.report", description=__doc__)
    parser.add_argument("bench", type=Path)
    parser.add_argument("data", type=Path, help="the data directory of the crawl")
    parser.add_argument("--datasets", default="")
    parser.add_argument("--news-only", action="store_true")
    parser.add_argument("--out", type=Path, help="where to write what the scorer reads")
    parser.add_argument("--reasons", type=int, default=3, help="examples to print per outcome")
    args = parser.parse_args(arguments)
    try:
        bench = load_bench(args.bench, [name for name in args.datasets.split(",") if name], news_only=args.news_only)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return ExitCode.USAGE
    result = report(bench, args.data)
    print(f"{len(bench.pages)} pages in, {len(result.scored)} records out, {len(bench.doubles)} not served")
    for outcome, count in result.outcomes.most_common():
        print(f"  {outcome:<18} {count}")
        for line in result.reasons.get(outcome, ())[: args.reasons]:
            print(f"      {line}")
    for name, pages in (("missing", result.missing), ("doubled", result.doubled), ("torn", result.torn)):
        print(f"  {name:<18} {len(pages)}")
        for page in pages:
            print(f"      {page.id}: {page.url}")
    if args.out:
        lines = (json.dumps(line, ensure_ascii=False) + "\n" for line in result.scored)
        args.out.write_text("".join(lines), encoding="utf-8")
    return ExitCode.DONE if result.complete else ExitCode.ERROR


if __name__ == "__main__":
    sys.exit(main())
