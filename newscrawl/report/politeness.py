"""What was really sent to each host, counted as it goes: the proof that a run was polite."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAX_HOSTS = 10_000
"""Hosts counted one by one; a run over more of them counts the rest together."""
OTHERS = "(other hosts)"
NOT_MODIFIED = 304
BUSY = frozenset({429, 503})


@dataclass(slots=True, kw_only=True)
class HostTraffic:
    """One host in one run. Times are seconds between the moments at which two requests were written to the network."""

    host: str
    """As the requests' ``Host`` header names it."""
    requests: int = 0
    robots_first: bool = True
    """The first request of the run was for robots.txt."""
    smallest_gap_s: float | None = None
    """None: fewer than two requests."""
    sum_of_gaps_s: float = 0.0
    crawl_delay_s: float | None = None
    """What its robots.txt asks for, as it is kept (at most 60)."""
    allowed: int = 0
    """Addresses that robots.txt lets us fetch."""
    forbidden: int = 0
    unreachable: int = 0
    """Addresses not fetched because robots.txt could not be had."""
    not_modified: int = 0
    busy: int = 0
    """Answers 429 and 503."""
    retries: int = 0
    by_scripts: int = 0
    """Further requests that pages of the host made while they were rendered, to any host; they have no gaps."""

    @property
    def mean_gap_s(self) -> float | None:
        return self.sum_of_gaps_s / (self.requests - 1) if self.requests > 1 else None

    @property
    def keeps_delay(self) -> bool:
        """Whether no gap was shorter than the Crawl-delay (less a tenth, for clocks and connections)."""
        if self.crawl_delay_s is None or self.smallest_gap_s is None:
            return True
        return self.smallest_gap_s >= 0.9 * self.crawl_delay_s


@dataclass(slots=True)
class Traffic:
    """All hosts of a run. Mutable: the run's own memory."""

    _hosts: dict[str, HostTraffic] = field(default_factory=dict)
    _last_sent: dict[str, float] = field(default_factory=dict)

    def __iter__(self) -> Iterator[HostTraffic]:
        """The hosts, the busiest first."""
        return iter(sorted(self._hosts.values(), key=lambda host: (-host.requests, host.host)))

    def of(self, host: str) -> HostTraffic:
        """The counts of a host, to be added to."""
        if host not in self._hosts and len(self._hosts) >= MAX_HOSTS:
            host = OTHERS
        return self._hosts.setdefault(host, HostTraffic(host=host))

    def sent(self, host: str, path: str, at_s: float) -> None:
        """A request was written to the network, at this moment of a clock that never jumps."""
        traffic = self.of(host)
        traffic.requests += 1
        if traffic.requests == 1:
            traffic.robots_first = path == "/robots.txt"
        elif (last := self._last_sent.get(traffic.host)) is not None:
            gap_s = at_s - last
            traffic.sum_of_gaps_s += gap_s
            traffic.smallest_gap_s = gap_s if traffic.smallest_gap_s is None else min(traffic.smallest_gap_s, gap_s)
        self._last_sent[traffic.host] = at_s

    def answered(self, host: str, status: int) -> None:
        """An answer came."""
        traffic = self.of(host)
        traffic.not_modified += status == NOT_MODIFIED
        traffic.busy += status in BUSY

    def as_rows(self) -> list[dict[str, Any]]:
        """What the store keeps; `read_rows` reads it."""
        rows = []
        for traffic in self:
            row = asdict(traffic)
            row["smallest_gap_s"] = None if traffic.smallest_gap_s is None else round(traffic.smallest_gap_s, 3)
            row["sum_of_gaps_s"] = round(traffic.sum_of_gaps_s, 3)
            rows.append(row)
        return rows


def read_rows(rows: Sequence[Mapping[str, Any]]) -> list[HostTraffic]:
    """The hosts of a stored run."""
    names = set(HostTraffic.__dataclass_fields__)
    return [HostTraffic(**{name: value for name, value in row.items() if name in names}) for row in rows]
