"""news-please's reader of CC-NEWS on an archive of our own, in one process: it shares out files."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import boto3
from botocore.exceptions import NoCredentialsError
from newsplease.crawler.commoncrawl_crawler import CommonCrawlExtractor  # its own module imports itself in a circle
from serve import write_article


def read(job: dict[str, Any]) -> None:
    """Every response record; the archive stands where it would have been downloaded to."""
    archive = Path(job["archive"])
    (Path(job["folder"]) / quote_plus(archive.name)).symlink_to(archive)
    boto3.client = _nobody
    with Path(job["out"]).open("w", encoding="utf-8", buffering=1) as out:
        CommonCrawlExtractor().extract_from_commoncrawl(
            archive.name,
            lambda article: write_article(out, article.url, article.maintext),
            callback_on_warc_completed=lambda *_: None,
            local_download_dir_warc=job["folder"],
            ignore_unicode_errors=True,
            log_level=logging.CRITICAL,
            delete_warc_after_extraction=False,
        )


def _nobody(*_: str) -> None:
    """The cloud is not asked whether it has the archive, too."""
    raise NoCredentialsError
