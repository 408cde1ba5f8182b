"""The pages: what was found, as HTML. No script, nothing from elsewhere; every word of a stranger is escaped."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from newscrawl.article import PARAGRAPH_BREAK
from newscrawl.browse.find import SHOWN, SORTS, Wish
from newscrawl.browse.words import Piece, excerpt, marked, read_terms
from newscrawl.report.templates import templates
from newscrawl.text.terminal import cut, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jinja2 import Environment

    from newscrawl.browse.find import Found, Whole
    from newscrawl.report.diff import Diff

EXCERPT_COLUMNS = 280
TITLE_CHARS = 300
SHOW_WORDS = {
    "all": "all articles",
    "there": "those that are there",
    "withdrawn": "withdrawn",
    "revised": "with revisions",
    "first": "one of each story",
}
SORT_WORDS = {"newest": "newest first", "oldest": "oldest first", "best": "best match first"}
_APART = frozenset({"text", "title", "description"})
"""Fields that the page of an article shows by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What every list says of the dump."""

    data: str
    articles: int
    first: str | None
    last: str | None
    sources: Sequence[tuple[str, int]]
    languages: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph of a text, or what was taken out before it."""

    pieces: tuple[Piece, ...]
    rule: str | None = None
    why: str = ""


def list_page(shelf: Shelf, wish: Wish, found: Found) -> str:
    """A page of articles, with the form that asks for others."""
    terms = read_terms(wish.text)
    rows = [
        row
        | {
            "title_pieces": marked(_title(row), terms),
            "excerpt": marked(cut(excerpt(_standing(row["record"]), terms, EXCERPT_COLUMNS), EXCERPT_COLUMNS), terms),
        }
        for row in found.rows
    ]
    shown = {
        "shows": [(name, SHOW_WORDS[name]) for name in SHOWN],
        "sorts": [(name, SORT_WORDS[name]) for name in SORTS],
    }
    return _render("list.html", shelf=shelf, wish=wish, found=found, rows=rows, **shown)


def article_page(whole: Whole, wish: Wish) -> str:
    """One article: its text with what was taken out, and beside it what is known of it."""
    record = whole.record
    facts = [(name, _value(value)) for name, value in record.items() if name not in _APART]
    return _render(
        "article.html",
        whole=whole,
        row=whole.row,
        record=record,
        title=_title(record),
        blocks=tuple(_blocks(whole, wish)),
        facts=facts,
        wish=wish,
    )


def diff_page(diff: Diff, whole: Whole) -> str:
    """Two revisions of an article side by side."""
    changes = [(each.name, _value(each.before), _value(each.after)) for each in diff.fields]
    return _render("diff.html", diff=diff, changes=changes, title=_title(whole.row), whole=whole)


def error_page(title: str, sentence: str) -> str:
    """Something that is not there, or not to be had."""
    return _render("error.html", title=title, sentence=sentence)


def style() -> str:
    """The style sheet."""
    environment = _environment()
    assert environment.loader is not None
    return environment.loader.get_source(environment, "style.css")[0]


def address(wish: Wish, **changes: Any) -> str:
    """The address of a list."""
    wish = replace(wish, **changes)
    asked = {each.name: getattr(wish, each.name) for each in fields(wish) if getattr(wish, each.name) != each.default}
    return f"/?{urlencode(asked)}" if asked else "/"


def _blocks(whole: Whole, wish: Wish) -> Iterator[Block]:
    terms = read_terms(wish.text)
    text = whole.record["text"]
    paragraphs = text.split(PARAGRAPH_BREAK) if text else []
    removed = list(whole.removed)
    for place, paragraph in enumerate(paragraphs):
        while removed and removed[0]["place"] <= place:
            yield _taken_out(removed.pop(0))
        yield Block(pieces=marked(plain(paragraph), terms))
    yield from map(_taken_out, removed)


def _taken_out(line: Mapping[str, Any]) -> Block:
    return Block(pieces=(Piece(plain(line["text"])),), rule=line["rule"], why=line["why"])


def _title(record: Mapping[str, Any]) -> str:
    return plain(record["title"] or record["url"], TITLE_CHARS)


def _standing(record: Mapping[str, Any]) -> str:
    """What stands in a record to be read, on one line."""
    return plain(" ".join(filter(None, (record["description"], record["text"]))))


def _value(value: Any) -> str:
    if value is None or value == []:
        return "–"
    return plain(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _render(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = templates("newscrawl.browse")
    environment.globals["address"] = address
    environment.filters["plain"] = plain
    environment.filters["number"] = lambda number: f"{number:,}"
    environment.tests["web"] = lambda url: url.startswith(("http://", "https://"))
    return environment
