"""The item pipelines in somebody else's Scrapy project, with spiders and items of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from conftest import scrapy

from newscrawl.dump.reader import verify

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """
SPIDER_MODULES = ["theirs"]
LOG_LEVEL = "INFO"
ITEM_PIPELINES = {
    "pipelines.normalise.NormalisePipeline": 100,
    "pipelines.check.CheckPipeline": 200,
    "pipelines.store.StorePipeline": 300,
}
EXTENSIONS = {EXTENSIONS}
NEWSCRAWL_DATA = "data"
"""

SPIDER = """
import scrapy

TEXT = "Ships returned to the harbour on Monday after two days of repairs, the harbour master said at noon."


class Theirs(scrapy.Spider):
    name = "theirs"

    async def start(self):
        yield {
            "url": "https://harbour-times.example/news/ships-return?utm_source=feed",
            "title": "Ships return",
            "text": f"Skip to content\\n\\nShips return\\n\\n{TEXT}\\n\\nRead also:\\n\\nStorm closes harbour",
            "date_crawled": "2026-11-24T08:00:00Z",
            "their_own_field": 1,
        }
        yield {"url": "https://harbour-times.example/news/nothing", "title": "Nothing", "text": "Share"}
"""


def project(folder: Path, extensions: str) -> Path:
    (folder / "scrapy.cfg").write_text("[settings]\ndefault = their_settings\n")
    (folder / "their_settings.py").write_text(SETTINGS.replace("{EXTENSIONS}", extensions))
    (folder / "theirs.py").write_text(SPIDER)
    return folder


def test_their_items_become_clean_records_in_a_dump_and_in_their_export(tmp_path: Path) -> None:
    folder = project(tmp_path, '{"newscrawl.extensions.run.CrawlRun": 0}')
    done = scrapy("crawl", "theirs", "-O", "out.jsonl", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    records = [json.loads(line) for line in (folder / "out.jsonl").read_bytes().splitlines()]
    assert [record["url"] for record in records] == ["https://harbour-times.example/news/ships-return"]
    assert records[0]["text"].startswith("Ships returned to the harbour on Monday")
    assert records[0]["text"].endswith("at noon.")
    lines = "".join(file.read_text("utf-8") for file in (folder / "data/outcomes").rglob("*.jsonl"))
    assert [json.loads(line)["outcome"] for line in lines.splitlines()] == ["article", "no_text"]
    assert verify(folder / "data") == ()


def test_without_the_extension_the_pipelines_say_what_is_missing(tmp_path: Path) -> None:
    done = scrapy("crawl", "theirs", cwd=project(tmp_path, "{}"))
    assert 'EXTENSIONS has no "newscrawl.extensions.run.CrawlRun"' in done.stderr
    assert not (tmp_path / "data").exists()
