"""How long the index of `newscrawl browse` takes to make, how large it is, and how long a page takes.

    python -m benchmarks.browse [ARTICLES]

Makes a dump of so many articles (default: 10,000) of words that are as common as in a language, 100 to 900 a text, and
serves it. A time is the median of five requests for one page, over HTTP, from the request to the last byte.
"""

from __future__ import annotations

import hashlib
import json
import resource
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median
from threading import Thread
from urllib.parse import urlencode

from benchmarks.readers import articles
from newscrawl.browse.library import Library
from newscrawl.browse.server import BrowseServer
from newscrawl.dump.caches import SEARCH_INDEX
from newscrawl.dump.manifest import MANIFEST
from newscrawl.dump.record import record, to_line

ARTICLES = 10_000
REQUESTS = 5


def make_dump(data: Path, count: int) -> tuple[list[str], str]:
    """A dump with one file of articles, and no more in it than is read; some words, the commonest first, and an id."""
    name = "articles/crawl_day=2026-11-28/run_20261128t100000z_aaaaaa-0000.jsonl"
    file = data / name
    file.parent.mkdir(parents=True)
    seen: dict[str, int] = {}
    with file.open("wb") as out:
        for number, article in enumerate(articles(count)):
            out.write(to_line(record(article)))
            if number < 200:
                for word in (article.text or "").lower().replace(".", "").split():
                    seen[word] = seen.get(word, 0) + 1
    with file.open("rb") as opened:
        sha256 = f"sha256:{hashlib.file_digest(opened, 'sha256').hexdigest()}"
    entry = {"path": name, "stream": "articles", "crawl_day": "2026-11-28", "rows": count, "sha256": sha256}
    entry["bytes"] = file.stat().st_size
    (data / MANIFEST).write_text(json.dumps({"files": [entry], "runs": []}))
    return sorted(seen, key=lambda word: -seen[word]), article.id


def main(count: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        words, article_id = make_dump(data, count)
        size = sum(each.stat().st_size for each in data.rglob("*.jsonl"))
        began = time.perf_counter()
        library = Library(data)
        took = time.perf_counter() - began
        index = (data / SEARCH_INDEX).stat().st_size
        print(f"{count:,} articles, {size / 1e6:,.0f} MB of lines")
        print(f"index made in {took:,.1f} s ({took / count * 1e3:.2f} ms an article), {index / 1e6:,.0f} MB")
        began = time.perf_counter()
        Library(data).close()
        print(f"opened again in {(time.perf_counter() - began) * 1e3:,.0f} ms")
        wishes = {
            "the newest": {},
            "the last page": {"page": count // 25},
            "a source": {"source": "site1"},
            "the commonest word": {"text": words[0]},
            "the same, best first": {"text": words[0], "sort": "best"},
            "a rarer word": {"text": words[1000]},
            "three words": {"text": " ".join(words[100:103])},
            "two words in a row": {"text": f'"{words[0]} {words[1]}"'},
            "a beginning": {"text": f"{words[200][:2]}*"},
            "without a word": {"text": f"-{words[0]}"},
        }
        asked = {name: f"/?{urlencode(wish)}" for name, wish in wishes.items()}
        asked["one article"] = f"/article/{article_id}"
        with library, BrowseServer(library, 0) as server:
            thread = Thread(target=server.serve_forever)
            thread.start()
            for name, path in asked.items():
                print(f"{median(_seconds(server.url + path[1:]) for _ in range(REQUESTS)) * 1e3:>8,.0f} ms  {name}")
            server.shutdown()
            thread.join()
        print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB of memory at most")


def _seconds(url: str) -> float:
    began = time.perf_counter()
    with urllib.request.urlopen(url) as response:
        response.read()
    return time.perf_counter() - began


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES)
