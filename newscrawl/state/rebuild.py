"""A new store out of the dump, when the old one is damaged or lost.

The dump has the articles with their revisions, the outcomes, the links, the runs and the files; what waited to be
published is read from the damaged store as far as it can be read, and from files that no manifest names yet. The
damaged store is set aside, never deleted. The new one is made beside it and put in its place at the end, so a rebuild
that is interrupted is begun again.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newscrawl.article import OutcomeLine, Removed
from newscrawl.clean.site_memory import RULE
from newscrawl.dates import utc_now
from newscrawl.dump.current import read_lines
from newscrawl.dump.files import storage_error, sync_directory
from newscrawl.dump.manifest import TOMBSTONES
from newscrawl.dump.reader import verify
from newscrawl.dump.record import article_from
from newscrawl.dump.schema import LINES
from newscrawl.dump.streams import read_manifest
from newscrawl.errors import StoreError
from newscrawl.state.addresses import find_address, key_of, remember
from newscrawl.state.articles import find_article, keep_revision
from newscrawl.state.database import Database
from newscrawl.state.lock import DirectoryLock
from newscrawl.state.run_days import put_run_day, run_day_from
from newscrawl.state.runs import put_run
from newscrawl.state.schema import migrate
from newscrawl.state.site_memory import SiteMemory
from newscrawl.urls import article_id, url_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.article import Article

STORE_FILE = "newscrawl.sqlite"
SIDE_FILES = ("-wal", "-shm")
_NOT_NAMED = ": the manifest does not name it"
_ANOTHER = "another address of "


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild brought."""

    articles: int
    addresses: int
    waiting: int
    """Lines that were not published yet and could be read."""
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
        LockedError: a run owns the directory.
        StoreError: the dump itself is damaged, and nothing was changed; or the disk refuses.
    """
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
        strays = _strays(data)
        fresh = state / f"{STORE_FILE}.new"
        _remove(fresh)
        with closing(Database(fresh)) as database:
            migrate(database)
            with database.transaction():
                _read_dump(database, data)
                waiting = _read_waiting(database, state, strays)
            memory = SiteMemory(database)
            for site in memory.new_sites():
                memory.learn(site)
            articles = database.number("SELECT count(*) FROM articles")
            addresses = database.number("SELECT count(*) FROM addresses")
        aside = _swap(state, fresh)
    finally:
        lock.release()
    return Rebuilt(articles=articles, addresses=addresses, waiting=waiting, aside=aside)


def _strays(data: Path) -> list[Path]:
    """Files that a publication wrote and no manifest names; any other fault of the dump is an error."""
    problems = verify(data)
    named = [problem.removesuffix(_NOT_NAMED) for problem in problems if problem.endswith(_NOT_NAMED)]
    if len(named) < len(problems):
        first = next(problem for problem in problems if not problem.endswith(_NOT_NAMED))
        raise StoreError(f"the dump is damaged too, and a store made of it would be: {first}; see `newscrawl verify`")
    return [Path(each) for each in named if each.endswith(".jsonl")]


def _read_dump(database: Database, data: Path) -> None:
    manifest = read_manifest(data)
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
            database.execute("INSERT OR REPLACE INTO tombstones (id, day) VALUES (?, ?)", (values["id"], values["day"]))
        # One may have been interrupted: the next start looks through the files once more.
        database.execute("INSERT OR REPLACE INTO purges (id, day) SELECT id, day FROM tombstones")


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
        return url_key(article.url, article.url_canonical)
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


def _read_waiting(database: Database, state: Path, strays: list[Path]) -> int:
    """Lines that wait: of the damaged store, and of files that were written and not taken note of."""
    count = 0
    seen: set[tuple[str, bytes]] = set()
    with tempfile.TemporaryDirectory(prefix="newscrawl-") as folder:
        for run in _salvaged(state, Path(folder), "runs", "id, why, arguments, versions, started, ended, exit_code"):
            if database.row("SELECT 1 FROM runs WHERE id = ?", run[:1]) is None:
                database.execute(
                    "INSERT INTO runs (id, why, arguments, versions, started, ended, exit_code, killed) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
                    run,
                )
        columns = "stream, crawl_day, run_id, id, revision, source, crawled, published, line"
        salvaged, unnamed = _salvaged(state, Path(folder), "pending", columns), list(_stray_rows(strays, state.parent))
        for run_id, day in {row[2]: row[1] for row in unnamed}.items():
            # Its files are all that is left of it.
            database.execute(
                "INSERT OR IGNORE INTO runs (id, why, arguments, versions, started, killed) "
                "VALUES (?, 'not known any more', '{}', '{}', ?, 1)",
                (run_id, f"{day}T00:00:00Z"),
            )
        for row in (*salvaged, *unnamed):
            if (row[0], row[-1]) in seen or not _is_new(database, row):
                continue
            seen.add((row[0], row[-1]))
            database.execute(f"INSERT INTO pending ({columns}) VALUES ({', '.join('?' * 9)})", row)  # noqa: S608
            if row[0] == "articles":
                _put_article(database, article_from(json.loads(row[-1])))
            elif row[0] == "outcomes":
                _put_outcome(database, OutcomeLine(**json.loads(row[-1])), at=row[6])
            count += 1
    _put_missing_addresses(database)
    return count


def _is_new(database: Database, row: tuple[Any, ...]) -> bool:
    """Whether a waiting line is whole, of a known run, and not published."""
    try:
        values = json.loads(row[-1])
        if row[0] == "articles":
            known = find_article(database, values["id"])
            is_new = known is None or known.revision < values["revision"]
        else:
            is_new = row[0] in LINES
    except (ValueError, KeyError, TypeError):
        return False
    return is_new and database.row("SELECT 1 FROM runs WHERE id = ?", (row[2],)) is not None


def _stray_rows(strays: list[Path], data: Path) -> Iterator[tuple[Any, ...]]:
    """Lines that no named file of their day has: what compacting or purging left behind is there already."""
    for path in strays:
        named = [each["path"] for each in read_manifest(data)["files"] if (data / each["path"]).parent == path.parent]
        known = {hash(line) for each in named for line in read_lines(data / each)}
        day = path.parent.name.removeprefix("crawl_day=")
        for line in read_lines(path):
            if hash(line) in known:
                continue
            with suppress(ValueError, KeyError, TypeError):
                values = json.loads(line)
                yield (
                    path.parent.parent.name,
                    day,
                    values.get("run_id") or path.name.rsplit("-", 1)[0],
                    values.get("id"),
                    values.get("revision"),
                    values.get("source") or "",
                    values.get("date_crawled") or f"{day}T00:00:00Z",
                    values.get("date_published"),
                    line,
                )


def _salvaged(state: Path, folder: Path, table: str, columns: str) -> list[tuple[Any, ...]]:
    """The rows of a table of the damaged store that can be read: from its beginning, and from its end."""
    damaged = _newest(state)
    if damaged is None:
        return []
    copy = folder / "damaged.sqlite"
    if not copy.exists():
        for suffix in ("", *SIDE_FILES):
            with suppress(OSError):
                shutil.copyfile(f"{damaged}{suffix}", f"{copy}{suffix}")
    rows: dict[int, tuple[Any, ...]] = {}
    with suppress(sqlite3.Error), closing(sqlite3.connect(copy)) as connection:
        for order in ("ASC", "DESC"):
            with suppress(sqlite3.Error):
                query = f"SELECT sequence, {columns} FROM {table} ORDER BY sequence {order}"  # noqa: S608 - our own names
                for number, *row in connection.execute(query):
                    rows[number] = tuple(row)
    return [rows[number] for number in sorted(rows)]


def _newest(state: Path) -> Path | None:
    """The store, or the one that a rebuild before this one set aside."""
    if (state / STORE_FILE).is_file():
        return state / STORE_FILE
    aside = [each for each in sorted(state.glob(f"{STORE_FILE}.damaged-*")) if not each.name.endswith(SIDE_FILES)]
    return aside[-1] if aside else None


def _swap(state: Path, fresh: Path) -> Path | None:
    """Set the damaged store aside, and put the new one in its place."""
    stamp = utc_now().replace("-", "").replace(":", "").lower()
    old, aside = state / STORE_FILE, state / f"{STORE_FILE}.damaged-{stamp}"
    # The log first: beside a new store it would be taken for its own.
    for suffix in (*SIDE_FILES, ""):
        with suppress(FileNotFoundError):
            os.replace(f"{old}{suffix}", f"{aside}{suffix}")  # noqa: PTH105 - the crash tests count this call
    sync_directory(state)
    os.replace(fresh, old)  # noqa: PTH105 - likewise
    sync_directory(state)
    return aside if aside.exists() else None


def _remove(path: Path) -> None:
    for suffix in ("", *SIDE_FILES):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
