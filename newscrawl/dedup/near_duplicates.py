"""Which texts are copies of one another although they are not equal: syndicated, cut, added to, touched up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newscrawl.dedup.minhash import number_containment, similarity

if TYPE_CHECKING:
    from newscrawl.dedup.minhash import Signature

BARELY_UNEQUAL = 0.99
"""The most that is said of texts that are not equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearDuplicateOptions:
    """What makes a copy, and how far one is looked for; each field is a setting, ``NEWSCRAWL_DEDUP_…``."""

    min_similarity: float = field(default=0.4, metadata={"maximum": 1})
    """Share of all shingles of both texts that they have in common, 0 to 1; less than half when one was cut."""
    min_containment: float = field(default=0.75, metadata={"maximum": 1})
    """Share of the shingles of the shorter text that the longer one has too, 0 to 1."""
    min_numbers: float = field(default=0.5, metadata={"maximum": 1})
    """Share of the numbers of one text that the other has too, 0 to 1: notices of one template differ in them."""
    window_days: int = 14
    """Articles that were crawled longer ago are not compared; 0: none is, only equal texts are linked."""
    max_bucket: int = field(default=50, metadata={"minimum": 1})
    """Of each bucket the newest so many are compared, so that a flood of alike texts costs no more than this."""


def copy_similarity(a: Signature, b: Signature, options: NearDuplicateOptions) -> float | None:
    """The similarity of two texts, one of which is a copy of the other; None when they are two stories."""
    jaccard = min(similarity(a, b), BARELY_UNEQUAL)
    if jaccard < options.min_similarity:
        return None
    # |A ∩ B| of J and the sizes, after Broder.
    shared = jaccard * (a.shingles + b.shingles) / (1 + jaccard)
    if shared < options.min_containment * min(a.shingles, b.shingles):
        return None
    if number_containment(a, b) < options.min_numbers:
        return None
    return round(jaccard, 2)
