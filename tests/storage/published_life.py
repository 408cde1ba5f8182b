"""What happens to a data directory, step by step, the same in every life: stored, published, purged, compacted."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from raw_pages import RUN, exchange, exchange_records, opening
from shelf import DAY_1, DAY_2, SHARE, SITE, article, begin, line, put

from newscrawl.dump.compact import compact
from newscrawl.dump.elsewhere import publish_to
from newscrawl.dump.publish import publish
from newscrawl.dump.purge import finish_purges
from newscrawl.dump.purge_raw import take_in
from newscrawl.dump.raw import note
from newscrawl.dump.raw_archive import RawArchive
from newscrawl.dump.retain import Retention, retain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newscrawl.state.store import Store

PURGED = article("b").id
PAGES = {url: tuple(exchange_records(exchange(url, f"<p>{url}</p>".encode()))) for url in (f"{SITE}/a", f"{SITE}/b")}
"""Records have random names: made once, they are the same in every life of a process and of its children."""
OPENING = opening(f"{RUN}-0000.warc.gz", RUN, "newscrawl/1")


def first_run(store: Store, data: Path) -> None:
    """Two articles, the page of one of them, and an address that gave none."""
    run = begin(store, 1)
    take_in(store, data)
    if not (data / "raw" / f"{RUN}-0000.warc.gz").exists():  # the life before got so far
        archive = RawArchive(data, RUN, max_bytes=10**9, opening=lambda _: OPENING)
        for records in PAGES.values():
            archive.append(records, at=DAY_1, source="harbour-times")
        if (finished := archive.finish()) is not None:
            note(store.outbox, data, finished)
    put(store, article("a", "What happened at sea.", removed=(SHARE,)), run)
    put(store, article("b", "What nobody may read any more."), run)
    store.put_outcome(line(f"{SITE}/c", run, "timeout", None), at=DAY_1)
    store.end_run(run, exit_code=0, counts={}, ended=DAY_2)


def second_run(store: Store, data: Path) -> None:
    """A new article and a revision."""
    run = begin(store, 2)
    put(store, article("d", "What came later.", date_crawled=DAY_1), run)
    put(store, article("a", "What happened at sea, in other words.", date_crawled=DAY_2), run)
    store.end_run(run, exit_code=0, counts={}, ended=DAY_2)


def purge_one(store: Store, data: Path) -> None:
    """For legal reasons."""
    run = begin(store, 3)
    store.purge([PURGED], run_id=run, at=DAY_2)
    store.end_run(run, exit_code=0, counts={}, ended=DAY_2)


def publish_all(store: Store, data: Path) -> None:
    publish(store, data)


def finish(store: Store, data: Path) -> None:
    finish_purges(store, data)


def merge(store: Store, data: Path) -> None:
    compact(store, data)


def forget(store: Store, data: Path) -> None:
    retain(store, data, Retention(outcomes_days=1))


STEPS: tuple[Callable[[Store, Path], None], ...] = (
    first_run, publish_all, second_run, publish_all, purge_one, finish, merge, forget, publish_all,
)  # fmt: skip


def live(data: Path, url: str = "", *, start: int = 0, stop: int | None = None) -> None:
    """Take steps; what of a step is stored already is not stored again by it."""
    from newscrawl.state.store import open_store

    for step in STEPS[start:stop]:
        with open_store(data) as store:
            publish_to(store.outbox, data, url)
            step(store, data)


def dump_here(data: Path) -> dict[str, bytes]:
    """The files of a dump in its data directory."""
    return {
        str(path.relative_to(data)): path.read_bytes()
        for path in sorted(data.rglob("*"))
        if path.is_file() and path.relative_to(data).parts[0] != "state"
    }


def in_short(dump: dict[str, bytes]) -> dict[str, str]:
    """What a difference can be read from."""
    return {name: f"{len(held)} bytes, {hashlib.sha256(held).hexdigest()[:8]}" for name, held in dump.items()}
