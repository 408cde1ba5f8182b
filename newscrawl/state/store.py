"""The store: what is committed here is safe, whatever happens to the process or the machine.

An article, its outcome, its links and the new state of its address commit in one transaction, which is
on the disk when the call returns. What is committed waits in the outbox until it is published.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from newscrawl.dates import utc_now
from newscrawl.errors import Outcome, StoreError
from newscrawl.state import copies, directory, frontier, pending, politeness, purges, raw, recleaning, runs
from newscrawl.state.addresses import Address, find_address, key_of, remember
from newscrawl.state.articles import find_article, put_revision, relink
from newscrawl.state.asked import Asked, count_check, find_asked, is_missing, keep_asked, keep_missing
from newscrawl.state.content import differences, field_hashes, without_content
from newscrawl.state.database import repeated
from newscrawl.state.health import HealthBook
from newscrawl.state.inputs import Inputs
from newscrawl.state.leases import Leases
from newscrawl.state.lock import DirectoryLock
from newscrawl.state.outbox import Outbox
from newscrawl.state.postgresql import AWAY_S
from newscrawl.state.revisions import Places, Stored, revise
from newscrawl.state.salvage import STORE_FILE, asides
from newscrawl.state.schedule import Schedule
from newscrawl.state.schema import migrate
from newscrawl.state.sharing import Sharing
from newscrawl.state.sightings import Sightings
from newscrawl.state.site_memory import SiteMemory
from newscrawl.state.sqlite import SqliteDatabase
from newscrawl.state.where import connect, note, store_url
from newscrawl.urls import normalise_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path
    from types import TracebackType

    from newscrawl.article import Article, Fetch, Hint, OutcomeLine
    from newscrawl.dedup.minhash import Signature
    from newscrawl.dedup.near_duplicates import NearDuplicateOptions
    from newscrawl.state.articles import Known
    from newscrawl.state.database import Database

__all__ = ["STORE_FILE", "Address", "Store", "Stored", "open_store"]

BETWEEN_TWO_404S = timedelta(days=1)
"""An article that is 404 twice, at least this far apart, is gone."""

AT_A_TIME = 200
"""Texts that are compared in one transaction."""


class Store:
    """The store of one data directory. It belongs to one thread."""

    def __init__(self, database: Database, claim: DirectoryLock | Sharing) -> None:
        self._database = database
        self._claim = claim
        self.outbox = Outbox(database)
        """What waits to be published, for `newscrawl.dump.publish`."""
        self.memory = SiteMemory(database)
        """What the sites print in article after article."""
        self.health = HealthBook(database)
        """What each source gave, day by day."""
        self.sightings = Sightings(database)
        """Which lists named which addresses."""
        self.inputs = Inputs(database)
        """How far the files of `newscrawl clean` were read."""
        self.schedule = Schedule(database)
        """When what is looked at."""
        self.leases = Leases(database) if database.is_shared else None
        """Which host is whose, of workers that share a store; None: there is one worker."""

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the store and give the data directory back; a second time does nothing."""
        self._database.close()
        self._claim.release()

    def begin_run(
        self,
        *,
        why: str,
        arguments: Mapping[str, str],
        versions: Mapping[str, str],
        run_id: str | None = None,
        started: str | None = None,
    ) -> str:
        """Begin a run and give its id; with the id of an earlier run, that one goes on."""
        started = started or utc_now()
        run_id = runs.checked(run_id or runs.new_run_id(started))
        self._claim.sign(run_id)
        runs.begin_run(self._database, why=why, arguments=arguments, versions=versions, run_id=run_id, started=started)
        return run_id

    def end_run(self, run_id: str, *, exit_code: int, counts: Mapping[str, int], ended: str | None = None) -> None:
        """Write down how a run ended. One that never says so counts as killed when the store is opened again."""
        runs.end_run(self._database, run_id, exit_code=exit_code, counts=counts, ended=ended)

    def address(self, url: str) -> Address | None:
        """What is remembered of an address; None when no run ever decided on it."""
        return find_address(self._database, key_of(url))

    def counts(self, run_id: str) -> dict[str, int]:
        """How many addresses of a run had which outcome; of a run that goes on or has just ended."""
        query = "SELECT outcome, count(*) FROM decisions WHERE run_id = ? GROUP BY outcome ORDER BY outcome"
        return dict(self._database.rows(query, (run_id,)))

    def dump_alone(self) -> AbstractContextManager[None]:
        """Nobody else publishes, compacts or purges within the block, where others share the store."""
        return self._claim.dump_alone()

    @contextmanager
    def publishing(self) -> Iterator[Outbox]:
        """Own the dump, and see one state of what waits: what others store meanwhile is for the next publication."""
        with self.dump_alone():
            if not self._database.is_shared:
                yield self.outbox
                return
            with ExitStack() as stack:
                with self._database.transaction():
                    pending.freeze(self._database)
                    seen = stack.enter_context(self._database.beside())
                yield Outbox(self._database, seen)
            pending.thaw(self._database)  # what is broken off stays frozen until the next publication

    def together(self) -> AbstractContextManager[None]:
        """What is put within the block is committed at once when it is left, or nothing of it is."""
        return self._database.transaction()

    @repeated
    def put_article(self, article: Article, *, run_id: str, outcome: OutcomeLine, fetch: Fetch | None = None) -> Stored:
        """Commit an article, what cleaning took out of it, its outcome and the state of its address.

        A known article makes a revision only when a field of `REVISING` differs. An address that led to the
        article of another address before keeps leading there, so the first id of an article that moved stays.

        Raises:
            StoreError: it could not be stored; nothing of it was.
        """
        fetch = fetch or article.fetch
        line = replace(outcome, url=_requested(outcome, fetch))
        with self._database.transaction():
            places = Places.of(article, line)
            stored = revise(self._database, replace(article, run_id=run_id), places)
            if stored.outcome is Outcome.UNCHANGED and find_address(self._database, places.requested) is None:
                stored = replace(stored, outcome=Outcome.SAME_KEY, reason=f"another address of {stored.article.id}")
            line = replace(line, outcome=str(stored.outcome), reason=stored.reason)
            for key, url in places.urls.items():
                remember(
                    self._database,
                    key,
                    url,
                    line=line,
                    fetch=fetch,
                    at=article.date_crawled,
                    article_id=stored.article.id,
                )
            pending.add_outcome(self._database, places.requested, line, at=article.date_crawled)
            self.schedule.settle(
                places.requested,
                line.outcome,
                at=article.date_crawled,
                is_new=stored.outcome is Outcome.ARTICLE and stored.article.revision == 1,
                published=_published(article),
            )
            frontier.settle(self._database, {places.requested, *places.urls}, line.outcome, at=article.date_crawled)
            if stored.outcome is Outcome.ARTICLE:
                self.memory.observe(stored.article)
        return stored

    @repeated
    def want(self, found: Iterable[Hint], *, source: str) -> None:
        """Commit that these addresses are going to be fetched: until they are decided on, `wanted` has them.

        Args:
            source: id of the source that led to them; empty: an operator named them.

        Raises:
            StoreError: it could not be stored.
        """
        with self._database.transaction():
            frontier.want(self._database, ((key_of(hint.url), hint) for hint in found), source=source)

    def wanted(self, source: str, *, at: str | None = None) -> Iterator[Hint]:
        """Addresses of a source that an earlier run left undecided and that are due."""
        return frontier.wanted(self._database, source, at=at or utc_now())

    @repeated
    def let_go(self, url: str) -> None:
        """Commit that an address is not waited for any more, though nothing was decided on it.

        Raises:
            StoreError: it could not be stored.
        """
        with self._database.transaction():
            for table in ("frontier", "revisits"):
                self._database.execute(f"DELETE FROM {table} WHERE key = ?", (key_of(url),))  # noqa: S608 - two names

    def is_paused(self, url: str) -> bool:
        """Whether an address failed lately, and is not to be tried yet."""
        return frontier.is_paused(self._database, key_of(url), at=utc_now())

    def is_blocked(self, url: str) -> bool:
        """Whether the article at an address was purged: it is not to be fetched again, whoever asks."""
        return purges.is_blocked(self._database, key_of(url))

    @repeated
    def purge(self, article_ids: Iterable[str], *, run_id: str, at: str | None = None) -> tuple[str, ...]:
        """Commit that articles are purged; the ids that were not purged before. `newscrawl.dump.purge` does the files.

        Raises:
            StoreError: it could not be stored; nothing of it was.
        """
        with self._database.transaction():
            return purges.purge(self._database, article_ids, run_id=run_id, at=at or utc_now())

    def copies_of(self, article_ids: Iterable[str]) -> tuple[str, ...]:
        """Other articles of the clusters of these: with the same text, or nearly so; by id."""
        named = frozenset(article_ids)
        return tuple(sorted({other for each in named for other in copies.cluster_of(self._database, each)} - named))

    @repeated
    def compare_texts(self, options: NearDuplicateOptions, *, run_id: str) -> int:
        """Link the articles whose texts were not compared yet to those they are near-duplicates of; how many are any.

        Raises:
            StoreError: it could not be stored; what was committed so far is whole, and the rest is compared next time.
        """
        found: set[str] = set()
        today = utc_now()
        while options.window_days > 0:
            with self._database.transaction():
                if (copied := copies.compare_next(self._database, options, limit=AT_A_TIME)) is None:
                    break
                relink(self._database, copied, run_id)
            found |= copied
        more = True
        while more:
            with self._database.transaction():
                more = copies.forget_old(self._database, options, today=today, limit=AT_A_TIME)
        return len(found)

    def signatures(self) -> Iterator[tuple[str, int, Signature]]:
        """Id, day of the crawl and signature of the newest text of every article that is long enough, by id."""
        return copies.signatures(self._database)

    def unfinished_purges(self) -> tuple[str, ...]:
        """Ids of purged articles whose lines may still stand in files."""
        return purges.unfinished(self._database)

    def finish_purges(self, article_ids: Iterable[str]) -> None:
        """No file holds these any more; nor will the store's own free pages."""
        self._database.forget()
        purges.finished(self._database, article_ids)

    def addresses_of(self, article_ids: Iterable[str]) -> frozenset[str]:
        """Keys of the addresses that lead to these articles."""
        return frozenset(
            key
            for each in article_ids
            for (key,) in self._database.rows(
                "SELECT key FROM addresses WHERE article_id = ? UNION SELECT key FROM articles WHERE id = ?",
                (each, each),
            )
        )

    def told(self, url: str) -> Hint | None:
        """What an earlier run knows of an address that waits to be fetched."""
        return frontier.told(self._database, key_of(url))

    def is_missing(self, url: str) -> bool:
        """Whether a guessed address was not there lately."""
        return is_missing(self._database, url, at=utc_now())

    def keep_missing(self, url: str) -> None:
        """Remember that a guessed address is not there."""
        keep_missing(self._database, url, at=utc_now())

    def asked(self, url: str) -> Asked | None:
        """The last answer of a feed, sitemap, section or home page, where it can be asked about again."""
        return find_asked(self._database, url)

    def keep_asked(self, url: str, answer: Asked | None) -> None:
        """Keep an answer in the place of the last one; None: the site says that the last one has not changed."""
        if answer is None:
            count_check(self._database, url)
        else:
            keep_asked(self._database, url, answer)

    def waiting_articles(self) -> Iterator[tuple[int, Article]]:
        """The newest waiting revision of each article, with what was taken out of it, and the number of its line."""
        return recleaning.waiting_articles(self._database)

    @repeated
    def replace_waiting(self, sequence: int, article: Article) -> None:
        """Commit another text for a revision that waits.

        Raises:
            StoreError: it could not be stored; the one that waits still does.
        """
        with self._database.transaction():
            recleaning.replace_waiting(self._database, sequence, article)

    @repeated
    def put_cleaning(self, article: Article, *, run_id: str) -> Article | None:
        """Commit a better cleaned text of a published article as its next revision; None when it is the same.

        Raises:
            StoreError: it could not be stored; nothing of it was.
        """
        with self._database.transaction():
            return recleaning.put_cleaning(self._database, article, run_id=run_id)

    def made_of(self, url: str, at: str) -> Known | None:
        """The article whose newest revision was made of the page that came from this address at this moment."""
        return raw.made_of(self._database, url, at)

    def opted_out(self) -> frozenset[str]:
        """Keys of the addresses whose publishers do not want them kept."""
        return raw.opted_out(self._database)

    def count_articles(self, *, source: str | None = None, since: str | None = None) -> int:
        """How many articles are stored and not withdrawn, of a source and crawled since a day."""
        return raw.count_articles(self._database, source=source, since=since)

    def put_traffic(self, run_id: str, hosts: list[dict[str, Any]]) -> None:
        """Keep what a run sent to each host, as `newscrawl.report.politeness` counts it."""
        politeness.put_traffic(self._database, run_id, hosts)

    @repeated
    def put_outcome(self, outcome: OutcomeLine, *, fetch: Fetch | None = None, at: str | None = None) -> None:
        """Commit the outcome of an address that gave no article; `at` is when, in UTC, now by default.

        Raises:
            StoreError: it could not be stored.
        """
        with self._database.transaction():
            self._put_outcome(outcome, fetch, at or utc_now())

    @repeated
    def put_gone(self, outcome: OutcomeLine, *, fetch: Fetch | None = None, at: str | None = None) -> Article | None:
        """Commit that a page is gone; the revision that says so, when it was the page of an article.

        A 404 may be an accident: only the second one, `BETWEEN_TWO_404S` after the first and with no success
        between them, withdraws the article. Anything else (410, a page that says so) does it at once.

        Raises:
            StoreError: it could not be stored; nothing of it was.
        """
        at = at or utc_now()
        with self._database.transaction():
            address = self._put_outcome(outcome, fetch, at)
            known = find_article(self._database, address.id) if address.id else None
            if known is None or known.status != "ok" or known.key not in {address.key, key_of(outcome.url)}:
                return None  # never an article, gone before, or only another address of one that lives elsewhere
            if outcome.status == 404 and not _day_apart(address.not_found_since, at):
                return None
            article = without_content(
                replace(known.withdrawn, status="gone", date_crawled=at, run_id=outcome.run_id, revision_cause="gone")
            )
            article = replace(
                article,
                revision=known.revision + 1,
                changes=differences(known.fields, field_hashes(article)),
                discovered_via=outcome.via,
            )
            put_revision(self._database, article, key=known.key, before=known)
        return article

    def _put_outcome(self, outcome: OutcomeLine, fetch: Fetch | None, at: str) -> Address:
        line = replace(outcome, url=_requested(outcome, fetch))
        key = key_of(line.url)
        pending.add_outcome(self._database, key, line, at=at)
        self.schedule.settle(key, line.outcome, at=at, is_new=find_address(self._database, key) is None)
        frontier.settle(self._database, (key,), line.outcome, at=at)
        return remember(self._database, key, line.url, line=line, fetch=fetch, at=at, article_id=None)


def open_store(
    data: Path, *, state: str | None = None, wait_s: float = 0, away_s: float | None = None, create: bool = True
) -> Store:
    """Open the store of a data directory: the file in it, and own the directory until it is closed; or a database.

    That everything can be written is tried now, not when the first article is there.

    Args:
        state: address of a PostgreSQL database, see `newscrawl.state.where`.
        away_s: so many seconds a database that went away is waited for; else the environment's NEWSCRAWL_STATE_WAIT_S.

    Raises:
        LockedError: another process owns the directory, and still does after `wait_s` seconds.
        StoreError: the directory or the store cannot be written or trusted, or there is none and `create` is false.
    """
    url = store_url(data, state)
    store = _in_file(data, wait_s, create=create) if url is None else _in_database(data, url, away_s, create=create)
    if store.unfinished_purges():
        from newscrawl.dump.purge import finish_purges  # which publishes from a store: imported where it is needed

        try:
            finish_purges(store, data)
        except BaseException:
            store.close()
            raise
    return store


def private_store(folder: Path) -> Store:
    """A store in a file of a folder that only this process knows, whatever store the environment names.

    Raises:
        StoreError: the folder cannot be written.
    """
    return _in_file(folder, 0, create=True)


def _in_file(data: Path, wait_s: float, *, create: bool) -> Store:
    state = data / "state"
    if not create and not (state / STORE_FILE).is_file():
        raise StoreError(f"{data} holds no newscrawl store")
    if not (state / STORE_FILE).is_file() and (directory.has_dump(data) or asides(state)):
        # An empty store would fetch and publish everything a second time.
        raise StoreError(
            f"the store {state / STORE_FILE} of the dump is missing; "
            f"`newscrawl state rebuild --data {data}` makes it anew"
        )
    directory.prepare(data)
    lock = DirectoryLock(state / "lock", wait_s=wait_s)
    try:
        database = SqliteDatabase(state / STORE_FILE)
        try:
            migrate(database)
            directory.refuse_older(database, data)
            runs.mark_killed(database)
        except BaseException:
            database.close()
            raise
    except BaseException:
        lock.release()
        raise
    return Store(database, lock)


def _in_database(data: Path, url: str, away_s: float | None, *, create: bool) -> Store:
    if away_s is None:
        away_s = float(os.environ.get("NEWSCRAWL_STATE_WAIT_S") or AWAY_S)
    database = connect(data, url, away_s=away_s)
    try:
        if not database.version():
            _refuse_empty(database, data, create=create)
        directory.prepare(data)
        migrate(database)
        directory.refuse_older(database, data)
        note(database, data)
        sharing = Sharing(database, data)
        sharing.mark_killed()
    except BaseException:
        database.close()
        raise
    return Store(database, sharing)


def _refuse_empty(database: Database, data: Path, *, create: bool) -> None:
    if not create:
        raise StoreError(f"{database.name} holds no newscrawl store")
    if directory.has_dump(data):
        raise StoreError(f"{database.name} holds no store, but {data} has a dump, which belongs to one")


def _requested(line: OutcomeLine, fetch: Fetch | None) -> str:
    """The address that was decided on: the one asked for, normalised where it can be."""
    url = fetch.requested_url if fetch else line.url
    try:
        return normalise_url(url)
    except ValueError:
        return url


def _published(article: Article) -> str | None:
    """When an article was published, as precisely as it is known."""
    published = article.date_published
    return published[:10] if published is not None and article.date_precision == "day" else published


def _day_apart(since: str | None, at: str) -> bool:
    if since is None:
        return False
    return datetime.fromisoformat(at) - datetime.fromisoformat(since) >= BETWEEN_TWO_404S
