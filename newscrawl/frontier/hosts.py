"""How a host is doing, and what follows: go on, wait a little, or leave it for a later run.

A host that says that it is busy (429, 503) is given the time it asks for, or ever more; one that asks for long, or
keeps saying so, or does not answer at all, is left alone: its addresses wait for a later run, and no other host does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

BUSY = frozenset({429, 503})
MAX_RETRY_AFTER_S = 3600.0
"""A longer time is taken for this."""
ABSURD_RETRY_AFTER_S = 7 * 24 * 3600.0
"""A time beyond it is a mistake, and not obeyed."""
LEFT_FOR_S = 900.0
"""A host that does not answer is tried again after so long, in a run that still goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostOptions:
    """When a host is waited for, and when it is left."""

    max_wait_s: float = 120.0
    """A longer pause is not waited for: the host's addresses are left for a later run."""
    first_pause_s: float = 10.0
    """After a busy answer that names no time; twice as long after each further one in a row."""
    max_failures: int = 4
    """Connections in a row that fail before the host is left."""


@dataclass(slots=True)
class Host:
    """One host's record in one run; times are seconds of a clock that never jumps."""

    failures: int = 0
    busy: int = 0
    paused_until: float = 0.0
    left_until: float = 0.0
    why: str = ""
    """Why it is left, in words."""


@dataclass(slots=True)
class Hosts:
    """The hosts in trouble; one that answers is forgotten."""

    options: HostOptions = field(default_factory=HostOptions)
    _hosts: dict[str, Host] = field(default_factory=dict)

    def answered(self, host: str) -> bool:
        """It gave a proper answer; True when it was in trouble before."""
        return self._hosts.pop(host, None) is not None

    def was_busy(self, host: str, wait_s: float | None, *, at_s: float) -> float:
        """It says that it is busy, and perhaps for how long; the pause that follows, 0 when one is already on.

        Two requests that were on their way together are one message.
        """
        record = self._hosts.setdefault(host, Host())
        if at_s < max(record.paused_until, record.left_until):
            return 0.0
        record.busy += 1
        pause_s = wait_s if wait_s is not None else self.options.first_pause_s * 2 ** (record.busy - 1)
        record.paused_until = at_s + pause_s
        if pause_s > self.options.max_wait_s or record.busy > self.options.max_failures:
            pause_s = max(pause_s, LEFT_FOR_S)
            record.left_until = at_s + pause_s
            record.why = f"it is busy, for {pause_s:.0f} s" if record.busy == 1 else "it keeps saying that it is busy"
        return pause_s

    def failed(self, host: str, why: str, *, at_s: float) -> bool:
        """A connection to it failed; True when it is left because of this one."""
        record = self._hosts.setdefault(host, Host())
        record.failures += 1
        if record.failures < self.options.max_failures or at_s < record.left_until:
            return False
        record.left_until = at_s + LEFT_FOR_S
        record.why = f"it did not answer {record.failures} times in a row: {why}"
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
    return min(seconds, MAX_RETRY_AFTER_S) if 0 <= seconds <= ABSURD_RETRY_AFTER_S else None
