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
    gone_before = _gone_before(len(paragraphs), taken)
    # What was removed earlier stood before the paragraph at its place, so it sorts before that paragraph itself.
    entries = [(removed.place, 0, removed) for removed in article.removed]
    entries += [
        (index, 1, Removed(place=index, text=paragraphs[index], rule=rule, why=why)) for index, why in taken.items()
    ]
    entries.sort(key=lambda entry: entry[:2])
    kept = [paragraph for index, paragraph in enumerate(paragraphs) if index not in taken]
    return replace(
        article,
        text=PARAGRAPH_BREAK.join(kept) or None,
        removed=tuple(
            replace(entry, place=place - gone_before[min(place, len(paragraphs))]) for place, _, entry in entries
        ),
    )


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


def _gone_before(length: int, taken: Mapping[int, str]) -> list[int]:
    """For every index of the old text (its end included): how many paragraphs before it are taken."""
    counts = [0]
    for index in range(length):
        counts.append(counts[-1] + (index in taken))
    return counts
