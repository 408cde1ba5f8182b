"""Pages to texts: the cost of each peer on the same pages, block by block in turn, and what they are worth."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.peers.environments import UnavailableError
from benchmarks.peers.processes import PageRunner, Peer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.replay.pages import SavedPage

PEERS = (
    Peer(name="newscrawl", adapter="clean_newscrawl.page"),
    Peer(name="trafilatura, with metadata", adapter="clean_trafilatura.with_metadata", environment="trafilatura"),
    Peer(name="trafilatura, text only", adapter="clean_trafilatura.text_only", environment="trafilatura"),
    Peer(name="resiliparse", adapter="clean_resiliparse.page", environment="resiliparse"),
    Peer(name="readability-lxml", adapter="clean_readability.page", environment="readability-lxml"),
    Peer(name="newspaper4k", adapter="clean_newspaper4k.page", environment="newspaper4k"),
    Peer(name="mediacloud-metadata", adapter="clean_mediacloud.page", environment="mediacloud-metadata"),
    Peer(name="news-please", adapter="clean_news_please.page", environment="news-please"),
    Peer(name="fundus' parser, one selector for all", adapter="clean_fundus.page", environment="fundus"),
)
"""The first is what all are compared with, the second what its texts are."""
BLOCK_PAGES = 10


@dataclass(slots=True, kw_only=True)
class Cleaned:
    """What one peer did with all pages."""

    peer: Peer
    cpu_s: list[float] = field(default_factory=list)
    """Of each block."""
    peak_mb: float = 0.0
    errors: int = 0
    outputs: list[dict[str, Any]] = field(default_factory=list)
    """As the scorer reads them: one object a page, with its id."""
    unavailable: str = ""
    """Why it could not be run, or not to the end."""


def measure(pages: Sequence[SavedPage], peers: Sequence[Peer] = PEERS) -> list[Cleaned]:
    """Give each block of pages to each peer, another one first each time; nothing else runs meanwhile.

    The first block is given once more before, unmeasured, so that what is loaded with a first page is loaded.
    """
    results = [Cleaned(peer=peer) for peer in peers]
    blocks = [pages[at : at + BLOCK_PAGES] for at in range(0, len(pages), BLOCK_PAGES)]
    with ExitStack() as running:
        runners: dict[str, PageRunner] = {}
        for result in results:
            try:
                runner = running.enter_context(PageRunner(result.peer))
                runner.run(_as_given(blocks[0]))
                runners[result.peer.name] = runner
            except UnavailableError as error:
                result.unavailable = str(error)
        for number, block in enumerate(blocks):
            turn = number % len(results)
            for result in results[turn:] + results[:turn]:
                if not result.unavailable:
                    _give(runners[result.peer.name], block, result)
            print(f"\rcleaning: {min((number + 1) * BLOCK_PAGES, len(pages))} pages", end="", file=sys.stderr)
    print(file=sys.stderr)
    return results


def write_outputs(result: Cleaned, file: Path) -> None:
    """What the scorer reads."""
    file.write_text("".join(f"{json.dumps(each)}\n" for each in result.outputs), encoding="utf-8")


def _give(runner: PageRunner, block: Sequence[SavedPage], result: Cleaned) -> None:
    try:
        done = runner.run(_as_given(block))
    except UnavailableError as error:
        result.unavailable = str(error)
        return
    result.cpu_s.append(done.cpu_s)
    result.peak_mb = done.peak_mb
    result.errors += sum("error" in page for page in done.pages)
    result.outputs += [{"id": page.id, **found} for page, found in zip(block, done.pages, strict=True)]


def _as_given(block: Sequence[SavedPage]) -> list[tuple[Path, str]]:
    # The sites' own addresses have https; what follows from an address shall not differ.
    return [(page.file, f"https://{page.key}") for page in block]
