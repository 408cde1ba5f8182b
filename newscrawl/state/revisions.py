"""An article meets what is stored: the same, a revision, or the first of its kind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from newscrawl.errors import Outcome
from newscrawl.state import purges
from newscrawl.state.addresses import bounded, find_address, key_of
from newscrawl.state.articles import Known, find_article, move, put_revision
from newscrawl.state.content import REVISING, differences, field_hashes
from newscrawl.urls import article_id, url_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newscrawl.article import Article, OutcomeLine
    from newscrawl.state.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of an article."""

    article: Article
    """As stored, with its revision; for `unchanged` and `same_key` as it was handed in, with the id that is known."""
    outcome: Outcome
    """`article`, `unchanged` or `same_key`; `gone` when it was purged."""
    reason: str | None
    """Why no revision was made; None for `article`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The addresses of one fetched article."""

    requested: str
    """Key of the address that was asked for."""
    own: str
    """Key that its id is made of."""
    final: frozenset[str]
    """Keys of the address that answered."""
    urls: Mapping[str, str]
    """All keys with their addresses, the surest first."""

    @classmethod
    def of(cls, article: Article, line: OutcomeLine) -> Places:
        answered = key_of(article.url)
        try:
            own = bounded(url_key(article.url, article.url_canonical))
        except ValueError:  # a text that came without an address
            own = answered = article.id
        requested = key_of(line.url)
        urls = {own: article.url, answered: article.url}
        return cls(
            requested=requested,
            own=own,
            final=frozenset(urls),
            urls=urls | ({} if requested in urls else {requested: line.url}),
        )


def revise(database: Database, article: Article, places: Places) -> Stored:
    """Store a revision if there is anything new in the article, with what cleaning took out of it."""
    known = _known(database, article, places)
    if known is None:
        article = replace(article, revision=1, revision_cause="first", changes=(), status="ok")
    else:
        article = replace(article, id=known.id, status="ok")
        changes = differences(known.fields, field_hashes(article))
        if known.status == "purged":
            reason = purges.purged_on(database, known.id)
            return Stored(article=article, outcome=Outcome.GONE, reason=reason)
        if not REVISING.intersection(changes):
            move(database, known, places.own)
            reason = f"as in revision {known.revision}" if known.status == "ok" else f"the article is {known.status}"
            return Stored(article=article, outcome=Outcome.UNCHANGED, reason=reason)
        article = replace(article, revision=known.revision + 1, revision_cause=_cause(article, known), changes=changes)
    put_revision(database, article, key=places.own, before=known)
    return Stored(article=article, outcome=Outcome.ARTICLE, reason=None)


def _known(database: Database, article: Article, places: Places) -> Known | None:
    """The stored article that this one is, under whatever id."""
    for key in places.urls:
        address = find_address(database, key)
        if address is None or address.id is None:
            continue
        # The address that was asked for says nothing of where it leads: "/latest" leads elsewhere every day.
        # Only the very address an article was stored under, when it redirects now, has moved with it.
        if key != places.requested or key in places.final or address.id == article_id(key):
            return find_article(database, address.id)
    return find_article(database, article.id)


def _cause(article: Article, known: Known) -> str:
    """`cleaning` when our code changed and the publisher says that the page did not; else `page`."""
    if article.revision_cause == "cleaning":
        return "cleaning"
    same_code = article.extractor == known.withdrawn.extractor
    same_page = article.date_modified == known.withdrawn.date_modified and known.status == "ok"
    return "cleaning" if same_page and not same_code else "page"
