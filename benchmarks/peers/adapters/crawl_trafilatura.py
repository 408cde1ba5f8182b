"""trafilatura's own ways to fetch: its crawler, and its downloads in threads."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import urllib3
from serve import write_article
from trafilatura import bare_extraction, downloads, fetch_url
from trafilatura.settings import DEFAULT_CONFIG
from trafilatura.spider import focused_crawler

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

THREADS = 8


def focused(job: dict[str, Any]) -> None:
    """`focused_crawler` over each site, then each page that it knew of fetched and extracted, as its manual has it."""
    _without_delay(job["proxy"])
    with Path(job["out"]).open("w", encoding="utf-8", buffering=1) as out:
        for site, addresses in groupby(
            sorted(_listed(job)), lambda url: "{0.scheme}://{0.netloc}".format(urlsplit(url))
        ):
            todo = list(addresses)
            focused_crawler(site, max_seen_urls=len(todo), todo=todo)
            for url in todo:
                _extract(out, url, fetch_url(url))


def threaded(job: dict[str, Any]) -> None:
    """`buffered_downloads` in threads, extraction in the main one: what its command line does with a list."""
    _without_delay(job["proxy"])
    waiting = downloads.add_to_compressed_dict(_listed(job))
    with Path(job["out"]).open("w", encoding="utf-8", buffering=1) as out:
        while not waiting.done:
            batch, waiting = downloads.load_download_buffer(waiting, sleep_time=0)
            for url, page in downloads.buffered_downloads(batch, THREADS):
                _extract(out, url, page)


def _listed(job: dict[str, Any]) -> Iterable[str]:
    return Path(job["list"]).read_text(encoding="utf-8").split()


def _extract(out: Any, url: str, page: str | None) -> Iterator[None] | None:
    found = bare_extraction(page, url=url, with_metadata=True) if page else None
    if found is not None:
        write_article(out, url, found.text)


def _without_delay(proxy: str) -> None:
    """No pause, loopback allowed, and a proxy that speaks HTTP: it takes one with SOCKS only."""
    DEFAULT_CONFIG.set("DEFAULT", "SLEEP_TIME", "0")
    DEFAULT_CONFIG.set("DEFAULT", "SSRF_PROTECTION", "off")
    downloads.create_pool = lambda ssrf_protection, **kwargs: urllib3.ProxyManager(proxy, num_pools=50, **kwargs)  # noqa: ARG005
