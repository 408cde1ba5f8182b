"""Which differences between two fetches of one article make a revision."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from newscrawl.article import Article
from newscrawl.dump.record import record, record_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

BOOKKEEPING = frozenset(
    {
        "schema_version",
        "id",
        "revision",
        "revision_cause",
        "changes",
        "date_crawled",
        "optout",
        "word_count",
        "text_sha256",
        "flags",
        "discovered_via",
        "extractor",
        "run_id",
    }
)
"""Fields that say how, when and by what code an article was made, or that follow from its text: never a change."""

REVISING = frozenset({"status", "title", "description", "text", "authors", "date_published", "access"})
"""A difference in one of these makes a revision. The others (addresses of images with a new query string, tags,
boxes beside the article) change on every other fetch of many sites; they are named in `changes` when a
revision is made, and make none by themselves."""


_HASH_BYTES = 4  # a change is overlooked once in four thousand million


def field_hashes(article: Article) -> dict[str, str]:
    """A short hash of every field whose change means something and that holds something."""
    values = record(article).items()
    return {name: _short_hash(value) for name, value in values if name not in BOOKKEEPING and value not in (None, [])}


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the fields that differ, in the order of the record."""
    return tuple(name for name in record_fields(Article) if before.get(name) != after.get(name))


def without_content(article: Article) -> Article:
    """What stays of an article that is gone: its key, its dates, and how it came; no word of it."""
    return replace(
        article,
        title=None,
        description=None,
        text=None,
        language=None,
        authors=(),
        section=None,
        tags=(),
        images=(),
        article_type=None,
        word_count=0,
        text_sha256=None,
        flags=(),
        removed=(),
        fetch=None,
    )


def _short_hash(value: object) -> str:
    data = json.dumps(value, ensure_ascii=True, sort_keys=True).encode()
    return hashlib.blake2b(data, digest_size=_HASH_BYTES).hexdigest()
