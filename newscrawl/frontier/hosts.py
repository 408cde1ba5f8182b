"""How a host is doing, and what follows: go on, wait a little, or leave it for a later run.

A host that says that it is busy (429, 503) is given the time it asks for, or ever more; one that asks for long, or
keeps saying so, or does not answer at all, is left alone: its addresses wait for a later run, and no other host does.
One address does not speak for its host: a page that never answers, or is busy for an hour, stands among good ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

BUSY = frozenset({429, 503})
MAX_RETRY_AFTER_S = 3600.0
"""A longer time is taken for this."""
ABSURD_RETRY_AFTER_S = 24 * 3600.0
"""Such a time or a longer one is a mistake, and not obeyed."""
LEFT_FOR_S = 900.0
"""A host that does not answer is tried again after so long, in a run that still goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostOptions:
    """When a host is waited for, and when it is left."""

    max_wait_s: float = 120.0
    """A longer pause is not waited for."""
    first_pause_s: float = 5.0
    """After a busy answer that names no time; twice as long after that of each further address in a row."""
    max_busy: int = 3
    """Addresses in a row that are answered with "busy" before the host is left."""
    max_refused: int = 4
    """Addresses in a row whose connection cannot be made (no such name, refused) before the host is left."""
    max_unanswered: int = 12
    """The same of any failure: a time-out or a lost connection may be the address's own."""


@dataclass(slots=True)
class Host:
    """One host's record in one run; times are seconds of a clock that never jumps."""

    refused: int = 0
    unanswered: int = 0
    busy: int = 0
    paused_until: float = 0.0
    left_until: float = 0.0
    why: str = ""
    """Why it is left, in words."""

    def leave(self, until: float, why: str) -> None:
        self.left_until, self.why = until, why


@dataclass(slots=True)
class Hosts:
    """The hosts in trouble; one that answers is forgotten."""

    options: HostOptions = field(default_factory=HostOptions)
    _hosts: dict[str, Host] = field(default_factory=dict)

    def answered(self, host: str) -> bool:
        """It gave a proper answer; True when it was in trouble before."""
        return self._hosts.pop(host, None) is not None

    def was_busy(self, host: str, wait_s: float | None, *, at_s: float, is_retry: bool = False) -> float:
        """It says that it is busy, and perhaps for how long; the pause that follows, 0 when none does.

        Two requests that were on their way together are one message; another try of the same address is no further one.
        """
        record = self._hosts.setdefault(host, Host())
        if at_s < max(record.paused_until, record.left_until):
            return 0.0
        record.busy += not is_retry
        own_s = min(self.options.first_pause_s * 2 ** max(0, record.busy - 1), self.options.max_wait_s)
        is_long = wait_s is not None and wait_s > self.options.max_wait_s
        if record.busy > self.options.max_busy:
            record.leave(at_s + max(wait_s or 0.0, LEFT_FOR_S), "it keeps saying that it is busy")
            return 0.0
        if is_long and record.busy > 1:
            assert wait_s is not None
            record.leave(at_s + wait_s, f"it is busy, for {wait_s:.0f} s")
            return 0.0
        pause_s = own_s if wait_s is None or is_long else wait_s
        record.paused_until = at_s + pause_s
        return pause_s

    def failed(self, host: str, why: str, *, at_s: float, is_refused: bool, is_retry: bool = False) -> bool:
        """A connection to it failed, or could not be made; True when it is left because of this one."""
        record = self._hosts.setdefault(host, Host())
        if at_s < record.left_until:
            return False
        record.unanswered += not is_retry
        record.refused += is_refused and not is_retry
        if record.refused < self.options.max_refused and record.unanswered < self.options.max_unanswered:
            return False
        record.leave(at_s + LEFT_FOR_S, f"{record.unanswered} addresses in a row had no answer: {why}")
        return True

    def is_paused(self, host: str, *, at_s: float) -> bool:
        """Whether nothing is to be sent to it yet, and it is waited for."""
        record = self._hosts.get(host)
        return record is not None and record.left_until <= at_s < record.paused_until

    def why_left(self, host: str, *, at_s: float) -> str | None:
        """Why it is left for a later run; None when it is not."""
        record = self._hosts.get(host)
        return record.why if record is not None and at_s < record.left_until else None


def retry_after_s(value: str | None, date: str | None = None) -> float | None:
    """Seconds that a ``Retry-After`` header (RFC 9110, 10.2.3) asks for, at most `MAX_RETRY_AFTER_S`.

    None: it asks for nothing, or for something absurd. A date is read against the response's own ``Date``, since the
    clocks of sites and crawlers differ; without that header a date is not believed.
    """
    value = (value or "").strip()
    if value.isascii() and value.isdecimal() and len(value) <= 12:
        seconds = float(value)
    else:
        try:
            seconds = (parsedate_to_datetime(value) - parsedate_to_datetime(date or "")).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None
    return min(seconds, MAX_RETRY_AFTER_S) if 0 <= seconds < ABSURD_RETRY_AFTER_S else None
