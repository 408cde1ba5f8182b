"""A new store out of the dump, when the old one is damaged or lost.

The dump has the articles with their revisions, the outcomes, the links, the runs and the files; what waited to be
published is read from the damaged store as far as it can be read, and from files that no manifest names yet. The
damaged store is set aside, never deleted. The new one is made beside it and put in its place at the end, so a rebuild
that is interrupted is begun again.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from newscrawl.article import RUN_ID, OutcomeLine, Removed
from newscrawl.clean.site_memory import RULE
from newscrawl.dump.current import CURRENT, read_lines
from newscrawl.dump.files import TEMPORARY_SUFFIX, storage_error, sync_directory
from newscrawl.dump.manifest import CHECKSUMS, MANIFEST, TOMBSTONES
from newscrawl.dump.packing import PACKINGS
from newscrawl.dump.place import elsewhere
from newscrawl.dump.reader import verify
from newscrawl.dump.record import article_from
from newscrawl.dump.schema import LINES
from newscrawl.dump.streams import read_manifest
from newscrawl.errors import ConfigError, Outcome, StoreError
from newscrawl.state import copies, purges
from newscrawl.state.addresses import bounded, find_address, key_of, remember
from newscrawl.state.articles import find_article, keep_revision, relink, with_texts
from newscrawl.state.lock import DirectoryLock
from newscrawl.state.pending import is_whole
from newscrawl.state.postgresql import PostgresqlDatabase
from newscrawl.state.run_days import put_run_day, run_day_from
from newscrawl.state.runs import put_run
from newscrawl.state.salvage import SIDE_FILES, STORE_FILE, Damaged, finish_setting_aside, set_aside
from newscrawl.state.schema import migrate
from newscrawl.state.site_memory import SiteMemory
from newscrawl.state.sqlite import SqliteDatabase
from newscrawl.state.where import is_noted, note, store_url
from newscrawl.urls import article_id, url_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.article import Article
    from newscrawl.state.database import Database

_PENDING = "stream, crawl_day, run_id, id, revision, source, crawled, published, line"
_OF_RUNS = frozenset({"outcomes", "links"})
"""Streams whose lines name their run."""
_NOT_NAMED = ": the manifest does not name it"
_STILL_THERE = " is purged, and its line is still there"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ANOTHER = "another address of "


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild brought."""

    articles: int
    addresses: int
    waiting: int
    """Lines that wait to be published: those that could be read, and links that follow from them."""
    aside: Path | None
    """Where the damaged store is now; None: there was none."""

    def __str__(self) -> str:
        aside = f"; the damaged store is {self.aside}" if self.aside else ""
        return (
            f"{self.articles:,} articles, {self.addresses:,} addresses, "
            f"{self.waiting:,} lines that wait to be published{aside}"
        )


def rebuild(data: Path) -> Rebuilt:
    """Make the store of a data directory anew.

    Raises:
        ConfigError: its dump is elsewhere, or the database that is named holds a store.
        LockedError: a run owns the directory.
        StoreError: the dump itself is damaged, and nothing was changed; or the disk refuses.
    """
    if (url := elsewhere(data)) is not None:
        raise ConfigError(f"the dump of {data} is at {url}: bring a copy of it here, as docs/storage.md says")
    try:
        return _rebuild(data)
    except OSError as error:
        raise storage_error(data, error) from error


def _rebuild(data: Path) -> Rebuilt:
    state = data / "state"
    state.mkdir(mode=0o700, exist_ok=True)
    sync_directory(data)
    lock = DirectoryLock(state / "lock")
    try:
        finish_setting_aside(state)
        strays = _strays(data)
        url = store_url(data)
        rebuilt = _into_file(data, strays) if url is None else _into_database(data, url, strays)
    finally:
        lock.release()
    return rebuilt


def _into_file(data: Path, strays: list[Path]) -> Rebuilt:
    state = data / "state"
    fresh = state / f"{STORE_FILE}.new"
    _remove(fresh)
    with closing(SqliteDatabase(fresh)) as database:
        migrate(database)
        _fill(database, data, strays)
        rebuilt = _figures(database)
        database.shrink()  # closing would empty the log too, but say nothing when the disk refuses
    aside = set_aside(state)
    os.replace(fresh, state / STORE_FILE)  # noqa: PTH105 - the crash tests count this call
    sync_directory(state)
    return replace(rebuilt, aside=aside)


def _into_database(data: Path, url: str, strays: list[Path]) -> Rebuilt:
    """In one transaction; a store that was a file moves there, with what waits in it."""
    with PostgresqlDatabase(url) as database:
        if not (is_noted(database, data) and (data / "state" / STORE_FILE).is_file()):  # else only that is left to do
            with database.transaction():
                if database.version():
                    raise ConfigError(f"{database.name} holds a store already; name an empty database or schema")
                migrate(database)
                _fill(database, data, strays)
                note(database, data)  # a file beside a database that is noted and empty is made anew by the next try
        rebuilt = _figures(database)
    return replace(rebuilt, aside=set_aside(data / "state"))


def _fill(database: Database, data: Path, strays: list[Path]) -> None:
    with database.transaction():
        _read_dump(database, data)
        copies.take_as_compared(database)
        _read_waiting(database, data, strays)
        _finish_purges(database)
        _note_leftovers(database, data, strays)
    memory = SiteMemory(database)
    for site in memory.new_sites():
        memory.learn(site)


def _figures(database: Database) -> Rebuilt:
    return Rebuilt(
        articles=database.number("SELECT count(*) FROM articles"),
        addresses=database.number("SELECT count(*) FROM addresses"),
        waiting=database.number("SELECT count(*) FROM pending"),
        aside=None,
    )


def _strays(data: Path) -> list[Path]:
    """Files that a publication wrote and no manifest names.

    What the next publication makes anew may be in any state, and what a purge has not finished is finished later;
    any other fault of the dump is an error.
    """
    strays = []
    for problem in verify(data):
        if problem.endswith(_NOT_NAMED):
            strays.append(Path(problem.removesuffix(_NOT_NAMED)))
        elif not _is_mended(problem, data):
            raise StoreError(
                f"the dump is damaged too, and a store made of it would be: {problem}; see `newscrawl verify`"
            )
    return [
        each
        for each in strays
        if each.name.endswith((*PACKINGS.values(), TEMPORARY_SUFFIX)) and each.parent != (data / CURRENT).parent
    ]


def _is_mended(problem: str, data: Path) -> bool:
    if problem.startswith(f"{data / MANIFEST} is missing"):
        return not (data / CHECKSUMS).exists()  # nothing was ever published
    derived = (f"{data / CURRENT}", f"{data / CHECKSUMS}", f"{data / MANIFEST}: ")
    return problem.startswith(derived) or problem.endswith(_STILL_THERE)


def _manifest(data: Path) -> dict[str, Any]:
    return read_manifest(data) if (data / MANIFEST).is_file() else {"runs": [], "files": []}


def _read_dump(database: Database, data: Path) -> None:
    manifest = _manifest(data)
    for run in manifest["runs"]:
        put_run(database, run)
    for day in manifest.get("run_days", ()):
        put_run_day(database, run_day_from(day))
    for each in manifest["files"]:
        _put_file(database, each)
    of_stream = {stream: [each for each in manifest["files"] if each["stream"] == stream] for stream in LINES}
    for each in of_stream["articles"]:
        for line in read_lines(data / each["path"]):
            _put_article(database, article_from(json.loads(line)))
    for each in of_stream["links"]:
        for line in read_lines(data / each["path"]):
            _put_link(database, json.loads(line))
    for each in of_stream["outcomes"]:
        for line in read_lines(data / each["path"]):
            _put_outcome(database, OutcomeLine(**json.loads(line)), at=f"{each['crawl_day']}T00:00:00Z")
    _put_missing_addresses(database)
    _observe(database, data, of_stream)
    if (tombstones := data / TOMBSTONES).is_file():
        for line in read_lines(tombstones):
            values = json.loads(line)
            purges.bury(database, values["id"], values["day"])


def _put_file(database: Database, entry: dict[str, Any]) -> None:
    database.execute(
        "INSERT INTO files (path, stream, crawl_day, run_id, lines, bytes, sha256, first_crawled, last_crawled, "
        "first_published, last_published, sources) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry["path"],
            entry["stream"],
            entry["crawl_day"],
            entry["run_id"],
            entry["rows"],
            entry["bytes"],
            entry["sha256"].removeprefix("sha256:"),
            entry["first_crawl_day"],
            entry["last_crawl_day"],
            entry["first_publication_day"],
            entry["last_publication_day"],
            json.dumps(entry["sources"]),
        ),
    )


def _put_article(database: Database, article: Article) -> None:
    known = find_article(database, article.id)
    if known is None or known.revision < article.revision:
        keep_revision(database, article, key=_key(article))


def _key(article: Article) -> str:
    try:
        return bounded(url_key(article.url, article.url_canonical))
    except ValueError:
        return article.id


def _put_link(database: Database, values: dict[str, Any]) -> None:
    database.execute(
        "UPDATE articles SET duplicate_of = ?, cluster_id = ?, similarity = ? WHERE id = ?",
        (values["duplicate_of"], values["cluster_id"], values["similarity"], values["id"]),
    )


def _put_outcome(database: Database, line: OutcomeLine, *, at: str) -> None:
    key = key_of(line.url)
    _, another, named = (line.reason or "").partition(_ANOTHER)
    try:
        led_to = named if another else article_id(key)
    except ValueError:
        led_to = ""
    known = find_article(database, led_to) is not None
    if line.outcome == Outcome.ARTICLE and not known:
        return  # it could not be read: it is to be fetched again
    remember(database, key, line.url, line=line, fetch=None, at=at, article_id=led_to if known else None)


def _put_missing_addresses(database: Database) -> None:
    """Addresses of articles whose outcomes the dump no longer has."""
    for row in list(database.rows("SELECT id FROM articles")):
        known = find_article(database, row[0])
        if known is None or known.withdrawn.url.startswith("urn:") or find_address(database, known.key) is not None:
            continue
        article = known.withdrawn
        line = OutcomeLine(
            url=article.url,
            source=article.source,
            outcome="article",
            reason=None,
            status=None,
            bytes=None,
            ms=None,
            via=article.discovered_via,
            run_id=article.run_id,
        )
        remember(database, known.key, article.url, line=line, fetch=None, at=article.date_crawled, article_id=known.id)


def _observe(database: Database, data: Path, of_stream: dict[str, list[dict[str, Any]]]) -> None:
    """Remember the lines of the newest revisions, those that the site's memory had taken out too."""
    taken: dict[tuple[str, int], list[Removed]] = {}
    for each in of_stream["removed"]:
        for line in read_lines(data / each["path"]):
            if f'"{RULE}"'.encode() in line and (values := json.loads(line))["rule"] == RULE:
                removed = Removed(place=values["place"], text=values["text"], rule=RULE, why=values["why"])
                taken.setdefault((values["id"], values["revision"]), []).append(removed)
    memory = SiteMemory(database)
    for each in of_stream["articles"]:
        for line in read_lines(data / each["path"]):
            article = article_from(json.loads(line))
            known = find_article(database, article.id)
            if known is not None and known.revision == article.revision:
                memory.observe(replace(article, removed=tuple(taken.get((article.id, article.revision), ()))))


def _read_waiting(database: Database, data: Path, strays: list[Path]) -> None:
    """Lines that wait: of the damaged store, and of files that were written and not taken note of."""
    with tempfile.TemporaryDirectory(prefix="newscrawl-") as folder:
        damaged = Damaged(data / "state", Path(folder))
        runs = damaged.rows("runs", "id, why, arguments, versions, started, ended, exit_code", order="sequence")
        tombstones = damaged.rows("tombstones", "id, day", order="id")
        rows = _waiting_rows(damaged)
    for run in runs:
        database.execute(
            "INSERT INTO runs (id, why, arguments, versions, started, ended, exit_code, killed) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING",
            run,
        )
    unnamed = list(_stray_rows(strays))
    for run_id, day in {row[2]: row[1] for row in unnamed}.items():
        # Its files are all that is left of it.
        database.execute(
            "INSERT INTO runs (id, why, arguments, versions, started, killed) "
            "VALUES (?, 'not known any more', '{}', '{}', ?, 1) ON CONFLICT DO NOTHING",
            (run_id, f"{day}T00:00:00Z"),
        )
    for each, day in tombstones:
        # A garbled page may say anything, and nothing is purged for that.
        if isinstance(day, str) and _DAY.fullmatch(day):
            database.execute("INSERT INTO tombstones (id, day) VALUES (?, ?) ON CONFLICT DO NOTHING", (each, day))
    waiting = _Waiting(database, _published(data, {row[2] for row in (*rows, *unnamed)}))
    for row in sorted((*rows, *unnamed), key=lambda row: row[0] != "articles"):  # what is about them comes after
        waiting.add(row)
    waiting.relink()
    _put_missing_addresses(database)


def _waiting_rows(damaged: Damaged) -> list[tuple[Any, ...]]:
    """Lines that wait, without those that the disk has changed, as far as their sums can tell."""
    if not (rows := damaged.rows("pending", f"{_PENDING}, crc32", order="sequence")):
        return damaged.rows("pending", _PENDING, order="sequence")  # of before there were sums
    return [tuple(row) for *row, sum_of_it in rows if isinstance(row[-1], bytes) and is_whole(row[-1], sum_of_it)]


def _published(data: Path, runs: set[str]) -> set[tuple[Any, ...]]:
    """What the dump has of these runs already, which the store may not know: lines by what makes each the only one."""
    found = set()
    for each in _manifest(data)["files"]:
        # Compacted files are of many runs.
        if each["stream"] in _OF_RUNS and (each["run_id"] in runs or each["run_id"] is None):
            for line in read_lines(data / each["path"]):
                values = json.loads(line)
                if values["run_id"] in runs:
                    found.add(_identity(each["stream"], values))
    return found


def _identity(stream: str, values: dict[str, Any]) -> tuple[Any, ...]:
    if stream == "outcomes":
        return stream, values["run_id"], values["url"]
    return stream, *values.values()


class _Waiting:
    """Takes lines that are whole, belong to what is known, and stand nowhere yet."""

    def __init__(self, database: Database, seen: set[tuple[Any, ...]]) -> None:
        self._database = database
        self._seen = seen
        self._revisions: set[tuple[str, int]] = set()
        self._added: list[tuple[set[str], set[str], str]] = []
        """Of each article: id, its texts of now and before, and run."""
        self._purged = {each for (each,) in database.rows("SELECT id FROM tombstones")}
        runs = {str(each) for (each,) in database.rows("SELECT id FROM runs")}
        self._runs = {each for each in runs if re.fullmatch(RUN_ID["pattern"], each)}

    def add(self, row: tuple[Any, ...]) -> None:
        """A row of `pending`; what cannot be read or used is passed over."""
        with suppress(ValueError, KeyError, TypeError):
            stream, run_id, line = row[0], row[2], row[-1]
            values = json.loads(line)
            # Stream, day and run become a path.
            if run_id not in self._runs or not _DAY.fullmatch(row[1]) or not self._is_new(stream, values):
                return
            if stream == "articles":
                self._add_article(article_from(values), run_id)
            elif stream == "outcomes":
                _put_outcome(self._database, OutcomeLine(**values), at=row[6])
            elif stream == "links":
                _put_link(self._database, values)
            self._database.execute(
                f"INSERT INTO pending ({_PENDING}, crc32) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own names
                (*row, crc32(line)),
            )

    def relink(self) -> None:
        """Queue the links that could not be read, now that every article is there."""
        for articles, texts, run_id in self._added:
            relink(self._database, articles | with_texts(self._database, texts), run_id)

    def _add_article(self, article: Article, run_id: str) -> None:
        known = find_article(self._database, article.id)
        former = keep_revision(self._database, article, key=_key(article))
        texts = {text for text in (article.text_sha256, known.text_sha256 if known else None) if text}
        self._added.append(({article.id, *former}, texts, run_id))

    def _is_new(self, stream: str, values: dict[str, Any]) -> bool:
        if stream == "articles":
            known = find_article(self._database, values["id"])
            is_new = known is None or known.revision < values["revision"]
            is_new &= values["id"] not in self._purged or values["status"] == "purged"
            if is_new:
                self._revisions.add((values["id"], values["revision"]))
            return is_new
        identity = _identity(stream, values)
        if identity in self._seen:
            return False
        self._seen.add(identity)
        if stream == "removed":
            return (values["id"], values["revision"]) in self._revisions
        if stream == "links":
            return values["id"] not in self._purged and find_article(self._database, values["id"]) is not None
        return stream == "outcomes"


def _finish_purges(database: Database) -> None:
    """What was purged is purged here too, and the next start looks through the files once more."""
    newest = database.row("SELECT id FROM runs ORDER BY sequence DESC LIMIT 1")
    for purged_id, day in list(database.rows("SELECT id, day FROM tombstones ORDER BY id")):
        if newest is not None:  # else there is no article either
            purges.purge(database, [purged_id], run_id=newest[0], at=f"{day}T00:00:00Z")
        purges.note(database, purged_id, day)


def _note_leftovers(database: Database, data: Path, strays: list[Path]) -> None:
    """Their lines wait now; the next publication takes the files away, or writes them again."""
    for path in strays:
        name = path.name.removeprefix(".").removesuffix(TEMPORARY_SUFFIX)
        leftover = str(path.with_name(name).relative_to(data))
        if database.row("SELECT 1 FROM files WHERE path = ?", (leftover,)) is None:
            database.execute("INSERT INTO leftovers (path) VALUES (?) ON CONFLICT DO NOTHING", (leftover,))


def _stray_rows(strays: list[Path]) -> Iterator[tuple[Any, ...]]:
    """Lines of files that no manifest names, as rows of `pending`; the last one may be torn."""
    for path in strays:
        day = path.parent.name.removeprefix("crawl_day=")
        for line in _whole_lines(path):
            with suppress(ValueError, KeyError, TypeError):
                values = json.loads(line)
                yield (
                    path.parent.parent.name,
                    day,
                    values.get("run_id") or path.name.removeprefix(".").rsplit("-", 1)[0],
                    values.get("id"),
                    values.get("revision"),
                    values.get("source") or "",
                    values.get("date_crawled") or f"{day}T00:00:00Z",
                    values.get("date_published"),
                    line,
                )


def _whole_lines(path: Path) -> Iterator[bytes]:
    """The lines of a file up to where it was cut off."""
    with suppress(StoreError):
        yield from read_lines(path)


def _remove(path: Path) -> None:
    for suffix in ("", *SIDE_FILES):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
