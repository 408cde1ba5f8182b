"""The index of a dump: one SQLite file, made from the files that the manifest names, and kept up with them.

It is a cache: what it holds follows from the dump alone. It may be deleted at any time, and one of another version is
made anew. A file of the dump never changes under its name: rows come with their file and go with it.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from newscrawl.browse.words import searchable
from newscrawl.dump.manifest import MANIFEST
from newscrawl.dump.place import elsewhere
from newscrawl.dump.rebuild import parsed_lines
from newscrawl.dump.streams import read_manifest
from newscrawl.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

VERSION = 1
"""Of the tables below and of what a word is. Another one: the index is made anew."""
MAX_TRIES = 5
"""A dump may be compacted while it is read; then its files have other names."""
BUSY_S = 600.0
"""Another process may be making the same index."""
TELL_EVERY = 256
"""Records."""

TABLES = """
CREATE TABLE IF NOT EXISTS files (file INTEGER PRIMARY KEY, path TEXT, sha256 TEXT, stream TEXT, place INTEGER);
CREATE TABLE IF NOT EXISTS revisions (id TEXT, revision INTEGER, file INTEGER, record BLOB);
CREATE INDEX IF NOT EXISTS revisions_id ON revisions (id, revision);
CREATE TABLE IF NOT EXISTS removed (id TEXT, revision INTEGER, place INTEGER, text TEXT, rule TEXT, why TEXT,
  file INTEGER);
CREATE INDEX IF NOT EXISTS removed_id ON removed (id, revision);
CREATE TABLE IF NOT EXISTS outcomes (day TEXT, url TEXT, outcome TEXT, reason TEXT, status INTEGER, via TEXT,
  run_id TEXT, file INTEGER);
CREATE INDEX IF NOT EXISTS outcomes_url ON outcomes (url);
CREATE TABLE IF NOT EXISTS links (id TEXT, duplicate_of TEXT, cluster_id TEXT, similarity REAL, file INTEGER);
CREATE INDEX IF NOT EXISTS links_id ON links (id);
CREATE TABLE IF NOT EXISTS articles (row INTEGER PRIMARY KEY, id TEXT UNIQUE, revision INTEGER, revisions INTEGER,
  shown INTEGER, status TEXT, url TEXT, source TEXT, language TEXT, title TEXT, moment TEXT, is_published INTEGER,
  words INTEGER, duplicate_of TEXT, cluster_id TEXT, similarity REAL);
CREATE INDEX IF NOT EXISTS articles_moment ON articles (moment);
CREATE INDEX IF NOT EXISTS articles_source ON articles (source, moment);
CREATE INDEX IF NOT EXISTS articles_language ON articles (language, moment);
CREATE INDEX IF NOT EXISTS articles_cluster ON articles (cluster_id);
CREATE VIRTUAL TABLE IF NOT EXISTS found USING fts5 (title, text, names, content = '', tokenize = 'ascii');
"""
# `ascii` keeps every character beyond ASCII: what a word is has been settled before.

LINES = {
    "removed": ("id", "revision", "place", "text", "rule", "why"),
    "outcomes": ("url", "outcome", "reason", "status", "via", "run_id"),
    "links": ("id", "duplicate_of", "cluster_id", "similarity"),
}
STREAMS = {"articles": "revisions", "removed": "removed", "outcomes": "outcomes", "links": "links"}
"""The streams that are read, and the table of each."""
_DAY = "crawl_day"


def open_index(path: Path) -> sqlite3.Connection:
    """The index in a file, made empty where there is none that can be used.

    Raises:
        OSError, sqlite3.Error: the file cannot be written.
    """
    version = -1
    with suppress(sqlite3.DatabaseError):  # no database at all
        database = _connect(path)
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version == VERSION:
            return database
        database.close()
    if version:
        path.unlink(missing_ok=True)
    database = _connect(path)
    database.executescript(f"BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
    path.chmod(0o600)
    return database


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    # What a fall of power takes is made anew; what was purged leaves no trace in free pages.
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA secure_delete = ON")
    return database


def record_of(packed: bytes) -> dict[str, Any]:
    """The record in a row of `revisions`."""
    record: dict[str, Any] = json.loads(zlib.decompress(packed))
    return record


def refresh(
    database: sqlite3.Connection, data: Path, tell: Callable[[int, int], None] = lambda _done, _all: None
) -> int:
    """Bring the index up to the dump, in one transaction; how many articles were new or changed.

    Args:
        tell: called with how much is done and how much there is to do, in bytes of the dump's files.

    Raises:
        ConfigError: there is no dump.
        StoreError: a file of the dump is missing or torn.
        sqlite3.Error: the index cannot be written.
    """
    for attempt in range(1, MAX_TRIES + 1):
        files = dump_files(data)
        try:
            database.execute("BEGIN IMMEDIATE")
            changed = _Update(database, data, tell).run(files)
            database.execute("COMMIT")
        except BaseException as error:
            if database.in_transaction:
                database.execute("ROLLBACK")
            if isinstance(error, StoreError) and attempt < MAX_TRIES and dump_files(data) != files:
                continue
            raise
        return changed
    raise AssertionError("unreachable")


def dump_files(data: Path) -> list[dict[str, Any]]:
    """What the manifest says of the files that are read, in the order of publication.

    Raises:
        ConfigError: there is no dump.
        StoreError: the manifest is damaged.
    """
    if (url := elsewhere(data)) is not None:
        raise ConfigError(f"the dump of {data} is at {url}; browsing needs a copy of it on this machine")
    if not (data / MANIFEST).is_file():
        raise ConfigError(f"there is no dump at {data}: it has no {MANIFEST}")
    return [each for each in read_manifest(data)["files"] if each["stream"] in STREAMS]


class _Update:
    """One refresh, within its transaction."""

    def __init__(self, database: sqlite3.Connection, data: Path, tell: Callable[[int, int], None]) -> None:
        self._database = database
        self._data = data
        self._tell = tell
        self._done = 0
        self._all = 0

    def run(self, files: list[dict[str, Any]]) -> int:
        known = {(path, sha256): file for file, path, sha256 in self._rows("SELECT file, path, sha256 FROM files")}
        new = [each for each in files if (each["path"], each["sha256"]) not in known]
        gone = set(known.values()) - {known.get((each["path"], each["sha256"])) for each in files}
        if not new and not gone:
            return 0
        # Texts are read twice: into the table of revisions, and into the index of words.
        self._all = sum(each["bytes"] * (2 if each["stream"] == "articles" else 1) for each in new)
        touched = self._take_out(gone) if len(gone) < len(known) else self._empty()
        for each in new:
            try:
                touched.update(self._take_in(each))
            except KeyError as error:
                raise StoreError(
                    f"{self._data / each['path']}: a line has no {error}; `newscrawl verify` tells more"
                ) from error
        for place, each in enumerate(files):
            self._run("UPDATE files SET place = ? WHERE path = ? AND sha256 = ?", place, each["path"], each["sha256"])
        before = self._done
        for number, article_id in enumerate(sorted(touched), start=1):
            self._index(article_id)
            if number % TELL_EVERY == 0:
                self._tell(before + (self._all - before) * number // len(touched), self._all)
        self._join_links()
        self._run("INSERT INTO found (found) VALUES ('optimize')")
        return len(touched)

    def _empty(self) -> set[str]:
        """Everything goes: sooner done than file by file."""
        for table in (*STREAMS.values(), "articles", "files"):
            self._run(f"DELETE FROM {table}")  # noqa: S608 - no value in it
        self._run("INSERT INTO found (found) VALUES ('delete-all')")
        return set()

    def _take_out(self, files: set[int]) -> set[str]:
        """Rows of files that are no longer there; the ids of their articles."""
        self._run("CREATE TEMP TABLE IF NOT EXISTS old (file INTEGER PRIMARY KEY)")
        self._run("DELETE FROM old")
        self._database.executemany("INSERT INTO old VALUES (?)", ((file,) for file in files))
        within = "WHERE file IN (SELECT file FROM old)"
        ids = {row[0] for row in self._rows(f"SELECT DISTINCT id FROM revisions {within}")}  # noqa: S608 - no value in it
        for article_id in ids:
            self._forget(article_id)
        for table in (*STREAMS.values(), "files"):
            self._run(f"DELETE FROM {table} {within}")  # noqa: S608 - likewise
        return ids

    def _take_in(self, entry: dict[str, Any]) -> Iterator[str]:
        """Rows of a new file; yields the ids of its articles."""
        stream = entry["stream"]
        described = (entry["path"], entry["sha256"], stream)
        file = self._run("INSERT INTO files (path, sha256, stream) VALUES (?, ?, ?)", *described).lastrowid
        lines = self._told(entry)
        if stream == "articles":
            for each in lines:
                packed = zlib.compress(json.dumps(each, ensure_ascii=False).encode("utf-8", "replace"), 1)
                self._run("INSERT INTO revisions VALUES (?, ?, ?, ?)", each["id"], each["revision"], file, packed)
                yield each["id"]
            return
        days = (entry[_DAY],) if stream == "outcomes" else ()
        names = LINES[stream]
        places = ", ".join("?" * (len(names) + len(days) + 1))
        self._database.executemany(
            f"INSERT INTO {stream} VALUES ({places})",  # noqa: S608 - likewise
            ((*days, *(each[name] for name in names), file) for each in lines),
        )

    def _told(self, entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The records of a file; how far it is is told on the way."""
        for number, (_, values) in enumerate(parsed_lines(self._data / entry["path"]), start=1):
            yield values
            if number % TELL_EVERY == 0:
                self._tell(self._done + entry["bytes"] * number // max(entry["rows"], number), self._all)
        self._done += entry["bytes"]
        self._tell(self._done, self._all)

    def _index(self, article_id: str) -> None:
        """The row of an article, and its words."""
        row = self._forget(article_id)
        packed = [each for (each,) in self._rows(
            "SELECT record FROM revisions WHERE id = ? ORDER BY revision DESC", article_id
        )]  # fmt: skip
        if not packed:
            return
        newest = record_of(packed[0])
        # Of what was withdrawn the last words are shown.
        shown = next((each for each in map(record_of, packed) if each["status"] == "ok"), newest)
        published = newest["date_published"] or shown["date_published"]
        values = {
            "row": row,
            "id": article_id,
            "revision": newest["revision"],
            "revisions": len(packed),
            "shown": shown["revision"],
            "status": newest["status"],
            "url": newest["url"],
            "source": newest["source"],
            "language": shown["language"],
            "title": shown["title"],
            "moment": published or newest["date_crawled"],
            "is_published": published is not None,
            "words": shown["word_count"],
        }
        names = ", ".join(values)
        places = ", ".join("?" * len(values))
        statement = f"INSERT INTO articles ({names}) VALUES ({places})"  # noqa: S608 - likewise
        row = self._run(statement, *values.values()).lastrowid
        self._run("INSERT INTO found (rowid, title, text, names) VALUES (?, ?, ?, ?)", row, *_words(shown))

    def _forget(self, article_id: str) -> int | None:
        """Take an article and its words out; its row number, to be used again."""
        for row, shown in self._rows("SELECT row, shown FROM articles WHERE id = ?", article_id):
            # Without contents of its own the index of words has to be told what to forget.
            for (packed,) in self._rows(
                "SELECT record FROM revisions WHERE id = ? AND revision = ?", article_id, shown
            ):
                words = _words(record_of(packed))
                self._run(
                    "INSERT INTO found (found, rowid, title, text, names) VALUES ('delete', ?, ?, ?, ?)", row, *words
                )
            self._run("DELETE FROM articles WHERE row = ?", row)
            return int(row)
        return None

    def _join_links(self) -> None:
        """Each article's newest link: the last one in the order of publication."""
        self._run(
            "UPDATE articles SET (duplicate_of, cluster_id, similarity) = (SELECT duplicate_of, cluster_id, similarity"
            " FROM links JOIN files USING (file) WHERE links.id = articles.id"
            " ORDER BY place DESC, links.rowid DESC LIMIT 1)"
        )

    def _run(self, statement: str, *values: Any) -> sqlite3.Cursor:
        return self._database.execute(statement, values)

    def _rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._run(statement, *values).fetchall()


def _words(record: dict[str, Any]) -> tuple[str, str, str]:
    """What is searched of an article: title; description and text; authors and tags."""
    names: Iterable[str] = (*(each["name"] for each in record["authors"] or ()), *(record["tags"] or ()))
    whole = "\n".join(filter(None, (record["description"], record["text"])))
    return searchable(record["title"]), searchable(whole), searchable("\n".join(names))
