"""What a batch on an engine costs beside the same work in one process, and how it grows.

    python -m benchmarks.engine make BENCH_DIR DIR --pages 5000
    python -m benchmarks.engine compare DIR [--workers 2]      # in one process, and on Dask
    python -m benchmarks.engine run dask|here|clean DIR DATA   # one of them

The pages are real ones (``pages/`` of the folder with ``gold/``), repeated under other addresses: every second time as
another story (its letters rotated, word by word), else as a copy that lacks a paragraph. Seconds of CPU are those of
the process and all its children; they mean something on a busy machine too.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from newscrawl.urls import normalise_url

SHARD_PAGES = 1_000
MAX_HTML_BYTES = 200_000
"""Larger pages, one in three, are left out: the archives would be mostly these."""
_TEXT = re.compile(rb">[^<]{60,}<")
_PARAGRAPH = re.compile(rb"<p[ >].{40,2000}?</p>", re.DOTALL)
_WORD = re.compile(rb"[a-z]{4,}")


def pages_of(bench: Path) -> list[tuple[str, bytes]]:
    """(address, HTML) of every page of the folder; of an address that stands there twice, the last."""
    found = {}
    for gold in sorted((bench / "gold").glob("*.jsonl")):
        for line in gold.read_bytes().splitlines():
            values = json.loads(line)
            for path in (bench / "pages" / gold.stem).glob(f"{values['id']}.*"):
                html = path.read_bytes()
                address = normalise_url(values["url"])
                found[address] = gzip.decompress(html) if path.suffix == ".gz" else html
    return list(found.items())


def variant(html: bytes, number: int) -> bytes:
    """Another story with the same structure, or a copy that lacks a paragraph."""
    dice = random.Random(number)
    if number % 2:
        letters = bytes(range(97, 123))
        turned = letters[(turn := dice.randint(1, 25)) :] + letters[:turn]
        table = bytes.maketrans(letters, turned)
        return _TEXT.sub(
            lambda text: _WORD.sub(lambda word: word[0].translate(table) if len(word[0]) % 3 else word[0], text[0]),
            html,
        )
    paragraphs = list(_PARAGRAPH.finditer(html))
    if len(paragraphs) < 6:
        return html
    gone = dice.choice(paragraphs)
    return html[: gone.start()] + html[gone.end() :]


def make(bench: Path, folder: Path, count: int) -> None:
    """Write archives of so many pages."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    folder.mkdir(parents=True)
    pages = [each for each in pages_of(bench) if len(each[1]) <= MAX_HTML_BYTES]
    for shard in range(-(-count // SHARD_PAGES)):
        with (folder / f"{shard:05d}.warc.gz").open("wb") as file:
            plain = BytesIO()
            writer = WARCWriter(plain, gzip=False)
            for number in range(shard * SHARD_PAGES, min(count, (shard + 1) * SHARD_PAGES)):
                url, html = pages[number % len(pages)]
                turn = number // len(pages)
                if turn:
                    parts = urlsplit(url)
                    url = parts._replace(path=f"/again-{turn}{parts.path or '/'}").geturl()
                    html = variant(html, turn)
                head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
                date = f"2026-11-{1 + turn % 20:02d}T{number % 24:02d}:{number % 60:02d}:00Z"
                record = writer.create_warc_record(
                    url, "response", payload=BytesIO(html), http_headers=head, warc_headers_dict={"WARC-Date": date}
                )
                writer.write_record(record)
                file.write(gzip.compress(plain.getvalue(), 1))  # a member a record, as archives have it
                plain.seek(0)
                plain.truncate()


def run(way: str, folder: Path, data: Path, workers: int) -> None:
    """Clean the archives of a folder into a new data directory, in a process of its own."""
    shutil.rmtree(data, ignore_errors=True)
    options = [] if way == "clean" else ["--engine", "local" if way == "here" else way]
    files = [str(each) for each in sorted(folder.glob("*.warc.gz"))]
    command = [sys.executable, "-m", "newscrawl", "clean", "-q", *options, "--workers", str(workers)]
    subprocess.run([*command, "--data", str(data), *files], check=False)


def measured(way: str, folder: Path, workers: int) -> dict[str, float | str]:
    """Seconds of CPU and of the clock, and what the dump holds."""
    with tempfile.TemporaryDirectory(prefix="newscrawl-") as scratch:
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        run(way, folder, Path(scratch) / "data", workers)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        manifest = json.loads((Path(scratch) / "data" / "manifest.json").read_bytes())
        return {
            "way": way,
            "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
            "wall_s": round(time.monotonic() - begun, 1),
            "largest_process_mb": after.ru_maxrss // 1000,
            "articles": manifest["articles"],
            "digest": manifest["digest"][:23],
        }


def main() -> None:
    """Make archives, or clean them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make")
    making.add_argument("bench", type=Path)
    making.add_argument("folder", type=Path)
    making.add_argument("--pages", type=int, default=5_000)
    comparing = commands.add_parser("compare")
    comparing.add_argument("folder", type=Path)
    comparing.add_argument("--ways", default="clean,dask")
    comparing.add_argument("--workers", type=int, default=2)
    running = commands.add_parser("run")
    running.add_argument("way", choices=("clean", "here", "dask"))
    running.add_argument("folder", type=Path)
    running.add_argument("data", type=Path)
    running.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    if args.command == "make":
        make(args.bench, args.folder, args.pages)
    elif args.command == "run":
        run(args.way, args.folder, args.data, args.workers)
    else:
        for way in args.ways.split(","):
            print(json.dumps(measured(way, args.folder, args.workers)), flush=True)


if __name__ == "__main__":
    main()
