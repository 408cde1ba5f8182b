"""When an address that was decided on before is fetched again."""

from __future__ import annotations

from datetime import datetime, timedelta

from newscrawl.dates import utc_now
from newscrawl.errors import Outcome

# Not the page's own fault, or not its last word: the next run tries again.
UNSETTLED = frozenset(
    {
        Outcome.BLOCKED,
        Outcome.ERROR,
        Outcome.OVER_BUDGET,
        Outcome.REFUSED_ADDRESS,
        Outcome.ROBOTS,
        Outcome.TIMEOUT,
    }
)

# The page itself was not seen: it stays with what a run has to do, and is tried again after a pause.
RETRIED = frozenset({Outcome.BLOCKED, Outcome.ERROR, Outcome.TIMEOUT})


FULL_AFTER = timedelta(days=7)


def is_stale(at: str, *, now: str | None = None) -> bool:
    """Whether the last whole answer is so old that the next one is asked for whole, whatever its validators say."""
    return datetime.fromisoformat(now or utc_now()) - datetime.fromisoformat(at) > FULL_AFTER


def is_due(*, outcome: str, seen_lastmod: str | None, lastmod: str | None) -> bool:
    """Whether a known address wants another look.

    Feeds and sitemaps are compared with what they said the last time, not with a clock: theirs and
    ours need not agree.

    Args:
        outcome: what became of it the last time.
        seen_lastmod: what feed or sitemap said of its last change then, as printed.
        lastmod: what it says now; None when it says nothing.
    """
    if outcome in UNSETTLED:
        return True
    return lastmod is not None and lastmod != seen_lastmod
