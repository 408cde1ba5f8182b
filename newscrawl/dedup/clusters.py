"""Clusters: articles that tell one story in one text, be it equal or nearly so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

EXACT = 1.0
"""The similarity of equal texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One article of a cluster."""

    id: str
    date_published: str | None
    """UTC ISO 8601, which sorts as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What an article is to its cluster."""

    duplicate_of: str | None
    """The member published first; None for that member itself."""
    cluster_id: str
    """The smallest id of the cluster."""
    similarity: float
    """Of its text to that of the member published first."""


def cluster_links(
    members: Iterable[Member], similarity: Callable[[str, str], float] = lambda _, __: EXACT
) -> Mapping[str, Link]:
    """The link of every member of one cluster, by id; a cluster of one links to itself.

    First is the earliest publication, then the smallest id; a member without a date comes last. The result
    does not depend on the order of the members, so it is the same in whatever order they were crawled.

    Args:
        similarity: of the texts of two members, by their ids; by default they are equal.
    """
    ordered = sorted(members, key=lambda each: (each.date_published is None, each.date_published or "", each.id))
    if not ordered:
        return {}
    first, cluster_id = ordered[0].id, min(each.id for each in ordered)
    return {
        each.id: Link(
            duplicate_of=None if each.id == first else first,
            cluster_id=cluster_id,
            similarity=EXACT if each.id == first else similarity(each.id, first),
        )
        for each in ordered
    }
