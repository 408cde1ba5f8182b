"""Texts that somebody extracted already, with what the page printed around them: plain text and JSON lines.

The text stays whole here: cleaning takes out what does not belong to it, and says so. A text without a usable
address is named by its own hash, ``urn:sha256:…``: the same text is the same article wherever it comes from.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from newscrawl.article import PARAGRAPH_BREAK, Article, Author, Image
from newscrawl.clean.lines import ITEM_MARK, read_line
from newscrawl.clean.wording import wording
from newscrawl.dates import is_plausible, parse_moment
from newscrawl.dump.record import article_from
from newscrawl.errors import ArchiveError, Outcome
from newscrawl.readers import NoPage
from newscrawl.text.digest import text_sha256
from newscrawl.text.fold import fold
from newscrawl.urls import normalise_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MAX_LINE_BYTES = 16_000_000
"""A longer line of JSON is not read: no article is that long."""
MAX_TITLE_CHARS = 300
MAX_LIST = 100
HEAD_BLOCKS = 12
"""Within these the title may be printed again: above the text, below its head matter."""
_WRAPPED_CHARS = (50, 120)
"""Lines of a text that was broken at a width are about as long as that width."""
_BULLET = re.compile(r"\A[•‣▪●◦·*–]\s+")
_SENTENCE_ENDS = (".", "!", "?", "…", '"', "”", "»", "。", "!", "?")

_URL = ("url", "link", "source_url", "canonical_url")
_TITLE = ("title", "headline")
_TEXT = ("text", "content", "body", "maintext", "article", "article_body", "articleBody")
_DESCRIPTION = ("description", "summary", "standfirst")
_DATE = (
    "date_published",
    "date_publish",
    "published",
    "published_date",
    "publish_date",
    "pubDate",
    "published_at",
    "date",
)
_AUTHORS = ("authors", "author", "byline")
_LANGUAGE = ("language", "lang")
_PUBLISHER = ("publisher", "site_name", "sitename", "source", "domain", "source_domain", "hostname")
_TAGS = ("tags", "keywords")
_SECTION = ("section", "category")
_IMAGE = ("image_url", "image", "top_image")


def article_from_text(
    text: str, *, date_crawled: str, url: str | None = None, source: str | None = None, title: str | None = None
) -> Article:
    """The article of one plain text, not cleaned yet.

    Its first line that is not a link past the navigation is the title, unless that line is a paragraph of text.
    Where the title is printed again further down, the first whole sentences between are the standfirst. Nothing
    else is read from prose, least of all a date.
    """
    blocks = _blocks(text)
    title = title or _title(blocks)
    return Article(
        url=_address(url) or f"urn:{text_sha256(text)}",
        source=source or "",
        title=title,
        description=_standfirst(blocks, title),
        text=PARAGRAPH_BREAK.join(blocks) or None,
        date_crawled=date_crawled,
        discovered_via="text",
    )


def articles_from_jsonl(
    lines: Iterable[bytes], *, name: str, date_crawled: str, source: str | None = None
) -> Iterator[Article | NoPage | ArchiveError]:
    """Yield the article of each line, not cleaned yet; of a line that cannot be read the error, which names it.

    Understood are the usual names of fields (``url`` or ``link``, ``title`` or ``headline``, ``text``, ``content``,
    ``body`` or ``maintext``, …) and this project's own dump, whose records keep their metadata and are cleaned
    again; a record of an article that is gone is a `NoPage`. What has the wrong type is as good as missing.
    """
    for number, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        if len(raw) > MAX_LINE_BYTES:
            yield ArchiveError(f"{name}, line {number}: {len(raw)} bytes, at most {MAX_LINE_BYTES} are read")
            continue
        try:
            values = json.loads(raw)
        except (ValueError, RecursionError) as error:
            yield ArchiveError(f"{name}, line {number}: no JSON ({type(error).__name__}: {error})")
            continue
        if not isinstance(values, dict):
            yield ArchiveError(f"{name}, line {number}: no JSON object but {type(values).__name__}")
        elif str(values.get("schema_version", "")).startswith("v1."):
            yield _own_record(values)
        elif (text := _text(values)) is None:
            yield ArchiveError(f"{name}, line {number}: no text under any of {', '.join(_TEXT)}")
        else:
            yield _article(values, text, date_crawled=date_crawled, source=source)


def _own_record(values: Mapping[str, Any]) -> Article | NoPage:
    article = article_from(values)
    if article.status != "ok":
        reason = f"the record says {article.status}"
        return NoPage(
            url=article.url, via=article.discovered_via, outcome=Outcome.GONE, reason=reason, source=article.source
        )
    return replace(article, run_id="")


def _article(values: Mapping[str, Any], text: str, *, date_crawled: str, source: str | None) -> Article:
    article = article_from_text(
        text, date_crawled=date_crawled, url=_first(values, _URL), source=source, title=_first(values, _TITLE)
    )
    publisher = _first(values, _PUBLISHER)
    image = _address(_first(values, _IMAGE))
    article = replace(
        article,
        description=_first(values, _DESCRIPTION) or article.description,
        language=_first(values, _LANGUAGE),
        # A domain is no name.
        publisher=publisher if (publisher and " " in publisher) or (publisher and "." not in publisher) else None,
        authors=tuple(Author(name=each) for each in _names(values, _AUTHORS)),
        tags=_names(values, _TAGS),
        section=_first(values, _SECTION),
        images=(Image(url=image),) if image else (),
    )
    return _with_date(article, values)


def _with_date(article: Article, values: Mapping[str, Any]) -> Article:
    for field in _DATE:
        stated = values.get(field)
        if not isinstance(stated, str) or (moment := parse_moment(stated)) is None:
            continue
        if not is_plausible(moment.value, article.date_crawled):
            return article.with_flags("date_implausible")
        dated = replace(
            article,
            date_published=moment.value,
            date_precision=moment.precision,
            date_evidence=f"json {field}: {stated[:100]}",
        )
        return dated.with_flags("date_day_only") if moment.precision == "day" else dated
    return article


def _text(values: Mapping[str, Any]) -> str | None:
    """The text under the first name that has one; a list is one of paragraphs."""
    for field in _TEXT:
        value = values.get(field)
        if isinstance(value, list):
            value = PARAGRAPH_BREAK.join(each for each in value if isinstance(each, str))
        if isinstance(value, str) and value.strip():
            return value
    return None


def _first(values: Mapping[str, Any], fields: tuple[str, ...]) -> str | None:
    """The first of the fields that holds a text, or an object with a name."""
    for field in fields:
        value = values.get(field)
        if isinstance(value, dict):
            value = value.get("name")
        if isinstance(value, str) and value.strip():
            return value.strip()
    return None


def _names(values: Mapping[str, Any], fields: tuple[str, ...]) -> tuple[str, ...]:
    """The names under the first field that has any: a list of texts or objects, or one text with commas."""
    for field in fields:
        value = values.get(field)
        each = value if isinstance(value, list) else [value]
        texts = [one.get("name") if isinstance(one, dict) else one for one in each[:MAX_LIST]]
        names = [name.strip() for text in texts if isinstance(text, str) for name in re.split("[;,]", text)]
        if any(names):
            return tuple(dict.fromkeys(name for name in names if name))[:MAX_LIST]
    return ()


def _address(url: str | None) -> str | None:
    if not url:
        return None
    try:
        return normalise_url(url)
    except ValueError:
        return None


def _blocks(text: str) -> list[str]:
    """The paragraphs of a plain text: blank lines part them, and so do line breaks, where the text is not wrapped."""
    blocks: list[str] = []
    for group in re.split(r"\n[^\S\n]*\n", re.sub("\r\n?", "\n", text)):
        lines = [line.strip() for line in group.split("\n") if line.strip()]
        if _is_wrapped(lines):
            blocks.append(" ".join(lines))
        else:
            blocks.extend(_BULLET.sub(ITEM_MARK, line) for line in lines)
    return blocks


def _is_wrapped(lines: list[str]) -> bool:
    """Whether the lines are one paragraph broken at a width: nearly equally long, most not ending a sentence."""
    if len(lines) < 2 or any(_BULLET.match(line) or line.startswith(ITEM_MARK) for line in lines):
        return False
    low, high = _WRAPPED_CHARS
    full = [len(line) for line in lines[:-1]]
    if min(full) < low or max(full) > high or len(lines[-1]) > high or max(full) - min(full) > max(full) // 4:
        return False
    ends = sum(line.endswith(_SENTENCE_ENDS) for line in lines[:-1])
    return ends * 2 <= len(full) and len(set(lines)) == len(lines)


def _title(blocks: list[str]) -> str | None:
    skipped = wording("skip_links")
    for block in blocks[:HEAD_BLOCKS]:
        line = read_line(block)
        if (not line.key and len(block) <= MAX_TITLE_CHARS) or skipped.is_line(line.key):
            continue
        is_title = len(block) <= MAX_TITLE_CHARS and not line.is_prose and not line.is_item
        return line.text if is_title else None
    return None


def _standfirst(blocks: list[str], title: str | None) -> str | None:
    """The first whole sentences between the title and its repetition."""
    key = fold(title)
    if not key:
        return None
    printed = [index for index, block in enumerate(blocks[:HEAD_BLOCKS]) if fold(block[: 2 * MAX_TITLE_CHARS]) == key]
    if len(printed) < 2:
        return None
    between = blocks[printed[0] + 1 : printed[-1]]
    return next((block for block in between if read_line(block).is_prose), None)
