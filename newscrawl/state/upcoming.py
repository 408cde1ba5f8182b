"""What is due next, read beside a run and without the lock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from newscrawl.dump.streams import read_manifest
from newscrawl.errors import ConfigError, StoreError
from newscrawl.frontier.schedule import is_come
from newscrawl.state.frontier import LONGEST_PAUSE
from newscrawl.state.schedule import next_look
from newscrawl.state.where import reader

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from newscrawl.sources import Source
    from newscrawl.state.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """When one source is crawled next. Times are seconds since 1970; 0: now, None: nothing of the kind waits."""

    source: str
    look: int
    """A feed, sitemap, section or home page."""
    at: str | None
    """Its address; None when the source was never looked at."""
    article: int | None
    """A young article."""
    articles: int
    """Young articles that wait for another look."""
    left: int | None
    """An address that an earlier run found and did not decide on."""

    @property
    def due(self) -> int:
        """The first of all."""
        return min(each for each in (self.look, self.article, self.left) if each is not None)


def upcoming(
    data: Path, sources: Iterable[Source], *, now: float, longest_look_s: float, longest_age_s: float
) -> tuple[Upcoming, ...]:
    """What is due next of each source, in the order given.

    Raises:
        ConfigError: there is no store yet.
        StoreError: it cannot be read, or an older newscrawl wrote it.
    """
    with reader(data) as database:
        _refuse_old(database)
        return tuple(
            _of_source(database, source, now=now, longest_look_s=longest_look_s, longest_age_s=longest_age_s)
            for source in sources
        )


def nothing_before(
    data: Path, sources: Iterable[Source], *, now: float, longest_look_s: float, longest_age_s: float
) -> Upcoming | None:
    """The source that is due first, when nothing is to be done before; None: a run has something to do.

    A run that was killed or met a failing disk left something to publish, and one that goes on has to be waited for:
    each is something.
    """
    try:
        with reader(data) as database:
            _refuse_old(database)
            if any(database.row(f"SELECT 1 FROM {each} LIMIT 1") for each in _UNFINISHED):  # noqa: S608 - no value in it
                return None
            if not _is_published(database, data):
                return None
            open_addresses = _next_left(database, "", now)
        if open_addresses == 0:
            return None
        each = upcoming(data, sources, now=now, longest_look_s=longest_look_s, longest_age_s=longest_age_s)
    except (StoreError, ConfigError):
        return None
    first = min(each, key=lambda source: source.due, default=None)
    return first if first is not None and first.due else None


_UNFINISHED = ("pending", "purges", "leftovers", "runs WHERE ended IS NULL AND killed = 0")
_NEEDED = frozenset({"schedule", "revisits", "frontier", "purges", "leftovers"})


def _refuse_old(database: Database) -> None:
    if missing := sorted(_NEEDED - database.tables()):
        raise StoreError(
            f"{database.name} was written by an older newscrawl ({missing[0]} is missing); "
            "the next crawl brings it up to date"
        )


def _is_published(database: Database, data: Path) -> bool:
    """Whether the manifest, which is written last, names the files and the newest run that the store knows."""
    try:
        manifest = read_manifest(data)
        named = {(each["path"], each["sha256"].removeprefix("sha256:")) for each in manifest["files"]}
        runs = [each["id"] for each in manifest["runs"]]
    except (StoreError, KeyError, TypeError, AttributeError):
        return False
    newest = database.row("SELECT id FROM runs ORDER BY sequence DESC LIMIT 1")
    return named == set(database.rows("SELECT path, sha256 FROM files")) and (newest is None or newest[0] in runs)


def _of_source(
    database: Database, source: Source, *, now: float, longest_look_s: float, longest_age_s: float
) -> Upcoming:
    known = dict(database.rows("SELECT url, due FROM schedule WHERE source = ? ORDER BY due, url", (source.id,)))
    first, count, last = database.row(
        "SELECT min(due), count(*), max(due) FROM revisits WHERE source = ?", (source.id,)
    )
    if count and (is_come(first, now=now, longest_s=longest_age_s) or is_come(last, now=now, longest_s=longest_age_s)):
        first = 0
    named = (*source.feeds, *source.news_sitemaps, *source.sitemaps, *source.sections)
    return Upcoming(
        source=source.id,
        look=next_look(known, named, now=now, longest_s=longest_look_s),
        at=next(iter(known), None),
        article=first,
        articles=count,
        left=_next_left(database, source.id, now),
    )


def _next_left(database: Database, source: str, now: float) -> int | None:
    """When the first address that was left over is due."""
    (first,) = database.row("SELECT min(due) FROM frontier WHERE source = ?", (source,))
    if first is None:
        return None
    due = int(datetime.fromisoformat(first).timestamp()) if first else 0
    return 0 if is_come(due, now=now, longest_s=LONGEST_PAUSE.total_seconds()) else due
