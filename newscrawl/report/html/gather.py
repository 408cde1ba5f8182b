"""A dump → the figures of a report.

Each stream is read once, day by day. In memory are the figures of each source, the ids of the busiest day, a line for
each article that shares its story with others, and the ten articles drawn: never the texts.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from heapq import heappush, heapreplace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from newscrawl.article import PARAGRAPH_BREAK, STATUSES
from newscrawl.dump.manifest import MANIFEST
from newscrawl.dump.place import place
from newscrawl.dump.rebuild import parsed_lines
from newscrawl.dump.selection import check_known
from newscrawl.dump.streams import read_manifest, records, stream_files
from newscrawl.errors import ConfigError
from newscrawl.report.html.figures import (
    FIELDS,
    WITH_ARTICLE,
    Address,
    Change,
    Drawn,
    Removed,
    Report,
    Run,
    SourceFigures,
)
from newscrawl.report.html.memory import alarms_of, hosts_of
from newscrawl.report.html.stories import Stories
from newscrawl.state.health import words_class

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from newscrawl.dump.place import Place

DRAWN = 10
NEWEST_CHANGES = 40
ADDRESSES = 3
"""Of each source and outcome."""
_FOLDER = "crawl_day="
_OK = STATUSES[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days of a report, both included, and the run when it is about one alone."""

    first_day: str
    last_day: str
    run_id: str | None = None

    def takes(self, values: Mapping[str, Any]) -> bool:
        """Whether a line is of the run."""
        return self.run_id is None or values["run_id"] == self.run_id


def gather(path: Place, *, days: int = 30, run_id: str | None = None) -> Report:
    """The figures of the newest days of a dump, or of one run.

    What only the crawler's memory tells, alarms and hosts, is there for a data directory, whose dump may be elsewhere.
    Days count back from the last one on which something was crawled, so that the same dump gives the same report.

    Raises:
        ConfigError: there is no dump, or no such run.
        StoreError: a file of it is missing or damaged; names it.
    """
    dump = place(path)
    if not dump.is_dir():
        raise ConfigError(f"there is no dump at {dump}")
    manifest = read_manifest(dump) if (dump / MANIFEST).is_file() else {"files": []}
    runs = [_run(each) for each in manifest.get("runs", ())]
    if run_id is not None:
        check_known("--run", run_id, [run.id for run in runs])
    files = _files_by_day(dump)
    if not files and not manifest["files"]:
        raise ConfigError(f"there is no dump at {dump}: nothing was published there")
    window = _window(files, days, run_id)
    reading = _Reading(window, str(manifest.get("digest", "")))
    for values in records(dump, "current"):
        reading.current(values)
    for day in sorted(files):
        if window.first_day <= day <= window.last_day:
            reading.day(day, files[day])
    told = [run for run in runs if run.id == run_id or (run_id is None and run.started[:10] >= window.first_day)]
    sources = sorted(reading.sources.values(), key=lambda each: (-each.total, -each.outcomes.total(), each.source))
    first_day, last_day = window.first_day, window.last_day
    if run_id is not None:
        days_of_run = {day for each in sources for day in each.articles} | reading.days
        first_day, last_day = min(days_of_run, default=first_day), max(days_of_run, default=last_day)
    return Report(
        digest=manifest.get("digest"),
        first_day=first_day,
        last_day=last_day,
        run_id=run_id,
        held=reading.held,
        sources=tuple(sources),
        runs=tuple(told),
        changes=tuple(reversed(reading.changes)),
        stories=reading.stories.largest(),
        firsts=reading.stories.firsts(),
        linked=reading.stories.linked,
        drawn=reading.drawn(),
        alarms=alarms_of(path) if isinstance(path, Path) else None,
        hosts=hosts_of(path, tuple(run.id for run in told)) if isinstance(path, Path) else None,
    )


class _Ticket(NamedTuple):
    """An article in the draw: the smallest numbers win. Negative, since the heap gives the smallest."""

    number: int
    id: str
    values: Mapping[str, Any]


class _Reading:
    """Mutable: what was read so far."""

    def __init__(self, window: Window, seed: str) -> None:
        self.sources: dict[str, SourceFigures] = {}
        self.stories = Stories()
        self.changes: deque[Change] = deque(maxlen=NEWEST_CHANGES)
        self.days: set[str] = set()
        self.held = 0
        self._window = window
        self._seed = seed
        self._draw: list[_Ticket] = []
        self._removed: defaultdict[tuple[str, int], list[Removed]] = defaultdict(list)

    def current(self, values: Mapping[str, Any]) -> None:
        """One article of the current view."""
        self.held += 1
        window = self._window
        if not (window.takes(values) and window.first_day <= values["date_crawled"][:10] <= window.last_day):
            return
        self.stories.add(values)
        # A draw that anybody can repeat who holds the same dump.
        number = -int.from_bytes(sha256(f"{self._seed} {values['id']}".encode()).digest()[:8])
        if len(self._draw) < DRAWN:
            heappush(self._draw, _Ticket(number, values["id"], values))
        elif number > self._draw[0].number:
            heapreplace(self._draw, _Ticket(number, values["id"], values))

    def day(self, day: str, files: Mapping[str, list[Place]]) -> None:
        """All that was published of one crawl day."""
        chosen = {(ticket.id, ticket.values["revision"]) for ticket in self._draw}
        of: dict[str, str] = {}
        for values in _lines(files["articles"]):
            if self._window.takes(values):
                self.days.add(day)
                if values["revision"] == 1 and values["status"] == _OK:
                    of[values["id"]] = values["source"]
                    _count(self._source(values["source"]), day, values)
                elif values["revision"] > 1:
                    self._changed(day, values)
        for values in _lines(files["removed"]):
            key = values["id"], values["revision"]
            if values["revision"] == 1 and values["id"] in of:
                source = self._source(of[values["id"]])
                source.removed_chars += len(values["text"])
                source.rules[values["rule"]] += 1
            if key in chosen:
                taken = {name: values[name] for name in Removed.__dataclass_fields__}
                self._removed[key].append(Removed(**taken))
        for values in _lines(files["outcomes"]):
            if self._window.takes(values):
                self.days.add(day)
                self._decided(day, values)

    def drawn(self) -> tuple[Drawn, ...]:
        """The articles drawn, in the order of the draw."""
        return tuple(
            Drawn(
                **{name: values[name] for name in ("id", "url", "source", "title", "date_published", "language")},
                paragraphs=tuple((values["text"] or "").split(PARAGRAPH_BREAK)),
                removed=tuple(sorted(self._removed[values["id"], values["revision"]], key=lambda each: each.place)),
            )
            for _, _, values in sorted(self._draw, key=lambda ticket: -ticket.number)
        )

    def _source(self, name: str) -> SourceFigures:
        return self.sources.setdefault(name, SourceFigures(source=name))

    def _changed(self, day: str, values: Mapping[str, Any]) -> None:
        cause = values["revision_cause"]
        self._source(values["source"]).changes.setdefault(cause, Counter())[day] += 1
        names = tuple(values["changes"])
        self.changes.append(
            Change(
                day=day,
                cause=cause,
                fields=names,
                **{name: values[name] for name in ("source", "url", "title", "revision")},
            )
        )

    def _decided(self, day: str, values: Mapping[str, Any]) -> None:
        source, outcome = self._source(values["source"]), values["outcome"]
        source.outcomes[outcome] += 1
        if outcome not in WITH_ARTICLE:
            seen = Address(url=values["url"], reason=values["reason"], status=values["status"], day=day)
            source.addresses[outcome] = (seen, *source.addresses.get(outcome, ()))[:ADDRESSES]


def _count(source: SourceFigures, day: str, values: Mapping[str, Any]) -> None:
    """Add one new article; what dumps of older minor versions lack counts as missing."""
    source.articles[day] += 1
    published = values.get("date_published")
    source.publication_days[(published or "")[:10]] += 1
    if published and values.get("date_precision") != "day":
        source.hours[datetime.fromisoformat(published).hour] += 1
    for name in FIELDS:
        source.have[name][day] += bool(values.get(name))
    source.languages[values.get("language") or ""] += 1
    source.ways[values.get("discovered_via") or ""] += 1
    source.flags.update(values.get("flags") or ())
    source.words[words_class(values["word_count"])] += 1
    source.kept_chars += len(values["text"] or "")


def _files_by_day(path: Place) -> dict[str, dict[str, list[Place]]]:
    """Day → stream → its files, in the order of publication."""
    days: dict[str, dict[str, list[Place]]] = {}
    for stream in ("articles", "removed", "outcomes"):
        for file in stream_files(path, stream):
            day = file.parent.name.removeprefix(_FOLDER)
            days.setdefault(day, {"articles": [], "removed": [], "outcomes": []})[stream].append(file)
    return days


def _window(days: Mapping[str, Any], wanted: int, run_id: str | None) -> Window:
    last = max(days, default="1970-01-01")
    if run_id is not None:
        return Window(first_day=min(days, default=last), last_day=last, run_id=run_id)
    first = (date.fromisoformat(last) - timedelta(days=wanted - 1)).isoformat()
    return Window(first_day=max(first, min(days, default=last)), last_day=last)


def _lines(files: list[Place]) -> Iterator[dict[str, Any]]:
    for file in files:
        for _, values in parsed_lines(file):
            yield values


def _run(values: Mapping[str, Any]) -> Run:
    known: dict[str, Any] = {name: values.get(name) for name in Run.__dataclass_fields__}
    return Run(**known)
