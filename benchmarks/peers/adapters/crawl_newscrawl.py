"""newscrawl's own crawl, as an operator runs it, but for politeness: nobody is there to be polite to."""

from __future__ import annotations

import os
import runpy
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

QUICK = (
    "DOWNLOAD_DELAY=0",
    "AUTOTHROTTLE_ENABLED=False",
    "CONCURRENT_REQUESTS_PER_DOMAIN=8",
    "LOG_LEVEL=WARNING",
)


def crawl(job: dict[str, Any]) -> None:
    """Fetch, clean, store and publish."""
    data = Path(job["folder"], "data")
    os.environ["SCRAPY_SETTINGS_MODULE"] = "newscrawl.settings"
    settings = (part for each in (f"NEWSCRAWL_DATA={data}", *QUICK) for part in ("-s", each))
    sys.argv = ["scrapy", "crawl", "news", "-a", f"urls={job['list']}", *settings]
    with suppress(SystemExit):
        runpy.run_module("scrapy", run_name="__main__")
    shutil.copy(data / "current" / "articles.jsonl", job["out"])
