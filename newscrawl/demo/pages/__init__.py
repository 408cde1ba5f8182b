"""Four ways to print a page, as four generations of content management systems would.

A module here has ``article(ArticleView)``, ``listing(ListView)`` and ``notice(NoticeView)``, each giving a
whole HTML document; `TEMPLATES` adds the charset their outlets send.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newscrawl.demo.pages import hashed, press, soup, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from newscrawl.demo.view import ArticleView, ListView, NoticeView


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One kind of markup."""

    article: Callable[[ArticleView], str]
    listing: Callable[[ListView], str]
    notice: Callable[[NoticeView], str]
    encoding: str
    content_type: str


TEMPLATES = {
    "press": Template(
        article=press.article,
        listing=press.listing,
        notice=press.notice,
        encoding="utf-8",
        content_type="text/html; charset=UTF-8",
    ),
    "soup": Template(
        article=soup.article,
        listing=soup.listing,
        notice=soup.notice,
        encoding="utf-8",
        content_type="text/html; charset=utf-8",
    ),
    "hashed": Template(
        article=hashed.article,
        listing=hashed.listing,
        notice=hashed.notice,
        encoding="utf-8",
        content_type="text/html",
    ),
    # Only a meta element says that the bytes are windows-1251.
    "table": Template(
        article=table.article,
        listing=table.listing,
        notice=table.notice,
        encoding="windows-1251",
        content_type="text/html",
    ),
}
