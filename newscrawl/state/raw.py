"""Which stored article a raw page belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.state.addresses import find_address, key_of
from newscrawl.state.articles import find_article
from newscrawl.urls import normalise_url

if TYPE_CHECKING:
    from newscrawl.state.articles import Known
    from newscrawl.state.database import Database


def made_of(database: Database, url: str, at: str) -> Known | None:
    """The article whose newest revision was made of the page that came from this address at this moment.

    None for any other page: what the publisher changed since must not come back. A revision that cleaning caused is
    made of the page of the revision before, and has its moment.
    """
    address = find_address(database, key_of(url))
    known = find_article(database, address.id) if address is not None and address.id is not None else None
    if known is None or known.status != "ok":
        return None
    return known if (known.withdrawn.date_crawled, known.withdrawn.url) == (at, normalise_url(url)) else None


def count_articles(database: Database, *, source: str | None, since: str | None) -> int:
    """How many articles are stored and not withdrawn, of a source and crawled since a day."""
    query = "SELECT count(*) FROM articles WHERE status = 'ok' AND source = coalesce(?, source) AND date_crawled >= ?"
    return int(database.row(query, (source, since or ""))[0])


def opted_out(database: Database) -> frozenset[str]:
    """Keys of the addresses whose publishers do not want them kept, as last decided. Reads through all addresses."""
    return frozenset(key for (key,) in database.rows("SELECT key FROM addresses WHERE outcome = 'opted_out'"))
