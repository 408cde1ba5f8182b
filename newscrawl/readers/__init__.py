"""Files to pages or articles: WARC archives, HTML files, dirty texts.

A reader yields, in the order of its file and one at a time, what each record came to: a `Page` to extract from, an
`Article` that only needs cleaning, a `NoPage` that has its outcome already, or an `ArchiveError` for what cannot be
read. Errors are yielded and not raised, for the records after them are still wanted.
"""

from __future__ import annotations

from dataclasses import dataclass

from newscrawl.article import Article, Page
from newscrawl.errors import ArchiveError, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class NoPage:
    """A stored response that is no page to read, with the outcome that follows from it."""

    url: str
    via: str
    """One of `DISCOVERED_VIA`."""
    outcome: Outcome
    reason: str
    """What was seen, in words and figures."""
    source: str | None = None
    """Id of the source entry; None: the site itself is the source."""
    date_crawled: str | None = None
    """When the response arrived, UTC; None: not known."""
    status: int | None = None
    bytes: int | None = None
    """Length of the decoded body, where it was read."""


ReaderItem = Page | Article | NoPage | ArchiveError
