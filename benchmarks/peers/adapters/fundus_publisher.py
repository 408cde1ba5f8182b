"""A publisher for fundus, which has a class for each: here one parser for every site, as no class fits retold pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fundus.parser import ArticleBody, BaseParser, ParserProxy, attribute
from fundus.parser.utility import extract_article_body_with_selector, generic_author_parsing, generic_date_parsing
from fundus.publishers.base_objects import Publisher
from fundus.scraping.url import URLSource
from lxml.etree import XPath

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


class AnySiteParser(ParserProxy):
    """What its own classes hold, without a selector of the site."""

    class V1(BaseParser):
        """One version."""

        _paragraphs = XPath("//article//p | //main//p[not(ancestor::article)]")

        @attribute
        def body(self) -> ArticleBody | None:
            return extract_article_body_with_selector(self.precomputed.doc, paragraph_selector=self._paragraphs)

        @attribute
        def authors(self) -> list[str]:
            return generic_author_parsing(self.precomputed.ld.bf_search("author"))

        @attribute
        def publishing_date(self) -> datetime | None:
            return generic_date_parsing(self.precomputed.ld.bf_search("datePublished"))

        @attribute
        def title(self) -> str | None:
            return self.precomputed.meta.get("og:title") or self.precomputed.ld.bf_search("headline")


class Listed(URLSource):
    """Addresses that are known already."""

    def __init__(self, addresses: list[str]) -> None:
        super().__init__(addresses[0], languages={"en"})
        self.addresses = addresses

    def __hash__(self) -> int:
        return id(self)

    def fetch(self, session: Any, headers: dict[str, str]) -> Iterator[str]:  # noqa: ARG002 - nothing is asked for
        return iter(self.addresses)


Publisher.__SOURCE_ORDER__[Listed] = 0


def publisher(name: str, url: str, source: URLSource) -> Publisher:
    """A publisher of any pages."""
    parts = urlsplit(url)
    return Publisher(name=name, domain=f"{parts.scheme}://{parts.netloc}", parser=AnySiteParser, sources=[source])
