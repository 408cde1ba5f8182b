"""news-please's own crawl of a list of addresses, with the item pipelines of its default configuration."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import newsplease
from newsplease.single_crawler import SingleCrawler
from serve import write_article

EXTRACTORS = ("readability", "date", "lang_detect")
CHANGED = {
    "LOG_LEVEL": "CRITICAL",
    "CONCURRENT_REQUESTS": "32",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "8",
    # As its default, but for pictures, which it would fetch to look at them; there are none here.
    "extractors": str(["newspaper_extractor_no_images", *(f"{name}_extractor" for name in EXTRACTORS)]),
}


def crawl(job: dict[str, Any]) -> None:
    """Its `Download` crawler; the HTML and JSON files that it keeps are made, too."""
    folder = Path(job["folder"])
    config = (Path(newsplease.__file__).parent / "config" / "config.cfg").read_text(encoding="utf-8")
    for name, value in {"working_path": str(folder), **CHANGED}.items():
        config = re.sub(rf"(?m)^{name}\s*=.*$", f"{name} = {value}", config)
    (folder / "config.cfg").write_text(config, encoding="utf-8")
    sites = {"base_urls": [{"crawler": "Download", "url": Path(job["list"]).read_text(encoding="utf-8").split()}]}
    (folder / "sitelist.hjson").write_text(json.dumps(sites), encoding="utf-8")
    try:
        SingleCrawler(str(folder / "config.cfg"), str(folder / "sitelist.hjson"), 0, False, False)
    finally:
        gather(folder, job["out"])


def gather(folder: Path, out: str) -> None:
    """One file of lines from its many files."""
    with Path(out).open("w", encoding="utf-8") as lines:
        for file in sorted((folder / "data").rglob("*.json")):
            found = json.loads(file.read_text(encoding="utf-8"))
            write_article(lines, found["url"], found["maintext"])
