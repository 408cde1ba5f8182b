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
from statistics import median
from time import process_time_ns
from typing import TYPE_CHECKING, Any

from trafilatura import bare_extraction, load_html
from trafilatura.external import jt_stoplist_init

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
    """Print where a page's CPU goes, what the parts of the peer cost, and both ways as a whole."""
    pages = load(folder, most)
    jt_stoplist_init()  # once a process, whoever of the two needs it first
    for html, url in pages[:5]:
        page(html, url)
        theirs(html, url)
    ways = {"newscrawl": page, "trafilatura": theirs}
    took: dict[str, list[int]] = {name: [] for name in ways}
    for html, url in pages:
        for name, way in ways.items():
            took[name].append(cpu_ns(way, html, url))
    asked, spent = stages(pages)
    whole = sum(map(sum, spent.values()))
    print(f"{'CPU of a page':<34} {'mean':>8} {'median':>8} {'share':>6}")
    for name, each in sorted(spent.items(), key=lambda item: -sum(item[1])):
        print(f"newscrawl, {name:<23} {_ms(each)} {sum(each) / whole:6.1%}")
    for name, each in _peer_parts(pages).items():
        print(f"{name:<34} {_ms(each)}")
    ours, other = took["newscrawl"], took["trafilatura"]
    print(f"{'newscrawl':<34} {_ms(ours)}")
    print(f"{'trafilatura with metadata':<34} {_ms(other)}")
    print(f"{len(pages)} pages, {asked / len(pages):.0%} of them read with trafilatura;", end=" ")
    print(f"{sum(ours) / sum(other):.3f} of trafilatura with metadata, medians {median(ours) / median(other):.3f}")


def _ms(each: list[int]) -> str:
    return f"{sum(each) / len(each) / 1e6:5.2f} ms {median(each) / 1e6:5.2f} ms"


def _peer_parts(pages: list[tuple[bytes, str]]) -> dict[str, list[int]]:
    """What the peer's parts cost: its parse, and its text from a tree that is ready, both ways."""
    took: dict[str, list[int]] = {"trafilatura, parse": [], "trafilatura, text, fast": [], "trafilatura, text": []}
    for html, url in pages:
        took["trafilatura, parse"].append(cpu_ns(lambda page, _: load_html(page), html, url))
        for name, fast in (("trafilatura, text, fast", True), ("trafilatura, text", False)):
            if (tree := load_html(html)) is not None:
                start = process_time_ns()
                bare_extraction(tree, url=url, with_metadata=False, fast=fast)
                took[name].append(process_time_ns() - start)
    return took


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


def stages(pages: list[tuple[bytes, str]]) -> tuple[int, dict[str, list[int]]]:
    """How many pages trafilatura was asked for, and nanoseconds of CPU by stage and page.

    What a stage calls of another is taken off; what is left stands under ``rest``.
    """
    spent: dict[str, list[int]] = {name: [] for name in (*STAGES, "rest")}
    now = dict.fromkeys(spent, 0)
    inner = [0]  # what the stages inside each one that runs have taken

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            inner.append(0)
            start = process_time_ns()
            try:
                return function(*args, **kwargs)
            finally:
                took = process_time_ns() - start
                now[name] += took - inner.pop()
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
            for name, ns in now.items():
                spent[name].append(ns)
                now[name] = 0
    finally:
        for module, attribute, function in kept:
            setattr(module, attribute, function)
    return sum(ns > 0 for ns in spent["trafilatura"]), spent


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python -m benchmarks.profile DIR [PAGES]")
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
