"""What the site and its publisher are called: to name the outlet, and to tell it from titles and authors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newscrawl.extract.jsonld import items, name_of, types_of
from newscrawl.extract.lines import line
from newscrawl.text.fold import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.extract.jsonld import JsonLd
    from newscrawl.extract.stated import Stated

WWW = re.compile(r"^(?:www\d?|m|amp|mobile|edition|news)\.")

PUBLICATIONS = frozenset({"Blog", "CreativeWork", "CreativeWorkSeries", "Newspaper", "Periodical", "WebSite"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteNames:
    """The names of the outlet."""

    publisher: str | None
    """As the page states it, best evidence first."""
    folded: frozenset[str]
    """Every known name, folded, with and without spaces and top-level domain."""

    def has(self, text: str) -> bool:
        """Whether this is a name of the site."""
        key = fold(text)
        return bool(key) and (key in self.folded or key.replace(" ", "") in self.folded)

    def begins(self, text: str) -> bool:
        """Whether more words follow a name of the site."""
        known = fold(text).split()
        return any(" ".join(known[:count]) in self.folded for count in range(1, len(known)))


def _publications(jsonld: JsonLd) -> Iterator[str | None]:
    """What article and page are part of; not what is sold under a name of its own ("Times Basic")."""
    for node in (jsonld.article, jsonld.page):
        for part in map(jsonld.resolve, items(node.get("isPartOf"))):
            if isinstance(part, Mapping) and types_of(part) & PUBLICATIONS and "Product" not in types_of(part):
                yield name_of(part)


def site_names(said: Stated) -> SiteNames:
    """Collect them from JSON-LD, meta elements, the feed and the host."""
    head, jsonld, hint, url = said.head, said.jsonld, said.hint, said.url
    stated = [
        *(name_of(jsonld.resolve(value)) for value in items(jsonld.article.get("publisher"))),
        head.first("og:site_name"),
        *(name_of(jsonld.resolve(value)) for value in items(jsonld.page.get("publisher"))),
        head.first("application-name", "publisher", "article:publisher", "dc.publisher", "cre"),
        line(hint.publisher) if hint else None,
        *_publications(jsonld),
    ]
    # Some sites fill these elements with the headline.
    titles = {fold(head.first("og:title")), fold(jsonld.line("headline"))}
    names = [name for name in stated if name and not name.startswith(("http:", "https:")) and fold(name) not in titles]
    folded = {fold(name) for name in names}
    if name := head.first("twitter:site", "twitter:creator"):
        folded.add(fold(name))
    host = WWW.sub("", urlsplit(url).hostname or "")
    labels = host.split(".")
    folded |= {fold(host), fold("".join(labels)), *(fold(".".join(labels[:n])) for n in range(1, len(labels)))}
    folded |= {name.replace(" ", "") for name in folded}
    return SiteNames(publisher=names[0] if names else None, folded=frozenset(name for name in folded if len(name) > 1))
