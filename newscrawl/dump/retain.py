"""What keeps a dump pleasant to read while runs come and go: few files, and an end to what grows for ever."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newscrawl.dump.compact import compact
from newscrawl.dump.publish import publish
from newscrawl.dump.raw import RAW
from newscrawl.dump.schema import LINES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from newscrawl.state.outbox import DumpFile
    from newscrawl.state.store import Store

RECENT_DAYS = 7
"""So many crawl days back, a day that is over becomes one file a stream. What comes for older days (archives) waits
until there are many files, since merging writes a whole day anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How much a dump keeps. Days are days with something in them: the clock, which jumps, has no say."""

    outcomes_days: int = 90
    """Crawl days of outcomes that are kept; 0: all. Articles and their revisions always are."""
    raw_days: int = 0
    """Crawl days of raw pages that are kept; 0: all."""
    runs_days: int = 30
    """Days whose runs the manifest names one by one, older ones are summed up by day; 0: all."""
    over_files: int = 50
    """A stream and day with more files is compacted, and a day that is over with more than one; 0: never."""


def retain(store: Store, data: Path, retention: Retention) -> None:
    """Compact what has become many files, and let go of what is older than is kept. Publish first.

    Interrupted at any moment, it leaves a whole dump, at the latest after the next publication.

    Raises:
        StoreError: the disk is full or failed; nothing that is to be kept is lost.
    """
    with store.dump_alone():
        _retain(store, data, retention)


def _retain(store: Store, data: Path, retention: Retention) -> None:
    files = store.outbox.files()
    expired = _expired(files, "outcomes", retention.outcomes_days) + _expired(files, RAW, retention.raw_days)
    if expired:
        store.outbox.replace_files(expired, None)
    days = _crowded(files, retention.over_files) if retention.over_files else frozenset()
    if days:
        compact(store, data, days=days)  # it publishes
    summed_up = store.outbox.sum_up_runs(keep_days=retention.runs_days) if retention.runs_days else 0
    if summed_up or (expired and not days):
        publish(store, data)


def _expired(files: Iterable[DumpFile], stream: str, keep_days: int) -> list[str]:
    of_stream = [each for each in files if each.stream == stream]
    days = sorted({each.crawl_day for each in of_stream if each.crawl_day}, reverse=True)
    kept = set(days[:keep_days] if keep_days else days)
    return [each.path for each in of_stream if each.crawl_day not in kept]


def _crowded(files: Iterable[DumpFile], over_files: int) -> frozenset[str]:
    """Crawl days with too many files."""
    streams = {*LINES, RAW}
    counts = Counter((each.crawl_day, each.stream) for each in files if each.crawl_day and each.stream in streams)
    recent = sorted({day for day, _ in counts}, reverse=True)[1:RECENT_DAYS]
    return frozenset(day for (day, _), count in counts.items() if count > (1 if day in recent else over_files))
