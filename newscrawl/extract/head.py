"""What the page says of itself outside JSON-LD: meta elements, link elements, the title element, the html element."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newscrawl.extract.lines import line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.html import HtmlElement

MAX_ELEMENTS = 2_000
MAX_VALUES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of one page. Values are clean lines in page order."""

    meta: Mapping[str, tuple[str, ...]]
    """Lower-case ``name``, ``property``, ``itemprop`` or ``http-equiv`` -> contents."""
    links: Mapping[str, tuple[str, ...]]
    """Lower-case ``rel`` token -> href, as written."""
    title: str | None
    """The title element."""
    language: str | None
    """``lang`` of the html element."""

    def first(self, *names: str) -> str | None:
        """The first content of the first of these meta names that has one."""
        return next((values[0] for name in names if (values := self.meta.get(name))), None)

    def all(self, *names: str) -> tuple[str, ...]:
        """Every content of these meta names, each once."""
        return tuple(dict.fromkeys(value for name in names for value in self.meta.get(name, ())))

    def link(self, rel: str) -> str | None:
        """The first href of this relation."""
        return next(iter(self.links.get(rel, ())), None)


def read_head(root: HtmlElement) -> Head:
    """Read the whole document: pages whose head was broken by a stray element have their meta elements in the body."""
    meta: dict[str, list[str]] = {}
    links: dict[str, list[str]] = {}
    for count, element in enumerate(root.iter("meta", "link")):
        if count >= MAX_ELEMENTS:
            break
        if element.tag == "meta":
            content = line(element.get("content") or element.get("value"))
            for attribute in ("name", "property", "itemprop", "http-equiv"):
                if content and (name := element.get(attribute)):
                    _add(meta, name, content)
        elif href := (element.get("href") or "").strip():
            for rel in (element.get("rel") or element.get("itemprop") or "").split():
                _add(links, rel, href)
    title = root.find(".//title")
    return Head(
        meta={name: tuple(values) for name, values in meta.items()},
        links={name: tuple(values) for name, values in links.items()},
        title=None if title is None else line(title.text_content()),
        language=line(root.get("lang") or root.get("xml:lang")),
    )


def _add(values: dict[str, list[str]], name: str, value: str) -> None:
    known = values.setdefault(name.strip().lower(), [])
    if len(known) < MAX_VALUES and value not in known:
        known.append(value)
