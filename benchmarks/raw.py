"""What keeping raw pages costs: CPU and waiting a page, with a sync each and without.

    python -m benchmarks.raw [FOLDER]

The folder is where archives are written for the time of the measurement (default: the temporary directory).
"""

from __future__ import annotations

import gzip
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from newscrawl.dump.raw_archive import RawArchive
from newscrawl.dump.raw_context import PageContext
from newscrawl.dump.raw_records import Exchange, exchange_records, opening

PAGES = 200
RUN = "run_20261123t100000z_aaaaaa"
WORDS = ("harbour", "ferry", "<p>", "</p>", "news", "and", "the", "of", "water", "council", '<a href="/news/')


def measure(folder: Path, body: bytes, fields: tuple[tuple[bytes, bytes], ...]) -> tuple[float, float, float]:
    """Milliseconds of the clock and of the CPU, and kilobytes, a page."""
    archive = RawArchive(folder, RUN, max_bytes=10**9, opening=lambda name: opening(name, RUN, "newscrawl"))
    wall, cpu = time.perf_counter(), time.process_time()
    for number in range(PAGES):
        exchange = Exchange(
            url=f"https://news.example/{number}",
            at="2026-11-23T10:00:00Z",
            method="GET",
            request_fields=((b"User-Agent", b"newscrawl"),),
            status=200,
            protocol="HTTP/1.1",
            fields=((b"Content-Type", b"text/html"), *fields),
            body=body,
            context=PageContext(role="page", run_id=RUN),
        )
        archive.append(exchange_records(exchange), at=exchange.at, source=None)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    entry = archive.finish()
    assert entry is not None
    return wall / PAGES * 1000, cpu / PAGES * 1000, entry.bytes / PAGES / 1000


def main() -> None:
    """Print a table."""
    chosen = random.Random(1)
    page = " ".join(f"{chosen.choice(WORDS)}{chosen.randrange(1000)}" for _ in range(10_000)).encode()
    packed = gzip.compress(page)
    print(f"{'page came':<12}{'KB':>6}  {'sync':<6}{'ms':>8}{'CPU ms':>8}{'KB kept':>9}")
    for name, body, fields in (("plain", page, ()), ("gzip", packed, ((b"Content-Encoding", b"gzip"),))):
        for sync in ("each", "none"):
            with (
                tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder,
                patch("newscrawl.dump.raw_archive.os.fsync", os.fsync if sync == "each" else lambda _: None),
            ):
                wall, cpu, kept = measure(Path(folder), body, fields)
            print(f"{name:<12}{len(body) / 1000:>6.0f}  {sync:<6}{wall:>8.1f}{cpu:>8.1f}{kept:>9.1f}")


if __name__ == "__main__":
    main()
