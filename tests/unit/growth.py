"""How the work of a function grows with its input: a ratio within one run: the machine's speed does not count."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

TIMES_LARGER = 4
LINEAR = 10.0
"""Four times the input is four times the work when it grows linearly, sixteen times when quadratically."""
_LEAST_S = 0.002


def growth(work: Callable[[T], object], small: T, large: T) -> float:
    """CPU time for the large input over that for the small one, the best of three rounds of each.

    Times too small to be measured count as two milliseconds.
    """
    best = [float("inf"), float("inf")]
    for _ in range(3):
        for place, given in enumerate((small, large)):
            began = time.process_time()
            work(given)
            best[place] = min(best[place], time.process_time() - began)
    return max(best[1], _LEAST_S) / max(best[0], _LEAST_S)
