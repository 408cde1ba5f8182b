"""Where the CPU of cleaning a page goes, and how much it is beside trafilatura with its metadata.

``python -m benchmarks.profile DIR [PAGES]``: DIR holds ``gold/NAME.jsonl`` (``id``, ``url`` and ``news`` in each line)
and ``pages/NAME/ID.html.gz``. Each page is cleaned both ways in turn, so that what else the machine does weighs on
both alike.
"""

from __future__ import annotations

import gzip
import importlib
import json
import random
import sys
from pathlib import Path
from time import process_time_ns
from typing import TYPE_CHECKING, Any

from trafilatura import bare_extraction

from benchmarks.extraction import page

if TYPE_CHECKING:
    from collections.abc import Callable

STAGES = {
    "parse": ["newscrawl.extract.article.parse_page"],
    "head and JSON-LD": ["newscrawl.extract.article.read_head", "newscrawl.extract.article.read_jsonld"],
    "layout": ["newscrawl.extract.article.read_layout"],
    "article or not": ["newscrawl.extract.gate.weigh", "newscrawl.extract.gate.check_text"],
    "authors": ["newscrawl.extract.article.read_authors"],
    "dates": ["newscrawl.extract.article.date_article", "newscrawl.extract.article.time_elements"],
    "prune": ["newscrawl.extract.article.prune"],
    "own blocks": ["newscrawl.extract.text.units", "newscrawl.extract.text.completed"],
    "trafilatura": ["newscrawl.extract.text.trafilatura_paragraphs"],
    "language": ["newscrawl.refine.detect_language"],
    "cleaning rules": ["newscrawl.refine.clean"],
    "characters": ["newscrawl.refine.normalise_text"],
}
SEED = 1


def main(folder: Path, most: int = 200) -> None:
    """Print the table: CPU milliseconds a page of each stage, and both ways as a whole."""
    pages = load(folder, most)
    for html, url in pages[:5]:
        page(html, url)
        theirs(html, url)
    ours_ns = theirs_ns = 0
    for html, url in pages:
        ours_ns += cpu_ns(page, html, url)
        theirs_ns += cpu_ns(theirs, html, url)
    spent = stages(pages)
    whole = sum(spent.values())
    for name, ns in sorted(spent.items(), key=lambda item: -item[1]):
        print(f"{name:<18}{ns / len(pages) / 1e6:7.2f} ms  {ns / whole:6.1%}")
    print(f"{len(pages)} pages: {ours_ns / len(pages) / 1e6:.2f} ms of CPU a page; trafilatura with metadata", end=" ")
    print(f"{theirs_ns / len(pages) / 1e6:.2f} ms; {ours_ns / theirs_ns:.3f} of it")


def load(folder: Path, most: int) -> list[tuple[bytes, str]]:
    """Bytes and URL of so many news pages, drawn the same way every time."""
    found: list[tuple[Path, str]] = []
    for gold in sorted((folder / "gold").glob("*.jsonl")):
        for line in gold.open(encoding="utf-8"):
            entry = json.loads(line)
            if entry.get("news", True):
                found.append((folder / "pages" / gold.stem / f"{entry['id']}.html.gz", entry["url"]))
    random.Random(SEED).shuffle(found)
    return [(gzip.decompress(path.read_bytes()), url) for path, url in found[:most] if path.exists()]


def theirs(html: bytes, url: str) -> Any:
    """The whole way of trafilatura, with title, authors and date."""
    return bare_extraction(html, url=url, with_metadata=True)


def cpu_ns(way: Callable[[bytes, str], object], html: bytes, url: str) -> int:
    """CPU time of this process for one page."""
    start = process_time_ns()
    way(html, url)
    return process_time_ns() - start


def stages(pages: list[tuple[bytes, str]]) -> dict[str, int]:
    """Nanoseconds of CPU by stage, what a stage calls of another taken off; the rest under ``rest``."""
    spent = dict.fromkeys([*STAGES, "rest"], 0)
    inner = [0]  # what the stages inside each one that runs have taken

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            inner.append(0)
            start = process_time_ns()
            try:
                return function(*args, **kwargs)
            finally:
                took = process_time_ns() - start
                spent[name] += took - inner.pop()
                inner[-1] += took

        return run

    kept: list[tuple[Any, str, Any]] = []
    for name, functions in STAGES.items():
        for path in functions:
            module_name, _, attribute = path.rpartition(".")
            module = importlib.import_module(module_name)
            kept.append((module, attribute, getattr(module, attribute)))
            setattr(module, attribute, timed(name, getattr(module, attribute)))
    try:
        for html, url in pages:
            timed("rest", page)(html, url)
    finally:
        for module, attribute, function in kept:
            setattr(module, attribute, function)
    return spent


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python -m benchmarks.profile DIR [PAGES]")
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
