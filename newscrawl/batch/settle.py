"""At the end of a run: learn the sites' furniture, and clean with it what was stored before it was known."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from newscrawl.article import RemovedLine
from newscrawl.clean.site_memory import traces
from newscrawl.dates import format_utc, utc_now
from newscrawl.dedup.near_duplicates import NearDuplicateOptions
from newscrawl.dump.current import read_lines
from newscrawl.dump.place import dump_of
from newscrawl.dump.record import article_from
from newscrawl.refine import without_site_furniture
from newscrawl.state.recleaning import with_removed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newscrawl.article import Article
    from newscrawl.dump.place import Place
    from newscrawl.state.outbox import DumpFile
    from newscrawl.state.store import Store

RECLEAN_DAYS = 7
SITES_TOGETHER = 50
"""Of so many sites what is learned is committed at once."""


def settle(  # noqa: PLR0913 - options
    store: Store,
    data: Path,
    *,
    run_id: str,
    reclean_days: int = RECLEAN_DAYS,
    since_run: str | None = None,
    near_duplicates: NearDuplicateOptions = NearDuplicateOptions(),  # noqa: B008 - frozen
) -> int:
    """Learn from what this run brought, and link what is nearly the same; how many articles were cleaned once more.

    Articles that wait to be published are replaced; published ones, crawled in the last `reclean_days`, get a revision
    whose cause is `cleaning`. What is learned depends on what was stored, not on the order it came in.

    Args:
        since_run: what was published by this run and later ones gets such a revision too, whenever it was crawled:
            they were told to stop, and nobody has learned from what they brought.

    Raises:
        StoreError: the store or a published file cannot be read or written; what is stored is safe.
    """
    recleaned = clean_again(store, data, run_id=run_id, reclean_days=reclean_days, since_run=since_run)
    store.compare_texts(near_duplicates, run_id=run_id)  # as they are now
    return recleaned


def clean_again(store: Store, data: Path, *, run_id: str, reclean_days: int, since_run: str | None = None) -> int:
    """The first half of `settle`: learn, and clean what is known to have furniture now."""
    memory = store.memory
    sites = memory.new_sites()
    changed: set[str] = set()
    for start in range(0, len(sites), SITES_TOGETHER):
        with store.together():
            changed.update(site for site in sites[start : start + SITES_TOGETHER] if memory.learn(site))
    concerned = {site for site in sites if site in changed or memory.nameless(site)}
    recleaned = 0
    for sequence, article in store.waiting_articles() if concerned else ():
        if article.site not in concerned:
            continue
        if memory.nameless(article.site):
            memory.name(article.site, traces(article))
        if article.site in changed:
            cleaned = without_site_furniture(article, memory.patterns(article.site))
            if cleaned is not article:
                store.replace_waiting(sequence, cleaned)
                recleaned += 1
    if changed and (reclean_days > 0 or since_run is not None):
        now = utc_now()
        since = format_utc(datetime.fromisoformat(now) - timedelta(days=reclean_days))
        recent = _Recent(since=since, now=now, since_run=since_run)
        for article in _published(store, dump_of(data), changed, recent):
            cleaned = without_site_furniture(article, memory.patterns(article.site))
            if cleaned is not article and store.put_cleaning(cleaned, run_id=run_id):
                recleaned += 1
    return recleaned


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recent:
    """Which of the published articles are cleaned once more.

    Days that lie ahead are left alone, so that a clock set back to 1970 does not make everything recent.
    """

    since: str
    now: str
    since_run: str | None

    def has(self, file: DumpFile) -> bool:
        """Whether such articles may be in a file."""
        is_new = file.crawl_day is not None and self.since[:10] <= file.crawl_day <= self.now[:10]
        return file.crawl_day is not None and (is_new or file.run_id is None or self.has_run(file.run_id))

    def has_run(self, run_id: str) -> bool:
        """Whether it is one of the runs from which nobody has learned; ids of runs sort by time."""
        return self.since_run is not None and run_id >= self.since_run

    def is_one(self, article: Article) -> bool:
        """Whether it is one of them."""
        return article.status == "ok" and (article.date_crawled >= self.since or self.has_run(article.run_id))


def _published(store: Store, dump: Place, sites: set[str], recent: _Recent) -> Iterator[Article]:
    """Published articles of some sites, with what cleaning took out of them."""
    files = [each for each in store.outbox.files() if recent.has(each)]
    marks = [f'"site": {json.dumps(site, ensure_ascii=False)}'.encode() for site in sites]
    for day in sorted({each.crawl_day for each in files if each.crawl_day}):
        articles = [
            article_from(json.loads(line))
            for each in files
            if each.stream == "articles" and each.crawl_day == day
            for line in read_lines(dump / each.path)
            if any(mark in line for mark in marks)
        ]
        wanted = {article.id for article in articles}
        removed = defaultdict(list)
        for each in files:
            if each.stream == "removed" and each.crawl_day == day and wanted:
                for line in read_lines(dump / each.path):
                    values = json.loads(line)
                    if values["id"] in wanted:
                        removed[values["id"], values["revision"]].append(RemovedLine(**values))
        for article in articles:
            if article.site in sites and recent.is_one(article):
                yield with_removed(article, removed[article.id, article.revision])
