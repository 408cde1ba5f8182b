"""One page of the web for a command: fetched by `scrapy page` in a process of its own, as Scrapy stays out of here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64decode

from newscrawl.article import Page
from newscrawl.errors import ArticleRejected, ConfigError, NewscrawlError, Outcome

PATIENCE_S = 300
"""For robots.txt and the page, with their redirects and second tries; the settings end each of them much sooner."""


def fetch_page(url: str) -> Page:
    """Fetch it as a crawl would.

    Raises:
        ArticleRejected: there is no page to read: says why.
        ConfigError: a setting is wrong.
    """
    command = [sys.executable, "-m", "scrapy", "page", "-L", "ERROR", url]
    environment = {**os.environ, "SCRAPY_SETTINGS_MODULE": "newscrawl.settings"}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter; the address is one argument, checked before
            command, capture_output=True, check=False, env=environment, timeout=PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        raise ArticleRejected(Outcome.TIMEOUT, url, f"no answer in {PATIENCE_S} seconds") from None
    words = done.stderr.decode(errors="replace").strip().rpartition("\n")[2].removeprefix("newscrawl: ")
    if done.returncode == 2:
        raise ConfigError(words)
    try:
        said = json.loads(done.stdout)
    except ValueError:
        raise NewscrawlError(f"{url} could not be fetched: {words or f'status {done.returncode}'}") from None
    if "outcome" in said:
        raise ArticleRejected(Outcome(said["outcome"]), said["url"], said["reason"])
    return Page(
        url=said["url"],
        html=b64decode(said["html"]),
        date_crawled=said["date_crawled"],
        charset=said["charset"],
        headers=tuple((name, value) for name, value in said["headers"]),
        robots_rule=said["robots_rule"],
    )
