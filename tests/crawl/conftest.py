"""Crawls in a process of their own, against real servers on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from newscrawl.demo.server import DemoServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REPOSITORY = Path(__file__).parents[2]
# The demo newsroom is ours: no need to be slow.
QUICK = (
    "DOWNLOAD_DELAY=0",
    "AUTOTHROTTLE_ENABLED=False",
    "CONCURRENT_REQUESTS_PER_DOMAIN=8",
    "NEWSCRAWL_REVISIT_MAX_S=0",  # a second look is meant to look
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """What one crawl left behind."""

    exit_code: int
    out: str
    err: str
    data: Path

    def lines(self, stream: str) -> list[dict[str, Any]]:
        """The records of a stream, all files."""
        files = (
            [self.data / "current" / "articles.jsonl"]
            if stream == "current"
            else sorted((self.data / stream).rglob("*.jsonl"))
        )
        return [json.loads(line) for file in files if file.exists() for line in file.read_bytes().splitlines()]

    @property
    def outcomes(self) -> Counter[str]:
        """Outcome → addresses, over all runs of the data directory."""
        return Counter(line["outcome"] for line in self.lines("outcomes"))


def scrapy(
    *arguments: str, proxy: str | None = None, cwd: Path = REPOSITORY, timeout_s: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run `scrapy` as a user would; the environment has no proxy but the one given."""
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=cwd,
        env=environment(proxy),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def environment(proxy: str | None) -> dict[str, str]:
    """The environment of a crawl."""
    clean = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("NEWSCRAWL_") and "proxy" not in key.lower()
    }
    return clean | ({"http_proxy": proxy} if proxy else {})


def crawl_arguments(data: Path, *arguments: str, settings: tuple[str, ...] = ()) -> list[str]:
    """The arguments of `scrapy crawl news` for a data directory."""
    chosen = [f"NEWSCRAWL_DATA={data}", "NEWSCRAWL_POOL_WORKERS=2", *QUICK, *settings]
    return ["crawl", "news", *(part for name in chosen for part in ("-s", name)), *arguments]


def crawl(data: Path, *arguments: str, proxy: str | None = None, settings: tuple[str, ...] = ()) -> Crawl:
    """One crawl of the news spider."""
    done = scrapy(*crawl_arguments(data, *arguments, settings=settings), proxy=proxy)
    return Crawl(exit_code=done.returncode, out=done.stdout, err=done.stderr, data=data)


@pytest.fixture(scope="session")
def newsroom() -> Iterator[DemoServer]:
    """The demo newsroom in its first edition."""
    with DemoServer() as server:
        yield server


@pytest.fixture(scope="session")
def demo_sources() -> str:
    """The setting that names the demo's own sources."""
    import newscrawl.demo

    return f"NEWSCRAWL_SOURCES={Path(newscrawl.demo.__file__).parent / 'sources.toml'}"


@pytest.fixture(scope="session")
def demo_crawl(newsroom: DemoServer, demo_sources: str, tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """The first crawl of the demo newsroom's first edition."""
    return crawl(tmp_path_factory.mktemp("demo"), proxy=newsroom.proxy_url, settings=(demo_sources,))


@pytest.fixture
def crawl_demo(newsroom: DemoServer, demo_sources: str, tmp_path: Path) -> Callable[..., Crawl]:
    """Crawl the demo newsroom into a new data directory."""

    def run(*arguments: str, data: Path = tmp_path / "data", settings: tuple[str, ...] = ()) -> Crawl:
        return crawl(data, *arguments, proxy=newsroom.proxy_url, settings=(demo_sources, *settings))

    return run
