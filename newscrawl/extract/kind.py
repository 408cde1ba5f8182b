"""Section, tags, language and type of an article, as declared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newscrawl.discover.shapes import ARTICLE_SEGMENTS
from newscrawl.extract.jsonld import JsonLd, items, name_of, types_of
from newscrawl.extract.lines import line, lines
from newscrawl.text.fold import fold
from newscrawl.text.language import declared_language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.article import Hint
    from newscrawl.extract.head import Head
    from newscrawl.extract.stated import Stated

FOLDER = re.compile(r"[a-z][a-z-]{3,30}\Z")
MAX_TAGS = 50
MAX_TAG_CHARS = 100
OPINION_TYPES = frozenset({"OpinionNewsArticle"})
REVIEW_TYPES = frozenset({"ReviewNewsArticle", "CriticReview", "Review"})
NEWS_TYPES = frozenset(
    {"NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "BackgroundNewsArticle", "AskPublicNewsArticle"}
)


def read_language(head: Head, jsonld: JsonLd, hint: Hint | None) -> str | None:
    """The declared language: of the html element, og:locale, JSON-LD, meta, the feed."""
    stated = [
        head.language,
        jsonld.line("inLanguage"),
        head.first("og:locale", "content-language", "language", "dc.language"),
        hint.language if hint else None,
    ]
    return next((tag for text in stated if text and (tag := declared_language(text))), None)


def read_section(said: Stated, titles: tuple[str, ...]) -> str | None:
    """The section: JSON-LD, meta elements, the last breadcrumb before the article, the first folder of the address."""
    head, jsonld = said.head, said.jsonld
    own = set(map(fold, titles))
    folder, _, rest = urlsplit(said.url).path.strip("/").partition("/")
    stated = (
        *items(jsonld.article.get("articleSection")),
        head.first("article:section", "og:article:section", "parsely-section", "sailthru.section"),
        head.first("cxenseparse:section", "section"),
        next((name for name in reversed(jsonld.breadcrumbs) if fold(name) not in own), None),
        folder if rest and FOLDER.match(folder) and folder not in ARTICLE_SEGMENTS else None,
    )
    return next((text for value in stated if (text := name_of(value)) and len(text) <= MAX_TAG_CHARS), None)


def read_tags(head: Head, jsonld: JsonLd, hint: Hint | None) -> tuple[str, ...]:
    """Keywords of JSON-LD, article:tag and meta keywords: the first that has some; each once."""
    places = [
        [text for value in items(jsonld.article.get("keywords")) if (text := name_of(value))],
        list(head.all("article:tag", "og:article:tag")),
        list(head.all("news_keywords", "parsely-tags", "sailthru.tags", "cxenseparse:tags")),
        list(head.all("keywords")),
        list(lines(hint.tags)) if hint else [],
    ]
    for place in places:
        tags = {fold(tag): tag for text in place for tag in _split(text, alone=len(place) == 1)}
        if tags:
            return tuple(tags.values())[:MAX_TAGS]
    return ()


def _split(text: str, *, alone: bool) -> Iterator[str]:
    """One value that holds many keywords is a list; of many values, each is one keyword."""
    parts = [text]
    if alone:
        separator = ";" if text.count(";") > text.count(",") else ","
        parts = text.split(separator)
    for part in parts:
        tag = line(part)
        if tag and len(tag) <= MAX_TAG_CHARS and fold(tag) and not tag.startswith(("http:", "https:")):
            yield tag


def read_type(jsonld: JsonLd) -> str | None:
    """One of `ARTICLE_TYPES` by the JSON-LD type of the article; None when the page does not say."""
    types = types_of(jsonld.article)
    if "LiveBlogPosting" in jsonld.types:
        return "live"
    if types & OPINION_TYPES:
        return "opinion"
    if types & REVIEW_TYPES:
        return "review"
    if types & NEWS_TYPES:
        return "news"
    if "AdvertiserContentArticle" in types:
        return "other"
    return None
