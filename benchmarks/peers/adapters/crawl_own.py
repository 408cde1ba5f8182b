"""The crawlers that `benchmarks.crawl` has: plain Scrapy, and a bare loop with a pool of newscrawl's cleaner."""

from __future__ import annotations

import runpy
import sys
from typing import Any


def scrapy_inline(job: dict[str, Any]) -> None:
    """Scrapy with trafilatura in its callback."""
    _run("benchmarks.crawling.plain_list", job)


def aiohttp_pool(job: dict[str, Any]) -> None:
    """aiohttp and a pool of processes."""
    _run("benchmarks.crawling.bare_loop", job)


def _run(module: str, job: dict[str, Any]) -> None:
    sys.argv = [module, job["list"], job["out"]]
    runpy.run_module(module, run_name="__main__")
