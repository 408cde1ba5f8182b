"""Which records of a dump are wanted: by source, language, time or run. Files that hold none of them are not opened."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from newscrawl.dates import format_utc, parse_age, parse_moment
from newscrawl.dump.manifest import MANIFEST
from newscrawl.dump.place import place
from newscrawl.dump.rebuild import newest_lines, parsed_lines
from newscrawl.dump.schema import schema
from newscrawl.dump.streams import read_manifest, records, stream_files
from newscrawl.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from newscrawl.dump.place import Place

T = TypeVar("T")

WHERE = ("source", "language", "since", "until", "after_run")
"""What records can be chosen by."""
WITH_STATUS = frozenset({"articles", "current"})
"""Streams of articles: they may be gone, and have a day of publication."""

_PLAIN = re.compile(r"[a-z0-9._-]+", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_FOLDER = "crawl_day="
_FIRST, _LAST = "T00:00:00Z", "T23:59:59Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What a record must be like; None and empty: anything goes."""

    sources: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()
    """BCP 47, lower case; "zh" takes "zh-CN" too (basic filtering, RFC 4647, 3.3.1)."""
    since: str | None = None
    """UTC ``YYYY-MM-DDTHH:MM:SSZ``, itself included: of publication; where a stream has no such time, the crawl day."""
    until: str | None = None
    """Likewise, itself included."""
    runs: frozenset[str] | None = None

    def may_be_in(self, entry: Mapping[str, Any]) -> bool:
        """Whether a file can hold such a record, by what the manifest tells of it."""
        if self.sources and self.sources.isdisjoint(entry["sources"]):
            return False
        if self.runs is not None and entry["run_id"] is not None and entry["run_id"] not in self.runs:
            return False
        if self.since is None and self.until is None:
            return True
        if entry["stream"] not in WITH_STATUS:
            return self._spans(entry["crawl_day"], entry["crawl_day"])
        return self._spans(entry["first_publication_day"], entry["last_publication_day"])

    def takes(self, values: Mapping[str, Any], crawl_day: str | None) -> bool:
        """Whether a record is such a one. One without a day is in no span of time."""
        if self.sources and values["source"] not in self.sources:
            return False
        if self.runs is not None and values["run_id"] not in self.runs:
            return False
        if self.languages and not _speaks(values["language"], self.languages):
            return False
        if self.since is None and self.until is None:
            return True
        if "date_published" not in values:
            return self._spans(crawl_day, crawl_day)
        moment = values["date_published"]
        return moment is not None and (self.since or "") <= moment and (self.until is None or moment <= self.until)

    def _spans(self, first: str | None, last: str | None) -> bool:
        """Whether any of these days is wanted."""
        if first is None or last is None:
            return False
        return (self.since or "")[:10] <= last and (self.until is None or first <= self.until[:10])


def read_where(path: Place, stream: str, values: Mapping[str, Any], *, now: datetime | None = None) -> Where:
    """The wish of a caller, checked.

    Args:
        path: of the dump: it says which runs came after `after_run`.
        values: by the names of `WHERE`. `source` and `language` are a text or several; `since` and `until` a day
            (the whole of it), a UTC time, an age such as ``7d``, or a `date` or aware `datetime`; `after_run` is the
            id of a run.
        now: what an age counts back from; the present by default.

    Raises:
        ConfigError: names what is unknown or wrong, and what may have been meant.
        StoreError: the manifest is damaged.
    """
    fields = schema(stream)["properties"]
    for name in values:
        check_known("where", name, WHERE)
    for name, needed in (("source", "source"), ("language", "language"), ("after_run", "run_id")):
        if values.get(name) is not None and needed not in fields:
            raise ConfigError(f"where {name}: the lines of {stream} have no {needed}")
    run_id = values.get("after_run")
    return Where(
        sources=frozenset(_texts("source", values.get("source"))),
        languages=tuple(each.lower() for each in _texts("language", values.get("language"))),
        since=_moment("since", values.get("since"), _FIRST, now),
        until=_moment("until", values.get("until"), _LAST, now),
        runs=None if run_id is None else runs_after(path, run_id),
    )


def check_known(what: str, name: object, known: Iterable[str]) -> None:
    """Refuse a name that nothing has.

    Raises:
        ConfigError: names it, and the known one nearest to it.
    """
    names = tuple(known)
    if name not in names:
        near = get_close_matches(str(name), names, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
        raise ConfigError(f"{what}: there is no {name!r}; {hint}")


def read_columns(stream: str, columns: Iterable[str] | None) -> tuple[str, ...]:
    """The fields asked for, in the order asked for; None: all, in the order of the record.

    Raises:
        ConfigError: names one that the stream does not have, or that is there twice.
    """
    known = tuple(schema(stream)["properties"])
    if columns is None:
        return known
    if isinstance(columns, str):
        raise ConfigError(f"columns: a list of names is wanted, not the text {columns!r}")
    names = tuple(columns)
    for name in names:
        check_known("columns", name, known)
        if names.count(name) > 1:
            raise ConfigError(f"columns: {name!r} is named twice")
    return names


def selected(
    path: Place, stream: str = "current", where: Where | None = None, *, include_gone: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield the records wanted, in the order of `newscrawl.dump.streams.records`, one in memory at a time.

    Raises:
        ConfigError: there is no such dump or stream.
        StoreError: while it is read: a file is missing or a line is torn; names both.
    """
    path, where = place(path), where or Where()
    records(path, stream)  # says whether there is such a dump; nothing is read yet
    rows = (
        _newest(path)
        if _is_made_anew(path, stream, include_gone)
        else _lines(selected_files(path, stream, where), where)
    )
    has_status = stream in WITH_STATUS and not include_gone
    return (
        values
        for crawl_day, values in rows
        if where.takes(values, crawl_day) and not (has_status and values.get("status") not in {None, "ok"})
    )


def selected_files(path: Place, stream: str, where: Where) -> list[Place]:
    """The files that can hold such a record, in the order of publication."""
    if path.is_file():
        return [path]
    if not (path / MANIFEST).is_file():
        return stream_files(path, stream)
    entries = (each for each in read_manifest(path)["files"] if each["stream"] == stream)
    return [path / each["path"] for each in entries if where.may_be_in(each)]


def most_rows(path: Place, stream: str, where: Where, *, include_gone: bool) -> int | None:
    """How many records will be looked at, at most; None: nobody knows."""
    if not (path / MANIFEST).is_file():
        return None
    stream = "articles" if _is_made_anew(path, stream, include_gone) else stream
    entries = (each for each in read_manifest(path)["files"] if each["stream"] == stream and where.may_be_in(each))
    return sum(int(each["rows"]) for each in entries)


def runs_after(path: Place, run_id: str) -> frozenset[str]:
    """The runs that came after one, in the order in which they began and not by the clock, which jumps.

    Raises:
        ConfigError: the manifest does not know the run, or there is none.
    """
    path = place(path)
    if not (path / MANIFEST).is_file():
        raise ConfigError(f"after_run: {path} has no {MANIFEST}, which knows the runs")
    runs = [str(each["id"]) for each in read_manifest(path).get("runs", ())]
    if run_id not in runs:
        oldest = f"; the oldest that it tells of is {runs[0]}" if runs else ""
        raise ConfigError(f"after_run: {path} knows no run {run_id!r}{oldest}")
    return frozenset(runs[runs.index(run_id) + 1 :])


def last_whole_run(path: Place) -> str | None:
    """The newest run that has ended, as have all before it: nothing of theirs is published later. None: none has."""
    if not (path / MANIFEST).is_file():
        return None
    whole = None
    for each in read_manifest(path).get("runs", ()):
        if each["ended"] is None and not each["killed"]:
            break
        whole = str(each["id"])
    return whole


def read_whole(path: Place, read: Callable[[], T]) -> T:
    """What `read` makes of a dump; done again when files were replaced meanwhile, by compacting or purging.

    Raises:
        StoreError: a file is missing or damaged, and nobody has replaced it.
    """
    path = place(path)
    while True:
        before = _manifest(path)
        try:
            return read()
        except (StoreError, FileNotFoundError):
            if _manifest(path) == before:
                raise


def _manifest(path: Place) -> bytes | None:
    try:
        return (path / MANIFEST).read_bytes()
    except OSError:
        return None


def _is_made_anew(path: Place, stream: str, include_gone: bool) -> bool:
    """The file of the current view has no articles that are gone."""
    return stream == "current" and include_gone and path.is_dir()


def _newest(path: Place) -> Iterator[tuple[None, dict[str, Any]]]:
    lines = newest_lines(stream_files(path, "articles"), stream_files(path, "links"), include_gone=True)
    return ((None, json.loads(line)) for line in lines)


def _lines(files: list[Place], where: Where) -> Iterator[tuple[str, dict[str, Any]]]:
    is_wanted = _names_one(where.sources)
    for file in files:
        crawl_day = file.parent.name.removeprefix(_FOLDER)
        for _, values in parsed_lines(file, is_wanted=is_wanted):
            yield crawl_day, values


def _names_one(sources: frozenset[str]) -> Callable[[bytes], bool] | None:
    """Whether a line can be of one of these, whoever wrote it, without parsing it, which takes most of the time.

    None where their names can be written in several ways.
    """
    if not sources or not all(map(_PLAIN.fullmatch, sources)):
        return None
    needles = tuple(f'"{each}"'.encode() for each in sources)
    return lambda line: any(needle in line for needle in needles)


def _speaks(language: str | None, ranges: tuple[str, ...]) -> bool:
    tag = (language or "").lower()
    return any(tag == each or tag.startswith(f"{each}-") for each in ranges)


def _texts(name: str, value: object) -> tuple[str, ...]:
    texts = (value,) if isinstance(value, str) else value if isinstance(value, list | tuple | set | frozenset) else ()
    if value is not None and (not texts or not all(isinstance(each, str) and each for each in texts)):
        raise ConfigError(f"where {name}: a text or a list of texts is wanted, not {value!r}")
    return tuple(str(each) for each in texts)


def _moment(name: str, value: object, of_day: str, now: datetime | None) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ConfigError(f"where {name}: {value} has no time zone")
        return format_utc(value.astimezone(UTC))
    if isinstance(value, date):
        return value.isoformat() + of_day
    text = str(value).strip()
    try:
        return format_utc((now or datetime.now(UTC)) - parse_age(text))
    except (ValueError, OverflowError):
        pass
    moment = parse_moment(text, "UTC")
    if moment is None:
        raise ConfigError(f"where {name}: {text!r} is neither a day (2026-11-01), a time, nor an age (7d, 12h, 2w)")
    return moment.value[:10] + of_day if _DAY.fullmatch(text) else moment.value
