"""How stories travel: which texts stand in several places, who had them first, and how much later the others came."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from newscrawl.report.html.figures import Copy, Story

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST = 10
MAX_COPIES = 60
MAX_TITLE_CHARS = 160
_NO_DATE = "~"
"""Sorts after every date."""


class _Member(NamedTuple):
    """One article of a cluster; sorts by its publication."""

    published: str
    id: str
    source: str
    url: str
    title: str
    is_exact: bool


class Stories:
    """Mutable: the clusters met so far, a short line for each article of them."""

    def __init__(self) -> None:
        self._clusters: defaultdict[str, list[_Member]] = defaultdict(list)

    def add(self, values: Mapping[str, Any]) -> None:
        """One article of the current view."""
        if values["cluster_id"] is None:
            return
        self._clusters[values["cluster_id"]].append(
            _Member(
                published=values["date_published"] or _NO_DATE,
                id=values["id"],
                source=values["source"],
                url=values["url"],
                title=(values["title"] or "")[:MAX_TITLE_CHARS],
                is_exact=values["date_precision"] not in {None, "day"},
            )
        )

    @property
    def linked(self) -> int:
        """Articles that share their cluster with another one that was added."""
        return sum(len(each) for each in self._clusters.values() if len(each) > 1)

    def largest(self) -> tuple[Story, ...]:
        """Those in most sources, then those with most articles."""
        many = [_story(cluster_id, members) for cluster_id, members in self._clusters.items() if len(members) > 1]
        return tuple(sorted(many, key=lambda each: (-each.sources, -each.articles, each.cluster_id))[:LARGEST])

    def firsts(self) -> dict[str, int]:
        """Source → stories in several sources that it had first; where two days alone are known, nobody was."""
        counts: Counter[str] = Counter()
        for members in self._clusters.values():
            first = min(members)
            if first.is_exact and len({each.source for each in members}) > 1:
                counts[first.source] += 1
        return dict(counts)


def _story(cluster_id: str, members: list[_Member]) -> Story:
    ordered = sorted(members)
    first = ordered[0]
    return Story(
        cluster_id=cluster_id,
        title=first.title or next((each.title for each in ordered if each.title), first.url),
        copies=tuple(
            Copy(source=each.source, url=each.url, delay_s=_delay(first, each)) for each in ordered[:MAX_COPIES]
        ),
        articles=len(ordered),
        sources=len({each.source for each in ordered}),
    )


def _delay(first: _Member, other: _Member) -> int | None:
    if not (first.is_exact and other.is_exact):
        return None
    return int((datetime.fromisoformat(other.published) - datetime.fromisoformat(first.published)).total_seconds())
