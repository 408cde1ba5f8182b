"""Taking paragraphs out of a text without losing track of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from newscrawl.article import PARAGRAPH_BREAK, Article, Removed

if TYPE_CHECKING:
    from collections.abc import Mapping


def cut(article: Article, taken: Mapping[int, str], rule: str) -> Article:
    """The article without the paragraphs of these indexes, each entered in ``removed`` with its reason.

    ``removed`` stays in the order of the page, and every ``place`` is an index into the text as it is after
    this cut: the paragraph that the removed one stood before (the number of paragraphs when it stood last).
    So removed and kept paragraphs together are the text that cleaning was given; see `uncut`.
    """
    if not taken:
        return article
    paragraphs = article.paragraphs
    kept: list[str] = []
    removed: list[Removed] = []
    earlier = iter(article.removed)
    before = next(earlier, None)
    for index, paragraph in enumerate(paragraphs):
        # What was removed earlier stood before the paragraph at its place.
        while before is not None and before.place <= index:
            removed.append(_moved(before, len(kept)))
            before = next(earlier, None)
        if (why := taken.get(index)) is None:
            kept.append(paragraph)
        else:
            removed.append(Removed(place=len(kept), text=paragraph, rule=rule, why=why))
    while before is not None:
        removed.append(_moved(before, len(kept)))
        before = next(earlier, None)
    return replace(article, text=PARAGRAPH_BREAK.join(kept) or None, removed=tuple(removed))


def uncut(article: Article) -> tuple[str, ...]:
    """The paragraphs as they were before anything was cut: kept and removed ones, in their first order."""
    kept = article.paragraphs
    whole: list[str] = []
    copied = 0
    for removed in article.removed:
        whole.extend(kept[copied : removed.place])
        copied = max(copied, removed.place)
        whole.append(removed.text)
    return (*whole, *kept[copied:])


def _moved(removed: Removed, place: int) -> Removed:
    return removed if removed.place == place else replace(removed, place=place)
