"""What an export holds: which fields of which stream, or the columns of another data set."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from newscrawl.dump.schema import KEYS, schema
from newscrawl.dump.selection import WITH_STATUS, check_known, read_columns
from newscrawl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Row = dict[str, Any]

MINIMAL = ("id", "url", "source", "date_published", "language", "title", "text")
"""What most people want of an article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The columns of an export, and how a record becomes a row of it."""

    name: str
    """What its rows are, in the plural."""
    fields: Mapping[str, dict[str, Any]]
    """The columns in their order, each with its JSON Schema."""
    key: tuple[str, ...] = ()
    """Columns that no two rows share all of."""
    row: Callable[[Row], Row] = field(default=dict)


def table_of(stream: str, columns: Iterable[str] | None = None, *, profile: str | None = None) -> Table:
    """The table of a stream.

    Args:
        columns: names of fields, in the order wanted; None: all.
        profile: one of `PROFILES`, whose columns are given.

    Raises:
        ConfigError: there is no such column or profile, or not for this stream.
    """
    name = "articles" if stream in WITH_STATUS else stream
    if profile is not None:
        check_known("profile", profile, PROFILES)
        if stream not in WITH_STATUS:
            raise ConfigError(f"profile {profile} is made of articles, not of {stream}")
        return PROFILES[profile]
    names = read_columns(stream, columns)
    fields = schema(stream)["properties"]
    key = KEYS.get(stream, ())
    return Table(
        name=name,
        fields={each: fields[each] for each in names},
        key=key if set(key) <= set(names) else (),
        row=lambda record: {each: record.get(each) for each in names},  # an older dump may lack one
    )


def _cc_news(record: Row) -> Row:
    """As `cc_news` on the Hugging Face hub has it: all are texts, empty where nothing is known; a paragraph a line."""
    published = record["date_published"] or ""
    return {
        "title": record["title"] or "",
        "text": (record["text"] or "").replace("\n\n", "\n"),
        "domain": urlsplit(record["url"]).hostname or "",
        "date": published.replace("T", " ").removesuffix("Z"),
        "description": record["description"] or "",
        "url": record["url"],
        "image_url": record["images"][0]["url"] if record["images"] else "",
    }


_CC_NEWS = ("title", "text", "domain", "date", "description", "url", "image_url")
PROFILES: Mapping[str, Table] = {
    "cc_news": Table(name="articles", fields={each: {"type": "string"} for each in _CC_NEWS}, row=_cc_news)
}
"""Columns of published data sets, for programs that know those."""
