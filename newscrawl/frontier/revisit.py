"""When an address that was decided on before is fetched again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from newscrawl.dates import is_plausible, parse_age, parse_moment, utc_now
from newscrawl.errors import ConfigError, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

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

# A page that may have been caught before it was written.
STUBS = frozenset({Outcome.TOO_SHORT, Outcome.NO_TEXT})

FULL_AFTER = timedelta(days=7)
SOONEST_S = 900.0
"""A look at an article this soon after the last one would tell nothing: the next one in its row is waited for."""
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleOptions:
    """When articles are looked at again."""

    revisits: tuple[str, ...] = ("1h", "6h", "1d", "7d")
    """So long after publication (or after the first fetch, when it is not known): one look each, the last one whole."""

    @property
    def ages_s(self) -> tuple[float, ...]:
        """The ages in seconds, ascending.

        Raises:
            ConfigError: names the setting and what is no length of time.
        """
        try:
            return tuple(sorted({parse_age(each).total_seconds() for each in self.revisits}))
        except (ValueError, OverflowError) as error:
            raise ConfigError(
                f"The setting NEWSCRAWL_ARTICLE_REVISITS is {','.join(self.revisits)!r}: {error}."
            ) from None


def is_stale(at: str, *, now: str | None = None) -> bool:
    """Whether the last whole answer is so old that the next one is asked for whole, whatever its validators say."""
    return datetime.fromisoformat(now or utc_now()) - datetime.fromisoformat(at) > FULL_AFTER


def is_due(*, outcome: str, seen_lastmod: str | None, lastmod: str | None, now: str | None = None) -> bool:
    """Whether a known address wants another look.

    Feeds and sitemaps are compared with what they said before, not with a clock: theirs and ours need not agree.
    Two of them may say different things of one page, so only what is later than what was said before counts; or
    what is different, where that cannot be told or lies in the future.

    Args:
        outcome: what became of it the last time.
        seen_lastmod: what feed or sitemap said of its last change then, as printed.
        lastmod: what it says now; None when it says nothing.
    """
    if outcome in UNSETTLED:
        return True
    if lastmod is None or lastmod == seen_lastmod:
        return False
    before, after = parse_moment(seen_lastmod or "", "UTC"), parse_moment(lastmod, "UTC")
    if before is None or after is None or not is_plausible(before.value, now or utc_now()):
        return True
    return after.value > before.value


def born_s(published: str | None, *, fetched_s: float) -> float:
    """When an article was published, as far as is known, in seconds since 1970; no later than it was first fetched.

    Args:
        published: as a page or feed prints it, or UTC. Of a day nobody knows the hour: its end counts.
    """
    moment = parse_moment(published or "", "UTC")
    if moment is None:
        return fetched_s
    seconds = datetime.fromisoformat(moment.value).timestamp() + (DAY_S if moment.precision == "day" else 0.0)
    return min(seconds, fetched_s)


def next_revisit_s(born: float, *, now: float, ages_s: Sequence[float]) -> float | None:
    """When an article is looked at next; None: never again, unless feed or sitemap says that it changed."""
    return next((born + age for age in ages_s if born + age > now + SOONEST_S), None)
