"""Where decisions go: lines of JSON on a stream, or the store of a data directory."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from newscrawl.article import Fetch, OutcomeLine
from newscrawl.dump.record import record, to_line
from newscrawl.errors import ArchiveError, Outcome, StoreError
from newscrawl.refine import without_site_furniture

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newscrawl.batch.clean import Decision
    from newscrawl.batch.resume import Ledger, Place
    from newscrawl.state.store import Store

GROUP_S = 0.2
"""Decisions of so many seconds share a commit, which takes some milliseconds of waiting for the disk."""
MAX_GROUP = 500


def write_decisions(
    decisions: Iterable[Decision | ArchiveError], out: BinaryIO, *, run_id: str
) -> Iterator[Decision | ArchiveError]:
    """Write the record of each article as one line of JSON, and yield every decision as it was taken then.

    The first article of an id is written; those that follow with the same id become `same_key`, for a stream has no
    revisions: a store has. Keeps one id (some 100 bytes) for each article in memory.

    Raises:
        BrokenPipeError: whoever read the stream has stopped.
        StoreError: the stream cannot be written, as on a full disk.
    """
    texts: dict[str, str | None] = {}
    for decision in decisions:
        if isinstance(decision, ArchiveError) or (article := decision.article) is None:
            yield decision
            continue
        if article.id in texts:
            same = texts[article.id] == article.text_sha256
            reason = f"{article.id} was written before, with {'the same' if same else 'another'} text"
            yield replace(decision, outcome=Outcome.SAME_KEY, reason=reason, article=None)
            continue
        texts[article.id] = article.text_sha256
        article = replace(article, run_id=run_id)
        try:
            out.write(to_line(record(article)))
            out.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise StoreError(f"standard output cannot be written: {error.strerror}") from error
        yield replace(decision, article=article)


def store_decisions(
    decisions: Iterable[tuple[Place | None, Decision | ArchiveError]], store: Store, *, run_id: str, ledger: Ledger
) -> Iterator[Decision | ArchiveError]:
    """Commit decisions, and yield each as the store took it: an article may be unchanged or another one's alias.

    Those of `GROUP_S` seconds share a transaction, which says too what of the input they decide on. None is yielded
    before it is safe. Told to stop, what was decided is committed first.

    Raises:
        StoreError: they could not be committed; what was yielded before is safe.
        KeyboardInterrupt: as it came.
    """
    group: list[tuple[Place | None, Decision | ArchiveError]] = []

    def commit() -> list[Decision | ArchiveError]:
        with store.together():
            stored = [store_decision(decision, store, run_id) for _, decision in group]
            for place, decision in group:
                ledger.decided(place, decision)
            ledger.put()
        ledger.committed()
        group.clear()
        return stored

    due_s = 0.0
    try:
        for each in decisions:
            group.append(each)
            # What comes through a pipe may be followed by nothing for long.
            if each[0] is None or time.monotonic() >= due_s or len(group) >= MAX_GROUP:
                yield from commit()
                due_s = time.monotonic() + GROUP_S
    except KeyboardInterrupt:
        yield from commit()
        raise
    yield from commit()


def store_decision(decision: Decision | ArchiveError, store: Store, run_id: str) -> Decision | ArchiveError:
    """Put one decision into the store, and give it back as the store took it."""
    if isinstance(decision, ArchiveError):
        return decision
    fetch = Fetch(requested_url=decision.url, status=decision.status, bytes=decision.bytes)
    line = OutcomeLine(
        url=decision.url,
        source=decision.source,
        outcome=str(decision.outcome),
        reason=decision.reason,
        status=decision.status,
        bytes=decision.bytes,
        ms=None,
        via=decision.via,
        run_id=run_id,
    )
    if decision.article is None:
        # Of an archived 404 too: it says what was then, and must not withdraw what was crawled since.
        store.put_outcome(line, fetch=fetch, at=decision.date_crawled)
        return decision
    article = without_site_furniture(decision.article, store.memory.patterns(decision.article.site))
    stored = store.put_article(article, run_id=run_id, outcome=line, fetch=fetch)
    reason = None if stored.outcome is Outcome.ARTICLE else stored.reason
    return replace(decision, outcome=stored.outcome, reason=reason, article=stored.article)
