"""Why a request was not made, or its answer not taken: what the request's errback is told."""

from __future__ import annotations

from scrapy.exceptions import IgnoreRequest

from newscrawl.errors import Outcome


class NotFetched(IgnoreRequest):
    """A decision of ours, never retried. ``reason`` says why, in words; ``outcome`` what it means for the address."""

    outcome = Outcome.ERROR

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LeftForLater(NotFetched):
    """It is not the address's own fault, and its like share the fate: nothing is decided on it, a later run fetches it.

    ``place`` is the host or site that all of them have in common, ``skipped_as`` what the run's summary calls them.
    """

    skipped_as = "left_for_later"

    def __init__(self, reason: str, place: str) -> None:
        super().__init__(reason)
        self.place = place


class HostDown(LeftForLater):
    """The host did not answer several times in a row, or sent the crawler away: it is left alone for now."""

    skipped_as = "host_down"


class OverBudget(LeftForLater):
    """The site has had as many requests, or given as many bytes, as a run may ask of it."""

    outcome = Outcome.OVER_BUDGET
    skipped_as = "over_budget"


class Trapped(NotFetched):
    """The address looks made by a loop of links, not by an editor."""

    outcome = Outcome.TRAP


class AnswerTooLarge(NotFetched):
    """The answer is over a bound."""

    outcome = Outcome.TOO_LARGE
