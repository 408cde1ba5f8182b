"""How large a dump is in each format, and how long it takes to read it.

    python -m benchmarks.readers [ARTICLES]

Makes articles (default: 10,000) of words that are as common as in a language, exports them, and reads each file with
each reader in a process of its own: the quickest of five readings, without the import of the reader, the CPU of all
threads, and the most memory of the process. Times depend on the machine; what they are to each other hardly does.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.article import Article, Author, Image
from newscrawl.dump.columns import duckdb_columns
from newscrawl.dump.current import CURRENT
from newscrawl.dump.record import record, to_line
from newscrawl.dump.schema import LINK_FIELDS
from newscrawl.dump.selection import Where
from newscrawl.export.export import Wanted, export
from newscrawl.export.table import MINIMAL, table_of
from newscrawl.text.digest import text_sha256
from newscrawl.urls import article_id, url_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ARTICLES = 10_000
WORDS = 20_000
FILES = ("current.jsonl", "current.jsonl.gz", "current.jsonl.zst", "current.parquet", "current.csv", "current.sqlite")
READINGS = 5
PACKAGES = ("pandas", "duckdb", "polars", "pyarrow")


def articles(count: int) -> Iterator[Article]:
    """Articles of some 60 sources and 100 to 900 words; the same ones for the same count."""
    chosen = random.Random(1)
    letters = "etaoinshrdlucmfwypvbgk"
    words = ["".join(chosen.choices(letters, k=chosen.randint(2, 9))) for _ in range(WORDS)]
    weights = list(accumulate(1 / (rank + 1) for rank in range(WORDS)))  # Zipf's law
    for number in range(count):
        site = f"site{chosen.randrange(60)}.example"
        url = f"https://www.{site}/news/2026/{chosen.choice(words)}-{number}"
        paragraphs = [
            " ".join(chosen.choices(words, cum_weights=weights, k=60)).capitalize() + "."
            for _ in range(chosen.randint(2, 15))
        ]
        text = "\n\n".join(paragraphs)
        day = f"2026-{chosen.randint(1, 11):02d}-{chosen.randint(1, 28):02d}T{chosen.randrange(24):02d}:05:00Z"
        yield replace(
            Article(),
            id=article_id(url_key(url)),
            url=url,
            source=site.partition(".")[0],
            site=site,
            title=" ".join(chosen.choices(words, k=8)).capitalize(),
            text=text,
            text_sha256=text_sha256(text),
            word_count=len(text.split()),
            language=chosen.choice(("en", "de", "ru")),
            authors=(Author(name=chosen.choice(words).capitalize()),),
            images=(Image(url=f"https://www.{site}/i/{number}.jpg"),),
            date_published=day,
            date_precision="second",
            date_source="jsonld",
            date_evidence=f"jsonld datePublished: {day}",
            date_crawled="2026-11-28T10:00:00Z",
            run_id="run_20261128t100000z_aaaaaa",
        )


def _newscrawl(file: str) -> object:
    import newscrawl

    return newscrawl.read(file)


def _newscrawl_minimal(file: str) -> object:
    import newscrawl

    return newscrawl.read(file, columns=MINIMAL)


def _newscrawl_chunks(file: str) -> object:
    import newscrawl

    return sum(len(each) for each in newscrawl.read_chunks(file, rows=1000))


def _pandas(file: str) -> object:
    import pandas as pd

    return pd.read_parquet(file) if file.endswith(".parquet") else pd.read_json(file, lines=True)


def _duckdb(file: str) -> object:
    import duckdb

    columns = f"format = 'newline_delimited', columns = {duckdb_columns('current')}"
    rows = f"'{file}'" if file.endswith(".parquet") else f"read_json('{file}', {columns})"
    database = duckdb.connect()
    return database.execute(f"CREATE TABLE articles AS FROM {rows}")


def _polars(file: str) -> object:
    import polars as pl

    return pl.read_parquet(file) if file.endswith(".parquet") else pl.read_ndjson(file, infer_schema_length=None)


READERS: dict[str, tuple[Callable[[str], object], str]] = {
    "pandas.read_json(lines=True)": (_pandas, "current.jsonl"),
    "newscrawl.read": (_newscrawl, "current.jsonl"),
    "newscrawl.read, 7 columns": (_newscrawl_minimal, "current.jsonl"),
    "newscrawl.read_chunks(rows=1000)": (_newscrawl_chunks, "current.jsonl"),
    "newscrawl.read, zstd": (_newscrawl, "current.jsonl.zst"),
    "polars.read_ndjson": (_polars, "current.jsonl"),
    "DuckDB read_json, generated columns": (_duckdb, "current.jsonl"),
    "pandas.read_parquet": (_pandas, "current.parquet"),
    "polars.read_parquet": (_polars, "current.parquet"),
    "DuckDB, Parquet": (_duckdb, "current.parquet"),
}


def measure(name: str, folder: Path) -> tuple[float, float, int]:
    """Seconds of the clock and of the CPU for a reading, and the most memory in MB, of a process of its own."""
    command = [sys.executable, "-m", "benchmarks.readers", "--read", name, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, cpu, memory = json.loads(done.stdout)
    return seconds, cpu, memory


def read(name: str, folder: Path) -> None:
    """In that process: read, and print the figures."""
    reader, file = READERS[name]
    first = folder / "one.parquet" if file.endswith(".parquet") else folder / "one.jsonl"
    reader(str(first))  # what is imported and set up once is not measured
    seconds, cpu = [], []
    for _ in range(READINGS):
        began, spent = time.perf_counter(), time.process_time()
        reader(str(folder / file))
        seconds.append(time.perf_counter() - began)
        cpu.append(time.process_time() - spent)
    print(json.dumps((min(seconds), min(cpu), most_memory_mb())))


def most_memory_mb() -> int:
    """Of this process; `getrusage` would tell of the one that started it, if that had more."""
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) // 1000  # type: ignore[index]


def make(folder: Path, count: int) -> dict[str, tuple[int, float]]:
    """Write the files; bytes and seconds of each export."""
    data = folder / "data"
    (data / CURRENT).parent.mkdir(parents=True)
    none = dict.fromkeys(LINK_FIELDS)
    with (data / CURRENT).open("wb") as file:
        for each in articles(count):
            file.write(to_line({**record(each), **none}))
    with (data / CURRENT).open("rb") as file:
        (folder / "one.jsonl").write_bytes(file.readline())
    wanted = Wanted(stream="current", where=Where(), table=table_of("current"))
    export(folder / "one.jsonl", wanted, "parquet", folder / "one.parquet")
    made = {}
    for name in FILES:
        began = time.perf_counter()
        exported = export(data, wanted, name.split(".")[1], folder / name)
        made[name] = (exported.bytes or 0, time.perf_counter() - began)
    return made


def main() -> None:
    """Print the tables of docs/export.md."""
    if sys.argv[1:2] == ["--read"]:
        read(sys.argv[2], Path(sys.argv[3]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES
    print(f"{count:,} articles; " + ", ".join(f"{name} {version(name)}" for name in PACKAGES))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = make(folder, count)
        plain = made[FILES[0]][0]
        print("\n| file | MB | share | export, µs an article |\n| --- | ---: | ---: | ---: |")
        for file, (size, seconds) in made.items():
            print(f"| `{file}` | {size / 1e6:.1f} | {size / plain:.2f} | {seconds / count * 1e6:.0f} |")
        print("\n| reader | µs an article | beside pandas | CPU µs | beside pandas | most memory, MB |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")
        reference: tuple[float, float] | None = None
        for reader in READERS:
            *times, memory = measure(reader, folder)
            reference = reference or (times[0], times[1])
            cells = (f"{each / count * 1e6:.0f} | {each / one:.2f}" for each, one in zip(times, reference, strict=True))
            print(f"| {reader} | {' | '.join(cells)} | {memory:,} |", flush=True)


if __name__ == "__main__":
    main()
