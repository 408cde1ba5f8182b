"""How far a crawl is, source by source, in lines that fit a terminal or in one for a log; how far files are read."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from newscrawl.text.terminal import columns_of, fit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WINDOW_S = 60.0
"""The rate is that of so many seconds."""
SAMPLE_S = 1.0
ALL = "all sources"
MIN_NAME_COLUMNS = 16
MAX_NAME_COLUMNS = 40
GAP = "  "
BAR_COLUMNS = 24
"""Of the bar before the figures of `files_progress_line`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceProgress:
    """One source at one moment."""

    name: str
    found: int
    """Pages that the run wants of it, so far as they are known."""
    articles: int = 0
    others: int = 0
    """Pages that gave no article."""
    per_minute: float = 0.0
    is_looking: bool = False
    """Its feeds, sitemaps or sections are still being read: more pages may be found."""

    @property
    def pages(self) -> int:
        """Pages decided."""
        return self.articles + self.others

    @property
    def waiting(self) -> int:
        """Pages to come."""
        return max(0, self.found - self.pages)

    @property
    def left_s(self) -> float | None:
        """Seconds until its last page at today's rate; None when that cannot be known."""
        if self.is_looking or (self.waiting and not self.per_minute):
            return None
        return self.waiting * 60 / self.per_minute if self.waiting else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlProgress:
    """A run at one moment."""

    sources: tuple[SourceProgress, ...]
    elapsed_s: float
    limit: int | None = None
    """The run ends with so many articles."""

    @property
    def total(self) -> SourceProgress:
        """All sources as one."""
        return _sum(ALL, self.sources)

    @property
    def left_s(self) -> float | None:
        """Seconds until the run ends; None when that cannot be known.

        Each site has its own pace, so the slowest source decides; but the sources share one crawler, so it is not
        less than all pages at the rate of all. A limit may end it sooner.
        """
        total = self.total
        each = [source.left_s for source in self.sources]
        known = [left for left in (*each, total.left_s) if left is not None]
        ends = [max(known)] if known and len(known) == len(each) + 1 else []
        if self.limit is not None and total.articles and total.per_minute:
            articles_per_s = total.per_minute * total.articles / total.pages / 60
            ends.append(max(0, self.limit - total.articles) / articles_per_s)
        return min(ends, default=None)


@dataclass(frozen=True, slots=True)
class StyledLine:
    """A line of the terminal, without its end."""

    text: str
    style: str = ""
    """A rich style."""


class Pace:
    """Remembers how many pages were decided, a second at a time, to say how many there are a minute."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, Mapping[str, int]]] = deque()

    def note(self, now_s: float, pages: Mapping[str, int]) -> None:
        """So many pages were decided of each source; `pages` is kept and must not change afterwards."""
        if self._samples and now_s - self._samples[-1][0] < SAMPLE_S:
            return
        self._samples.append((now_s, pages))
        while len(self._samples) > 2 and now_s - self._samples[1][0] >= WINDOW_S:
            self._samples.popleft()

    def per_minute(self, source: str) -> float:
        """Pages a minute of one source; 0 while nothing can be said."""
        if len(self._samples) < 2:
            return 0.0
        (then_s, before), (now_s, pages) = self._samples[0], self._samples[-1]
        return (pages.get(source, 0) - before.get(source, 0)) * 60 / (now_s - then_s)


def progress_lines(progress: CrawlProgress, *, columns: int, rows: int) -> list[StyledLine]:
    """At most `rows` lines of `columns`: the busiest sources, the rest as one, all together, and a bar.

    The sources shown stand in their own order, so that a row does not jump while it is read.
    """
    total = progress.total
    shown = list(progress.sources)
    is_one = len(shown) == 1
    room = max(0, rows - (2 if is_one else 3))
    if len(shown) > room:
        busiest = set(sorted(range(len(shown)), key=lambda at: _business(shown[at]))[: max(0, room - 1)])
        rest = [source for at, source in enumerate(shown) if at not in busiest]
        shown = [source for at, source in enumerate(shown) if at in busiest]
        if room:
            shown.append(_sum(f"{len(rest)} {'more' if shown else 'sources'}", rest))
    cells = [_cells(source, None if progress.limit else source.left_s) for source in shown]
    styles = [""] * len(shown)
    if not (is_one and shown):
        cells.append(_cells(total, progress.left_s))
        styles.append("bold")
    lines = [StyledLine(text, style) for text, style in zip(_table(cells, columns), ["dim", *styles], strict=True)]
    bar = StyledLine(_bar(total, progress.elapsed_s, columns), "green")
    return [*lines, bar] if rows > len(lines) else lines[-max(1, rows) :]


def progress_line(progress: CrawlProgress) -> str:
    """The same in one line."""
    total = progress.total
    said = [f"{_of_found(total)} pages decided", f"{total.articles:,} articles", f"{total.others:,} others"]
    if total.per_minute:
        said.append(f"{round(total.per_minute):,} a minute")
    if progress.left_s is not None and total.waiting:
        said.append(f"about {_span(progress.left_s)} left")
    going = sum(1 for source in progress.sources if source.waiting or source.is_looking)
    if len(progress.sources) > 1:
        said.append(f"{going:,} of {len(progress.sources):,} sources under way")
    return ", ".join(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesProgress:
    """The reading of files at one moment."""

    read: int
    """Bytes."""
    total: int | None
    """Bytes; None: not known, as of standard input."""
    pages: int
    articles: int
    pages_per_minute: float
    bytes_per_minute: float
    elapsed_s: float

    @property
    def left_s(self) -> float | None:
        """Seconds until the last byte at today's rate; None when that cannot be known."""
        if self.total is None or not self.bytes_per_minute:
            return None
        return max(0, self.total - self.read) * 60 / self.bytes_per_minute


def files_progress_line(progress: FilesProgress, *, columns: int) -> str:
    """A bar, if it is known how much there is, and what was counted; the last figures go where there is no room."""
    said = [f"{progress.pages:,} pages", f"{progress.articles:,} articles", f"{_span(progress.elapsed_s)}"]
    if progress.pages_per_minute:
        said.insert(2, f"{progress.pages_per_minute / 60:,.1f} a second")
    bar = ""
    if progress.total is not None:
        share = min(1.0, progress.read / max(1, progress.total))
        said.insert(0, f"{share:.0%} of {_size(progress.total)}")
        done = round(BAR_COLUMNS * share)
        bar = "━" * done + "─" * (BAR_COLUMNS - done) + GAP
    if (left := progress.left_s) is not None:
        said.insert(1, f"about {_span(left)} left")
    while said and len(bar) + len(GAP.join(said)) > columns:
        said.pop()
    return bar + GAP.join(said)


def _size(size: int) -> str:
    for unit, factor in (("GB", 10**9), ("MB", 10**6)):
        if size >= factor:
            return f"{size / factor:,.1f} {unit}"
    return f"{size / 1000:,.1f} KB"


def _sum(name: str, sources: Sequence[SourceProgress]) -> SourceProgress:
    return SourceProgress(
        name=name,
        found=sum(max(source.found, source.pages) for source in sources),
        articles=sum(source.articles for source in sources),
        others=sum(source.others for source in sources),
        per_minute=sum(source.per_minute for source in sources),
        is_looking=any(source.is_looking for source in sources),
    )


def _business(source: SourceProgress) -> tuple[float, int, int]:
    """Sorts the busiest first."""
    return -source.per_minute, -source.waiting, -source.pages


# What a column is called, how wide it is at least, and which goes first where there is no room for all.
_COLUMNS = (("pages", 8, 0), ("articles", 8, 1), ("others", 6, 2), ("a minute", 8, 4), ("left", 6, 3))


def _cells(source: SourceProgress, left_s: float | None) -> tuple[str, ...]:
    left = "" if left_s is None or not source.waiting else _span(left_s)
    rate = f"{round(source.per_minute):,}" if source.per_minute else ""
    pages = "looking" if source.is_looking and not source.found and not source.pages else _of_found(source)
    return source.name, pages, f"{source.articles:,}", f"{source.others:,}", rate, left


def _table(cells: list[tuple[str, ...]], columns: int) -> list[str]:
    rows = [("source", *(name for name, _, _ in _COLUMNS)), *cells]
    widths = [max(least, *(len(row[at + 1]) for row in rows)) for at, (_, least, _) in enumerate(_COLUMNS)]
    name = min(MAX_NAME_COLUMNS, max(columns_of(row[0]) for row in rows))
    kept = list(range(len(_COLUMNS)))
    while kept and columns - _width(kept, widths) < min(name, MIN_NAME_COLUMNS):
        kept.remove(max(kept, key=lambda at: _COLUMNS[at][2]))
    name = max(1, min(name, columns - _width(kept, widths)))
    return [fit(row[0], name) + "".join(f"{GAP}{row[at + 1]:>{widths[at]}}" for at in kept) for row in rows]


def _width(kept: Sequence[int], widths: Sequence[int]) -> int:
    return sum(len(GAP) + widths[at] for at in kept)


def _bar(total: SourceProgress, elapsed_s: float, columns: int) -> str:
    said = f" {_span(elapsed_s)}"
    width = max(0, min(columns, 80) - len(said))
    done = width * total.pages // max(1, total.pages + total.waiting)
    return "━" * done + "─" * (width - done) + said


def _of_found(source: SourceProgress) -> str:
    more = "+" if source.is_looking else ""
    return f"{source.pages:,}/{source.pages + source.waiting:,}{more}"


def _span(seconds: float) -> str:
    if seconds <= 120:
        return f"{ceil(seconds)} s"
    minutes = ceil(seconds / 60)
    return f"{minutes} min" if minutes <= 120 else f"{minutes // 60} h {minutes % 60:02}"
