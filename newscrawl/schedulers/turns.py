"""Whose turn it is among hosts that have something to ask for; no step looks at all of them.

Fair queueing by start times (Goyal, Vin, Cheng: "Start-time Fair Queueing", SIGCOMM 1996): each host has a clock that
advances with what it costs the crawl, and the host whose clock is furthest behind is next. Here the cost is turns: one
for each that it had, and more for an answer that took long.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from math import inf


@dataclass(slots=True, eq=False)
class Host:
    """One host; it is ready, waits for a moment, or is out (in work, or has nothing to ask for)."""

    name: str
    clock: float = 0.0
    """Turns that it had, counted from the clock of the crawl when it last came."""
    left: int = 0
    """Requests that it may still send in the turn that it has."""
    is_prompt: bool = False
    """Whether its last answer came soon."""
    inside: int = 0
    """Requests that it has with the downloader."""
    asked_at: float = -inf
    """When its last request was given out, on the monotonic clock."""
    entry: int = 0
    """Number of its place in one of the queues, other entries are of the past; 0: it is out."""


@dataclass(slots=True)
class Turns:
    """The hosts that are not out. Each operation takes time logarithmic in their number."""

    clock: float = 0.0
    """The clock of the host that was served last: one that is new, or comes back, begins here."""
    _prompt: list[tuple[float, int, Host]] = field(default_factory=list)
    _others: list[tuple[float, int, Host]] = field(default_factory=list)
    _later: list[tuple[float, int, Host]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=lambda: count(1))  # of equals, who came first goes first

    def come(self, host: Host) -> None:
        """A host that had nothing to ask for has something."""
        host.clock = max(host.clock, self.clock)
        self.is_ready(host)

    def is_ready(self, host: Host) -> None:
        """A host may be asked now; one whose turn is not over goes before its equals."""
        host.entry = -next(self._numbers) if host.left else next(self._numbers)
        heappush(self._prompt if host.is_prompt else self._others, (host.clock, host.entry, host))

    def waits(self, host: Host, until: float) -> None:
        """A host may be asked from a moment on."""
        host.entry = next(self._numbers)
        heappush(self._later, (until, host.entry, host))

    def answered(self, host: Host, *, is_prompt: bool) -> None:
        """A host answered, soon or late."""
        has_changed, host.is_prompt = host.is_prompt != is_prompt, is_prompt
        if has_changed and host.entry:
            self.is_ready(host)

    def take(self, now: float, *, prompt_only: bool = False) -> Host | None:
        """The host whose turn it is, which is out then; None when none is ready.

        Args:
            prompt_only: those whose answers are slow, or that never answered yet, are passed over.
        """
        while self._later and self._later[0][0] <= now:
            _, number, host = heappop(self._later)
            if number == host.entry:
                self.is_ready(host)
        while True:
            queue = self._prompt
            if not prompt_only and self._others and (not queue or self._others[0] < queue[0]):
                queue = self._others
            if not queue:
                return None
            clock, number, host = heappop(queue)
            if number != host.entry:
                continue
            if clock < host.clock or host.is_prompt != (queue is self._prompt):
                self.is_ready(host)  # it has cost something since, or is silent
                continue
            self.clock = max(self.clock, clock)
            host.entry = 0
            return host

    def next_at(self) -> float | None:
        """When the next of those that wait may be asked, or sooner."""
        return self._later[0][0] if self._later else None
