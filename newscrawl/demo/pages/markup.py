"""Pieces of HTML that every template needs."""

from __future__ import annotations

import json
from html import escape as e
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.demo.content import Block, Outlet, Story

__all__ = ["block_html", "e", "grouped", "join", "link", "script_json", "stamp"]


def link(outlet: Outlet, story: Story, attributes: str = "") -> str:
    """A link to a story with its headline."""
    return f'<a href="{e(outlet.story_path(story))}"{attributes}>{e(story.title)}</a>'


def join(pieces: Iterator[str] | list[str]) -> str:
    """Pieces of a page, a line each."""
    return "\n".join(pieces)


def grouped(blocks: tuple[Block, ...]) -> Iterator[tuple[str, tuple[Block, ...]]]:
    """Blocks one by one, but the items of a list together."""
    for kind, run in groupby(blocks, key=lambda block: block.kind):
        if kind == "li":
            yield kind, tuple(run)
        else:
            for block in run:
                yield kind, (block,)


def block_html(kind: str, blocks: tuple[Block, ...], paragraph: str = "<p>{}</p>", quote: str = "") -> str:
    """One group of `grouped`; paragraphs and quotes in the template's own markup."""
    text = e(blocks[0].text, quote=False)
    if kind == "li":
        return "<ul>\n" + "\n".join(f"<li>{e(block.text, quote=False)}</li>" for block in blocks) + "\n</ul>"
    if kind == "h2":
        return f"<h2>{text}</h2>"
    if kind == "quote":
        return (quote or "<blockquote><p>{}</p></blockquote>").format(text)
    return paragraph.format(text)


def script_json(value: Any, attributes: str = ' type="application/ld+json"') -> str:
    """A script element holding JSON."""
    text = json.dumps(value, ensure_ascii=False).replace("</", "<\\/")
    return f"<script{attributes}>{text}</script>"


def stamp(story: Story) -> str:
    """The publication date in ISO 8601 with its offset; empty for a story without one."""
    return story.published.isoformat() if story.published else ""
