"""A batch from its beginning to its dump, stage by stage.

Each stage is a function of the folder of the work and a number; it leaves one file when it is done, and what is there
is not done again. So a batch that was killed goes on where it was, and it does not matter who does a task, how often,
or in what order.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Protocol

from newscrawl.batch.engine import copies, dump, sites
from newscrawl.batch.engine.job import JOB, Job, output, read_job, write_job
from newscrawl.dates import utc_now
from newscrawl.dump.files import make_directory, storage_error
from newscrawl.dump.manifest import MANIFEST
from newscrawl.dump.place import dump_of
from newscrawl.dump.streams import read_manifest
from newscrawl.errors import ConfigError
from newscrawl.state.lock import DirectoryLock
from newscrawl.state.runs import new_run_id
from newscrawl.state.salvage import STORE_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

logger = logging.getLogger(__name__)

WORK = "state/engine"
"""In the data directory: what a batch has done so far."""


class Engine(Protocol):
    """Runs tasks somewhere."""

    page_workers: int
    """How many pages one task may work on at a time."""

    def each(self, function: Callable[..., None], tasks: Iterable[tuple[Any, ...]]) -> Iterator[None]:
        """Call a module-level function with the arguments of every task; yields when one more is done.

        Raises:
            Exception: whatever a task raises.
        """


class Here:
    """This process, one task after the other."""

    def __init__(self, page_workers: int) -> None:
        self.page_workers = page_workers

    def each(self, function: Callable[..., None], tasks: Iterable[tuple[Any, ...]]) -> Iterator[None]:
        """As `Engine` has it."""
        for task in tasks:
            function(*task)
            yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a batch came to."""

    run_id: str
    counts: dict[str, int]
    articles: int
    """In the current view."""
    unread: tuple[str, ...] = ()
    """What could not be read, in words."""
    is_new: bool = True
    """False: an earlier run had done all of it."""


def software() -> dict[str, str]:
    """What a manifest says of the software that made the texts."""
    return {name: version(name) for name in ("newscrawl", "trafilatura", "lxml")}


def run_batch(  # noqa: PLR0913 - what is done, where, by whom, and who is told
    job: Job,
    data: Path,
    engine: Engine,
    *,
    files: str,
    elsewhere: str = "",
    say: Callable[[str, int, int], None] = lambda *_: None,
) -> Done:
    """Do a job, or what is missing of it, and make the dump of a data directory of it.

    Args:
        files: what the manifest says of the inputs.
        elsewhere: address of the dump, when it is not to be in the data directory.
        say: is told the stage, how many of its tasks are done, and how many there are.

    Raises:
        ConfigError: the directory holds something else.
        LockedError: somebody else works there.
        StoreError: the disk is full or failed; what was done stays done.
    """
    work = (data / WORK).resolve()
    try:
        make_directory(work)
        lock = DirectoryLock(data / "state" / "lock")
        try:
            job, is_done = _begun(job, data, work)
            if is_done:
                dump.clear(work)
                manifest = read_manifest(dump_of(data))
                counts = manifest["runs"][0]["counts"]
                return Done(run_id=job.run_id, counts=counts, articles=manifest["articles"], is_new=False)
            dump.choose_place(data, elsewhere)
            lock.sign(job.run_id)
            _stages(work, job, engine, say)
            articles = dump.publish(work, data, files)
            outcome = Done(
                run_id=job.run_id, counts=dump.counted(work), articles=articles, unread=tuple(dump.unread(work))
            )
            dump.clear(work)
            return outcome
        finally:
            lock.release()
    except OSError as error:
        raise storage_error(data, error) from error


def _begun(job: Job, data: Path, work: Path) -> tuple[Job, bool]:
    """The job as an earlier run began it, else as it begins now; and whether its dump is made."""
    if (data / "state" / STORE_FILE).exists() or (data / "state" / "store-url").exists():
        raise ConfigError(f"{data} belongs to crawls; --engine makes a dump of its own: give it another directory")
    has_dump = (dump_of(data) / MANIFEST).is_file()
    if (work / JOB).exists():
        before = read_job(work)
        if before.identity() != job.identity():
            rest = "another directory" if has_dump else f"another directory, or remove {work} to begin anew"
            raise ConfigError(f"{data} holds a batch of other files, options or versions: name {rest}")
        return before, has_dump
    if has_dump:
        raise ConfigError(f"{data} holds a dump already; --engine makes one of its own: give it another directory")
    started = utc_now()
    job = replace(job, started=started, run_id=new_run_id(started))
    write_job(work, job)
    return job, False


def _stages(work: Path, job: Job, engine: Engine, say: Callable[[str, int, int], None]) -> None:
    stage = partial(_stage, work, engine, say)
    parts, shards = range(job.parts), range(len(job.ends))
    stage("reading", sites.DECIDED, sites.read_shard, shards, engine.page_workers)
    stage("sites", sites.COUNTS, sites.settle_sites, parts)
    for turn in range(copies.ROUNDS):
        pairs = f"{copies.PAIRS}-{turn}"
        if not all(output(work, pairs, part).exists() for part in parts):
            stage(f"signatures {turn + 1}", f"{copies.SPREAD}-{turn}", copies.spread, parts, turn)
            stage(f"copies {turn + 1}", pairs, copies.match, parts, turn)
        copies.forget_round(work, turn)
    stage("pairs", copies.KEPT, copies.keep_nearest, parts)
    if not (work / copies.CLUSTERS).exists():
        list(engine.each(copies.find_clusters, [(work,)]))
    stage("clusters", copies.CLUSTERED, copies.gather, parts)
    stage("links", copies.LINKS, copies.link, parts)
    stage("writing", dump.READY, dump.write_shard, shards)
    stage("writing links", dump.READY_LINKS, dump.write_links, parts)
    stage("current view", dump.VIEW, dump.write_view, parts)


def _stage(  # noqa: PLR0913, PLR0917 - a row of the table above
    work: Path,
    engine: Engine,
    say: Callable[[str, int, int], None],
    words: str,
    marks: str,
    function: Callable[..., None],
    numbers: range,
    *more: object,
) -> None:
    """Do what is missing of a stage."""
    make_directory(work / marks)
    left = [number for number in numbers if not output(work, marks, number).exists()]
    done = len(numbers) - len(left)
    say(words, done, len(numbers))
    for _ in engine.each(function, [(work, number, *more) for number in left]):
        done += 1
        say(words, done, len(numbers))
