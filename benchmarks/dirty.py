"""Clean the texts that another extractor made, without their pages, and score them before and after.

    python -m benchmarks.dirty BENCH OUTPUT.jsonl …

BENCH holds ``score.py`` and ``gold/``; each OUTPUT is what its ``run_peer.py`` wrote for one extractor. A text that
cleaning rejects counts as empty.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from newscrawl.article import Article
from newscrawl.dates import utc_now
from newscrawl.errors import ArticleRejected
from newscrawl.readers.dirty_text import articles_from_jsonl
from newscrawl.refine import refine

SETS = ("scrapinghub", "fundus-a", "fundus-a-old", "wcxb-dev")


def main() -> None:
    """Print one line for each output and data set: F1 before, F1 after, difference."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("bench", type=Path, help="folder with score.py and gold")
    parser.add_argument("outputs", type=Path, nargs="+", help="what an extractor wrote, one JSON object a page")
    arguments = parser.parse_args()
    urls = {each["id"]: each["url"] for each in _gold(arguments.bench)}
    print(f"{'extractor':<20} {'set':<14} {'before':>7} {'after':>7} {'change':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for output in arguments.outputs:
            after = Path(folder) / output.name
            clean(output, after, urls)
            old, new = _scores(arguments.bench, output), _scores(arguments.bench, after)
            for name in SETS:
                change = new[name]["f1"] - old[name]["f1"]
                print(f"{output.stem:<20} {name:<14} {old[name]['f1']:7.4f} {new[name]['f1']:7.4f} {change:+8.4f}")


def clean(output: Path, after: Path, urls: dict[str, str]) -> None:
    """Write an output with each text cleaned as `newscrawl clean` cleans a JSON line of address, title and text."""
    with after.open("w", encoding="utf-8") as file:
        for line in _lines(output):
            values = json.loads(line)
            cleaned = clean_text(urls[values["id"]], values.get("title"), values.get("text") or "")
            file.write(json.dumps({**values, "text": cleaned}) + "\n")


def clean_text(url: str, title: str | None, text: str) -> str:
    """The cleaned text, one paragraph a line; empty when nothing is left."""
    line = json.dumps({"url": url, "title": title, "text": text}).encode()
    (article,) = articles_from_jsonl([line], name="output", date_crawled=utc_now())
    if not isinstance(article, Article):
        return ""
    try:
        return (refine(article).text or "").replace("\n\n", "\n")
    except ArticleRejected:
        return ""


def _gold(bench: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for name in SETS for line in _lines(bench / "gold" / f"{name}.jsonl")]


def _lines(path: Path) -> list[str]:
    # str.splitlines() would end lines at U+2028, too.
    return path.read_text(encoding="utf-8").rstrip("\n").split("\n")


def _scores(bench: Path, output: Path) -> dict[str, dict[str, float]]:
    with tempfile.NamedTemporaryFile(suffix=".json") as table:
        command = [sys.executable, bench / "score.py", output, "--news-only", "--no-rouge", "--json", table.name]
        subprocess.run(command, check=True, capture_output=True)
        scores: dict[str, dict[str, float]] = json.loads(Path(table.name).read_text(encoding="utf-8"))
    return scores


if __name__ == "__main__":
    main()
