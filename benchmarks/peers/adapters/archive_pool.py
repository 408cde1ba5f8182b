"""A plain pool of processes over the records of an archive, with newscrawl's cleaner: what a script would be."""

from __future__ import annotations

from multiprocessing import Pool
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newscrawl.article import Page
from newscrawl.dump.record import record, to_line
from newscrawl.errors import ArticleRejected
from newscrawl.extract.pool import usable_cpus
from newscrawl.readers.warc import pages_from_warc
from newscrawl.refine import article_from_page, warm_up

if TYPE_CHECKING:
    from collections.abc import Iterator


def read(job: dict[str, Any]) -> None:
    """JSON lines in the order of the archive."""
    with Pool(usable_cpus(), initializer=warm_up) as pool, Path(job["out"]).open("wb") as out:
        out.writelines(pool.imap(_cleaned, _pages(job["archive"]), chunksize=4))


def _pages(archive: str) -> Iterator[Page]:
    with Path(archive).open("rb") as file:
        yield from (each for each in pages_from_warc(file, archive) if isinstance(each, Page))


def _cleaned(page: Page) -> bytes:
    try:
        return to_line(record(article_from_page(page)))
    except ArticleRejected:
        return b""
