"""Which feeds, sitemaps, sections and home pages a run asks for, and what their answers say of the next time."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from newscrawl.dates import parse_moment
from newscrawl.frontier.hosts import retry_after_s
from newscrawl.frontier.schedule import Look, failed_interval_s, first_pace, interval_s, is_come, looked_again
from newscrawl.frontier.wishes import wished_s

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy.http import Response

    from newscrawl.article import Hint
    from newscrawl.discover.asks import Ask, Found
    from newscrawl.extensions.run import CrawlRun
    from newscrawl.frontier.schedule import RevisitOptions
    from newscrawl.sources import Source


@dataclass(slots=True, kw_only=True)
class _Told:
    """What one address told in this run."""

    kind: str
    at: float
    has_failed: bool
    entries: int | None
    """None: as the last time."""
    leads: bool
    floor_s: float
    new: list[float | None] = field(default_factory=list)
    """The printed times of articles that nobody knew."""


class Looks:
    """The schedule as one run sees it.

    What the addresses of a source told is written down when its finder has come to all of them, at once: a run that
    ends in between, in whatever way, has not looked, and the next one does.
    """

    def __init__(self, run: CrawlRun, options: RevisitOptions, *, is_always: bool) -> None:
        """`is_always`: all is due, for the operator named what to look at."""
        self._run = run
        self._options = options
        self._is_always = is_always
        self._met: defaultdict[str, set[str]] = defaultdict(set)
        self._told: defaultdict[str, dict[str, _Told]] = defaultdict(dict)

    def is_source_due(self, source: Source) -> bool:
        """Whether anything of a source is to be asked for."""
        store = self._run.store
        if self._is_always or store is None:
            return True
        return store.schedule.next_look(source.id, _named(source), now=time.time(), longest_s=self._options.max_s) == 0

    def is_due(self, ask: Ask, source: Source) -> bool:
        """Whether an address that the source leads to is to be asked for."""
        if (store := self._run.store) is None or ask.kind == "robots":
            return True
        self._met[source.id].add(ask.url)
        if self._is_always:
            return True
        look = store.schedule.look(source.id, ask.url)
        return look is None or is_come(look.due, now=time.time(), longest_s=self._options.max_s)

    def last(self, ask: Ask, source: Source) -> Look | None:
        """What was found the last time."""
        return self._run.store.schedule.look(source.id, ask.url) if self._run.store is not None else None

    def answered(self, ask: Ask, source: Source, response: Response, found: Found | None) -> None:
        """An answer came that leads to this; None: it has not changed."""
        floor_s = wished_s(response.body, _header(response, "Cache-Control"), _header(response, "Age"))
        told = _Told(
            kind=ask.kind,
            at=time.time(),
            has_failed=False,
            entries=None if found is None else found.entries,
            leads=found is not None and found.leads,
            floor_s=floor_s,
        )
        self._note(ask, source, told)

    def failed(self, ask: Ask, source: Source, response: Response | None = None) -> None:
        """No answer came, or an error. That a guessed address is not there says nothing."""
        if ask.probe:
            return
        wait_s = None
        if response is not None:
            wait_s = retry_after_s(_header(response, "Retry-After"), _header(response, "Date"))
        told = _Told(kind=ask.kind, at=time.time(), has_failed=True, entries=None, leads=False, floor_s=wait_s or 0.0)
        self._note(ask, source, told)

    def brought(self, source: Source, found: Iterable[tuple[Hint, Ask]]) -> None:
        """These articles, which nobody knew, stand in the answers to these asks."""
        for hint, ask in found:
            if (told := self._told[source.id].get(ask.url)) is not None:
                told.new.append(_printed_s(hint))

    def finished(self, source: Source) -> None:
        """The finder has come to all that the source leads to."""
        met, told = self._met.pop(source.id, set()), self._told.pop(source.id, {})
        store = self._run.store
        if store is None or not met:
            return
        looks = [self._look(store.schedule.look(source.id, url), source.id, url, each) for url, each in told.items()]
        # What is named and not come to is over a bound, or the same as another: it must not count as never looked at.
        now = time.time()
        for url in _named(source):
            if url not in met:
                met.add(url)
                due = int(now + self._options.max_s)
                looks.append(Look(source=source.id, url=url, kind="named", looked=0, due=due))
        self._run.keep(lambda store: store.schedule.looked(source.id, looks, kept=met))

    def _note(self, ask: Ask, source: Source, told: _Told) -> None:
        if ask.kind != "robots":
            self._met[source.id].add(ask.url)
            self._told[source.id][ask.url] = told

    def _look(self, before: Look | None, source_id: str, url: str, told: _Told) -> Look:
        """What is remembered of an address from now on."""
        before = before or Look(source=source_id, url=url, kind=told.kind, looked=0, due=0)
        if told.has_failed:
            failures = before.failures + 1
            wait_s = failed_interval_s(failures, options=self._options, floor_s=told.floor_s)
            return replace(before, kind=told.kind, failures=failures, due=int(told.at + wait_s))
        pace = (
            looked_again(before.pace, since=before.looked, now=told.at, new=told.new)
            if before.looked
            else first_pace(told.at, told.new)
        )
        entries = before.entries if told.entries is None else told.entries
        wait_s = interval_s(pace, now=told.at, options=self._options, entries=entries, floor_s=told.floor_s)
        return replace(
            before,
            kind=told.kind,
            looked=int(told.at),
            due=int(told.at + wait_s),
            failures=0,
            entries=entries,
            leads=before.leads if told.entries is None else told.leads,
            pace=pace,
        )


def _named(source: Source) -> tuple[str, ...]:
    return (*source.feeds, *source.news_sitemaps, *source.sitemaps, *source.sections)


def _printed_s(hint: Hint) -> float | None:
    """The moment that feed or sitemap prints; None when it prints none, or a day only."""
    moment = parse_moment(hint.date_published or hint.date_modified or "", "UTC")
    return None if moment is None or moment.precision == "day" else datetime.fromisoformat(moment.value).timestamp()


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1").strip() if value is not None else None
