"""A WARC archive of real pages to articles: newscrawl, readers of CC-NEWS, and a plain pool."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from benchmarks.peers.crawling import Measured, Plan, articles_in, in_rounds
from benchmarks.peers.processes import Job, Peer, run_job
from benchmarks.replay.edits import retold
from benchmarks.replay.pages import load_bench

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from benchmarks.replay.pages import SavedPage

PEERS = (
    Peer(name="newscrawl clean, page by page", adapter="archive_newscrawl.streamed"),
    Peer(name="newscrawl clean, stored", adapter="archive_newscrawl.stored", note="two readings, store, manifest"),
    Peer(name="a pool of newscrawl's cleaner", adapter="archive_pool.read", note="no deadline for a page"),
    Peer(
        name="fundus, CC-NEWS reader",
        adapter="archive_fundus.read",
        environment="fundus",
        note="one process a file; one parser for all sites, of one selector",
    ),
    Peer(
        name="news-please, CC-NEWS reader",
        adapter="archive_news_please.read",
        environment="news-please",
        note="one process a file",
    ),
)


def measure(bench: Path, plan: Plan, folder: Path, peers: Sequence[Peer] = PEERS) -> list[Measured]:
    """Read the same archive with each, another one first in each round; a job is stopped at the deadline."""
    archive, listed = folder / "pages.warc.gz", folder / "addresses.txt"
    pages = list(retold(load_bench(bench, news_only=True).pages, plan.pages))
    write_archive(pages, archive)
    listed.write_text("".join(f"{page.url}\n" for page in pages), encoding="utf-8")

    def read(peer: Peer, place: Path) -> tuple[Job, int]:
        job = {"archive": str(archive), "list": str(listed), "out": str(place / "out.jsonl"), "folder": str(place)}
        # Nothing tells when the first record is read: start and imports are in the figures of each.
        done = run_job(peer, job, begun=lambda: True, deadline_s=plan.deadline_s)
        return done, articles_in(place / "out.jsonl", listed)

    return in_rounds(peers, plan.rounds, folder, read)


def write_archive(pages: Iterable[SavedPage], archive: Path) -> None:
    """One response record a page, each a gzip member, as crawlers write them."""
    with archive.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for page in pages:
            html = page.html()
            headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(html)))]
            answered = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(page.url, "response", BytesIO(html), length=len(html), http_headers=answered)
            )
