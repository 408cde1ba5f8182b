"""The first half of a batch: pages become decisions, and the decisions on a site meet.

All that one site's pages have to do with one another (the revisions of an article, the addresses that lead to it, the
lines that the site repeats) is settled in one place, by a store as a crawl has it, which is the task's own and goes
with it.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from newscrawl.batch.clean import decide
from newscrawl.batch.engine.exchange import new_file, read_part, writing
from newscrawl.batch.engine.job import output, part_of, read_job
from newscrawl.batch.engine.rows import decision_of, decision_row, framed, frames
from newscrawl.batch.output import store_decision
from newscrawl.batch.settle import clean_again
from newscrawl.dedup.bands import ID, signed_rows
from newscrawl.errors import ArchiveError, Outcome
from newscrawl.readers.files import read_input
from newscrawl.state.store import private_store
from newscrawl.urls import site_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newscrawl.batch.clean import Decision
    from newscrawl.batch.engine.job import Job
    from newscrawl.state.store import Store

DECIDED, SETTLED, NEWEST, TEXTS, SIGNED, MEMBERS, COUNTS = (
    "decided",  # of a shard, its decisions by site
    "lines",  # of the sites of a part, lines of the dump by shard
    "newest",  # the newest lines of the articles, by id
    "texts",  # who has which text, by the text
    "signed",  # signatures, by id
    "members",  # what a link needs to know of an article, by id
    "counts",  # of outcomes; written last
)
TEXT = np.dtype([("text", "S32"), ("id", ID)])
"""Who has a text: the last half of its hexadecimal SHA-256, and the id of the article."""
GROUP = 500
_ID_LETTERS = 5
_ORDER = "234567abcdefghijklmnopqrstuvwxyz"
"""The letters of ids, as they sort."""


def read_shard(work: Path, number: int, workers: int) -> None:
    """Decide on everything that one shard holds, and hand the decisions on to the parts of their sites.

    What cannot be read of it, and bugs, go to a part of their own, that of the driver.
    """
    job = read_job(work)
    items = chain.from_iterable(read_input(each) for each in job.inputs_of(number))
    pool = replace(job.pool, workers=workers)
    with writing(output(work, DECIDED, number)) as parts:
        for decision in decide(items, extract=job.extract, refining=job.refining, pool=pool, confined=True):
            if isinstance(decision, ArchiveError):
                parts.add(job.parts, framed(b"unread", str(decision).encode("utf-8", "surrogatepass")))
            else:
                # An address that is none (a text without one) is a site of its own.
                site = site_of(decision.url) if decision.url.startswith("http") else decision.url
                parts.add(part_of(site, job.parts), decision_row(decision, number))


def settle_sites(work: Path, part: int) -> None:
    """Settle the sites of one part, and hand on what came of them."""
    job = read_job(work)
    with tempfile.TemporaryDirectory(prefix="newscrawl-") as folder, private_store(Path(folder)) as store:
        store.begin_run(why="", arguments={}, versions={}, run_id=job.run_id, started=job.started)
        shards = _Shards()
        # Sorted, so that neither the order of the inputs nor that of their pages makes a difference.
        rows = iter(sorted(row for piece in read_part(work / DECIDED, part) for row in frames(piece)))
        counts: Counter[str] = Counter()
        while group := list(islice(rows, GROUP)):
            with store.together():
                for decision, shard in (decision_of(*row) for row in group):
                    stored = store_decision(decision, store, job.run_id)
                    assert not isinstance(stored, ArchiveError)
                    shards.learn(decision.url, stored, shard)
                    counts[str(stored.outcome)] += 1
                    counts["bugs"] += stored.is_bug
        clean_again(store, Path(folder), run_id=job.run_id, reclean_days=0)
        _hand_on(work, part, job, store, shards)
    with new_file(output(work, COUNTS, part)) as file:
        file.write(json.dumps(counts).encode())


class _Shards:
    """Which shard a line of the dump comes from."""

    def __init__(self) -> None:
        self._revisions: dict[tuple[str, int], int] = {}
        self._addresses: dict[str, int] = {}

    def learn(self, url: str, stored: Decision, shard: int) -> None:
        if stored.outcome is Outcome.ARTICLE and stored.article is not None:
            self._revisions[stored.article.id, stored.article.revision] = shard
            self._addresses[url] = shard
        else:
            self._addresses.setdefault(url, shard)

    def of(self, stream: str, values: dict[str, Any]) -> int:
        if stream == "outcomes":
            return self._addresses.get(values["url"], 0)
        return self._revisions[values["id"], values["revision"]]


def _hand_on(work: Path, part: int, job: Job, store: Store, shards: _Shards) -> None:
    newest = {article_id: revision for article_id, revision, _, _ in store.outbox.current_keys()}
    members: list[tuple[str, dict[str, Any]]] = []
    with writing(output(work, NEWEST, part)) as lines_by_id, writing(output(work, SETTLED, part)) as lines:
        last = store.outbox.last()
        for batch in store.outbox.batches(last):
            if batch.stream == "links":  # they are found later, over all sites
                continue
            for waiting in store.outbox.lines(batch, last):
                values = json.loads(waiting.line)
                about = [batch.stream, batch.crawl_day, waiting.source, waiting.crawled, waiting.published]
                lines.add(shards.of(batch.stream, values), framed(json.dumps(about).encode(), waiting.line))
                if batch.stream == "articles" and newest.get(values["id"]) == values["revision"]:
                    lines_by_id.add(range_of(values["id"], job.parts), framed(values["id"].encode(), waiting.line))
                    members.append((values["id"], values))
        members.sort(key=lambda member: member[0])
        _write_texts(work, part, job, members)
        _write_members(work, part, members)
        with new_file(output(work, SIGNED, part)) as file:
            np.save(file, signed_rows(store.signatures()))


def _write_texts(work: Path, part: int, job: Job, members: Iterable[tuple[str, dict[str, Any]]]) -> None:
    with writing(output(work, TEXTS, part)) as parts:
        for article_id, values in members:
            row = np.array([(values["text_sha256"][-32:].encode(), article_id.encode())], TEXT)
            parts.add(part_of(values["text_sha256"], job.parts), row.tobytes())


def _write_members(work: Path, part: int, members: Iterable[tuple[str, dict[str, Any]]]) -> None:
    with new_file(output(work, MEMBERS, part)) as file:
        for article_id, values in members:
            about = {name: values[name] for name in ("date_published", "source", "text_sha256")}
            file.write(framed(article_id.encode(), json.dumps(about).encode()))


def read_members(work: Path, part: int) -> Iterator[tuple[bytes, bytes]]:
    """What a link needs to know of each article of a part: id, and JSON of its date, source and text's SHA-256."""
    return frames(output(work, MEMBERS, part).read_bytes())


def range_of(article_id: str, ranges: int) -> int:
    """Which of so many ranges of equal size an id belongs to; ids of a lower range are smaller."""
    digits = article_id[3 : 3 + _ID_LETTERS]
    place = 0
    for digit in digits:
        place = place * 32 + _ORDER.index(digit)
    return place * ranges >> 5 * _ID_LETTERS
