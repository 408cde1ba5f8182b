"""What the page says of access, licence and text mining: as stated, raw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from newscrawl.article import OptOut, Page
from newscrawl.extract.jsonld import JsonLd, items, name_of
from newscrawl.extract.lines import address, line

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from newscrawl.extract.head import Head

FREE = frozenset({"true", "yes", "1", "free", "http://schema.org/true", "https://schema.org/true"})
PAID = frozenset({"false", "no", "0", "http://schema.org/false", "https://schema.org/false"})
AGENT = "newscrawl"
"""The name by which a page speaks to this crawler alone: ``<meta name="newscrawl" content="noindex">``."""
PAID_TIERS = frozenset({"locked", "paid", "premium", "subscription", "subscriber", "registration"})


def read_access(head: Head, jsonld: JsonLd, hinted: str | None) -> str:
    """``free``, ``paywalled`` or ``unknown``."""
    if hinted == "paywalled":
        return "paywalled"
    for node in (jsonld.article, jsonld.page):
        for value in items(node.get("isAccessibleForFree")):
            word = str(value).strip().lower()
            if word in PAID:
                return "paywalled"
            if word in FREE:
                return "free"
    tier = (head.first("article:content_tier", "content_tier", "og:content_tier") or "").lower()
    if tier in PAID_TIERS:
        return "paywalled"
    return "free" if tier == "free" else "unknown"


def read_license(root: HtmlElement, head: Head, jsonld: JsonLd, page: Page) -> str | None:
    """The licence of JSON-LD, of a link element, of a meta element, of a ``rel=license`` link, or of the whole site."""
    url = page.url
    for value in items(jsonld.article.get("license")):
        stated = jsonld.resolve(value)
        if text := (line(stated.get("url")) or name_of(stated)) if isinstance(stated, Mapping) else line(stated):
            return text
    if link := address(head.link("license"), url):
        return link
    if text := head.first("dc.rights.license", "dcterms.license", "license"):
        return text
    for element in root.iter("a"):
        if (rel := element.get("rel")) and "license" in rel.lower().split():
            return address(element.get("href"), url)
    return next((value for name, value in page.headers if name == "license"), None)


def read_optout(head: Head, page: Page) -> OptOut:
    """Opt-out signals of the response headers and the meta elements."""
    headers: dict[str, list[str]] = {}
    for name, value in page.headers:
        headers.setdefault(name.lower(), []).append(value)

    def header(name: str, between: str = ", ") -> str | None:
        return line(between.join(headers[name])) if name in headers else None

    to_us = [f"{AGENT}: {content}" for content in head.all(AGENT)]
    return OptOut(
        meta_robots=line("; ".join(filter(None, (", ".join(head.all("robots")), *to_us)))),
        # An agent's name in one of the lines holds until its end.
        x_robots_tag=header("x-robots-tag", "; "),
        # The nearest to the text counts: the page, then its response, then the file of the site that stands in for it.
        tdm_reservation=head.first("tdm-reservation") or header("tdm-reservation"),
        tdm_policy=head.first("tdm-policy") or header("tdm-policy"),
        content_usage=header("content-usage"),
        robots_rule=page.robots_rule,
    )
