"""The pure steps from an extracted article to one that can be stored, in their one order.

Live crawl, archives, files and dirty texts all end here::

    characters -> clean -> description -> language -> flags -> counts, hash, id

Refining twice changes nothing.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from newscrawl import __version__
from newscrawl.article import Article, Author, Extractor, Image
from newscrawl.clean import clean
from newscrawl.clean.rules import RULES
from newscrawl.clean.site_memory import without_furniture
from newscrawl.clean.wording import wording_digest
from newscrawl.dates import is_plausible
from newscrawl.errors import ArticleRejected, Outcome
from newscrawl.extract.options import ExtractOptions
from newscrawl.text.characters import normalise_line, normalise_text
from newscrawl.text.digest import text_sha256
from newscrawl.text.fold import fold
from newscrawl.text.language import declared_language, detect_language, same_language
from newscrawl.text.scripts import mixed_script_words, word_count
from newscrawl.urls import article_id, normalise_url, site_of, url_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from newscrawl.article import Page
    from newscrawl.clean.site_memory import Pattern

URN_PREFIX = "urn:sha256:"
"""Begins the address of a text that came without one; the rest is the hex hash of what came."""
SHORT_WORDS = 80
"""An article with fewer words is flagged `short`."""
MIN_DETECTED_WORDS = 20
"""A shorter text does not overrule the language that its page declares."""
_START_CHARS = 2_000
_CUT_MARKS = ("…", "...", "[…]", "[...]")
_CONFIG_REVISION = 2
_TEXT_FLAGS = frozenset({"mixed_script", "short"})
WARM = "2026-01-01T00:00:00Z"
_NO_RUN = "run_0"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefineOptions:
    """Settings ``NEWSCRAWL_REFINE_*``."""

    min_words: int = 12
    """A text with fewer words is no article (`too_short`). A news flash of two sentences is one."""
    max_text_chars: int = 2_000_000
    """A longer text is refused (`too_large`) before any work is done on it."""


DEFAULTS = RefineOptions()
_EXTRACT_DEFAULTS = ExtractOptions()


def article_from_page(
    page: Page, extract: ExtractOptions = _EXTRACT_DEFAULTS, options: RefineOptions = DEFAULTS
) -> Article:
    """Extract and refine one page: the whole work of a worker process.

    Raises:
        ArticleRejected: the page holds no article; says why.
    """
    from newscrawl.extract.article import extract_article

    return refine(extract_article(page, extract), options)


def warm_up() -> None:
    """Load what the first page would load, models and wordings. A worker does it before its first deadline."""
    from newscrawl.article import Page

    text = "Größere Fähren liefen am Montag „wieder“ aus, sagte der Hafenmeister. "
    html = f"<html><title>Fähren</title><h1>Fähren</h1><article><p>{text * 4}</p><p>{text * 3}</p></article></html>"
    page = Page(url="https://page.invalid/2026/fähren-laufen-aus", html=html.encode(), date_crawled=WARM)
    with suppress(ArticleRejected):
        article_from_page(page)


def refine(article: Article, options: RefineOptions = DEFAULTS) -> Article:
    """The article with clean text and everything that follows from it; ready to be checked and stored.

    Raises:
        ArticleRejected: nothing is left that could be read (`no_text`), too little (`too_short`),
            or the text is too large to work on (`too_large`).
    """
    if article.text is not None and len(article.text) > options.max_text_chars:
        raise ArticleRejected(
            Outcome.TOO_LARGE, article.url, f"{len(article.text)} characters of text, limit {options.max_text_chars}"
        )
    article = _with_address(_with_characters(article))
    before = len(article.paragraphs)
    article = clean(article)
    if article.text is None:
        raise ArticleRejected(Outcome.NO_TEXT, article.url, f"no text left of {before} paragraphs after cleaning")
    words = word_count(article.text)
    if words < options.min_words:
        raise ArticleRejected(
            Outcome.TOO_SHORT, article.url, f"{words} words of text, at least {options.min_words} needed"
        )
    article = _with_language(replace(article, description=_own_description(article), word_count=words))
    article = _with_text_facts(article)
    return replace(
        article,
        id=article_id(record_key(article)),
        extractor=article.extractor if article.extractor.name else text_extractor(),
    )


def without_site_furniture(
    article: Article, patterns: Mapping[int, Pattern], options: RefineOptions = DEFAULTS
) -> Article:
    """A refined article without the lines that its site is known to print everywhere, refined again.

    The very same object when it has no such line, and when too little would be left: then the lines are the article.
    """
    cleaned = without_furniture(article, patterns)
    if cleaned is article or cleaned.text is None:
        return article
    words = word_count(cleaned.text)
    return article if words < options.min_words else _with_text_facts(replace(cleaned, word_count=words))


def is_refined(article: Article) -> bool:
    """Whether `refine` made this article just as it is: its hash and id are those of its text and address."""
    if article.text is None or article.text_sha256 != text_sha256(article.text) or not article.extractor.name:
        return False
    try:
        return article.id == article_id(record_key(article))
    except ValueError:
        return False


def check(article: Article) -> None:
    """Hold the article against the schema of the dump and the promises of the record.

    ``run_id`` may still be empty: the store sets it.

    Raises:
        ArticleRejected: `error`, with the name of the field at fault.
    """
    for problem in (_schema_problem(article), *_broken_promises(article)):
        if problem is not None:
            raise ArticleRejected(Outcome.ERROR, article.url, problem)


def record_key(article: Article) -> str:
    """The key behind the article's id: its URL key, or the address itself of a text that came without a URL.

    Raises:
        ValueError: the address is neither http(s) nor that of a text.
    """
    return article.url if article.url.startswith(URN_PREFIX) else url_key(article.url, article.url_canonical)


@cache
def text_extractor() -> Extractor:
    """Stands in articles whose text came as text: only cleaning made it what it is."""
    stated = f"{_CONFIG_REVISION} {[rule.__name__ for rule in RULES]} {wording_digest()}"
    config = hashlib.sha256(stated.encode()).hexdigest()[:8]
    return Extractor(name="newscrawl", version=f"v{__version__}", config=f"c{config}")


def _with_text_facts(article: Article) -> Article:
    """The hash and the flags that follow from the text."""
    return replace(
        article,
        flags=tuple(sorted({*article.flags} - _TEXT_FLAGS | _text_flags(article))),
        text_sha256=text_sha256(article.text or ""),
    )


def _with_characters(article: Article) -> Article:
    """Every text field in one form: NFC, no invisible characters, no mojibake, plain white space."""
    text, repaired = normalise_text(article.text or "")
    authors = (Author(name=name, url=author.url) for author in article.authors if (name := normalise_line(author.name)))
    images = (
        Image(url=image.url, caption=_line(image.caption), credit=_line(image.credit)) for image in article.images
    )
    changed = replace(
        article,
        text=text or None,
        title=_line(article.title),
        description=_line(article.description),
        publisher=_line(article.publisher),
        section=_line(article.section),
        authors=tuple(dict.fromkeys(authors)),
        tags=tuple(dict.fromkeys(tag for raw in article.tags if (tag := normalise_line(raw)))),
        images=tuple(images),
    )
    return changed.with_flags("encoding_repaired") if repaired else changed


def _with_address(article: Article) -> Article:
    if article.url.startswith(URN_PREFIX):
        return replace(article, url_canonical=None, source=article.source or article.discovered_via)
    try:
        url = normalise_url(article.url)
    except ValueError as error:
        raise ArticleRejected(Outcome.ERROR, article.url, f"field url: {error}") from None
    try:
        canonical = normalise_url(article.url_canonical) if article.url_canonical else None
    except ValueError:
        canonical = None
    site = site_of(url)
    return replace(article, url=url, url_canonical=canonical, site=site, source=article.source or site)


def _with_language(article: Article) -> Article:
    """Declared and detected where they agree, detected where they do not, declared where nothing is detected."""
    declared = declared_language(article.language)
    detected = detect_language(f"{article.title or ''}\n{article.text}")
    if detected is None or same_language(declared, detected):
        return replace(article, language=declared)
    if declared is None:
        return replace(article, language=detected)
    if article.word_count < MIN_DETECTED_WORDS:
        return replace(article, language=declared)
    return replace(article, language=detected).with_flags("language_mismatch")


def _own_description(article: Article) -> str | None:
    """The description, unless it only repeats the title or what the text begins with; it may be cut off at its end."""
    key = fold(article.description)
    if not key or key == fold(article.title):
        return None
    start = fold((article.text or "")[:_START_CHARS])
    if start.startswith(key) or (len(key.split()) > 8 and key in start):
        return None
    if article.description and article.description.rstrip().endswith(_CUT_MARKS):
        # The last word may be cut in the middle.
        key = key.rpartition(" ")[0]
        return None if key and start.startswith(key) else article.description
    return article.description


def _text_flags(article: Article) -> set[str]:
    flags = set()
    if mixed_script_words(f"{article.title or ''}\n{article.text}"):
        flags.add("mixed_script")
    if article.word_count < SHORT_WORDS:
        flags.add("short")
    return flags


def _line(text: str | None) -> str | None:
    return (normalise_line(text) or None) if text else None


@cache
def _validate() -> Callable[[Any], Any]:
    # Compiled once in a process that stores: it takes a moment.
    import fastjsonschema

    from newscrawl.dump.schema import schema

    validate: Callable[[Any], Any] = fastjsonschema.compile(schema("articles"))
    return validate


def _schema_problem(article: Article) -> str | None:
    from fastjsonschema import JsonSchemaValueException

    from newscrawl.dump.record import record

    try:
        _validate()(record(replace(article, run_id=article.run_id or _NO_RUN)))
    except JsonSchemaValueException as error:
        return f"field {(error.name or '').removeprefix('data.')}: {error.message}"
    return None


def _broken_promises(article: Article) -> tuple[str | None, ...]:
    return _content_problem(article), _id_problem(article), _date_problem(article)


def _content_problem(article: Article) -> str | None:
    if article.status != "ok":
        return None if article.text is None else f"field text: not null although status is {article.status}"
    if not article.text:
        return "field text: missing although status is ok"
    if article.text_sha256 != text_sha256(article.text):
        return "field text_sha256: is not the hash of the text"
    return None


def _id_problem(article: Article) -> str | None:
    try:
        right = article_id(record_key(article))
    except ValueError as error:
        return f"field url: {error}"
    return None if article.id == right else f"field id: {article.id!r} is not the hash of the URL key, {right!r}"


def _date_problem(article: Article) -> str | None:
    if (article.date_published is None) != (article.date_precision is None):
        return "field date_precision: present without date_published, or missing beside it"
    if article.date_published is not None and not is_plausible(article.date_published, article.date_crawled):
        return f"field date_published: {article.date_published} is before 1990 or 48 hours after {article.date_crawled}"
    return None
