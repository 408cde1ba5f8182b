"""Text F1 by language and by country, and the worst page of each.

    python -m benchmarks.by_language BENCH [--set fundus-a]

BENCH holds ``pages/``, ``gold/`` and the ``score.py`` that scores a page. Nothing is written.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import os
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.extraction import page
from newscrawl.text.language import detect_language

if TYPE_CHECKING:
    from types import ModuleType


def main() -> None:
    """Print a line for each language and country: pages, mean F1, pages exactly right, the worst page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("bench", type=Path, help="folder with score.py, pages and gold")
    parser.add_argument("--set", default="fundus-a", help="data set, fundus-a by default")
    arguments = parser.parse_args()
    path = arguments.bench / "gold" / f"{arguments.set}.jsonl"
    # str.splitlines() would end lines at U+2028, too.
    gold = [json.loads(line) for line in path.read_text(encoding="utf-8").rstrip("\n").split("\n")]
    gold = [entry for entry in gold if entry["text"]]
    pages = [arguments.bench / "pages" / arguments.set / f"{entry['id']}.html.gz" for entry in gold]
    with ProcessPoolExecutor(os.cpu_count()) as workers:
        found = list(workers.map(read, pages, [entry["url"] for entry in gold], chunksize=8))
    score = scorer(arguments.bench)
    rows = [score.score_page(entry, output, rouge=False) for entry, output in zip(gold, found, strict=True)]
    groups: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for entry, row in zip(gold, rows, strict=True):
        scored = (float(row["sh_f1"]), float(row["acc"]), str(entry["id"]))
        groups[f"language {detect_language(entry['text']) or '?'}"].append(scored)
        if country := entry.get("country"):
            groups[f"country {country}"].append(scored)
    print(f"{'group':<14} {'pages':>5} {'F1':>6} {'right':>6}  worst page")
    for name, pages_of in sorted(groups.items()):
        count = len(pages_of)
        worst, _, where = min(pages_of)
        mean = sum(f1 for f1, _, _ in pages_of) / count
        right = sum(exact for _, exact, _ in pages_of) / count
        print(f"{name:<14} {count:5} {mean:6.3f} {right:6.2f}  {worst:.3f} {where}")


def read(path: Path, url: str) -> dict[str, Any]:
    """What the product makes of one stored page."""
    return page(gzip.decompress(path.read_bytes()), url)


def scorer(bench: Path) -> ModuleType:
    """The benchmark's own ``score.py``."""
    spec = importlib.util.spec_from_file_location("score", bench / "score.py")
    if spec is None or spec.loader is None:
        sys.exit(f"{bench}: no score.py in it")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
