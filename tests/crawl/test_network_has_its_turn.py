"""A site whose lists are huge holds up nobody: what came first is measured, not seconds."""

from __future__ import annotations

import subprocess
import sys
from threading import Event
from typing import TYPE_CHECKING

from conftest import REPOSITORY, crawl_arguments, environment
from loopback import Answer, Site, redirect

if TYPE_CHECKING:
    from pathlib import Path

ENTRIES = 6_000
STEPS = 5
"""Redirects, each of which is followed when the one before it was answered."""
XML = {"Content-Type": "application/xml"}


class Huge(Site):
    """Three sitemaps of thousands of articles: two are asked for at once, the third when one of them is done with."""

    def __init__(self) -> None:
        super().__init__()
        self.has_begun, self.is_done_with_one = Event(), Event()
        for number in range(3):
            entries = "".join(f"<url><loc>{self.url}/{number}/story-{each}</loc></url>" for each in range(ENTRIES))
            self.answers[f"/{number}.xml"] = Answer(body=f"<urlset>{entries}</urlset>".encode(), headers=XML)

    def answer(self, path: str) -> Answer:
        if path == "/0.xml":
            self.has_begun.set()
        if path == "/2.xml":
            self.is_done_with_one.set()
        return super().answer(path)


class Small(Site):
    """A feed with one article, some redirects away. It answers when the other site was asked for its sitemap."""

    def __init__(self, huge: Huge) -> None:
        super().__init__()
        self._huge = huge
        self.was_first: bool | None = None
        self.has_come = Event()
        feed = f"<rss version='2.0'><channel><item><link>{self.url}/0</link></item></channel></rss>"
        self.answers["/feed.xml"] = Answer(body=feed.encode(), headers=XML)
        self.answers |= {f"/{step}": redirect(f"{self.url}/{step + 1}") for step in range(STEPS)}

    def answer(self, path: str) -> Answer:
        self._huge.has_begun.wait(60)
        if path == f"/{STEPS}":
            self.was_first = not self._huge.is_done_with_one.is_set()
            self.has_come.set()
        return super().answer(path)


def test_a_huge_sitemap_does_not_keep_another_site_waiting(tmp_path: Path) -> None:
    huge = Huge()
    small = Small(huge)
    lists = ", ".join(f'"{huge.url}/{number}.xml"' for number in range(3))
    sources = tmp_path / "sources.toml"
    sources.write_text(
        f'[[source]]\nid = "huge"\nname = "Huge"\nsitemaps = [{lists}]\nenabled = true\n\n'
        f'[[source]]\nid = "small"\nname = "Small"\nfeeds = ["{small.url}/feed.xml"]\nenabled = true\n',
        encoding="utf-8",
    )
    settings = ("NEWSCRAWL_ALLOW_ADDRESSES=127.0.0.1:*", f"NEWSCRAWL_SOURCES={sources}")
    command = [sys.executable, "-m", "scrapy", *crawl_arguments(tmp_path / "data", settings=settings)]
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment(None), stderr=subprocess.DEVNULL) as crawl:
        small.has_come.wait(60)
        crawl.kill()
    for site in (huge, small):
        site.close()
    assert small.was_first is True
