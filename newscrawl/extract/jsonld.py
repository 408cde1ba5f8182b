"""JSON-LD of a page: each block alone, bounded, and only the object that is about this page.

A broken block loses nothing but itself. Objects about other articles (teasers, lists, the
"related" of the article itself) are left alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from newscrawl.extract.lines import line

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_BLOCKS = 50
MAX_BLOCK_CHARS = 1_000_000
MAX_DEPTH = 32
MAX_NODES = 5_000
MAX_CRUMBS = 10

Node = Mapping[str, Any]

ARTICLE_TYPES = frozenset(
    {
        "AdvertiserContentArticle",
        "AnalysisNewsArticle",
        "Article",
        "AskPublicNewsArticle",
        "BackgroundNewsArticle",
        "BlogPosting",
        "ClaimReview",
        "CriticReview",
        "LiveBlogPosting",
        "MedicalScholarlyArticle",
        "NewsArticle",
        "OpinionNewsArticle",
        "Recipe",
        "Report",
        "ReportageNewsArticle",
        "Review",
        "ReviewNewsArticle",
        "SatiricalArticle",
        "ScholarlyArticle",
        "SocialMediaPosting",
        "TechArticle",
    }
)
PAGE_TYPES = frozenset({"WebPage", "ItemPage", "AboutPage"})
LIST_TYPES = frozenset({"ItemList", "CollectionPage", "SearchResultsPage", "ImageGallery"})

# Where an object about the page may stand inside another one.
INSIDE = ("@graph", "mainEntity", "mainEntityOfPage", "itemReviewed")

COMMENT = re.compile(
    r"^\s*(?:<!--|(?://|/\*)?\s*<!\[CDATA\[(?:\s*\*/)?)|(?:-->|(?://|/\*)?\s*\]\]>(?:\s*\*/)?)\s*;?\s*$"
)
TRAILING_COMMA = re.compile(r",(?=\s{0,200}[\]}])")
MISSING_COMMA = re.compile(r"\}(?=\s{0,200}\{)")


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonLd:
    """What the JSON-LD of a page says."""

    article: Node = field(default_factory=dict)
    """The article-like object about this page; empty when there is none."""
    page: Node = field(default_factory=dict)
    """The web page object; empty when there is none."""
    types: frozenset[str] = frozenset()
    """Types of all top-level objects."""
    breadcrumbs: tuple[str, ...] = ()
    """Names of the way to the page, without the home page; the last may be the page itself."""
    ids: Mapping[str, Node] = field(default_factory=dict)
    """Objects by ``@id``, for references."""

    def resolve(self, value: object) -> object:
        """The object a bare reference ``{"@id": …}`` stands for; any other value as it is."""
        if isinstance(value, Mapping) and isinstance(key := value.get("@id"), str) and "name" not in value:
            return self.ids.get(key, value)
        return value

    def line(self, name: str) -> str | None:
        """A text property of the article, as one line."""
        return next((text for value in items(self.article.get(name)) if (text := line(value))), None)


def items(value: object) -> list[Any]:
    """A property as a list: JSON-LD writes one value bare."""
    if isinstance(value, list):
        return value[:MAX_NODES]
    return [] if value is None else [value]


def types_of(node: Node) -> frozenset[str]:
    """The ``@type`` of an object, without its namespace."""
    return frozenset(
        kind.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for kind in items(node.get("@type")) if isinstance(kind, str)
    )


def name_of(value: object) -> str | None:
    """The name of an object, or the text itself."""
    if isinstance(value, Mapping):
        value = next(iter(items(value.get("name"))), None)
    return line(value)


def read_jsonld(root: HtmlElement, urls: tuple[str, ...]) -> JsonLd:
    """Read every block of the page; ``urls`` (its own, its canonical one) tell which of several articles is its."""
    nodes = [node for block in _blocks(root) for node in _nodes(block, 0)][:MAX_NODES]
    ids: dict[str, Node] = {}
    for node in nodes:
        if isinstance(key := node.get("@id"), str) and len(node) > 1:
            ids.setdefault(key, node)
    articles = [node for node in nodes if types_of(node) & ARTICLE_TYPES]
    pages = [node for node in nodes if types_of(node) & PAGE_TYPES and len(node) > 3]
    return JsonLd(
        article=_own(articles, urls) or {},
        page=_own(pages, urls) or {},
        breadcrumbs=next(
            (way for node in nodes if "BreadcrumbList" in types_of(node) and (way := _breadcrumbs(node))), ()
        ),
        types=frozenset(kind for node in nodes for kind in types_of(node)),
        ids=ids,
    )


def _blocks(root: HtmlElement) -> Iterator[object]:
    count = 0
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        count += 1
        if count > MAX_BLOCKS:
            return
        text = script.text or ""
        if 2 < len(text) <= MAX_BLOCK_CHARS:
            yield load(text)


def load(text: str) -> object:
    """Parse one block, with the repairs that publishers' habits ask for; None when it stays broken."""
    text = COMMENT.sub("", COMMENT.sub("", text.strip())).strip().rstrip(";")
    for attempt in _repairs(text):
        try:
            return json.loads(attempt, strict=False, parse_constant=lambda _: None)
        except (ValueError, RecursionError):
            continue
    return None


def _repairs(text: str) -> Iterator[str]:
    yield text
    commas = TRAILING_COMMA.sub("", MISSING_COMMA.sub("},", text))
    yield commas
    yield f"[{commas}]"  # several objects in one block, one after the other


def _nodes(value: object, depth: int) -> Iterator[Node]:
    """Objects that may be about the page: those of the block itself, its graph, and the main entity of a page."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value[:MAX_NODES]:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, Mapping):
        if "@type" in value or "@id" in value:
            yield value
        for name in INSIDE:
            if isinstance(inner := value.get(name), list | Mapping):
                yield from _nodes(inner, depth + 1)


def _breadcrumbs(node: Node) -> tuple[str, ...]:
    names: list[str] = []
    for element in items(node.get("itemListElement"))[:MAX_CRUMBS]:
        if not isinstance(element, Mapping):
            continue
        item = element.get("item")
        target = item.get("@id") if isinstance(item, Mapping) else item
        name = name_of(element) or name_of(item) if isinstance(item, Mapping) else name_of(element)
        is_home = isinstance(target, str) and not _path(target)
        if name and not is_home:
            names.append(name)
    return tuple(names)


def _own(nodes: list[Node], urls: tuple[str, ...]) -> Node | None:
    """The object about this page: the one that names its address, else the richest; of several about others, none."""
    if not nodes:
        return None
    paths = frozenset(filter(None, map(_path, urls)))
    names, _, index = max((_names_page(node, paths), _richness(node), -index) for index, node in enumerate(nodes))
    return None if names < 0 and len(nodes) > 1 else nodes[-index]


def _names_page(node: Node, paths: frozenset[str]) -> int:
    """1: names this page, 0: names none, -1: names another page."""
    values = [value for name in ("url", "mainEntityOfPage", "@id") for value in items(node.get(name))]
    texts = [value.get("@id") or value.get("url") if isinstance(value, Mapping) else value for value in values]
    named = {path for text in texts if isinstance(text, str) and (path := _path(text))}
    if not named:
        return 0
    return 1 if named & paths else -1


def _path(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/").lower()
    except ValueError:
        return ""


def _richness(node: Node) -> int:
    names = ("headline", "datePublished", "author", "articleBody", "image", "description", "publisher")
    return sum(bool(node.get(name)) for name in names) + 2 * ("NewsArticle" in types_of(node))
