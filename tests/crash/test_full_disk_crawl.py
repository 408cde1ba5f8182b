"""A disk that fills in the middle of a crawl: what is whole is kept, and the run says so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import newscrawl.demo
from newscrawl.demo.server import DemoServer
from newscrawl.dump.reader import verify

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 320 KB: enough to begin, not for the crawl."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("needs root to mount a small file system")
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=320k", "tmpfs", disk], check=False, capture_output=True
    ).returncode:
        pytest.skip("this machine mounts nothing")
    yield disk
    subprocess.run(["umount", disk], check=True)


def crawl(data: Path, proxy: str) -> subprocess.CompletedProcess[str]:
    sources = Path(newscrawl.demo.__file__).parent / "sources.toml"
    settings = [
        f"NEWSCRAWL_DATA={data}",
        f"NEWSCRAWL_SOURCES={sources}",
        "NEWSCRAWL_MIN_FREE_MB=0",
        "DOWNLOAD_DELAY=0",
        "AUTOTHROTTLE_ENABLED=False",
    ]
    return subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "news", *(part for name in settings for part in ("-s", name))],
        cwd=REPOSITORY,
        env=os.environ | {"http_proxy": proxy},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_full_disk_ends_the_crawl_with_its_exit_code_and_loses_nothing_that_was_stored(small_disk: Path) -> None:
    with DemoServer() as newsroom:
        full = crawl(small_disk / "data", newsroom.proxy_url)
        assert full.returncode == 5, full.stderr
        assert "Traceback" not in full.stderr
        assert "disk full" in full.stderr or "no space left" in full.stderr.lower()
        # The operator makes room; the next run publishes what was stored and fetches the rest.
        subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
        again = crawl(small_disk / "data", newsroom.proxy_url)
    assert again.returncode == 0, again.stderr
    assert verify(small_disk / "data") == ()
    stored = (small_disk / "data/current/articles.jsonl").read_bytes().splitlines()
    assert len(stored) == len(newsroom.gold())
