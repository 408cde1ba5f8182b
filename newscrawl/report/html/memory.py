"""What only the crawler's own memory knows: alarms, and what was sent to each host. A dump alone has neither."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from newscrawl.errors import ConfigError
from newscrawl.report.alarms import next_alarms
from newscrawl.report.health import judge
from newscrawl.report.html.figures import Alarm, Host
from newscrawl.report.politeness import HostTraffic, read_rows
from newscrawl.state.health import read_book
from newscrawl.state.politeness import read_traffic

if TYPE_CHECKING:
    from pathlib import Path

MAX_HOSTS = 200


def alarms_of(data: Path) -> tuple[Alarm, ...] | None:
    """What is wrong with sources on the last day that is known, the longest standing first; None: nothing is known.

    Raises:
        StoreError: the store cannot be read.
    """
    try:
        sources, before = read_book(data)
    except ConfigError:
        return None
    today = max((day for days in sources.values() for day in days), default=None)
    if today is None:
        return None
    standing = [each for each in next_alarms(before, judge(sources, today)) if not each.ended]
    return tuple(
        Alarm(source=each.source, what=each.what, since=each.since, words=str(each.finding["words"]))
        for each in sorted(standing, key=lambda each: (each.since, each.source, each.what))
    )


def hosts_of(data: Path, run_ids: tuple[str, ...]) -> tuple[Host, ...] | None:
    """What these runs sent to each host, added up, the busiest first; None: nothing of them is kept.

    Raises:
        StoreError: the store cannot be read.
    """
    traffic: dict[str, HostTraffic] = {}
    kept: dict[str, bool] = {}
    for run_id in run_ids[-200:]:
        with suppress(ConfigError):  # what it sent is not kept any more, or it sent nothing
            for each in read_rows(read_traffic(data, run_id)[1]):
                kept[each.host] = kept.get(each.host, True) and each.keeps_delay
                traffic[each.host] = _added(traffic[each.host], each) if each.host in traffic else each
    if not traffic:
        return None
    busiest = sorted(traffic.values(), key=lambda each: (-each.requests, each.host))[:MAX_HOSTS]
    names = ("host", "requests", "smallest_gap_s", "crawl_delay_s", "robots_first", "forbidden", "busy", "retries")
    return tuple(Host(**{name: getattr(each, name) for name in names}, keeps_delay=kept[each.host]) for each in busiest)


def _added(one: HostTraffic, other: HostTraffic) -> HostTraffic:
    """Both as one; the gap between two runs is no gap."""
    gaps = [each.smallest_gap_s for each in (one, other) if each.smallest_gap_s is not None]
    delays = [each.crawl_delay_s for each in (one, other) if each.crawl_delay_s is not None]
    return HostTraffic(
        host=one.host,
        requests=one.requests + other.requests,
        robots_first=one.robots_first and other.robots_first,
        smallest_gap_s=min(gaps, default=None),
        crawl_delay_s=max(delays, default=None),
        forbidden=one.forbidden + other.forbidden,
        busy=one.busy + other.busy,
        retries=one.retries + other.retries,
    )
